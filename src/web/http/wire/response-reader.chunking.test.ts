/**
 * The reader of answers, with every way to cut what is short enough.
 *
 * @module
 */
import { assert, describe, it } from "vitest";
import { ANSWERS, readAnswers } from "../../../../test/fixtures/web/http-transcripts.ts";
import { type ChunkingOptions, everyChunking } from "../../../testing/kit/every-chunking.ts";

function readEveryWay(
  asked: readonly string[],
  text: string,
  options: ChunkingOptions = {},
): readonly string[] {
  const read = (pieces: readonly Buffer[]): readonly string[] =>
    readAnswers(
      asked,
      pieces.map((piece) => piece.toString("latin1")),
    );
  everyChunking(Buffer.from(text, "latin1"), read, options);
  return readAnswers(asked, [text]);
}

describe("ResponseReader gives the same events for every way to cut", () => {
  for (const [name, text, last] of [
    ["an answer without a body", "HTTP/1.1 204\r\n\r\n", "end"],
    ["one that ends with the connection", "HTTP/1.0 200\r\n\r\na", "end"],
    ["one that switches", "HTTP/1.1 101\r\n\r\nab", "rest ab"],
    ["one that is cut off", "HTTP/1.1 200\r\nA:", "fault truncated"],
    ["one with a fault", "HTTP/1.1 20x\r\n", "fault status-line"],
  ] as const) {
    it(name, () => {
      assert.equal(readEveryWay(["GET"], text).at(-1), last);
    });
  }

  for (const [name, { asked, bytes }] of Object.entries(ANSWERS)) {
    it(`in two, in three, and at the start: ${name}`, () => {
      readEveryWay(asked, bytes, { maxCuts: 1500, edges: [1, 8, 9, 12, 13, 14, 15, 16, 17] });
    });
  }
});
