/**
 * WebSocket echo on `ws`.
 *
 * Prints its port, and runs until SIGTERM.
 *
 * @module
 */
import { WebSocketServer } from "ws";

const server = new WebSocketServer({
  host: "127.0.0.1",
  port: 0,
  backlog: 1024,
  perMessageDeflate: false,
  maxPayload: 1_048_576,
});
server.on("connection", (socket) => {
  socket.on("message", (data, isBinary) => {
    // As a program does that reads what comes: text as text.
    socket.send(isBinary || !Buffer.isBuffer(data) ? data : data.toString());
  });
});
server.on("listening", () => console.log(server.address().port));
