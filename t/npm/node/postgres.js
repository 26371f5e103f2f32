// PostgreSQL by the package "postgres": tagged templates, a pool, listen and
// notify, streams of rows.

import postgres from "postgres";

const tests = {
    async types(sql) {
        const [row] = await sql`
            SELECT ${42}::int AS i, ${"héllo"}::text AS t,
                   ${sql.json({ a: [1] })}::jsonb AS j, NULL AS n,
                   ${new Date(86400000)}::timestamptz AS d`;

        return row;
    },

    async pool(sql) {
        const all = await Promise.all(Array.from({ length: 20 }, (_, i) =>
            sql`SELECT ${i}::int AS i, pg_backend_pid() AS pid`));

        return [all.map(([row]) => row.i).join(),
                new Set(all.map(([row]) => row.pid)).size > 1];
    },

    async cursor(sql) {
        let n = 0;

        await sql`SELECT generate_series(1, 5000) AS x`.cursor(500, (rows) => {
            n += rows.length;
        });

        return n;
    },

    async begin(sql) {
        const failed = await sql.begin(async (tx) => {
            await tx`CREATE TABLE nowhere (id int)`;
            throw new Error("no");
        }).catch((e) => e.message);
        const [{ found }] = await sql`SELECT to_regclass('nowhere') AS found`;

        return [failed, found];
    },

    async notify(sql) {
        const heard = new Promise((done) => {
            sql.listen("news", done)
               .then(() => sql.notify("news", "of the day"));
        });

        return heard;
    },

    async error(sql) {
        return sql`SELECT nonsense`.catch((e) => [e.name, e.code]);
    },
};

export default {
    async fetch(request, env) {
        const { pathname, search } = new URL(request.url);
        const sql = postgres({
            host: "127.0.0.1", port: Number(env.PORT), username: "worker",
            password: env.PASSWORD, database: "postgres", max: 4,
            fetch_types: false, ssl: search === "?ssl" ? "require" : false,
        });

        try {
            return Response.json(await tests[pathname.slice(1)](sql));

        } finally {
            await sql.end({ timeout: 1 });
        }
    },
};
