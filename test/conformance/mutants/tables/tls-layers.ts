/**
 * Reactors that are wrong about TLS inside of other transports.
 *
 * @module
 */
import type { Mutant } from "../mutant.ts";
import { TLS_EDITS } from "./tls-edits.ts";

const BELOW = "reactors/base/transport-conduit.ts";

const GOOD_ORDER = "both ends talk, and end in good order";

/** For `TLS inside of other transports`. */
export const tlsLayerMutants: readonly Mutant[] = [
  { ...TLS_EDITS.lateNews, kills: [GOOD_ORDER] },
  { ...TLS_EDITS.roughClose, kills: [GOOD_ORDER] },
  {
    name: "nobody hears that the transport below has room again",
    file: BELOW,
    find: "() => this.owner?.bytesSent(),",
    replace: "() => undefined,",
    kills: ["10 MB in both directions, to readers that pause"],
    on: "node",
  },
  {
    name: "half an end is a whole one below",
    file: BELOW,
    find: "this.#transport.loseWriteConnection();",
    replace: "this.#transport.loseConnection();",
    kills: ["halves end as they do below"],
    on: "node",
  },
  { ...TLS_EDITS.once, kills: ["TLS inside of TLS inside of TLS"] },
  {
    ...TLS_EDITS.vagueReason,
    kills: [
      "no agreement: TLSHandshakeError for both",
      "a peer that speaks no TLS: TLSHandshakeError",
    ],
  },
  { ...TLS_EDITS.noNames, kills: ["who the peer is, is verified"] },
  { ...TLS_EDITS.noReset, kills: ["abortConnection() aborts what is below"] },
  {
    ...TLS_EDITS.swallowed,
    kills: ["an exception in handshakeCompleted() ends that connection"],
  },
  {
    ...TLS_EDITS.noDeadline,
    kills: ["a peer that says nothing is dropped at handshakeTimeout"],
  },
  {
    ...TLS_EDITS.doneInHandshake,
    kills: ["a peer that ends in the handshake: ConnectionLost"],
  },
  {
    ...TLS_EDITS.trustingEnd,
    kills: ["what is below ends without close_notify: ConnectionLost"],
  },
  { ...TLS_EDITS.doneAtStop, kills: ["a reactor that stops drops the layers"] },
  {
    ...TLS_EDITS.lastingDeadline,
    kills: ["thirty layers made and lost leave nothing behind"],
  },
];
