/**
 * Reactors that are wrong about the peers of ports for datagrams.
 *
 * @module
 */
import type { Mutant } from "../mutant.ts";

const PORT = "reactors/base/datagram-port.ts";
const MEMORY = "reactors/memory/memory-udp.ts";
const NODE = "reactors/node/udp-port.ts";
const SENDS = "a connected port sends to its peer, without an address";
const PEER = "getPeer() is nobody, then the peer";
const ONLY = "a connected port hears its peer only";
const NO_OTHER = "a connected port writes to the peer's address, and to no other";
const EARLY = "connect() while the port is being bound holds when it is";
const TWICE = "connect() twice is refused, whoever is meant";
const WRONG = "connect() to a name, the other family or no port is refused at once";
const STOPPED = "connect() on a port that is stopped is refused";
const NOBODY = "nobody there: connectionRefused";
const GOES_ON = "a refusal closes nothing: when somebody comes, datagrams arrive";
const THROWS = "an exception in connectionRefused is logged, and the port goes on";
const REFUSED =
  'this.#reactor.contain(() => this.#protocol.connectionRefused(), "Error in ' +
  'connectionRefused");';

/** For `peers of datagrams`. */
export const datagramPeerMutants: readonly Mutant[] = [
  {
    name: "a connected port wants an address all the same",
    file: PORT,
    find: "if (this.#peer !== undefined) {\n      this.#expectPeer(address);",
    replace: "if (this.#peer !== undefined && address) {\n      this.#expectPeer(address);",
    kills: [SENDS],
  },
  {
    name: "a port is connected at the end of the turn",
    file: PORT,
    find: "this.#peer = this.connectTo(host, wanted.port);",
    replace: `this.#reactor.soon(() => {
      this.#peer = this.connectTo(host, wanted.port);
    });`,
    kills: [SENDS, PEER],
  },
  {
    name: "a port that is not connected is its own peer",
    file: PORT,
    find: "return this.#peer;",
    replace: "return this.#peer ?? this.#host;",
    kills: [PEER],
  },
  {
    name: "peers are compared as objects",
    file: PORT,
    find: "if (this.#peer !== undefined && !this.#peer.equals(address)) return;",
    replace: "if (this.#peer !== undefined && this.#peer !== address) return;",
    kills: ["the peer's answers come"],
  },
  {
    name: "every port of a peer's machine is the peer",
    file: "internet/addresses.ts",
    find: "other.host === this.host &&\n      other.port === this.port\n    );",
    replace: "other.host === this.host\n    );",
    kills: [ONLY, NO_OTHER],
  },
  {
    name: "what came before connect() is heard after it",
    file: PORT,
    find: "if (this.#peer !== undefined && !this.#peer.equals(address)) return;",
    replace: "",
    kills: [ONLY],
    on: "node",
  },
  {
    name: "a connected port takes no address",
    file: PORT,
    find: "if (given.equals(peer)) return;",
    replace: "",
    kills: [NO_OTHER],
  },
  {
    name: "whatever the address, it goes to the peer",
    file: PORT,
    find: "this.#expectPeer(address);",
    replace: "",
    kills: [NO_OTHER],
  },
  {
    name: "in startProtocol it is too early for connect()",
    file: PORT,
    find: 'if (state === "bound") this.#connectNow(peer);',
    replace: 'if (state === "bound" && this.#started) this.#connectNow(peer);',
    kills: ["connect() from inside startProtocol"],
  },
  {
    name: "while the port is being bound it is too early for connect()",
    file: PORT,
    find: 'else if (state === "binding") this.#peer = peer;',
    replace: "",
    kills: [EARLY],
  },
  {
    name: "the socket is not told of the peer that was named early",
    file: PORT,
    find: "if (this.#peer !== undefined) this.#connectNow(this.#peer);",
    replace: "",
    kills: [EARLY],
    on: "node",
  },
  {
    name: "connect() to the same peer again is let pass",
    file: PORT,
    find: "if (this.#peer !== undefined) {\n      const already",
    replace: "if (this.#peer !== undefined && !this.#peer.equals(peer)) {\n      const already",
    kills: [TWICE],
  },
  {
    name: "while the port is being bound the peer may be another one",
    file: PORT,
    find: "if (this.#peer !== undefined) {\n      const already",
    replace: 'if (this.#peer !== undefined && state === "bound") {\n      const already',
    kills: [TWICE],
  },
  {
    name: "the peer may be a name",
    file: PORT,
    find: 'udpAddress(checkedHost("connect", host, this.family), ',
    replace: "udpAddress(host, ",
    kills: [WRONG],
  },
  {
    name: "the peer may have no port",
    file: PORT,
    find: "this.family), checkedRemotePort(port));",
    replace: "this.family), port);",
    kills: [WRONG],
  },
  {
    name: "a port that is stopped keeps the peer for its next life",
    file: PORT,
    find: 'else if (state === "binding") this.#peer = peer;',
    replace: "else if (true) this.#peer = peer;",
    kills: [STOPPED],
  },
  {
    name: "a port that is being closed can be connected",
    file: PORT,
    find: 'else if (state === "binding") this.#peer = peer;',
    replace: 'else if (state !== "idle") this.#peer = peer;',
    kills: [STOPPED],
  },
  {
    name: "a port has its peer for ever",
    file: PORT,
    find: "this.#peer = undefined;",
    replace: "",
    kills: ["the peer does not outlive stopListening()"],
  },
  {
    name: "refusals are kept from the protocol",
    file: MEMORY,
    find: "this.#datagrams.send(datagram, () => this.refused());",
    replace: "this.#datagrams.send(datagram, () => undefined);",
    kills: [NOBODY],
  },
  {
    name: "a refusal is trouble in receiving",
    file: NODE,
    find: 'if (error.code === "ECONNREFUSED" || error.code === "ECONNRESET") this.refused();',
    replace: 'if (error.code === "ECONNRESET") this.refused();',
    kills: [NOBODY],
    on: "node",
  },
  {
    name: "a refusal is the end of the connection",
    file: PORT,
    find: REFUSED,
    replace: `this.#peer = undefined;\n    ${REFUSED}`,
    kills: [NOBODY, GOES_ON],
  },
  {
    name: "a refusal closes the port",
    file: PORT,
    find: REFUSED,
    replace: `${REFUSED}\n    void this.stopListening();`,
    kills: [GOES_ON],
  },
  {
    name: "a refusal is told once",
    file: PORT,
    find: REFUSED,
    replace: `if (this.#refusalDue) return;\n    this.#refusalDue = true;\n    ${REFUSED}`,
    kills: [GOES_ON],
  },
  {
    name: "an exception in connectionRefused closes the port",
    file: PORT,
    find: REFUSED,
    replace: `if (${REFUSED.slice(0, -1)}) void this.stopListening();`,
    kills: [THROWS],
  },
  {
    name: "an exception in connectionRefused is nobody's business",
    file: PORT,
    find: REFUSED,
    replace: "try {\n      this.#protocol.connectionRefused();\n    } catch {}",
    kills: [THROWS],
  },
  {
    name: "refusals are told after stopListening()",
    file: PORT,
    find: 'if (this.#life.state !== "bound" || this.#peer === undefined) return;',
    replace: "if (this.#peer === undefined) return;",
    kills: ["stopListening() from inside connectionRefused"],
  },
];
