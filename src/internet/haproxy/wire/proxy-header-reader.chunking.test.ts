/**
 * The reader of PROXY headers, with every way to cut: the shortest ones of both versions are whole.
 *
 * @module
 */
import { inspect } from "node:util";
import { assert, describe, it } from "vitest";
import { everyChunking } from "../../../testing/kit/every-chunking.ts";
import { ProxyHeaderError } from "./errors.ts";
import { ProxyHeaderReader } from "./proxy-header-reader.ts";

/** The header and all that follows it, an error's message, or how much it holds. */
function read(pieces: readonly Buffer[]): unknown {
  const reader = new ProxyHeaderReader();
  try {
    for (const [at, piece] of pieces.entries()) {
      const received = reader.receive(piece);
      if (received === undefined) continue;
      const rest = Buffer.concat([received.rest, ...pieces.slice(at + 1)]);
      return { header: received.header, rest: rest.toString("latin1") };
    }
  } catch (error) {
    if (error instanceof ProxyHeaderError) return error.message;
    throw error;
  }
  return reader.bufferedBytes;
}

const SIGNATURE = "\r\n\r\n\0\r\nQUIT\n";

describe("ProxyHeaderReader gives the same header for every way to cut", () => {
  for (const [name, text, outcome] of [
    ["version 1, unknown", "PROXY UNKNOWN\r\n\r\nx", /version: 1.*rest: '\\r\\nx'/u],
    ["version 1, that has not ended", "PROXY TCP4 192.0.2", /^18$/u],
    ["version 1 of no kind", "PROXY UDP4 \r\n", /UDP4/u],
    ["version 2, LOCAL", `${SIGNATURE}\x20\0\0\0ab`, /version: 2.*LOCAL.*rest: 'ab'/u],
    ["version 2 of another number", `${SIGNATURE}\x30\0`, /version/u],
    ["something else", "PROXIES\r\n\r\n", /expected "PROXY"/u],
  ] as const) {
    it(name, () => {
      const bytes = Buffer.from(text, "latin1");
      everyChunking(bytes, read);
      assert.match(inspect(read([bytes]), { breakLength: Infinity }), outcome);
    });
  }

  it("version 1 and version 2 with addresses, in two and in three", () => {
    everyChunking("PROXY TCP4 192.0.2.1 198.51.100.1 56324 443\r\nGET /", read);
    const block = "\x21\x11\0\x0c\xc0\0\x02\x01\xc6\x33\x64\x01\xdc\x04\x01\xbb";
    everyChunking(Buffer.from(`${SIGNATURE}${block}GET /`, "latin1"), read);
  });
});
