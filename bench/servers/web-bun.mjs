/**
 * The web of the benchmark on Bun, which brings a server written in C++ and Zig.
 *
 * Prints its port, and runs until SIGTERM. Run it with `bun`.
 *
 * @module
 */
/* global Bun */
import path from "node:path";

const [folder] = process.argv.slice(2);
const server = Bun.serve({
  port: 0,
  hostname: "127.0.0.1",
  routes: {
    "/": () => new Response("Hello, World!"),
    "/api/users/:id": ({ params }) =>
      Response.json({ id: params.id, name: "Ada Lovelace", roles: ["reader", "writer"] }),
    "/upload": async (request) => new Response(String((await request.arrayBuffer()).byteLength)),
  },
  fetch: ({ url }) => new Response(Bun.file(path.join(folder, path.basename(url)))),
});
console.log(server.port);
