/**
 * Bugs planted in the protocols of the framework, one at a time: each a small edit of the kind that
 * people make, and the scenarios that are asked to find it.
 *
 * @module
 */

/** One small edit. */
export interface Mutant {
  /** What is wrong, in words. */
  readonly name: string;
  /** Under `src/`, or beginning with `examples/`. */
  readonly file: string;
  /** Stands there exactly once. */
  readonly find: string;
  /** Stands there instead; it must be TypeScript that runs, types aside. */
  readonly replace: string;
  /** Files of `test/simulation`, without `.sim.ts`: tried in turn until one has found it. */
  readonly scenarios: readonly string[];
}

const SPLITTER = "protocols/wire/line-splitter.ts";
const LINES = "protocols/line-receiver.ts";
const INBOX = "web/http/wire/inbox.ts";
const BODY = "web/http/wire/body-reader.ts";
const REQUESTS = "web/http/wire/request-reader.ts";
const CHANNEL = "web/server/http1-channel.ts";
const FRAMES = "web/websocket/wire/frame-reader.ts";
const WEBSOCKET = "web/websocket/websocket-connection.ts";
const CONNECTOR = "reactors/base/connector.ts";
const RACE = "internet/endpoints/_connection-race.ts";
const DRAIN = "service/_drain.ts";
const TRANSPORT = "reactors/base/stream-transport.ts";
const TOWNHALL = "examples/townhall/townhall-protocol.ts";

