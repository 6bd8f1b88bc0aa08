/**
 * Ten thousand clients that say nothing.
 *
 *     node idle.mjs PORT COUNT
 *
 * Prints `connected` when all are, and holds them until SIGTERM.
 *
 * @module
 */
import net from "node:net";

/** Connections on their way at a time: fewer than a server's backlog. */
const AT_ONCE = 100;

const [port, count] = process.argv.slice(2).map(Number);
let begun = 0;
let connected = 0;

function next() {
  if (begun === count) return;
  begun += 1;
  const socket = net.connect({ port, host: "127.0.0.1" }, () => {
    connected += 1;
    if (connected === count) console.log("connected");
    next();
  });
  socket.on("error", (error) => {
    console.error(error.message);
    process.exit(1);
  });
}
for (let each = 0; each < AT_ONCE; each += 1) next();
