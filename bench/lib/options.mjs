/**
 * The command line.
 *
 * @module
 */
import { parseArgs } from "node:util";

export const USAGE = `Usage: npm run bench -- [options]

  --only LIST         of tcp, deferred, steps, timers, lines, idle, tls, udp, web, slow,
                      websocket, threads; default: all
  --peers LIST        for tcp, of sennit, node, twisted, c, asyncio, uvloop;
                      default: sennit,node,twisted,c
  --rounds N          how often each is measured; default: 3
  --seconds N         length of one measured window, where there is one; default: 2
  --sizes LIST        bytes of a message for tcp; default: 64,16384
  --connections LIST  for tcp; default: 50,1000
  --in-flight LIST    messages under way on each connection for tcp; default: 1,16
  --quick             one round, the four outer cells of tcp, smaller counts
  --no-build          measure dist/ as it is
  --write             put the tables into bench/README.md
  --help              this
`;

const SUITES = "tcp deferred steps timers lines idle tls udp web slow websocket threads".split(" ");
const PEERS = ["sennit", "node", "twisted", "c", "asyncio", "uvloop"];

/**
 * @typedef {object} Options
 * @property {readonly string[]} only
 * @property {readonly string[]} peers
 * @property {number} rounds
 * @property {number} seconds
 * @property {readonly number[]} sizes
 * @property {readonly number[]} connections
 * @property {readonly number[]} inFlight
 * @property {boolean} isQuick
 * @property {boolean} build
 * @property {boolean} write
 * @property {boolean} help
 */

/**
 * @param {readonly string[]} parameters
 * @returns {Options}
 * @throws {TypeError | RangeError} With a message for the user.
 */
export function readOptions(parameters) {
  const { values } = parseArgs({
    args: [...parameters],
    options: {
      only: { type: "string", default: SUITES.join(",") },
      peers: { type: "string", default: "sennit,node,twisted,c" },
      rounds: { type: "string" },
      seconds: { type: "string", default: "2" },
      sizes: { type: "string", default: "64,16384" },
      connections: { type: "string", default: "50,1000" },
      "in-flight": { type: "string", default: "1,16" },
      quick: { type: "boolean", default: false },
      "no-build": { type: "boolean", default: false },
      write: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  return {
    only: namesOf("--only", values.only, SUITES),
    peers: namesOf("--peers", values.peers, PEERS),
    rounds: countOf("--rounds", values.rounds ?? (values.quick ? "1" : "3")),
    seconds: countOf("--seconds", values.seconds),
    sizes: countsOf("--sizes", values.sizes, 8),
    connections: countsOf("--connections", values.connections, 1),
    inFlight: countsOf("--in-flight", values["in-flight"], 1),
    isQuick: values.quick,
    build: !values["no-build"],
    write: values.write,
    help: values.help,
  };
}

function namesOf(option, text, known) {
  const names = text.split(",");
  const stranger = names.find((name) => !known.includes(name));
  if (stranger === undefined) return names;
  throw new RangeError(`${option} knows ${known.join(", ")}, not ${JSON.stringify(stranger)}`);
}

function countsOf(option, text, least) {
  return text.split(",").map((each) => countOf(option, each, least));
}

function countOf(option, text, least = 1) {
  const value = Number(text);
  if (Number.isInteger(value) && value >= least) return value;
  throw new RangeError(`${option} takes whole numbers from ${least}, not ${JSON.stringify(text)}`);
}
