/**
 * Reactors that are wrong about beginning TLS on a live connection.
 *
 * @module
 */
import type { Mutant } from "../mutant.ts";
import { TLS_EDITS } from "./tls-edits.ts";

const CONDUIT = "reactors/node/tls-conduit.ts";
const UPGRADES = "reactors/base/conduit-transport.ts";
const BEGINS = "this.setBarrier(() => this.#upgrade(options, limits, unprocessed));";

const LIVE = "startTLS() on a live connection: what follows is private, and told";
const BEFORE = "what was written before goes out first and plain, what is written after waits";
const MANY_BEFORE = "10 MB of plain text that wait go out first, and then TLS begins";

/** For `starting TLS`. */
export const startTLSMutants: readonly Mutant[] = [
  {
    name: "a connection that was plain once is never secure",
    file: UPGRADES,
    find: "return this.#upgrading || this.#tls !== undefined;",
    replace: "return false;",
    kills: [LIVE],
    on: "node",
  },
  {
    name: "TLS is begun as the server alone",
    file: CONDUIT,
    find: 'if (options.role === "client") return {',
    replace: 'if (options.role === "nobody") return {',
    kills: ["who listens may be the client of TLS"],
    on: "node",
  },
  {
    name: "TLS begins a pass later, behind what is written meanwhile",
    file: UPGRADES,
    find: BEGINS,
    replace: "this.#reactor.later(() => this.#upgrade(options, limits, unprocessed));",
    kills: ["startTLS() from inside connectionMade()", BEFORE],
    on: "node",
  },
  {
    name: "TLS begins at once, whatever still waits",
    file: UPGRADES,
    find: BEGINS,
    replace: "this.#upgrade(options, limits, unprocessed);",
    kills: [BEFORE, MANY_BEFORE],
    on: "node",
  },
  { ...TLS_EDITS.loss, kills: ["10 MB in both directions after it"] },
  {
    name: "beginning TLS ends a pause",
    file: UPGRADES,
    find: "if (this.wanted) this.#conduit.startReading();",
    replace: "this.#conduit.startReading();",
    kills: ["a pause stays: the handshake is done, and nothing is received"],
    on: "node",
  },
  {
    name: "a pause is nothing to TLS",
    file: CONDUIT,
    find: "this.#socket.pause();",
    replace: "",
    kills: ["pauseProducing() and resumeProducing() while TLS begins"],
    on: "node",
  },
  {
    ...TLS_EDITS.silence,
    kills: ["a producer stays, and goes on", "a producer that writes through it all"],
  },
  {
    ...TLS_EDITS.once,
    kills: ["startTLS() twice is TLS inside of TLS", "startTLS() from inside handshakeCompleted()"],
  },
  {
    name: "it is never too late to start TLS",
    file: UPGRADES,
    find: "if (!this.connected || this.disconnecting || this.#upgrading) {",
    replace: "if (!this.connected) {",
    kills: [
      "startTLS() on a connection that is closing, ended, or starting it: TLSNotPossibleError",
    ],
    on: "node",
  },
  {
    ...TLS_EDITS.roughClose,
    kills: ["loseConnection() right after it closes when TLS has begun"],
  },
  { ...TLS_EDITS.noReset, kills: ["abortConnection() right after it"] },
  { ...TLS_EDITS.wholeClose, kills: ["halves end as they did"] },
];
