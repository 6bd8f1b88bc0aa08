import * as fc from "fast-check";
import { assert, describe, it } from "vitest";
import type { LogEvent, LogFields } from "./event.ts";
import { jsonFileLogObserver, textFileLogObserver } from "./observers.ts";

function eventOf(log_format: string, fields: LogFields = {}): LogEvent {
  return { log_level: "info", log_namespace: "a.b", log_format, log_time: 1.5, ...fields };
}

function jsonOf(event: LogEvent): string {
  let text = "";
  jsonFileLogObserver((line) => {
    text += line;
  })(event);
  return text;
}

function recordOf(event: LogEvent): unknown {
  return JSON.parse(jsonOf(event));
}

function fail(): never {
  throw new Error("boom");
}

it("textFileLogObserver() writes lines, and nothing for an event that says nothing", () => {
  const written: string[] = [];
  const observer = textFileLogObserver((text) => written.push(text), { utc: true });
  observer(eventOf("hello"));
  observer(eventOf(""));
  assert.deepEqual(written, ["1970-01-01T00:00:01.500Z [a.b#info] hello\n"]);
});

describe("jsonFileLogObserver()", () => {
  it("writes an object a line, with the rendered text", () => {
    assert.equal(
      jsonOf(eventOf("{n} bytes", { n: 3 })),
      '{"log_time":1.5,"log_level":"info","log_namespace":"a.b","log_text":"3 bytes",' +
        '"log_format":"{n} bytes","n":3}\n',
    );
  });

  it("makes safe what JSON cannot hold", () => {
    const list: unknown[] = [1n, undefined, Number.NaN, Symbol("s"), fail];
    list.push(list);
    class Secret {
      readonly password = "hunter2";
    }
    const fields = {
      list,
      map: new Map([["k", new Set([1])]]),
      bytes: Buffer.from("\r\n"),
      secret: new Secret(),
      url: new URL("http://a.example/"),
      bad: { toJSON: fail },
      half: {
        get bad(): string {
          return fail();
        },
        good: 1,
      },
    };
    assert.deepInclude(recordOf(eventOf("x", fields)), {
      list: ["1", null, "NaN", "Symbol(s)", "[Function: fail]", "(circular)"],
      map: [["k", [1]]],
      bytes: { bytes: 2, hex: "0d0a" },
      secret: "[object Secret]",
      url: "http://a.example/",
      bad: "(cannot be read: Error: boom)",
      half: { bad: "(cannot be read: Error: boom)", good: 1 },
    });
  });

  it("bounds depth and number of values", () => {
    let deep: unknown = "bottom";
    for (let depth = 0; depth < 10_000; depth += 1) deep = [deep];
    const wide = Array.from({ length: 50_000 }, () => 0);
    const text = jsonOf(eventOf("x", { deep, wide, bytes: new Uint8Array(100_000) }));
    assert.include(text, "(too deep)");
    assert.include(text, "(and more)");
    assert.include(text, '"bytes":100000');
    assert.isBelow(text.length, 40_000);
  });

  it("writes failures with type, message, code, stack and causes", () => {
    const cause = Object.assign(new TypeError("inner"), {
      code: "ERR_INNER",
      stack: "inner stack",
    });
    const value = Object.assign(new RangeError("outer", { cause }), { stack: "outer stack" });
    const failure = { value, getTraceback: () => "", getErrorMessage: () => "" };
    const inner = { type: "TypeError", message: "inner", code: "ERR_INNER", stack: "inner stack" };
    const outer = { type: "RangeError", message: "outer", stack: "outer stack", causes: [inner] };
    const fields = { log_failure: failure, error: value, failure };
    assert.deepInclude(recordOf(eventOf("x", fields)), {
      log_failure: outer,
      error: outer,
      failure: outer,
    });
  });

  it("writes errors whose parts cannot be read", () => {
    const hostile = Object.defineProperties(new Error("x"), {
      stack: { get: fail },
      name: { get: fail },
      message: { value: 1n },
      code: { get: fail },
      cause: { get: fail },
    });
    assert.deepInclude(recordOf(eventOf("x", { hostile })), {
      hostile: {
        type: "(cannot be read: Error: boom)",
        message: "1",
        stack: "(a value that cannot be shown)",
        causes: [],
      },
    });
  });

  it("writes values that throw at every touch", () => {
    const revoked = Proxy.revocable({}, {});
    revoked.revoke();
    const proxy = new Proxy({}, { get: fail, has: fail, getPrototypeOf: fail, ownKeys: fail });
    for (const hostile of [revoked.proxy, proxy, { toString: fail, toJSON: fail }]) {
      const event = eventOf("{hostile}", { hostile, log_failure: hostile, log_system: hostile });
      assert.propertyVal(recordOf(event), "log_format", "{hostile}");
    }
  });

  it("keeps a field named __proto__ a field", () => {
    const nested: unknown = JSON.parse('{"__proto__":{"polluted":true}}');
    assert.include(jsonOf(eventOf("x", { nested })), '"nested":{"__proto__":{"polluted":true}}');
  });

  it("always writes one line that can be parsed", () => {
    const value = fc.anything({
      withBigInt: true,
      withBoxedValues: true,
      withDate: true,
      withMap: true,
      withNullPrototype: true,
      withObjectString: true,
      withSet: true,
      withSparseArray: true,
      withTypedArray: true,
      withUnicodeString: true,
    });
    const property = fc.property(fc.string({ unit: "binary" }), value, value, (format, a, b) => {
      const text = jsonOf(eventOf(`${format}{a}`, { a, log_failure: b }));
      assert.match(text, /^[^\p{Cc}\u2028\u2029]+\n$/u);
      assert.propertyVal(JSON.parse(text), "log_format", `${format}{a}`);
    });
    fc.assert(property, { numRuns: 50 });
  });
});
