/**
 * JSON-RPC: the examples of its specification, and what they leave out.
 *
 * @module
 */
import { assert, describe, it } from "vitest";
import { type RawAnswer, visit } from "../../../test/fixtures/web/in-memory-site.ts";
import { Deferred } from "../../defer/deferred.ts";
import { captureLogs } from "../../logger/capture.ts";
import type { Request } from "../server/request.ts";
import { JSONRPC, JSONRPCError } from "./json-rpc.ts";

class Calculator extends JSONRPC {
  override readonly procedures = {
    subtract: { params: ["minuend", "subtrahend"] },
    where: { withRequest: true },
  };
  readonly notified: unknown[] = [];
  readonly begun: string[] = [];
  readonly waiting = new Map<string, Deferred<string>>();

  jsonrpc_subtract(minuend: number, subtrahend: number): number {
    return minuend - subtrahend;
  }

  jsonrpc_sum(...numbers: number[]): number {
    return numbers.reduce((sum, one) => sum + one, 0);
  }

  jsonrpc_get_data(): unknown {
    return ["hello", 5];
  }

  jsonrpc_update(...args: unknown[]): void {
    this.notified.push(args);
  }

  jsonrpc_where(request: Request, what: unknown): unknown {
    return [request.path, what];
  }

  jsonrpc_wait(name: string): Deferred<string> {
    this.begun.push(name);
    const later = new Deferred<string>();
    this.waiting.set(name, later);
    return later;
  }

  jsonrpc_refuse(data: unknown): never {
    throw new JSONRPCError(17, "not today", data);
  }

  jsonrpc_odd(): never {
    throw new JSONRPCError(18, "odd", 1n);
  }

  jsonrpc_boom(): never {
    throw new Error("secret");
  }

  jsonrpc_circle(): unknown {
    const circle: unknown[] = [];
    circle.push(circle);
    return circle;
  }

  jsonrpc_function(): unknown {
    return () => 1;
  }
}

function posted(body: string, type = "application/json"): string {
  const length = String(Buffer.byteLength(body));
  const bytes = Buffer.from(body).toString("latin1");
  const fields = `Host: a\r\nContent-Type: ${type}\r\nContent-Length: ${length}\r\n`;
  return `POST /rpc HTTP/1.1\r\n${fields}\r\n${bytes}`;
}

async function post(body: string, root: JSONRPC = new Calculator()): Promise<RawAnswer> {
  return await visit(root).ask(posted(body));
}

function error(code: number, message: string, id: unknown = null): unknown {
  return { jsonrpc: "2.0", error: { code, message }, id };
}

const INVALID = error(-32_600, "Invalid Request");

/** Without what an error says beside its code and message. */
function plain(response: unknown): unknown {
  if (Array.isArray(response)) return response.map(plain);
  const inner: unknown = Reflect.get(Object(response), "error");
  if (typeof inner === "object" && inner !== null) Reflect.deleteProperty(inner, "data");
  return response;
}

describe("JSONRPC answers as in the examples of the specification (§7)", () => {
  const EXAMPLES: readonly (readonly [what: string, sent: string, got: unknown])[] = [
    [
      "positional parameters",
      '{"jsonrpc": "2.0", "method": "subtract", "params": [42, 23], "id": 1}',
      { jsonrpc: "2.0", result: 19, id: 1 },
    ],
    [
      "named parameters, in any order",
      '{"jsonrpc": "2.0", "method": "subtract", "params": {"subtrahend":3, "minuend":22}, "id":3}',
      { jsonrpc: "2.0", result: 19, id: 3 },
    ],
    ["a notification", '{"jsonrpc": "2.0", "method": "update", "params": [1,2,3,4,5]}', undefined],
    ["a notification of nothing", '{"jsonrpc": "2.0", "method": "foobar"}', undefined],
    [
      "a method that is not there",
      '{"jsonrpc": "2.0", "method": "foobar", "id": "1"}',
      error(-32_601, "Method not found", "1"),
    ],
    [
      "invalid JSON",
      '{"jsonrpc": "2.0", "method": "foobar, "params": "bar", "baz]',
      error(-32_700, "Parse error"),
    ],
    ["an invalid call", '{"jsonrpc": "2.0", "method": 1, "params": "bar"}', INVALID],
    ["an invalid batch", '[{"jsonrpc": "2.0", "method": "sum"', error(-32_700, "Parse error")],
    ["an empty batch", "[]", INVALID],
    ["a batch of what is none", "[1]", [INVALID]],
    ["a batch of three that are none", "[1,2,3]", [INVALID, INVALID, INVALID]],
    [
      "a batch",
      `[{"jsonrpc": "2.0", "method": "sum", "params": [1,2,4], "id": "1"},
        {"jsonrpc": "2.0", "method": "update", "params": [7]},
        {"jsonrpc": "2.0", "method": "subtract", "params": [42,23], "id": "2"},
        {"foo": "boo"},
        {"jsonrpc": "2.0", "method": "foo.get", "params": {"name": "myself"}, "id": "5"},
        {"jsonrpc": "2.0", "method": "get_data", "id": "9"}]`,
      [
        { jsonrpc: "2.0", result: 7, id: "1" },
        { jsonrpc: "2.0", result: 19, id: "2" },
        INVALID,
        error(-32_601, "Method not found", "5"),
        { jsonrpc: "2.0", result: ["hello", 5], id: "9" },
      ],
    ],
    [
      "a batch of notifications",
      '[{"jsonrpc": "2.0", "method": "update"}, {"jsonrpc": "2.0", "method": "update"}]',
      undefined,
    ],
  ];
  for (const [what, sent, got] of EXAMPLES) {
    it(what, async () => {
      const { code, headers, body } = await post(sent);
      if (got === undefined) {
        assert.equal(code, 204);
        assert.equal(body, "");
        return;
      }
      assert.equal(code, 200);
      assert.equal(headers.get("content-type"), "application/json");
      assert.deepEqual(plain(JSON.parse(body)), got);
    });
  }
});

