/**
 * Reactors that are wrong about how connections with TLS end.
 *
 * @module
 */
import type { Mutant } from "../mutant.ts";
import { TLS_EDITS } from "./tls-edits.ts";

const CONDUIT = "reactors/node/tls-conduit.ts";
const TRANSPORT = "reactors/base/stream-transport.ts";

const CLOSES_FIRST =
  "whoever closes first: ConnectionDone for both, and everything before it arrives";
const BOTH_CLOSE = "both closing at once is ConnectionDone for both";
const CLOSES_EARLY = "closing before the handshake is done waits for it, and for what was written";
const CLOSES_IN_NEWS = "loseConnection() from inside handshakeCompleted()";
const PAUSED = "while reading is paused, an end without close_notify is nobody's business";
const IN_TIME = "handshakeTimeout is nothing to a connection whose handshake is done";
const GARBAGE = "garbage instead of a ClientHello: TLSHandshakeError, and others go on";

/** For `the ends of TLS`. */
export const tlsEndMutants: readonly Mutant[] = [
  { ...TLS_EDITS.roughClose, kills: [CLOSES_FIRST, CLOSES_EARLY, CLOSES_IN_NEWS] },
  {
    name: "who closes is told that the connection was lost",
    file: CONDUIT,
    find: "this.#ground.closing();",
    replace: 'this.owner?.connectionFailed(new Error("closed"));\n    this.#ground.closing();',
    kills: [
      CLOSES_FIRST,
      BOTH_CLOSE,
      "closing in connectionMade() with nothing to say is an end as well",
      CLOSES_IN_NEWS,
    ],
    on: "node",
  },
  {
    name: "who closes waits for the peer",
    file: TRANSPORT,
    find: "      this.closeConnection();\n      this.#end(new Failure(new ConnectionDone()));",
    replace: `      this.closeConnection();
      this.connectionFailed = () => this.#end(new Failure(new ConnectionDone()));`,
    kills: ["who closes need not wait for the peer's close_notify"],
    on: "node",
  },
  {
    name: "half a close that must wait is forgotten",
    file: CONDUIT,
    find: "if (this.#endWanted) this.#socket.end();",
    replace: "",
    kills: ["half a close in connectionMade() waits for the handshake as well"],
    on: "node",
  },
  { ...TLS_EDITS.wholeClose, kills: ["half a close: the other half goes on, either way"] },
  {
    ...TLS_EDITS.trustingEnd,
    kills: [
      "an end without close_notify is ConnectionLost, and what came before it is delivered",
      "the same for protocols that live with one half",
      PAUSED,
    ],
  },
  {
    name: "an end without close_notify is told at once",
    file: CONDUIT,
    find: "if (this.#session !== undefined || this.#failed) return;",
    replace: "if (this.#endedWell || this.#failed) return;",
    kills: [PAUSED],
    on: "node",
  },
  {
    name: "a reset is an end",
    file: CONDUIT,
    find: "#fail(error: Error): void {",
    replace: `#fail(error: Error): void {
    if (error.code === "ECONNRESET") {
      this.owner?.endReceived();
      return;
    }`,
    kills: [
      "a reset is ConnectionLost for both",
      "abortConnection() from inside handshakeCompleted()",
      "abortConnection() after the handshake is ConnectionLost for the peer",
      "a peer that resets in the handshake: ConnectionLost",
    ],
    on: "node",
  },
  {
    ...TLS_EDITS.vagueReason,
    kills: [
      "bytes that are not the peer's: TLSError, and nothing of them is delivered",
      GARBAGE,
      "a server that speaks no TLS: TLSHandshakeError for the client",
    ],
  },
  {
    ...TLS_EDITS.noReset,
    kills: [
      "abortConnection() before the handshake",
      "abortConnection() in the middle of the handshake",
      "abortConnection() from inside handshakeCompleted()",
      "abortConnection() after the handshake is ConnectionLost for the peer",
    ],
  },
  {
    ...TLS_EDITS.noDeadline,
    kills: [
      "a client that never begins is dropped at handshakeTimeout",
      "a client that sends one byte of it now and then is dropped at handshakeTimeout",
      "a server that never answers is dropped at handshakeTimeout",
    ],
  },
  { ...TLS_EDITS.lastingDeadline, kills: [IN_TIME, "when all has ended, no call is left"] },
  {
    ...TLS_EDITS.doneInHandshake,
    kills: ["a peer that ends in the handshake: ConnectionLost, which says so"],
  },
  {
    ...TLS_EDITS.swallowed,
    kills: ["an exception in handshakeCompleted() is logged, and ends that connection alone"],
  },
  {
    ...TLS_EDITS.doneAtStop,
    kills: ["a reactor that stops in the middle of a handshake drops it"],
  },
];
