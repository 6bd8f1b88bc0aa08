/**
 * The web of the benchmark on `node:http`: what a careful program without a framework does.
 *
 * Prints its port, and runs until SIGTERM. The files are in the folder of its first argument.
 *
 * @module
 */
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { createServer } from "node:http";
import path from "node:path";
import { pipeline } from "node:stream";

const [folder] = process.argv.slice(2);

async function sendFile(request, response) {
  const file = path.join(folder, path.basename(request.url));
  const { size, mtime } = await stat(file);
  response.setHeader("Content-Type", "application/octet-stream");
  response.setHeader("Content-Length", size);
  response.setHeader("Last-Modified", mtime.toUTCString());
  pipeline(createReadStream(file), response, () => {});
}

function receive(request, response) {
  let bytes = 0;
  request.on("data", (chunk) => {
    bytes += chunk.length;
  });
  request.on("end", () => sendText(response, String(bytes)));
}

function sendText(response, text) {
  response.setHeader("Content-Type", "text/plain; charset=utf-8");
  response.setHeader("Content-Length", Buffer.byteLength(text));
  response.end(text);
}

function sendUser(request, response) {
  const id = /^\/api\/users\/([^/]+)$/u.exec(request.url)?.[1];
  const text = JSON.stringify({ id, name: "Ada Lovelace", roles: ["reader", "writer"] });
  response.setHeader("Content-Type", "application/json");
  response.setHeader("Content-Length", Buffer.byteLength(text));
  response.end(text);
}

const server = createServer((request, response) => {
  if (request.method === "POST") receive(request, response);
  else if (request.url === "/") sendText(response, "Hello, World!");
  else if (request.url.startsWith("/api/")) sendUser(request, response);
  else void sendFile(request, response);
});
server.listen({ port: 0, host: "127.0.0.1", backlog: 1024 }, () => {
  console.log(server.address().port);
});
