import { DummyDriver, Kysely, sql, SqliteAdapter, SqliteIntrospector,
         SqliteQueryCompiler } from 'kysely';

const db = new Kysely({
    dialect: {
        createAdapter: () => new SqliteAdapter(),
        createDriver: () => new DummyDriver(),
        createIntrospector: (k) => new SqliteIntrospector(k),
        createQueryCompiler: () => new SqliteQueryCompiler(),
    },
});

export default {
    fetch() {
        const queries = [
            db.selectFrom('users as u')
                .leftJoin('posts as p', 'p.user', 'u.id')
                .select(['u.name', (eb) => eb.fn.count('p.id').as('posts')])
                .where((eb) => eb.or([eb('u.id', 'in', [1, 2]),
                                      eb('u.name', 'like', 'a%')]))
                .groupBy('u.id').orderBy('posts', 'desc').limit(10),
            db.insertInto('users').values({ name: 'n', at: sql`unixepoch()` })
                .onConflict((c) => c.column('name').doNothing())
                .returningAll(),
        ].map((query) => query.compile());

        return Response.json(queries.map((q) => [q.sql, q.parameters]));
    },
};
