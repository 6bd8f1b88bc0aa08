/**
 * Reactors that are wrong about multicast.
 *
 * @module
 */
import type { Mutant } from "../mutant.ts";

const PORT = "reactors/base/datagram-port.ts";
const GROUPS = "reactors/base/multicast-port.ts";
const MEMORY = "reactors/memory/memory-udp.ts";
const JOINED = "who has joined a group hears it, from a sender who has not";
const ANSWER = "an answer to a datagram of a group goes to its sender alone";
const SEVERAL = "several ports that share a number hear a group, each with bytes of its own";
const ITSELF = "a sender who has joined hears itself";
const SOURCE = "only what the source sends is heard, where one is named";
const EARLY =
  "joinGroup() and setOutgoingInterface() while the port is being bound hold when it is";
const TWICE = "joining twice, and leaving what was not joined, fail with MulticastJoinError";
const NO_GROUP = "an address that is no group fails with MulticastJoinError";
const ADDRESSES = "names and addresses of the other family are InvalidAddressError";
const STOPPED = "on a port that is stopped, joinGroup() and setOutgoingInterface() fail";
const OUTGOING = "the outgoing interface: none, then the one that was set, also in the next life";
const TTL = "the TTL of datagrams to groups: 1 unless it is set, 0 to 255";
const LOOPBACK = "the loopback mode: on unless it is set; off, this machine does not hear";
const SWITCHES = "switches hold from before the port is bound";

