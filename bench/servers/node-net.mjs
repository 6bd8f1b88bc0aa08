/**
 * TCP echo on plain `node:net`: the least that Node's own sockets cost.
 *
 * Prints its port, and runs until SIGTERM.
 *
 * @module
 */
import net from "node:net";

const server = net.createServer({ noDelay: true }, (socket) => {
  socket.on("data", (data) => socket.write(data));
  socket.on("error", () => socket.destroy());
});
server.on("error", (error) => {
  console.error(error.message);
  process.exit(1);
});
server.listen({ host: "127.0.0.1", port: 0, backlog: 1024 }, () => {
  console.log(server.address().port);
});
