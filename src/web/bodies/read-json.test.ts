import * as v from "valibot";
import { assert, describe, expectTypeOf, it } from "vitest";
import { type RawAnswer, visit } from "../../../test/fixtures/web/in-memory-site.ts";
import type { Deferred } from "../../defer/deferred.ts";
import { text } from "../server/answer.ts";
import type { Request } from "../server/request.ts";
import { Router } from "../routing/router.ts";
import { BodyMalformedError } from "./read-errors.ts";
import { readJSON } from "./read-json.ts";
import type { SchemaOutput, StandardSchema } from "./standard-schema.ts";

const JSON_TYPE = "Content-Type: application/json\r\n";

async function post(
  handler: (request: Request) => Promise<unknown>,
  body: string | Uint8Array,
  fields = JSON_TYPE,
): Promise<RawAnswer> {
  const router = new Router();
  router.post("/", async (request) => text(JSON.stringify(await handler(request))));
  const bytes = Buffer.from(body);
  const length = `Content-Length: ${String(bytes.length)}\r\n`;
  const head = `POST / HTTP/1.1\r\nHost: x\r\n${fields}${length}\r\n`;
  return visit(router).ask(Buffer.concat([Buffer.from(head), bytes]));
}

const plain = async (request: Request): Promise<unknown> => readJSON(request);

describe("readJSON()", () => {
  it("reads a body of JSON", async () => {
    assert.equal((await post(plain, '{"a": [1, null, "é"]}')).code, 200);
    assert.equal((await post(plain, "\uFEFF[1]")).body, "[1]");
    for (const type of ["application/problem+json", 'Application/JSON; charset="UTF-8"']) {
      assert.equal((await post(plain, "[1]", `Content-Type: ${type}\r\n`)).body, "[1]", type);
    }
  });

  it("refuses other types, charsets and codings with 415 (RFC 9110 §15.5.16)", async () => {
    for (const fields of [
      "",
      "Content-Type: text/plain\r\n",
      "Content-Type: application/jsonx\r\n",
      "Content-Type: application/json; charset=latin1\r\n",
      `${JSON_TYPE}${JSON_TYPE}`,
      `${JSON_TYPE}Content-Encoding: gzip\r\n`,
    ]) {
      assert.equal((await post(plain, "[1]", fields)).code, 415, fields);
    }
  });

  it("says where a text is no JSON, with 400", async () => {
    const answer = await post(plain, '{\n  "a": 1,\n  b: 2\n}');
    assert.equal(answer.code, 400);
    assert.include(answer.body, "a name in quotes at line 3, column 3");
    assert.include(answer.body, "b");
    const positions: unknown[] = [];
    await post(async (request) => {
      await readJSON(request).addErrback(({ value }) => {
        positions.push(value instanceof BodyMalformedError && value.position);
      });
    }, "[1, 2");
    assert.deepEqual(positions, [5]);
  });

  it("refuses what is no UTF-8 with 400", async () => {
    assert.equal((await post(plain, Buffer.from([0x22, 0xff, 0x22]))).code, 400);
  });

  it("refuses a body beyond its limit with 413, by its length or as it comes", async () => {
    const small = async (request: Request): Promise<unknown> => readJSON(request, { limit: 4 });
    assert.equal((await post(small, "1234")).body, "1234");
    assert.equal((await post(small, "12345")).code, 413);
    const router = new Router();
    router.post("/", async (request) => String(await small(request)));
    const guest = visit(router);
    const head = `POST / HTTP/1.1\r\nHost: x\r\n${JSON_TYPE}Transfer-Encoding: chunked\r\n\r\n`;
    assert.equal((await guest.ask(`${head}3\r\n123\r\n2\r\n45\r\n`)).code, 413);
  });

  it("leaves out members named __proto__, however they are written", async () => {
    const seen: unknown[] = [];
    const keep = async (request: Request): Promise<unknown> => {
      const value = await readJSON(request);
      seen.push(value);
      return value;
    };
    const nested = '"a": {"__proto__": {"x": 1}, "b": 1}';
    const hostile = String.raw`{${nested}, "\u005f_pr\u006fto__": {"x": 1}}`;
    assert.equal((await post(keep, hostile)).body, '{"a":{"b":1}}');
    assert.equal((await post(keep, '["__proto__", {"\\u0061": 1}]')).body, '["__proto__",{"a":1}]');
    for (const value of seen) assert.notProperty(Object.assign({}, value), "x");
  });

  it("takes what is nested as deep as its limit lets it", async () => {
    const deep = `${"[".repeat(200_000)}{"__proto__":1}${"]".repeat(200_000)}`;
    const reading = async (request: Request): Promise<unknown> => {
      await readJSON(request);
      return "read";
    };
    assert.equal((await post(reading, deep)).body, '"read"');
  });

  it("hands over what a schema makes of it", async () => {
    const Point = v.object({ x: v.pipe(v.number(), v.transform(String)) });
    const reading = async (request: Request): Promise<unknown> => {
      const point = readJSON(request, { schema: Point });
      expectTypeOf(point).toEqualTypeOf<Deferred<{ x: string }>>();
      return point;
    };
    assert.equal((await post(reading, '{"x": 1}')).body, '{"x":"1"}');
    assert.equal((await post(reading, '{"x": "1"}')).code, 422);
  });

  it("waits for a schema that is asynchronous", async () => {
    const Name = v.pipeAsync(
      v.string(),
      v.checkAsync(async (name) => Promise.resolve(name !== "taken"), "is taken"),
    );
    const reading = async (request: Request): Promise<unknown> =>
      readJSON(request, { schema: Name });
    assert.equal((await post(reading, '"free"')).body, '"free"');
    const refused = await post(reading, '"taken"');
    assert.equal(refused.code, 422);
    assert.include(refused.body, '"detail":"is taken","in":"body","pointer":"#"');
  });

  it("escapes the path of an issue (RFC 6901 §3, §6)", async () => {
    const Odd = v.object({ "a/b~c d": v.number(), list: v.array(v.number()) });
    const reading = async (request: Request): Promise<unknown> =>
      readJSON(request, { schema: Odd });
    const { body } = await post(reading, '{"list": [1, "2"]}');
    assert.include(body, '"pointer":"#/a~1b~0c%20d"');
    assert.include(body, '"pointer":"#/list/1"');
    const names = v.record(v.pipe(v.string(), v.maxLength(0)), v.number());
    const half = await post(
      async (request) => readJSON(request, { schema: names }),
      '{"\\ud800":1}',
    );
    assert.equal(half.code, 422);
  });

  it("fails when the client goes first", async () => {
    const failed: unknown[] = [];
    const router = new Router();
    router.post("/", async (request) => {
      await readJSON(request).addErrback(({ value }) => failed.push(value));
      return "";
    });
    const guest = visit(router);
    guest.send(`POST / HTTP/1.1\r\nHost: x\r\n${JSON_TYPE}Content-Length: 9\r\n\r\n[1,`);
    guest.client.transport.abortConnection();
    await guest.settle();
    assert.equal(failed.length, 1);
  });
});

describe("StandardSchema", () => {
  it("is what Valibot's schemas are", () => {
    const schema = v.object({ a: v.optional(v.string(), "x") });
    expectTypeOf(schema).toExtend<StandardSchema>();
    expectTypeOf<SchemaOutput<typeof schema>>().toEqualTypeOf<{ a: string }>();
    expectTypeOf<SchemaOutput<StandardSchema<string, number>>>().toEqualTypeOf<number>();
  });
});
