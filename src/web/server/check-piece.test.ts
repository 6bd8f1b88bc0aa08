import { assert, describe, it } from "vitest";
import { get } from "../../../test/fixtures/web/http1-scene.ts";
import { visit } from "../../../test/fixtures/web/in-memory-site.ts";
import type { RenderResult } from "./answer.ts";

/** What somebody without types may return. */
const UNTYPED: Record<string, () => unknown> = {
  numbers: () => [1, 2, 3],
  map: () => new Map([["a", "b"]]),
  null: () => [null],
  buffer: () => stream(new ArrayBuffer(5)),
  words: () => stream(new Uint16Array(5)),
  late: () => new Response(webStream(5)),
};

async function* stream(value: unknown): AsyncGenerator<unknown, void, undefined> {
  yield value;
}

function webStream(value: unknown): ReadableStream {
  return new ReadableStream({
    start: (controller) => {
      controller.enqueue(value);
      controller.close();
    },
  });
}

function isAnswer(_value: unknown): _value is RenderResult {
  return true; // It is not: that is what is tried here.
}

describe("checkPiece()", () => {
  for (const [name, make] of Object.entries(UNTYPED)) {
    it(`answers pieces that are none with 500, and not with nothing: ${name}`, async () => {
      const at = visit(() => {
        const made = make();
        return isAnswer(made) ? made : "";
      });
      const { code, body } = await at.ask(get("/"));
      assert.equal(code, 500);
      assert.include(body, "The server has failed.");
    });
  }

  it("takes text and bytes", async () => {
    const at = visit(() => ["te", "xt", Buffer.from("!"), new Uint8Array([33])]);
    assert.equal((await at.ask(get("/"))).body, "text!!");
  });
});
