/**
 * TLS echo: CPU time of the server for one message, as for TCP.
 *
 * @module
 */
import { compile } from "../lib/compile.mjs";
import { echo } from "./tcp.mjs";

const RATIOS = [{ mine: "sennit-tls", other: "node-tls", target: { atMost: 1.15 } }];
const CELLS = [
  { size: 64, connections: 50, inFlight: 1 },
  { size: 64, connections: 50, inFlight: 16 },
  { size: 16_384, connections: 50, inFlight: 1 },
  { size: 16_384, connections: 50, inFlight: 16 },
];

/** @type {import("../run.mjs").Suite["run"]} */
export function run(options) {
  const flags = ["-DWITH_TLS", "-lssl", "-lcrypto"]; // Of Debian's libssl-dev.
  const client = compile("load/echo-load.c", { suffix: "-tls", flags });
  return echo(options, { client, peers: ["sennit-tls", "node-tls"], ratios: RATIOS, cells: CELLS });
}