/** For `multicast`. */
export const multicastMutants: readonly Mutant[] = [
  {
    name: "who sends to a group must have joined one",
    file: MEMORY,
    find: "} else if (isGroup(host) && !this.getLoopbackMode()) {",
    replace:
      "} else if (isGroup(host) && (!this.getLoopbackMode() || this.#memberships.size === 0)) {",
    kills: [JOINED],
  },
  {
    name: "a datagram from a port on every address comes from nowhere",
    file: MEMORY,
    find: "if (!isEverywhere(host)) return this.getHost();",
    replace: "return this.getHost();",
    kills: [JOINED],
  },
  {
    name: "a datagram to a group comes from the group",
    file: MEMORY,
    find: "take({ data, source }: MemoryDatagram): void {\n    this.received(data, source);",
    replace: `take({ data, source, destination }: MemoryDatagram): void {
    this.received(data, udpAddress(destination.host, source.port));`,
    kills: [JOINED, ANSWER],
  },
  {
    name: "who has joined one group hears them all",
    file: MEMORY,
    find: 'return group === destination.host && (wanted === "" ||',
    replace: 'return (wanted === "" ||',
    kills: ["a group that nobody has joined is not heard"],
  },
  {
    name: "who has left a group still hears it",
    file: MEMORY,
    find: '!this.#memberships.delete(key)) throw new Error("not joined");',
    replace: '!this.#memberships.has(key)) throw new Error("not joined");',
    kills: ["who has left a group hears it no more, and may join again"],
  },
  {
    name: "who hears a group shares the bytes",
    file: MEMORY,
    find: "one.take({ ...datagram, data: Buffer.from(datagram.data) });",
    replace: "one.take(datagram);",
    kills: [SEVERAL],
  },
  {
    name: "of several who share a number one hears a group",
    file: MEMORY,
    find: "there.filter((port) => port.takesFrom(datagram) && wants(port))) {",
    replace: "there.filter((port) => port.takesFrom(datagram) && wants(port)).slice(-1)) {",
    kills: [SEVERAL],
  },
  {
    name: "a sender does not hear itself",
    file: MEMORY,
    find: "there.filter((port) => port.takesFrom(datagram) && wants(port))) {",
    replace: `there.filter((port) => port.takesFrom(datagram) && wants(port))) {
      if (one.getHost().port === datagram.source.port) continue;`,
    kills: [ITSELF],
  },
  {
    name: "a sender hears itself from inside write()",
    file: MEMORY,
    find: "this.carry(datagram, () => this.#reactor.later(() => this.#arrive(datagram, unheard)));",
    replace: "this.carry(datagram, () => this.#arrive(datagram, unheard));",
    kills: [ITSELF],
  },
  {
    name: "any source is heard",
    file: MEMORY,
    find: '(wanted === "" || wanted === source.host);',
    replace: "true;",
    kills: [SOURCE],
  },
  {
    name: "a membership for one source is one for all",
    file: MEMORY,
    find: 'const key = [group, networkInterface, source].join(" ");',
    replace: 'const key = [group, networkInterface, ""].join(" ");',
    kills: [SOURCE],
  },
  {
    name: "while the port is being bound it is too early to join",
    file: PORT,
    find: 'if (state === "binding") return this.listening.addCallback(() => f());',
    replace: "",
    kills: [EARLY],
  },
  {
    name: "in startProtocol it is too early to join",
    file: PORT,
    find: 'if (state === "bound") return execute(f);',
    replace: 'if (state === "bound" && this.#started) return execute(f);',
    kills: ["joinGroup() from inside startProtocol"],
  },
  {
    name: "joining twice is joining once",
    file: MEMORY,
    find: 'if (this.#memberships.has(key)) throw new Error("joined already");',
    replace: "",
    kills: [TWICE],
  },
  {
    name: "who has not joined may leave",
    file: MEMORY,
    find: ' && !this.#memberships.delete(key)) throw new Error("not joined");',
    replace: ") this.#memberships.delete(key);",
    kills: [TWICE],
  },
  {
    name: "the error does not have the interface",
    file: GROUPS,
    find: "new MulticastJoinError(change, group, networkInterface, value)",
    replace: 'new MulticastJoinError(change, group, "", value)',
    kills: [TWICE],
  },
  {
    name: "every address is a group",
    file: MEMORY,
    find: 'if (!isGroup(group)) throw new Error("not a multicast address");',
    replace: "",
    kills: [NO_GROUP],
  },
  {
    name: "a group may be of the other family",
    file: GROUPS,
    find: "checkedHost(`${change} a group`, group, this.family);",
    replace: "",
    kills: [ADDRESSES],
  },
  {
    name: "a source may be a name",
    file: GROUPS,
    find: "checkedHost(`${change} a group of a source`, source, this.family);",
    replace: "{}",
    kills: [ADDRESSES],
  },
  {
    name: "what the system says against a group goes to whoever asked",
    file: GROUPS,
    find: "fail(new MulticastJoinError(change, group, networkInterface, value)),",
    replace: "fail(value),",
    kills: [TWICE, NO_GROUP, STOPPED],
  },
  {
    name: "who joins on a port that is stopped waits for its next life",
    file: PORT,
    find: 'return fail(new NotListeningError("the port does not listen"));',
    replace: "return this.listening.addCallback(() => f());",
    kills: [STOPPED],
  },
  {
    name: "the outgoing interface is noted though it cannot be set",
    file: GROUPS,
    find: "return this.whenBound(() => {\n      this.setSwitches(",
    replace: `this.setSwitches({ outgoingInterface: networkInterface });
    return this.whenBound(() => {
      this.setSwitches(`,
    kills: [STOPPED],
  },
  {
    name: "groups outlive the port",
    file: MEMORY,
    find: "this.#memberships.clear();",
    replace: "",
    kills: ["groups do not outlive stopListening()"],
  },
  {
    name: "the outgoing interface is the system's choice, said as an address",
    file: GROUPS,
    find: 'return this.switches.outgoingInterface ?? "";',
    replace: 'return this.switches.outgoingInterface ?? "0.0.0.0";',
    kills: [OUTGOING, STOPPED],
  },
  {
    name: "switches are forgotten when the port is closed",
    file: PORT,
    find: "const started = this.#started;",
    replace: "this.#switches = {};\n    const started = this.#started;",
    kills: [OUTGOING],
  },
  {
    name: "datagrams to groups go as far as others",
    file: GROUPS,
    find: "return this.switches.ttl ?? 1;",
    replace: "return this.switches.ttl ?? 64;",
    kills: [TTL],
  },
  {
    name: "datagrams to groups leave the machine, whatever is said",
    file: GROUPS,
    find: "ttl: checkedHops(hops, 0)",
    replace: "ttl: checkedHops(hops, 1)",
    kills: [TTL],
  },
  {
    name: "there is one TTL for groups and for hosts",
    file: GROUPS,
    find: "this.setSwitches({ ttl: checkedHops(hops, 0) });",
    replace: "this.setSwitches({ ttl: checkedHops(hops, 0), unicastTTL: hops });",
    kills: [TTL],
  },
  {
    name: "256 routers may be passed",
    file: "reactors/base/datagram-switches.ts",
    find: "hops <= 255)",
    replace: "hops <= 256)",
    kills: [TTL],
  },
  {
    name: "this machine does not hear unless it is said",
    file: GROUPS,
    find: "return this.switches.loopback ?? true;",
    replace: "return this.switches.loopback ?? false;",
    kills: [LOOPBACK],
  },
  {
    name: "this machine hears, whatever is said",
    file: MEMORY,
    find: "} else if (isGroup(host) && !this.getLoopbackMode()) {",
    replace: "} else if (false) {",
    kills: [LOOPBACK, SWITCHES],
  },
  {
    name: "the last switch that is set is the only one",
    file: PORT,
    find: "this.#switches = { ...this.#switches, ...switches };",
    replace: "this.#switches = switches;",
    kills: [SWITCHES],
  },
  {
    name: "what is set while the port is being bound is lost",
    file: PORT,
    find: 'if (this.#life.state === "bound") this.applySwitches(switches);',
    replace: 'if (this.#life.state === "binding") return;',
    kills: [SWITCHES],
  },
];
