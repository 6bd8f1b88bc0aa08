import * as v from "valibot";
import { assert, describe, expectTypeOf, it } from "vitest";
import { type RawAnswer, visit } from "../../../test/fixtures/web/in-memory-site.ts";
import type { Deferred } from "../../defer/deferred.ts";
import { text } from "../server/answer.ts";
import type { Request } from "../server/request.ts";
import { Router } from "../routing/router.ts";
import { objectOf, readForm, type ReadFormOptions } from "./read-form.ts";
import { readText } from "./read-text.ts";

const FORM = "application/x-www-form-urlencoded";

function post(
  handler: (request: Request) => Promise<unknown>,
  body: string,
  type = FORM,
): Promise<RawAnswer> {
  const router = new Router();
  router.post("/", async (request) => text(String(await handler(request))));
  const bytes = Buffer.from(body, "latin1");
  const length = `Content-Length: ${String(bytes.length)}\r\n`;
  const head = `Host: x\r\nContent-Type: ${type}\r\n${length}\r\n`;
  return visit(router).ask(Buffer.concat([Buffer.from(`POST / HTTP/1.1\r\n${head}`), bytes]));
}

function reading(options: ReadFormOptions = {}): (request: Request) => Promise<unknown> {
  return async (request) => JSON.stringify([...(await readForm(request, options))]);
}

describe("readForm()", () => {
  it("reads the fields of a form (WHATWG URL §5.1)", async () => {
    const answer = await post(reading(), "a=1&b=x+%C3%A9&a=2&c");
    assert.equal(
      Buffer.from(answer.body, "latin1").toString(),
      '[["a",["1","2"]],["b",["x é"]],["c",[""]]]',
    );
    assert.equal((await post(reading(), "", `${FORM}; charset=utf-8`)).body, "[]");
  });

  it("refuses other types with 415, and too much with 413", async () => {
    assert.equal((await post(reading(), "a=1", "text/plain")).code, 415);
    assert.equal((await post(reading(), "a=1", `${FORM}; charset=utf-16`)).code, 415);
    assert.equal((await post(reading({ limit: 3 }), "a=12")).code, 413);
    assert.equal((await post(reading({ maxPairs: 2 }), "a&b&c")).code, 413);
    assert.equal((await post(reading(), "a&".repeat(1001))).code, 413);
  });

  it("hands over what a schema makes of it", async () => {
    const Order = v.object({
      tea: v.pipe(v.string(), v.toNumber()),
      with: v.array(v.string()),
    });
    const ordering = async (request: Request): Promise<unknown> => {
      const order = readForm(request, { schema: Order });
      expectTypeOf(order).toEqualTypeOf<Deferred<{ tea: number; with: string[] }>>();
      return JSON.stringify(await order);
    };
    const good = await post(ordering, "tea=3&with=milk&with=sugar");
    assert.equal(good.body, '{"tea":3,"with":["milk","sugar"]}');
    assert.equal((await post(ordering, "tea=3&with=milk")).code, 422);
  });
});

describe("objectOf()", () => {
  it("gives no name a meaning", () => {
    const fields = new Map([
      ["__proto__", ["x", "y"]],
      ["toString", ["z"]],
    ]);
    const object = objectOf(fields);
    assert.deepEqual(Object.entries(object), [
      ["__proto__", ["x", "y"]],
      ["toString", "z"],
    ]);
    assert.isNull(Object.getPrototypeOf(object));
  });
});

describe("readText()", () => {
  const telling = async (request: Request): Promise<unknown> => readText(request, { limit: 5 });

  it("reads text in UTF-8", async () => {
    assert.equal((await post(telling, "h\xc3\xa9llo".slice(0, 5), "text/plain")).code, 200);
    assert.equal((await post(telling, "a,b", 'text/csv; charset="utf-8"')).body, "a,b");
  });

  it("refuses what is none", async () => {
    assert.equal((await post(telling, "a", "application/json")).code, 415);
    assert.equal((await post(telling, "a", "text/plain; charset=latin1")).code, 415);
    assert.equal((await post(telling, "\xff", "text/plain")).code, 400);
    assert.equal((await post(telling, "123456", "text/plain")).code, 413);
  });
});
