/**
 * The web of the benchmark on Hono, with its adapter for Node.
 *
 * Prints its port, and runs until SIGTERM.
 *
 * @module
 */
import { createRequire } from "node:module";

const require = createRequire(new URL("../../package.json", import.meta.url));
const { Hono } = require("hono");
const { serve } = require("@hono/node-server");

const app = new Hono();
app.get("/", (context) => context.text("Hello, World!"));
app.get("/api/users/:id", (context) => {
  const id = context.req.param("id");
  return context.json({ id, name: "Ada Lovelace", roles: ["reader", "writer"] });
});
app.post("/upload", async (context) => {
  const body = await context.req.arrayBuffer();
  return context.text(String(body.byteLength));
});
serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" }, ({ port }) => console.log(port));
