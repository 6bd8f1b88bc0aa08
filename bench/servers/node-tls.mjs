/**
 * TLS echo on plain `node:tls`: the least that Node's own TLS costs.
 *
 * Prints its port, and runs until SIGTERM.
 *
 * @module
 */
import tls from "node:tls";
import { load } from "../lib/sennit.mjs";

const { selfSignedCertificate } = await load("sennit/tls");
const pem = (await selfSignedCertificate({ names: ["localhost"] })).dumpPEM();

const server = tls.createServer({ key: pem, cert: pem, noDelay: true }, (socket) => {
  socket.on("data", (data) => socket.write(data));
  socket.on("error", () => socket.destroy());
});
server.listen({ host: "127.0.0.1", port: 0, backlog: 1024 }, () => {
  console.log(server.address().port);
});
