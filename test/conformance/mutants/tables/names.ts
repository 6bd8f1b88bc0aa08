/**
 * Reactors that are wrong about names.
 *
 * @module
 */
import type { Mutant } from "../mutant.ts";

const STATIC = "internet/names/static-resolver.ts";
const RESOLUTION = "internet/names/host-resolution.ts";
const LITERAL = "internet/names/address-literal.ts";
const ERRORS = "internet/names/resolution-errors.ts";
const BRIDGES = "internet/names/bridges.ts";
const PLUGGABLE = "reactors/base/pluggable-names.ts";
const BEGIN = "resolution.begin();";
const KEY = "this.#table.get(keyOf(hostName));";
const BEGAN = "resolutionBegan() comes once, at once, with what resolveHostName() returns";
const LAST = "resolutionComplete() comes last, once";
const LOCALHOST = "localhost is on loopback, with the port and type that were asked for";
const UNKNOWN = "a name that is not there has no address, and a typed reason that names it";
const OTHER_KIND = "an address of another kind than asked for resolves to nothing";
const ZONE = "an IPv6 address resolves to itself, with its zone";
const INSTALL = "installNameResolver() returns the one before, and nameResolver is the new one";
const AT_ONCE = "resolve() of an address is that address, of nothing 0.0.0.0, both at once";
const INSTALLED = "resolve() asks what is installed, and can be cancelled";

/** Those that are wrong about what a resolver tells, and when. */
const tellingMutants: readonly Mutant[] = [
  {
    name: "a resolution begins later",
    file: STATIC,
    find: BEGIN,
    replace: "this.#reactor.callFromThread(() => resolution.begin());",
    kills: [BEGAN],
  },
  {
    name: "a resolution begins twice",
    file: STATIC,
    find: BEGIN,
    replace: "resolution.begin();\n    resolution.begin();",
    kills: [BEGAN],
  },
  {
    name: "what is returned is another resolution",
    file: STATIC,
    find: "return resolution;",
    replace: "return new HostResolution(hostName, receiver);",
    kills: [BEGAN],
  },
  {
    name: "what is known is told at once",
    file: STATIC,
    find: "this.#reactor.callFromThread(() => {",
    replace: "[0].forEach(() => {",
    kills: ["nothing else comes before resolveHostName() returns, whatever is asked"],
  },
  {
    name: "the end is told twice",
    file: RESOLUTION,
    find: "this.#receiver.resolutionComplete(reason));",
    replace: `this.#receiver.resolutionComplete(reason));
    this.#receiver.resolutionComplete(reason);`,
    kills: [LAST],
  },
  {
    name: "an address comes after the end",
    file: RESOLUTION,
    find: 'this.#tell("addressResolved", () => this.#receiver.addressResolved(address));',
    replace: "queueMicrotask(() => this.#receiver.addressResolved(address));",
    kills: [LAST],
  },
  {
    name: "localhost is somewhere else",
    file: "reactors/memory/memory-reactor.ts",
    find: 'localhost: "127.0.0.1"',
    replace: 'localhost: "192.0.2.1"',
    kills: [LOCALHOST, "resolve() gives an IPv4 address in text"],
  },
  {
    name: "the port and the type are forgotten",
    file: STATIC,
    find: "addressFromLiteral(text, options)",
    replace: "addressFromLiteral(text)",
    kills: [LOCALHOST, "an IPv4 address resolves to itself"],
  },
  {
    name: "every address is one of TCP",
    file: LITERAL,
    find: 'transportSemantics = "TCP" } = parts;',
    replace: '} = parts;\n  const transportSemantics = "TCP";',
    kills: [LOCALHOST],
  },
  {
    name: "addresses of every kind are told",
    file: STATIC,
    find: "one !== undefined && addressTypes.includes(one.kind)",
    replace: "one !== undefined",
    kills: ["addressTypes are the kinds that are told", OTHER_KIND],
  },
  {
    name: "an address is a name as any",
    file: STATIC,
    find: "const literal = addressFromLiteral(hostName) !== undefined;",
    replace: "const literal = false;",
    kills: ["an IPv4 address resolves to itself", ZONE],
  },
  {
    name: "the zone is dropped",
    file: LITERAL,
    find: "host, portNumber, 0, zone)",
    replace: "host, portNumber, 0)",
    kills: [ZONE],
  },
  {
    name: "the reason does not name the name",
    file: ERRORS,
    find: "Cannot resolve ${quote(name)}: ${why}",
    replace: "Cannot resolve: ${why}",
    kills: [UNKNOWN],
  },
  {
    name: "reasons are of no type",
    file: ERRORS,
    find: "return new Class(message, undefined, options);",
    replace: "return new Error(message, options);",
    kills: [UNKNOWN, OTHER_KIND, "an empty name has no address"],
  },
  {
    name: "a name that is not there is an end without a reason",
    file: STATIC,
    find: "resolution.resolutionComplete(cannotResolve(UnknownHostError, name, why));",
    replace: "resolution.resolutionComplete();",
    kills: [UNKNOWN, OTHER_KIND],
  },
  {
    name: "an empty name is this host",
    file: STATIC,
    find: KEY,
    replace: 'this.#table.get(keyOf(hostName === "" ? "localhost" : hostName));',
    kills: ["an empty name has no address"],
  },
  {
    name: "a name ends at a NUL",
    file: STATIC,
    find: KEY,
    replace: 'this.#table.get(keyOf(hostName.split("\\0")[0] ?? ""));',
    kills: ["a name with a NUL has no address, not that of what stands before it"],
  },
  {
    name: "who asks for a name that is too long never hears of it",
    file: STATIC,
    find: "const { name } = resolution;",
    replace: `const { name } = resolution;
  if (name.length > 253) return;`,
    kills: ["a name that is too long has no address"],
  },
];

