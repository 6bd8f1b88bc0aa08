/**
 * Reactors that are wrong about connecting by name.
 *
 * @module
 */
import type { Mutant } from "../mutant.ts";

const FIND = "reactors/base/find-address.ts";
const BEGIN = "internet/names/begin-resolution.ts";
const ERRORS = "internet/names/resolution-errors.ts";
const CONNECTOR = "reactors/base/connector.ts";
const NO_ADDRESS = "no address fails the attempt: the class, the message, the cause";
const THROWS = "a resolver that throws fails the attempt, later, with the cause";

/** For `connecting by name`. */
export const connectByNameMutants: readonly Mutant[] = [
  {
    name: "who is installed is not asked",
    file: "reactors/memory/memory-reactor.ts",
    find: "this.nameResolver !== this.names || ",
    replace: "",
    kills: ["a name is asked of the resolver that is installed, an address is not"],
  },
  {
    name: "addresses are asked of the resolver",
    file: FIND,
    find: "if (literal === undefined) return",
    replace: "if (literal === undefined || wanted.port > 0) return",
    on: "node",
    kills: ["a name is asked of the resolver that is installed, an address is not"],
  },
  {
    name: "the first address is taken, of whatever kind",
    file: FIND,
    find: 'if (address.kind === "IPv4" || family === 6) {',
    replace: "if (address.kind !== undefined) {",
    on: "node",
    kills: ["of several addresses the first over IPv4 is taken"],
  },
  {
    name: "the last address is taken",
    file: FIND,
    find: 'if (address.kind === "IPv4" || family === 6) {',
    replace: "if (address.kind === undefined) {",
    on: "node",
    kills: ["of several addresses the first over IPv4 is taken"],
  },
  {
    name: "IPv6 is not for those who did not ask for it",
    file: FIND,
    find: "} else second ??= address;",
    replace: "}",
    kills: ["without one over IPv4 the first over IPv6 is taken"],
  },
  {
    name: "of several over IPv6 the last is taken",
    file: FIND,
    find: "} else second ??= address;",
    replace: "} else second = address;",
    on: "node",
    kills: ["without one over IPv4 the first over IPv6 is taken"],
  },
  {
    name: "the resolver is not told that nobody listens any more",
    file: FIND,
    find: "letGo();\n        answer(",
    replace: "answer(",
    kills: ["an IPv4 address is taken before the answer is complete, and the rest let go"],
  },
  {
    name: "an answer is awaited to its end",
    file: FIND,
    find: 'if (address.kind === "IPv4" || family === 6) {',
    replace: "if (address.kind === undefined) {",
    kills: ["an IPv4 address is taken before the answer is complete, and the rest let go"],
  },
  {
    name: "the resolver is not told which family is wanted",
    file: FIND,
    find: 'return family === 4 ? ["IPv4"] : ["IPv6"];',
    replace: 'return ["IPv4", "IPv6"];',
    kills: ["family is what is asked for, and others are not taken"],
  },
  {
    name: "the resolver is trusted to keep to the family",
    file: FIND,
    find: "if (done || !fits(address, wanted)) return;",
    replace: "if (done) return;",
    kills: ["family is what is asked for, and others are not taken"],
  },
  {
    name: "every failure to resolve is a DNSLookupError",
    file: ERRORS,
    find: "const Class = error instanceof UnknownHostError ? UnknownHostError : DNSLookupError;",
    replace: "const Class = DNSLookupError;",
    kills: [NO_ADDRESS],
  },
  {
    name: "the message does not say where to",
    file: ERRORS,
    find: "Cannot connect to ${destination.toString()}",
    replace: "Cannot connect",
    kills: [NO_ADDRESS],
  },
  {
    name: "the cause is dropped",
    file: ERRORS,
    find: "new Class(message, destination, { cause: said })",
    replace: "new Class(message, destination)",
    kills: [NO_ADDRESS, THROWS],
  },
  {
    name: "nothing said means that the name is unknown",
    file: ERRORS,
    find: 'cannotResolve(DNSLookupError, name, "the resolver found no address")',
    replace: 'cannotResolve(UnknownHostError, name, "the resolver found no address")',
    kills: ["no address, and no reason, fails the attempt with DNSLookupError"],
  },
  {
    name: "what a resolver throws is swallowed",
    file: BEGIN,
    find: "receiver.resolutionComplete(Failure.of(error));",
    replace: "Failure.of(error);",
    kills: [THROWS],
  },
  {
    name: "an answer is told at once",
    file: FIND,
    find: "reactor.soon(() => {",
    replace: "[0].forEach(() => {",
    kills: [THROWS],
  },
  {
    name: "what a resolver says from inside the call is lost",
    file: BEGIN,
    find: "receiver.began(resolver.resolveHostName(receiver, hostName, options));",
    replace: `let returned = false;
    const late = {
      resolutionBegan: (one) => receiver.resolutionBegan(one),
      addressResolved: (address) => returned && receiver.addressResolved(address),
      resolutionComplete: (reason) => returned && receiver.resolutionComplete(reason),
    };
    receiver.began(resolver.resolveHostName(late, hostName, options));
    returned = true;`,
    kills: ["a resolver that answers from inside the call is not too fast"],
  },
  {
    name: "stopConnecting() does not cancel the question",
    file: FIND,
    find: "open = false;\n    letGo();",
    replace: "open = false;",
    kills: ["stopConnecting() while resolving cancels, and a late answer is no matter"],
  },
  {
    name: "an answer that is on its way is not held back",
    file: FIND,
    find: "if (open) found(result);",
    replace: "found(result);",
    kills: ["stopConnecting() right after the answer is in time"],
  },
  {
    name: "the clock of an attempt does not run yet",
    file: CONNECTOR,
    find: "this.#reactor.callLater(this.#timeout, () => {",
    replace: "this.#reactor.callLater(this.#timeout + 60, () => {",
    kills: ["the attempt's timeout covers a resolver that never answers"],
  },
  {
    name: "an attempt that is given up goes on",
    file: CONNECTOR,
    find: "this.#attempt?.cancel();",
    replace: "",
    kills: [
      "the attempt's timeout covers a resolver that never answers",
      "stopConnecting() while resolving cancels, and a late answer is no matter",
    ],
  },
  {
    name: "what was found out once is kept",
    file: FIND,
    find: "const letGo = begin(reactor, wanted, answer);",
    replace: `const known = Reflect.get(reactor, "known");
  if (known !== undefined) answer(known);
  const keep = (result) => {
    Reflect.set(reactor, "known", result);
    answer(result);
  };
  const letGo = known === undefined ? begin(reactor, wanted, keep) : () => {};`,
    kills: ["connect() again asks again"],
  },
];
