// PostgreSQL by the package "pg": queries, types, errors, transactions, a
// cursor's worth of rows, TLS.

import pg from "pg";

async function connected(env, ssl, work) {
    const client = new pg.Client({
        host: "127.0.0.1", port: Number(env.PORT), user: "worker",
        password: env.PASSWORD, database: "postgres", ssl,
    });

    await client.connect();

    try {
        return await work(client);

    } finally {
        await client.end();
    }
}

const tests = {
    async types(client) {
        const { rows } = await client.query(
            `SELECT $1::int AS i, $2::text AS t, $3::jsonb AS j, $4::bytea AS b,
                    $5::timestamptz AS d, NULL AS n, true AS yes,
                    ARRAY[1, 2] AS a, 9007199254740993::bigint AS big`,
            [42, "héllo", { a: [1] }, Buffer.from([0, 255]),
             new Date(86400000)]);

        return rows[0];
    },

    async table(client) {
        await client.query("CREATE TEMP TABLE t (id serial, name text)");
        await client.query("INSERT INTO t (name) SELECT 'n' || g "
                           + "FROM generate_series(1, 20000) g");

        const { rows, rowCount } = await client.query("SELECT * FROM t");

        return [rowCount, rows[19999].name];
    },

    async transaction(client) {
        await client.query("CREATE TEMP TABLE u (id int)");
        await client.query("BEGIN");
        await client.query("INSERT INTO u VALUES (1)");
        await client.query("ROLLBACK");

        return (await client.query("SELECT count(*)::int AS n FROM u"))
            .rows[0].n;
    },

    async error(client) {
        const failed = await client.query("SELECT nonsense").catch((e) => e);

        return [failed.code, failed.position,
                (await client.query("SELECT 1 AS one")).rows[0].one];
    },

    async large(client) {
        const text = "x".repeat(3000000);
        const { rows } = await client.query("SELECT $1::text AS t", [text]);

        return rows[0].t === text;
    },
};

export default {
    async fetch(request, env) {
        const { pathname, search } = new URL(request.url);
        const ssl = search === "?ssl" ? {} : false;

        if (pathname === "/wrong") {
            return Response.json(await connected(
                { ...env, PASSWORD: "wrong" }, ssl, () => 1)
                .catch((e) => e.code));
        }

        return Response.json(
            await connected(env, ssl, tests[pathname.slice(1)]));
    },
};
