/**
 * Receives lines on a socket: with `LineReceiver`, or with `node:readline`.
 *
 *     node bench/micro/lines.mjs line-receiver|line-receiver-text|readline BYTES WARM-UP LINES
 *
 * Prints its port, takes one connection of `line-send`, and prints what LINES after WARM-UP cost.
 * A `LineReceiver` gives each line as bytes, `readline` as a string; `line-receiver-text` makes
 * strings of them too. Every length is added up, and every thousandth line is looked at.
 *
 * @module
 */
import assert from "node:assert/strict";
import net from "node:net";
import readline from "node:readline";
import { load } from "../lib/sennit.mjs";

const [kind, ...numbers] = process.argv.slice(2);
const [bytes, warmUp, lines] = numbers.map(Number);

let count = 0;
let length = 0;
let start;

/** Count a line, bytes or text. */
function take(line) {
  if (count % 1000 === 0) assert.equal(line.toString().slice(0, 7), "000000 ");
  count += 1;
  length += line.length;
  if (count === warmUp) start = { cpu: process.cpuUsage(), at: process.hrtime.bigint() };
  else if (count === warmUp + lines) finish();
}

function finish() {
  const { user, system } = process.cpuUsage(start.cpu);
  const elapsed = process.hrtime.bigint() - start.at;
  const seconds = Number.parseFloat(elapsed.toString()) / 1e9;
  assert.equal(length, (warmUp + lines) * (bytes - 2));
  const cpuMicros = ((user + system) * 1000) / lines;
  process.stdout.write(`${JSON.stringify({ cpuMicros, rate: lines / seconds })}\n`, () =>
    process.exit(0),
  );
}

function listenWithReadline() {
  const server = net.createServer((socket) => {
    readline.createInterface({ input: socket, crlfDelay: Infinity }).on("line", take);
  });
  server.listen(0, "127.0.0.1", () => console.log(server.address().port));
}

async function listenWithLineReceiver(receive) {
  const { Factory } = await load("sennit/internet");
  const { LineReceiver } = await load("sennit/protocols");
  const { NodeReactor } = await load("sennit/reactors");
  class Receiver extends LineReceiver {
    lineReceived(line) {
      receive(line);
    }
  }
  const reactor = new NodeReactor();
  const options = { interface: "127.0.0.1" };
  const port = reactor.listenTCP(0, Factory.forProtocol(Receiver), options);
  port.listening.addCallback((bound) => console.log(bound.getHost().port));
  reactor.run();
}

if (kind === "readline") listenWithReadline();
else if (kind === "line-receiver") await listenWithLineReceiver(take);
else await listenWithLineReceiver((line) => take(line.toString()));
