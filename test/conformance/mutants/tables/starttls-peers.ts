/**
 * Reactors that are wrong about what the peer says and does when TLS is started.
 *
 * @module
 */
import type { Mutant } from "../mutant.ts";
import { TLS_EDITS } from "./tls-edits.ts";

const CONDUIT = "reactors/node/tls-conduit.ts";
const UPGRADES = "reactors/base/conduit-transport.ts";
const BEGINS = "this.setBarrier(() => this.#upgrade(options, limits, unprocessed));";

const GLUED = "plain text glued behind the command is never processed, nor kept for later";
const GLUED_ANSWER = "nor is what is glued behind the server's answer";
const GLUED_HANDSHAKE = "a handshake glued behind the command is the peer's first word";

/** For `starting TLS`. */
export const startTLSPeerMutants: readonly Mutant[] = [
  {
    name: "protocols keep what is glued to the command",
    file: UPGRADES,
    find: "providesUnprocessed(protocol) ? protocol.clearLineBuffer() : undefined",
    replace: "undefined",
    kills: [GLUED, GLUED_ANSWER, GLUED_HANDSHAKE],
    on: "node",
  },
  {
    name: "what is glued to the command is dropped",
    file: CONDUIT,
    find: "if (unprocessed !== undefined && !raw.readableEnded) raw.unshift(",
    replace: "if (unprocessed === raw) raw.unshift(",
    kills: [GLUED, GLUED_ANSWER, GLUED_HANDSHAKE],
    on: "node",
  },
  {
    name: "plain text is read on until the next pass",
    file: UPGRADES,
    find: BEGINS,
    replace: `this.#conduit.startReading();
    this.#reactor.later(() => this.#upgrade(options, limits, unprocessed));`,
    kills: ["what comes behind it in pieces of its own is not processed either"],
    on: "node",
  },
  { ...TLS_EDITS.noNames, kills: ["a peer that is not who it should be: VerificationError"] },
  {
    ...TLS_EDITS.noDeadline,
    kills: ["a peer that never answers is dropped at handshakeTimeout"],
  },
  {
    ...TLS_EDITS.doneInHandshake,
    kills: ["a peer that ends right behind the command: ConnectionLost"],
  },
  { ...TLS_EDITS.trustingEnd, kills: ["an end without close_notify is ConnectionLost"] },
  {
    ...TLS_EDITS.doneAtStop,
    kills: ["a reactor that stops while TLS begins drops the connection"],
  },
  {
    name: "who resumes reading reads, TLS or not",
    file: UPGRADES,
    find: "if (!this.#upgrading) this.#conduit.startReading();",
    replace: "this.#conduit.startReading();",
    kills: ["nor is it when reading is resumed before TLS has begun"],
    on: "node",
  },
];
