/**
 * What reactors are wrong about in TLS, however it began: each edit stands in several tables.
 *
 * @module
 */
import type { Mutant } from "../mutant.ts";

/** A mutant, but for the contracts of a topic that find it out. */
type Edit = Omit<Mutant, "kills">;

const CONDUIT = "reactors/node/tls-conduit.ts";
const CONTEXT = "reactors/node/tls-context.ts";
const TRANSPORT = "reactors/base/stream-transport.ts";
const UPGRADES = "reactors/base/conduit-transport.ts";

/** By what they do. */
export const TLS_EDITS = {
  lateNews: {
    name: "handshakeCompleted() comes later than the first bytes",
    file: CONDUIT,
    find: "this.owner?.handshakeDone();",
    replace: "this.#reactor.callLater(0.2, () => this.owner?.handshakeDone());",
    on: "node",
  },
  loss: {
    name: "of large pieces the end is lost",
    file: CONDUIT,
    find: "this.owner?.bytesReceived(data);",
    replace: "this.owner?.bytesReceived(data.subarray(0, 16_000));",
    on: "node",
  },
  silence: {
    name: "nobody is told that bytes are sent",
    file: CONDUIT,
    find: "this.owner?.bytesSent();",
    replace: "",
    on: "node",
  },
  noNames: {
    name: "any certificate will do for any name",
    file: CONTEXT,
    find: "checkServerIdentity: verifyHostname ? checkName : () => undefined,",
    replace: "checkServerIdentity: () => undefined,",
    on: "node",
  },
  roughClose: {
    name: "closing destroys the socket",
    file: CONDUIT,
    find: "this.#ground.closing();",
    replace: "socket.destroy();",
    on: "node",
  },
  wholeClose: {
    name: "who ends one half ends both",
    file: CONDUIT,
    find: "if (this.#canEnd) this.#socket.end();",
    replace: "if (this.#canEnd) this.#socket.destroySoon();",
    on: "node",
  },
  trustingEnd: {
    name: "every end is one in good order",
    file: CONDUIT,
    find: "this.#endedWell = this.#ground.endedInGoodOrder();",
    replace: "this.#endedWell = true;",
    on: "node",
  },
  noReset: {
    name: "abortConnection() is nothing to the peer",
    file: CONDUIT,
    find: "this.#ground.reset();",
    replace: "",
    on: "node",
  },
  noDeadline: {
    name: "a handshake may take as long as it likes",
    file: CONDUIT,
    find: 'this.#fail(new ConnectionTimedOut("handshake", seconds));',
    replace: "",
    on: "node",
  },
  lastingDeadline: {
    name: "the handshake's deadline stays",
    file: CONDUIT,
    find: "if (this.#deadline?.active === true) this.#deadline.cancel();",
    replace: "",
    on: "node",
  },
  doneInHandshake: {
    name: "an end in the handshake is one in good order",
    file: CONDUIT,
    find:
      'this.#fail(new ConnectionLost("Connection was lost: ' +
      'the peer ended it in the TLS handshake"));',
    replace: "this.owner?.endReceived();",
    on: "node",
  },
  vagueReason: {
    name: "what TLS says of a failure is told as a loss",
    file: "reactors/node/tls-errors.ts",
    find: '/^ERR_(?:SSL|TLS|OSSL)/u.test(name) || name === "EPROTO"',
    replace: "false",
    on: "node",
  },
  swallowed: {
    name: "what handshakeCompleted() throws is nobody's business",
    file: TRANSPORT,
    find: 'this.#guard("handshakeCompleted", () => protocol.handshakeCompleted());',
    replace: "try { protocol.handshakeCompleted(); } catch {}",
    on: "node",
  },
  doneAtStop: {
    name: "a reactor that stops ends connections in good order",
    file: TRANSPORT,
    find: "this.#end(reason);",
    replace: "this.#end(new Failure(new ConnectionDone()));",
    on: "node",
  },
  once: {
    name: "TLS can be started once",
    file: UPGRADES,
    find: "if (!this.connected || this.disconnecting || this.#upgrading) {",
    replace: "if (!this.connected || this.#tls !== undefined || this.#upgrading) {",
    on: "node",
  },
  notSecure: {
    name: "a connection is secure when the handshake is done, and not before",
    file: UPGRADES,
    find: "return this.#upgrading || this.#tls !== undefined;",
    replace: "return this.#tls?.session !== undefined;",
    on: "node",
  },
} as const satisfies Readonly<Record<string, Edit>>;