describe("JSONRPC", () => {
  const call = (members: object): string => JSON.stringify({ jsonrpc: "2.0", id: 1, ...members });

  const RESPONSES: readonly (readonly [what: string, sent: string, got: unknown])[] = [
    ["an id that is null is no notification (§4)", call({ method: "sum", id: null }), 0],
    ["an id that is text", call({ method: "sum", id: "ä" }), 0],
    ["no params", call({ method: "sum" }), 0],
    ["a method that returns nothing", call({ method: "update" }), null],
    [
      "the request first, where it is asked for",
      call({ method: "where", params: [1] }),
      ["/rpc", 1],
    ],
    [
      "the object, where no names are known",
      call({ method: "where", params: { a: 1 } }),
      ["/rpc", { a: 1 }],
    ],
  ];
  for (const [what, sent, got] of RESPONSES) {
    it(`takes ${what}`, async () => {
      const response: unknown = JSON.parse(
        Buffer.from((await post(sent)).body, "latin1").toString(),
      );
      assert.deepEqual(response, { jsonrpc: "2.0", result: got, id: JSON.parse(sent).id });
    });
  }

  const INVALIDS: readonly (readonly [what: string, sent: string, id: unknown])[] = [
    ["another version", '{"jsonrpc": "1.0", "method": "sum", "id": 1}', 1],
    ["no version", '{"method": "sum", "id": 1}', 1],
    ["params that are null", call({ method: "sum", params: null }), 1],
    ["params that are text", call({ method: "sum", params: "a" }), 1],
    ["an id that is an object", call({ method: "sum", id: {} }), null],
    ["an id that is true", call({ method: "sum", id: true }), null],
    ["null", "null", null],
    ["text", '"sum"', null],
    ["a batch in a batch", "[[]]", null],
  ];
  for (const [what, sent, id] of INVALIDS) {
    it(`refuses ${what}`, async () => {
      const got: unknown = JSON.parse((await post(sent)).body);
      const expected = error(-32_600, "Invalid Request", id);
      assert.deepEqual(plain(got), sent.startsWith("[") ? [expected] : expected);
    });
  }

  it("refuses names that a method does not have (-32602)", async () => {
    const sent = call({ method: "subtract", params: { minuend: 1, other: 2 } });
    const { body } = await post(sent);
    assert.deepEqual(JSON.parse(body).error, {
      code: -32_602,
      message: "Invalid params",
      data: "unknown: other",
    });
  });

  it("finds no methods that are not meant to be called", async () => {
    for (const method of ["constructor", "toString", "__proto__", "", "render_POST", "notified"]) {
      const { body } = await post(call({ method }));
      assert.equal(JSON.parse(body).error.code, -32_601);
    }
  });

  it("finds methods of handlers below it", async () => {
    const root = new JSONRPC().putSubHandler("calc", new Calculator());
    const { body } = await post(call({ method: "calc.sum", params: [1, 2] }), root);
    assert.equal(JSON.parse(body).result, 3);
    assert.include(root.listProcedures(), "calc.get_data");
  });

  it("hands on an error of a method, with its data, if that can be written", async () => {
    using logs = captureLogs();
    const refused = await post(call({ method: "refuse", params: [{ a: 1 }] }));
    const expected = { code: 17, message: "not today", data: { a: 1 } };
    assert.deepEqual(JSON.parse(refused.body).error, expected);
    assert.lengthOf(logs.events, 0);
    const odd = await post(call({ method: "odd" }));
    assert.deepEqual(JSON.parse(odd.body).error, { code: 18, message: "odd" });
    assert.lengthOf(logs.events, 1);
  });

  it("logs what else goes wrong, and does not tell it (-32603)", async () => {
    for (const method of ["boom", "circle", "function"]) {
      using logs = captureLogs();
      const { body } = await post(call({ method }));
      assert.deepEqual(JSON.parse(body), error(-32_603, "Internal error", 1));
      assert.lengthOf(logs.events, 1);
    }
  });

  it("begins the calls of a batch in order, and answers in that order", async () => {
    const root = new Calculator();
    const one = visit(root);
    const batch = ["a", "b"].map((name) => call({ method: "wait", params: [name], id: name }));
    one.send(posted(`[${batch.join(",")}]`));
    await one.settle();
    assert.deepEqual(root.begun, ["a", "b"]);
    root.waiting.get("b")?.callback("second");
    await one.settle();
    assert.equal(one.client.received, "");
    root.waiting.get("a")?.callback("first");
    await one.settle();
    assert.match(one.client.received, /"first".*"second"/u);
  });

  it("bounds batches", async () => {
    const three = `[${Array.from({ length: 3 }, () => call({ method: "sum" })).join(",")}]`;
    const { body } = await post(three, new Calculator({ batchMax: 2 }));
    assert.deepEqual(plain(JSON.parse(body)), INVALID);
    const within = await post(three, new Calculator({ batchMax: 3 }));
    assert.lengthOf(JSON.parse(within.body), 3);
  });

  it("has a limit on bodies, and takes JSON alone", async () => {
    const sent = call({ method: "sum" });
    assert.equal((await post(sent, new Calculator({ limit: 10 }))).code, 413);
    assert.equal((await visit(new Calculator()).ask(posted(sent, "text/plain"))).code, 415);
  });
});
