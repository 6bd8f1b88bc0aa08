/**
 * The reader of requests, with every way to cut: 18 bytes are a whole request.
 *
 * @module
 */
import { assert, describe, it } from "vitest";
import { readRequests, REQUESTS, SMALL } from "../../../../test/fixtures/web/http-transcripts.ts";
import { type ChunkingOptions, everyChunking } from "../../../testing/kit/every-chunking.ts";
import { HTTP_LIMITS } from "./limits.ts";

function readEveryWay(
  text: string,
  limits = HTTP_LIMITS,
  options: ChunkingOptions = {},
): readonly string[] {
  const read = (pieces: readonly Buffer[]): readonly string[] =>
    readRequests(
      pieces.map((piece) => piece.toString("latin1")),
      limits,
    );
  everyChunking(Buffer.from(text, "latin1"), read, options);
  return read([Buffer.from(text, "latin1")]);
}

describe("RequestReader gives the same events for every way to cut", () => {
  for (const [name, text, last] of [
    ["a whole request", "GET / HTTP/1.0\r\n\r\n", "end"],
    ["an empty line before it", "\r\nG / HTTP/1.0\r\n\r\n", "end"],
    ["a field without a name", "G / HTTP/1.0\r\n:\r\n", "fault field-name"],
    ["an unknown version", "G / HTTP/2.0\r\n", "fault version-unsupported"],
    ["an LF alone", "G / HTTP/1.0\nA:\r\n", "fault bare-lf"],
    ["a CR alone", "G /\r HTTP/1.0\r\n", "fault bare-cr"],
  ] as const) {
    it(name, () => {
      assert.equal(readEveryWay(text, SMALL).at(-1), last);
    });
  }

  for (const [name, text] of Object.entries(REQUESTS)) {
    it(`in two, in three, and around the end of the head: ${name}`, () => {
      const end = text.indexOf("\r\n\r\n");
      const edges = [-2, -1, 0, 1, 2, 3, 4, 5, 6, 7].map((offset) => end + offset);
      readEveryWay(text, HTTP_LIMITS, { maxCuts: 1500, edges });
    });
  }
});
