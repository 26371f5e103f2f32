import { buildSchema, graphql } from 'graphql';

const schema = buildSchema(`
    type Query { user(id: ID!): User, users(first: Int = 2): [User!]! }
    type User { id: ID!, name: String, friends: [User!]! }
`);

class User {
    constructor(id) {
        this.id = id;
    }

    async name() {
        await null;

        if (this.id === '13') {
            throw new Error('no luck');
        }

        return `user ${this.id}`;
    }

    friends() {
        return [new User(`${this.id}1`)];
    }
}

const rootValue = {
    user: ({ id }) => new User(id),
    users: ({ first }) => Array.from({ length: first },
                                     (_, i) => new User(`${i}`)),
};

export default {
    async fetch(request) {
        const { query, variables } = await request.json();

        return Response.json(await graphql({ schema, source: query, rootValue,
                                             variableValues: variables }));
    },
};
