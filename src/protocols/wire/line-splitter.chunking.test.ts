/**
 * The splitter, with every way to cut what is short enough.
 *
 * @module
 */
import { assert, describe, it } from "vitest";
import { everyChunking } from "../../testing/kit/every-chunking.ts";
import { LineSplitter, type LineSplitterOptions } from "./line-splitter.ts";

/** The lines; of one that is too long, only that it was, as the cuts decide how much had come. */
function split(pieces: readonly Buffer[], options: LineSplitterOptions): string[] {
  const splitter = new LineSplitter(options);
  const seen: string[] = [];
  for (const piece of pieces) {
    splitter.receive(piece);
    for (let event = splitter.next(); event !== undefined; event = splitter.next()) {
      if (event.type === "too-long") return [...seen, "too long"];
      seen.push(event.bytes.toString("latin1"));
    }
  }
  return [...seen, `rest: ${splitter.take().toString("latin1")}`];
}

describe("LineSplitter gives the same lines for every way to cut", () => {
  const vectors: readonly (readonly [string, string, LineSplitterOptions, string])[] = [
    ["lines, and the start of one", "a\r\n\r\nbcd\r\n\r\r\n\nxy", {}, "a||bcd|\r|rest: \nxy"],
    ["delimiters in delimiters", "aab-aaab-ab-aaba", { delimiter: "aab" }, "|-a|-ab-|rest: a"],
    ["the longest", "abcd\r\nefgh\r\n\r\nabc", { lineBytesMax: 4 }, "abcd|efgh||rest: abc"],
    ["one too long", "ab\r\nabcde\r\nfg\r\n", { lineBytesMax: 4 }, "ab|too long"],
    ["one that may end", "abcd\r\rabc\r\nfg\r\n", { lineBytesMax: 5 }, "too long"],
  ];
  for (const [name, bytes, options, lines] of vectors) {
    it(name, () => {
      everyChunking(bytes, (pieces) => split(pieces, options));
      assert.equal(split([Buffer.from(bytes)], options).join("|"), lines);
    });
  }
});
