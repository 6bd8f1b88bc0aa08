/**
 * The web of the benchmark on Fastify, with its router.
 *
 * Prints its port, and runs until SIGTERM.
 *
 * @module
 */
import { createRequire } from "node:module";

// From the manifest next door: this folder is a package of its own.
const fastify = createRequire(new URL("../../package.json", import.meta.url))("fastify");

const app = fastify();
app.addContentTypeParser("application/octet-stream", (_request, payload, done) => {
  let bytes = 0;
  payload.on("data", (chunk) => {
    bytes += chunk.length;
  });
  payload.on("end", () => done(null, bytes));
});
app.get("/", (_request, reply) => {
  void reply.type("text/plain; charset=utf-8").send("Hello, World!");
});
app.get("/api/users/:id", (request, reply) => {
  const { id } = request.params;
  void reply.send({ id, name: "Ada Lovelace", roles: ["reader", "writer"] });
});
app.post("/upload", (request, reply) => {
  void reply.type("text/plain; charset=utf-8").send(String(request.body));
});
await app.listen({ port: 0, host: "127.0.0.1", backlog: 1024 });
console.log(app.server.address().port);
