/**
 * Chunked bodies, with every way to cut what is short enough.
 *
 * @module
 */
import { assert, describe, it } from "vitest";
import { everyChunking } from "../../../testing/kit/every-chunking.ts";
import { BodyReader } from "./body-reader.ts";
import { Inbox } from "./inbox.ts";
import { HTTP_LIMITS } from "./limits.ts";
import { HTTPMessageError } from "./message-error.ts";

/** The body, its trailers, and what is left of the bytes; or the fault. */
function read(pieces: readonly Buffer[]): string {
  const inbox = new Inbox();
  const reader = new BodyReader(HTTP_LIMITS);
  let seen = "";
  try {
    reader.begin({ kind: "chunked" });
    for (const piece of pieces) {
      inbox.receive(piece);
      for (let event = reader.next(inbox); event !== undefined; event = reader.next(inbox)) {
        if (event.type === "data") seen += event.data.toString("latin1");
        else seen += `$${event.trailers.join("|")}`;
      }
    }
  } catch (error) {
    if (!(error instanceof HTTPMessageError)) throw error;
    return `${seen}!${error.fault}`;
  }
  return `${seen}, left: ${inbox.takeAll().toString("latin1")}`;
}

describe("BodyReader gives the same body for every way to cut", () => {
  for (const [name, text, body] of [
    ["two chunks", "1\r\na\r\n2\r\nbc\r\n0\r\n\r\n", "abc$, left: "],
    ["line ends in a chunk", "4\r\n\r\n\r\n\r\n0\r\n\r\nGET", "\r\n\r\n$, left: GET"],
    ["an extension", "1;a=b\r\nx\r\n0\r\n\r\n", "x$, left: "],
    ["trailers", "0\r\nA: b\r\nC:\r\n\r\nG", "$a|b|c|, left: G"],
    ["a size that is none", "1\r\na\r\n1x\r\nb\r\n", "a!chunk-size"],
    ["a chunk that does not end", "1\r\nab\r\n0\r\n\r\n", "a!chunk-end"],
    ["a trailer that is forbidden", "0\r\nHost: a\r\n\r\n", "!trailer-forbidden"],
    ["an LF alone", "1\r\na\r\n0\n\r\n", "a!bare-lf"],
  ] as const) {
    it(name, () => {
      everyChunking(text, read);
      assert.equal(read([Buffer.from(text)]), body);
    });
  }
});
