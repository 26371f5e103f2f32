// Express, behind httpServerHandler() of "cloudflare:node".

import express from "express";
import { httpServerHandler } from "cloudflare:node";

const app = express();

app.set("trust proxy", false);
app.use(express.json({ limit: "1mb" }));

app.get("/", (req, res) => res.send("<p>hello</p>"));
app.get("/users/:id", (req, res) => res.json({ id: req.params.id,
                                               page: req.query.page }));
app.post("/users", (req, res) => res.status(201).json({ made: req.body }));
app.get("/moved", (req, res) => res.redirect("/"));
app.get("/cookie", (req, res) => res.cookie("a", "b").sendStatus(204));
app.get("/stream", async (req, res) => {
    for (const part of ["one", "two"]) {
        res.write(part);
        await new Promise((done) => setTimeout(done, 2));
    }

    res.end();
});
app.get("/throw", () => { throw new Error("thrown"); });
app.get("/reject", async () => { throw new Error("rejected"); });
app.use((error, req, res, next) => {
    res.status(error.status ?? 500).send(`caught ${error.message}`);
});

app.listen(3000);

export default httpServerHandler({ port: 3000 });
