/**
 * WebSocket echo: CPU time of the server for one message, as for TCP.
 *
 * @module
 */
import { compile } from "../lib/compile.mjs";
import { echo } from "./tcp.mjs";

const RATIOS = [{ mine: "sennit-websocket", other: "ws", target: { atMost: 1 } }];
const CELLS = ["text", "binary"].flatMap((kind) =>
  [64, 1024].flatMap((size) =>
    [1, 16].map((inFlight) => ({ kind, size, connections: 50, inFlight })),
  ),
);

/** @type {import("../run.mjs").Suite["run"]} */
export function run(options) {
  const client = compile("load/ws-load.c");
  return echo(options, { client, peers: ["sennit-websocket", "ws"], ratios: RATIOS, cells: CELLS });
}
