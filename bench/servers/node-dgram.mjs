/**
 * UDP echo on plain `node:dgram`, as anybody would write it.
 *
 * Prints its port, and runs until SIGTERM.
 *
 * @module
 */
import dgram from "node:dgram";

const socket = dgram.createSocket("udp4");
socket.on("message", (data, { port, address }) => socket.send(data, port, address));
socket.on("error", (error) => {
  console.error(error.message);
  process.exit(1);
});
socket.bind({ port: 0, address: "127.0.0.1" }, () => console.log(socket.address().port));