/** Those that are wrong about resolutions that are cancelled, or go on. */
const lifeMutants: readonly Mutant[] = [
  {
    name: "a question takes the place of the one before",
    file: STATIC,
    find: "const resolution = new HostResolution(hostName, receiver);",
    replace: `Reflect.get(this, "last")?.cancel();
    const resolution = new HostResolution(hostName, receiver);
    Reflect.set(this, "last", resolution);`,
    kills: ["two resolutions at once do not disturb each other"],
  },
  {
    name: "who cancels is told all the same",
    file: RESOLUTION,
    find: "this.#active = false;\n    this.#cancelled();",
    replace: "this.#cancelled();",
    kills: [
      "two resolutions at once do not disturb each other",
      "cancel() at once: nothing more is told",
      "cancel() from inside resolutionBegan(): nothing more is told",
      "cancel() from inside addressResolved(): nothing more is told",
    ],
  },
  {
    name: "who cancels is told of the end",
    file: RESOLUTION,
    find: "this.#active = false;\n    this.#cancelled();",
    replace: "this.resolutionComplete();\n    this.#cancelled();",
    kills: [
      "cancel() at once: nothing more is told",
      "cancel() from inside resolutionBegan(): nothing more is told",
      "cancel() from inside addressResolved(): nothing more is told",
    ],
  },
  {
    name: "who cancels what is over is told again",
    file: RESOLUTION,
    find: "cancel(): void {\n    if (!this.#active) return;",
    replace: "cancel(): void {\n    if (!this.#active) return this.#receiver.resolutionComplete();",
    kills: ["cancel() does nothing when it is over, or done already"],
  },
  {
    name: "a receiver that throws ends its resolution",
    file: RESOLUTION,
    find: 'log.failuresHandled("Error in {what} for {name}", { what, name: this.name }, f);',
    replace: "f();",
    kills: ["a receiver that throws is logged, and told the rest"],
  },
  {
    name: "what a receiver throws is swallowed",
    file: RESOLUTION,
    find: 'log.failuresHandled("Error in {what} for {name}", { what, name: this.name }, f);',
    replace: "try { f(); } catch {}",
    kills: ["a receiver that throws is logged, and told the rest"],
  },
  {
    name: "an answer is a delayed call, which waits when the reactor has stopped",
    file: STATIC,
    find: "this.#reactor.callFromThread(() => {",
    replace: "this.#reactor.callLater(20, () => {",
    kills: ["a resolution under way when the reactor stops ends all the same"],
  },
  {
    name: "an alarm is left behind",
    file: STATIC,
    find: BEGIN,
    replace: "resolution.begin();\n    this.#reactor.callLater(60, () => resolution.cancel());",
    kills: [
      "a name that is resolved leaves no delayed call",
      "cancel() at once: nothing more is told",
    ],
  },
];

/** Those that are wrong about who is asked, and about its simpler faces. */
const faceMutants: readonly Mutant[] = [
  {
    name: "resolveAll() gives an empty list",
    file: "internet/names/resolve-all.ts",
    find: "if (addresses.length > 0) resolved.callback(addresses);",
    replace: "if (addresses.length >= 0) resolved.callback(addresses);",
    kills: ["resolveAll() gives a list, or fails with the reason"],
  },
  {
    name: "installNameResolver() returns what it was given",
    file: PLUGGABLE,
    find: "return before;",
    replace: "return resolver;",
    kills: [INSTALL],
  },
  {
    name: "installNameResolver() changes nothing",
    file: PLUGGABLE,
    find: "this.#resolver = resolver;\n    return before;",
    replace: "return before;",
    kills: [INSTALL, INSTALLED],
  },
  {
    name: "resolve() gives the name",
    file: BRIDGES,
    find: "found.callback(address.host);",
    replace: "found.callback(name);",
    kills: ["resolve() gives an IPv4 address in text"],
  },
  {
    name: "resolve() leaves its alarm behind",
    file: BRIDGES,
    find: "return found.addTimeout(",
    replace: "this.#clock.callLater(60, () => {});\n    return found.addTimeout(",
    kills: ["resolve() gives an IPv4 address in text", INSTALLED],
  },
  {
    name: "resolve() of nothing is this host",
    file: PLUGGABLE,
    find: 'succeed("0.0.0.0")',
    replace: 'succeed("127.0.0.1")',
    kills: [AT_ONCE],
  },
  {
    name: "resolve() asks for addresses too",
    file: PLUGGABLE,
    find: "if (addressFromLiteral(name) !== undefined) return succeed(name);",
    replace: "",
    kills: [AT_ONCE],
  },
  {
    name: "resolve() fails with any error",
    file: BRIDGES,
    find: "if (!found.called) found.errback(noAddress(name, reason));",
    replace: 'if (!found.called) found.errback(new Error("no address"));',
    kills: ["resolve() fails with a typed error"],
  },
  {
    name: "resolve() is cancelled, the question is not",
    file: BRIDGES,
    find: "new Deferred<string>(() => letGo());",
    replace: "new Deferred<string>();",
    kills: [INSTALLED],
  },
  {
    name: "resolve() gives up after the longest of its timeouts",
    file: BRIDGES,
    find: "timeouts.reduce((sum, one) => sum + one, 0)",
    replace: "Math.max(...timeouts)",
    kills: ["resolve() gives up after the sum of its timeouts"],
  },
];

/** For `names`. */
export const nameMutants: readonly Mutant[] = [...tellingMutants, ...lifeMutants, ...faceMutants];
