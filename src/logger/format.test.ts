import * as fc from "fast-check";
import { assert, describe, it } from "vitest";
import type { LogEvent, LogFields } from "./event.ts";
import { eventAsText, formatEvent, formatEventAsClassicLogText, formatTime } from "./format.ts";

function eventOf(format: string, fields: LogFields = {}): LogEvent {
  const base = { log_level: "info", log_namespace: "a.b", log_time: 0 } as const;
  return { ...base, log_format: format, ...fields };
}

function textOf(format: string, fields: LogFields = {}): string {
  return formatEvent(eventOf(format, fields));
}

function fail(): never {
  throw new Error("boom");
}

/** An error whose stack is known. */
function errorWithStack(stack: string): Error {
  const error = new Error("unused");
  error.stack = stack;
  return error;
}

describe("formatEvent()", () => {
  it("shows fields, attributes and the results of calls", () => {
    class Peer {
      readonly host = "192.0.2.1";
      readonly #port = 25;
      port(): number {
        return this.#port;
      }
      self(): this {
        return this;
      }
    }
    const fields = { peer: new Peer(), now: () => "noon", list: ["x", "y"] };
    assert.equal(textOf("{peer.host}:{peer.port()}", fields), "192.0.2.1:25");
    assert.equal(textOf("{now()} {peer.self().host}", fields), "noon 192.0.2.1");
    assert.equal(textOf("{list.1} of {list.length}", fields), "y of 2");
  });

  it("calls a function when the text is made, not before", () => {
    let count = 0;
    const event = eventOf("{count()}", { count: () => (count += 1) });
    assert.equal(formatEvent(event) + formatEvent(event), "12");
  });

  it("takes doubled braces for braces, and others for themselves", () => {
    assert.equal(textOf("{{a}} {{{a}}}", { a: 1 }), "{a} {1}");
    assert.equal(textOf('got {"a": 1} and { } and {', { a: 1 }), 'got {"a": 1} and { } and {');
  });

  it("says which field is missing and shows the others", () => {
    assert.equal(
      textOf("{user} from {hsot}", { user: "alice" }),
      "alice from (hsot cannot be shown: TypeError: no such field)",
    );
    assert.match(textOf("{a.b.c}", { a: {} }), /^\(a\.b\.c cannot be shown: TypeError: /u);
    assert.match(textOf("{a.b}", { a: null }), /null has no attribute b/u);
    assert.match(textOf("{a()}", { a: 1 }), /a is not a function/u);
    assert.match(textOf("{constructor}"), /no such field/u);
  });

  it("says what getters, calls and toString threw", () => {
    class Broken {
      get attr(): string {
        return fail();
      }
      toString(): string {
        return fail();
      }
    }
    const fields = { broken: new Broken(), call: fail };
    for (const format of ["{broken}", "{broken.attr}", "{call()}"]) {
      const name = format.slice(1, -1);
      assert.equal(textOf(format, fields), `(${name} cannot be shown: Error: boom)`);
    }
  });

  it("shows values of every kind", () => {
    const circle: unknown[] = [1];
    circle.push(circle);
    const shown: readonly (readonly [unknown, string])[] = [
      ["text", "text"],
      [undefined, "undefined"],
      [null, "null"],
      [12n, "12"],
      [Number.NaN, "NaN"],
      [Symbol("s"), "Symbol(s)"],
      [fail, "[Function: fail]"],
      [{ a: [1, "b"] }, '{"a":[1,"b"]}'],
      [new Map([["k", 1]]), '[["k",1]]'],
      [new Uint8Array([13, 10]), '{"bytes":2,"hex":"0d0a"}'],
      [new RangeError("too deep"), "RangeError: too deep"],
      [new Date(0), "1970-01-01T00:00:00.000Z"],
      [new URL("http://a.example/"), "http://a.example/"],
      [Promise.resolve(), "[object Promise]"],
      [Object.create(null), "{}"],
      [circle, '[1,"(circular)"]'],
    ];
    for (const [value, text] of shown) assert.equal(textOf("{value}", { value }), text);
  });

  it("keeps an event on one line, whatever is in it", () => {
    const value = "bye\r\n2026-01-01 [x] forged\u2028\u0085\u001b[2K\u202e";
    const text = "bye\\r\\n2026-01-01 [x] forged\\u2028\\u0085\\u001b[2K\\u202e";
    assert.equal(textOf("{value}", { value }), text);
    assert.equal(textOf(value), text);
  });

  it("shows the saved text of an event that was read from a log", () => {
    assert.equal(textOf("{gone}", { log_text: "as it was" }), "as it was");
  });

  it("never throws, and always gives one line", () => {
    const value = fc.anything({
      withBigInt: true,
      withDate: true,
      withMap: true,
      withNullPrototype: true,
      withSet: true,
      withTypedArray: true,
    });
    const part = fc.constantFrom("{a}", "{b.c}", "{a()}", "{a.b()}", "{", "}", "{{", "}}", "\n");
    const format = fc.array(fc.oneof(part, fc.string())).map((parts) => parts.join(""));
    const property = fc.property(format, value, value, (log_format, a, b) => {
      assert.notMatch(eventAsText(eventOf(log_format, { a, b }), { utc: true }), /\p{Cc}/u);
    });
    fc.assert(property);
  });

  it("never throws for values that throw at every touch", () => {
    const revoked = Proxy.revocable({}, {});
    revoked.revoke();
    const traps = { get: fail, has: fail, getPrototypeOf: fail, ownKeys: fail };
    const hostile: readonly unknown[] = [
      new Proxy({}, traps),
      new Proxy(fail, traps),
      new Proxy([], traps),
      { toString: fail, toJSON: fail },
      revoked.proxy,
    ];
    for (const a of hostile) {
      for (const format of ["{a}", "{a.b}", "{a()}", "{a.b()}"]) {
        assert.isString(eventAsText(eventOf(format, { a, log_system: a, log_failure: a })));
      }
    }
  });
});

describe("eventAsText()", () => {
  it("puts time and system before the text", () => {
    assert.equal(
      eventAsText(eventOf("hello"), { utc: true }),
      "1970-01-01T00:00:00.000Z [a.b#info] hello",
    );
    const named = eventOf("hello", { log_system: "web,3\n" });
    assert.equal(eventAsText(named, { includeTimestamp: false }), "[web,3\\n] hello");
    const bare = { includeTimestamp: false, includeSystem: false };
    assert.equal(eventAsText(eventOf("hello"), bare), "hello");
  });

  it("shows the traceback below, with its own lines only", () => {
    const value = errorWithStack("Error: a\u001b\n    at b");
    const log_failure = { value, getTraceback: () => value.stack, getErrorMessage: () => "a" };
    const event = eventOf("hello", { log_failure });
    const bare = { includeTimestamp: false, includeSystem: false };
    assert.equal(eventAsText(event, bare), "hello\nError: a\\u001b\n    at b");
    assert.equal(eventAsText(event, { ...bare, includeTraceback: false }), "hello");
  });

  it("says that there is no traceback when asking for it fails", () => {
    const log_failure = { value: new Error("x"), getTraceback: fail, getErrorMessage: fail };
    assert.match(eventAsText(eventOf("hello", { log_failure })), /\(no traceback: Error: boom\)$/u);
  });

  it("is empty for an event that says nothing", () => {
    assert.equal(eventAsText(eventOf("")), "");
    assert.equal(formatEventAsClassicLogText(eventOf("")), "");
  });
});

it("formatEventAsClassicLogText() ends each line and indents all but the first", () => {
  const log_failure = errorWithStack("Error: a\nforged");
  const options = { includeTimestamp: false, includeSystem: false };
  const text = formatEventAsClassicLogText(eventOf("hello", { log_failure }), options);
  assert.equal(text, "hello\n\tError: a\n\tforged\n");
});

describe("formatTime()", () => {
  it("gives ISO 8601 to the millisecond", () => {
    assert.equal(formatTime(1_772_600_767.089, { utc: true }), "2026-03-04T05:06:07.089Z");
  });

  // Goal: right in any zone the tests may run in. Method: the offset must lead back to the time.
  it("gives the local zone with its offset", () => {
    for (const seconds of [0, 1_772_600_767.089, 1_783_000_000]) {
      const text = formatTime(seconds);
      assert.match(text, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d$/u);
      assert.equal(Date.parse(text), seconds * 1000);
    }
  });

  it("gives a dash for a time that is none", () => {
    for (const seconds of [Number.NaN, Number.POSITIVE_INFINITY, 1e20]) {
      assert.equal(formatTime(seconds), "-");
      assert.equal(formatTime(seconds, { utc: true }), "-");
    }
  });
});
