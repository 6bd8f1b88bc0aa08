/**
 * The reader of a program's answers, with every way to cut what is short enough.
 *
 * @module
 */
import { inspect } from "node:util";
import { assert, describe, it } from "vitest";
import { everyChunking } from "../../../testing/kit/every-chunking.ts";
import { CGIHeadReader } from "./cgi-head-reader.ts";
import { CGIOutputError } from "./cgi-output-error.ts";

/** The head and all that follows it, or the error's message. */
function read(pieces: readonly Buffer[]): unknown {
  const reader = new CGIHeadReader();
  try {
    for (const [at, piece] of pieces.entries()) {
      const beginning = reader.receive(piece);
      if (beginning === undefined) continue;
      const rest = Buffer.concat([beginning.rest, ...pieces.slice(at + 1)]);
      return { head: beginning.head, rest: rest.toString("latin1") };
    }
  } catch (error) {
    if (error instanceof CGIOutputError) return error.message;
    throw error;
  }
  return "unfinished";
}

describe("CGIHeadReader gives the same head for every way to cut", () => {
  for (const [name, text, outcome] of [
    ["a field and a body", "Location:/\r\n\r\nbody", /302.*rest: 'body'/u],
    ["bare line ends, a status, and a body", "Status:201\n\n\r\nab", /201.*rest: '\\r\\nab'/u],
    ["a head that does not end", "Status:200\r\nC: d", /unfinished/u],
    ["a field that is none", "Status:200\nA b\n\nb", /Cannot read a field/u],
  ] as const) {
    it(name, () => {
      everyChunking(text, read);
      assert.match(inspect(read([Buffer.from(text)]), { breakLength: Infinity }), outcome);
    });
  }
});