export const MUTANTS: readonly Mutant[] = [
  {
    name: "a delimiter that is cut in two is not seen",
    file: SPLITTER,
    find: "const head = this.#start.delimiterBytes(this.#delimiter, this.#chunk, this.#at);",
    replace: "const head = 0;",
    scenarios: ["lines", "bank"],
  },
  {
    name: "after a delimiter that was cut in two a byte is skipped",
    file: SPLITTER,
    find: "this.#at = end + length - head;",
    replace: "this.#at = end + length;",
    scenarios: ["lines", "bank"],
  },
  {
    name: "the start of a line is forgotten when the next chunk has no delimiter",
    file: SPLITTER,
    find: "this.#start.append(this.#chunk, this.#at, this.#chunk.length, keptMax);",
    replace:
      "if (this.#start.length === 0) " +
      "this.#start.append(this.#chunk, this.#at, this.#chunk.length, keptMax);",
    scenarios: ["lines", "bank"],
  },
  {
    name: "an over-long line in small pieces is kept for ever",
    file: SPLITTER,
    find: "if (this.#start.length + unread >= keptMax) return this.#tooLong();",
    replace: "if (unread >= keptMax) return this.#tooLong();",
    scenarios: ["lines"],
  },
  {
    name: "lines that wait when reading is resumed are not delivered",
    file: LINES,
    find: "if (!this.#isEnding()) this.#deliver();",
    replace: "",
    scenarios: ["lines"],
  },
  {
    name: "one byte that belongs to the next line is dropped",
    file: LINES,
    find: "if (extra === undefined || extra.length === 0) return;",
    replace: "if (extra === undefined || extra.length < 2) return;",
    scenarios: ["lines"],
  },
  {
    name: "a head that comes in pieces loses what came first",
    file: INBOX,
    find: "this.#setText(this.#text.slice(this.#at));",
    replace: 'this.#setText("");',
    scenarios: ["web"],
  },
  {
    name: "a CR at the end of a chunk is taken for a bare one",
    file: INBOX,
    find: "if (end !== -1 && end + 1 < text.length) {",
    replace: "if (end !== -1) {",
    scenarios: ["web"],
  },
  {
    name: "a chunk of a body is taken for whole when its first bytes have come",
    file: BODY,
    find: 'if (this.#left === 0) this.#state = "chunk-end";',
    replace: 'this.#state = "chunk-end";',
    scenarios: ["web"],
  },
  {
    name: "the next request is read before the one in hand is answered",
    file: REQUESTS,
    find: 'if (event?.type === "end") this.#state = "done";',
    replace: 'if (event?.type === "end") this.#state = "start";',
    scenarios: ["web"],
  },
  {
    name: "of a head that came in pieces the last is remembered as the whole",
    file: INBOX,
    find: "this.#recordedFrom = undefined;",
    replace: "",
    scenarios: ["web"],
  },
  {
    name: "a request whose client has gone is never told",
    file: CHANNEL,
    find: "this.#loseRequest(reason);\n    }\n  }\n\n  /** Nobody will answer it",
    replace:
      "if (this.#received) this.#loseRequest(reason);\n    }\n  }\n\n  /** Nobody will answer it",
    scenarios: ["web"],
  },
  {
    name: "the deadline of a head begins again with each byte",
    file: CHANNEL,
    find: 'else if (this.#watch.phase !== "head") this.#watch.set("head", headTimeout);',
    replace: "else this.#watch.clear();",
    scenarios: ["web"],
  },
  {
    name: "a drain closes connections whose request has begun to come",
    file: CHANNEL,
    find: "const isIdle = this.#request === undefined && this.#reader.idle;",
    replace: "const isIdle = this.#request === undefined;",
    scenarios: ["web-drain"],
  },
  {
    name: "the mask begins again with each chunk",
    file: FRAMES,
    find: "applyMask(this.#chunk, from, to, head.mask, this.#read);",
    replace: "applyMask(this.#chunk, from, to, head.mask, 0);",
    scenarios: ["websocket"],
  },
  {
    name: "the end of a control frame that comes in pieces is lost",
    file: FRAMES,
    find: "if (!isWhole || this.#control.length > 0) {",
    replace: "if (!isWhole) {",
    scenarios: ["websocket"],
  },
  {
    name: "a peer that answers no ping is kept",
    file: WEBSOCKET,
    find: 'this.#watch.set("pong", this.#parts.limits.pongTimeout);',
    replace: "this.#awaitMessage();",
    scenarios: ["websocket"],
  },
  {
    name: "the peer's goodbye is waited for without end",
    file: WEBSOCKET,
    find: 'this.#leave("closing", payload);\n    this.#awaitGoodbye();',
    replace: 'this.#leave("closing", payload);\n    this.#watch.clear();',
    scenarios: ["websocket"],
  },
  {
    name: "the alarm of an attempt goes on after its end",
    file: CONNECTOR,
    find: "if (this.#alarm?.active === true) this.#alarm.cancel();",
    replace: "",
    scenarios: ["reconnecting", "bank"],
  },
  {
    name: "a factory is stopped though it connects again",
    file: CONNECTOR,
    find: 'if (this.#state !== "disconnected" || !this.#factoryStarted) return;',
    replace: "if (!this.#factoryStarted) return;",
    scenarios: ["reconnecting"],
  },
  {
    name: "the losers of a race are not closed",
    file: RACE,
    find: "if (address !== this.#winner || this.#over) connecting.cancel();",
    replace: "if (this.#over) connecting.cancel();",
    scenarios: ["connecting"],
  },
  {
    name: "after a failed attempt the next one waits for its turn",
    file: RACE,
    find: "this.#failed.push({ address, error: failure.value });\n      this.#goOn();",
    replace:
      "this.#failed.push({ address, error: failure.value });\n      " +
      "if (this.#pending.size === 0) this.#goOn();",
    scenarios: ["connecting"],
  },
  {
    name: "a drain has no deadline",
    file: DRAIN,
    find:
      "const timer = seconds === Infinity ? undefined : " +
      "clock?.callLater(seconds, () => abort(port));",
    replace: "const timer = seconds === 0 ? clock?.callLater(0, () => abort(port)) : undefined;",
    scenarios: ["web-drain", "townhall"],
  },
  {
    name: "what was written in answer to the peer's last bytes is lost",
    file: TRANSPORT,
    find: "this.#stopProducer();\n    this.#closeSoon();",
    replace:
      "this.#stopProducer();\n    this.closeConnection();\n    " +
      "this.#end(new Failure(new ConnectionDone()));",
    scenarios: ["web", "lines", "upgrade", "townhall"],
  },
  {
    name: "somebody whose connection breaks stays in the room",
    file: TOWNHALL,
    find: "override connectionLost(reason: Failure): void {",
    replace:
      "override connectionLost(reason: Failure): void {\n" +
      "    if (!reason.is(ConnectionDone)) return;",
    scenarios: ["townhall"],
  },
];
