import { promisify } from "node:util";
import { brotliDecompressSync, constants, gunzipSync, gzip } from "node:zlib";
import { assert, describe, it } from "vitest";
import {
  type RawAnswer,
  readAnswer,
  visit,
  type Visit,
} from "../../../test/fixtures/web/in-memory-site.ts";
import { Answer, type Eventually, NOT_DONE_YET, type RenderResult } from "../server/answer.ts";
import type { Request } from "../server/request.ts";
import { compressed, type CompressedOptions } from "./compressed.ts";
import { etagged } from "./etagged.ts";
import { wrapped } from "./wrapper.ts";

type Handler = (request: Request) => Eventually<RenderResult>;

const LONG = "All work and no play. ".repeat(100);
const HUGE = "All work and no play. ".repeat(10_000);
const HTML = { "content-type": "text/html" };

/** Let what is going on happen, also what other threads compress. */
async function turn(guest: Visit): Promise<void> {
  await promisify(gzip)("");
  await guest.settle();
}

/** Other threads compress: wait for them, but not for ever. */
async function until(guest: Visit, isSo: () => boolean): Promise<void> {
  for (let turns = 0; turns < 1000 && !isSo(); turns += 1) await turn(guest);
  assert.isTrue(isSo(), "it has not come to that");
}

function isWhole({ client: { received } }: Visit): boolean {
  const { headers, body } = readAnswer(received);
  const length = headers.get("content-length");
  return length === undefined ? received.endsWith("\r\n0\r\n\r\n") : body.length >= Number(length);
}

interface Asked {
  readonly accept?: string;
  readonly method?: string;
  readonly fields?: string;
  readonly options?: CompressedOptions;
}

async function ask(handler: Handler, asked: Asked = {}): Promise<RawAnswer> {
  const { accept = "gzip, br", method = "GET", fields = "", options = {} } = asked;
  const guest = visit(wrapped(handler, compressed(options)));
  const coding = accept === "" ? "" : `Accept-Encoding: ${accept}\r\n`;
  guest.send(`${method} / HTTP/1.1\r\nHost: x\r\n${coding}${fields}\r\n`);
  if (method === "HEAD") await guest.settle();
  else await until(guest, () => isWhole(guest));
  return readAnswer(guest.client.received);
}

function bytesOf({ body }: RawAnswer): Buffer {
  return Buffer.from(body, "latin1");
}

describe("compressed()", () => {
  it("compresses with what the client likes (RFC 9110 §12.5.3)", async () => {
    const best = await ask(() => LONG);
    assert.equal(best.headers.get("content-encoding"), "br");
    assert.equal(best.headers.get("vary"), "Accept-Encoding");
    assert.equal(best.headers.get("content-type"), "text/html; charset=utf-8");
    assert.equal(brotliDecompressSync(bytesOf(best)).toString(), LONG);
    const other = await ask(() => LONG, { accept: "br;q=0.5, gzip" });
    assert.equal(other.headers.get("content-encoding"), "gzip");
    assert.equal(gunzipSync(bytesOf(other)).toString(), LONG);
    const only = await ask(() => LONG, { options: { codings: ["gzip"] } });
    assert.equal(only.headers.get("content-encoding"), "gzip");
  });

  it("compresses long bodies on another thread, with their length", async () => {
    const answer = await ask(() => Buffer.from(HUGE), { accept: "gzip", fields: "" });
    assert.isUndefined(answer.headers.get("content-encoding"), "octets are of no known type");
    const text = await ask(() => new Answer(HUGE, { headers: HTML }), { accept: "gzip" });
    assert.equal(gunzipSync(bytesOf(text)).toString(), HUGE);
    assert.equal(text.headers.get("content-length"), String(text.body.length));
  });

  it("sends as it is, and says that it depends, to who takes no coding", async () => {
    for (const accept of ["", "identity", "br;q=0, gzip;q=0", "deflate"]) {
      const answer = await ask(() => LONG, { accept });
      assert.isUndefined(answer.headers.get("content-encoding"), accept);
      assert.equal(answer.headers.get("vary"), "Accept-Encoding");
      assert.equal(answer.body, LONG);
    }
  });

  const AS_THEY_ARE: readonly (readonly [string, Handler])[] = [
    ["short ones", () => "short"],
    [
      "types that are compressed",
      () => new Answer(LONG, { headers: { "content-type": "image/png" } }),
    ],
    [
      "what says no-transform (RFC 9111 §5.2.2.6)",
      () => new Answer(LONG, { headers: { ...HTML, "cache-control": "public, no-transform" } }),
    ],
    [
      "what says so on the request",
      (request) => {
        request.setHeader("cache-control", "no-transform");
        return LONG;
      },
    ],
    ["what is encoded", () => new Answer(LONG, { headers: { ...HTML, "content-encoding": "x" } })],
    [
      "parts (RFC 9110 §15.3.7)",
      () => new Answer(LONG, { code: 206, headers: { ...HTML, "content-range": "bytes 0-1/2" } }),
    ],
    [
      "bytes with a digest",
      () => new Answer(LONG, { headers: { ...HTML, "repr-digest": "x=:y:" } }),
    ],
    [
      "what is sent by hand",
      (request) => {
        request.setHeader("content-type", "text/plain");
        request.finishWith(LONG);
        return NOT_DONE_YET;
      },
    ],
  ];
  for (const [what, handler] of AS_THEY_ARE) {
    it(`leaves ${what}`, async () => {
      const plain = await ask(handler, { accept: "" });
      assert.deepEqual(await ask(handler), plain);
    });
  }

  it("does not encode twice", async () => {
    const twice = wrapped(() => LONG, compressed(), compressed());
    const answer = await visit(twice).ask(
      "GET / HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\n\r\n",
    );
    assert.equal(answer.headers.get("content-encoding"), "gzip");
    assert.equal(answer.headers.get("vary"), "Accept-Encoding");
    assert.equal(gunzipSync(bytesOf(answer)).toString(), LONG);
  });

  it("makes a strong tag weak, also with 304 (RFC 9110 §8.8.3)", async () => {
    const tagged = (): Answer => new Answer(LONG, { headers: { ...HTML, etag: '"v1"' } });
    assert.equal((await ask(tagged)).headers.get("etag"), 'W/"v1"');
    assert.equal((await ask(tagged, { accept: "" })).headers.get("etag"), '"v1"');
    const both = wrapped(tagged, compressed(), etagged());
    const fields = 'Accept-Encoding: br\r\nIf-None-Match: W/"v1"\r\n';
    const unchanged = await visit(both).ask(`GET / HTTP/1.1\r\nHost: x\r\n${fields}\r\n`);
    assert.equal(unchanged.code, 304);
    assert.equal(unchanged.headers.get("etag"), 'W/"v1"');
    assert.equal(unchanged.headers.get("vary"), "Accept-Encoding");
  });

  it("leaves the handler's own answer as it was", async () => {
    const shared = new Answer(LONG, { headers: HTML });
    await ask(() => shared);
    assert.deepEqual([...shared.headers], [["content-type", "text/html"]]);
    assert.equal((await ask(() => shared, { accept: "" })).body, LONG);
  });

  it("keeps status, fields and code of a Response, and what the request has", async () => {
    const answer = await ask((request) => {
      request.setHeader("x-mine", "1");
      return new Response(LONG, { status: 201, headers: { "content-type": "text/plain" } });
    });
    assert.equal(answer.code, 201);
    assert.equal(answer.headers.get("x-mine"), "1");
    assert.equal(answer.headers.get("content-type"), "text/plain");
    assert.equal(brotliDecompressSync(bytesOf(answer)).toString(), LONG);
  });

  it("answers HEAD with the fields of GET, but the length (RFC 9110 §9.3.2)", async () => {
    const { code, headers, body } = await ask(() => LONG, { method: "HEAD" });
    assert.equal(code, 200);
    assert.equal(headers.get("content-encoding"), "br");
    assert.isUndefined(headers.get("content-length"));
    assert.equal(body, "");
  });

  it("refuses no more than it can: beyond maxConcurrent answers go out as they are", async () => {
    const answer = await ask(() => new Answer(HUGE, { headers: HTML }), {
      options: { maxConcurrent: 0 },
    });
    assert.isUndefined(answer.headers.get("content-encoding"));
    assert.equal(answer.body, HUGE);
  });
});

describe("compressed(), of a body in pieces,", () => {
  const GET = "GET / HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\n\r\n";

  /** A source that gives one piece each time it is told to. */
  class Tap {
    left = false;
    asked = 0;
    #give: ((piece: string | undefined) => void) | undefined;

    give(piece: string | undefined): void {
      this.#give?.(piece);
    }

    async *pieces(): AsyncGenerator<string, void, undefined> {
      try {
        for (;;) {
          this.asked += 1;
          const piece = await new Promise<string | undefined>((resolve) => {
            this.#give = resolve;
          });
          if (piece === undefined) return;
          yield piece;
        }
      } finally {
        this.left = true;
      }
    }
  }

  function stream(tap: Tap, options: CompressedOptions = {}): Visit {
    const handler: Handler = () => new Answer(tap.pieces(), { headers: HTML });
    const guest = visit(wrapped(handler, compressed(options)));
    guest.send(GET);
    return guest;
  }

  /** What a client has of a stream that is not over. */
  function decoded(guest: Visit): string {
    const bytes = Buffer.from(readAnswer(guest.client.received).body, "latin1");
    return gunzipSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH }).toString();
  }

  it("sends each at once", async () => {
    const tap = new Tap();
    const guest = stream(tap);
    let said = "";
    for (const piece of ["tick ", "tock ", "tick "]) {
      await until(guest, () => tap.asked > 0);
      tap.give(piece);
      said += piece;
      await until(guest, () => isBegun(guest) && decoded(guest) === said);
    }
    tap.give(undefined);
    await until(guest, () => isWhole(guest));
    assert.equal(gunzipSync(bytesOf(readAnswer(guest.client.received))).toString(), said);
  });

  function isBegun(guest: Visit): boolean {
    return readAnswer(guest.client.received).body.length > 10;
  }

  it("asks for no more than a slow client takes", async () => {
    let made = 0;
    const noise = createNoise();
    const guest = visit(
      wrapped(() => {
        function* endless(): Generator<Buffer> {
          for (; made < 1000; made += 1) yield noise(100_000);
        }
        return new Answer(endless(), { headers: HTML });
      }, compressed()),
    );
    guest.client.transport.pauseProducing();
    guest.send(GET);
    await until(guest, () => made > 0);
    for (let turns = 0; turns < 100; turns += 1) await turn(guest);
    assert.isBelow(made, 5, "a few on the way, not all of it");
    guest.client.transport.resumeProducing();
    await until(guest, () => made > 20);
    guest.client.transport.abortConnection();
  });

  it("ends the source when the client goes", async () => {
    const tap = new Tap();
    const guest = stream(tap);
    await until(guest, () => tap.asked > 0);
    tap.give("first");
    await until(guest, () => tap.asked > 1);
    guest.client.transport.abortConnection();
    await guest.settle();
    tap.give("second");
    await until(guest, () => tap.left);
  });

  it("gives its place back when the client goes, though the source is silent", async () => {
    const tap = new Tap();
    const wrapper = compressed({ maxConcurrent: 1 });
    const site = wrapped(({ path }) => {
      const pieces = path === "/" ? tap.pieces() : ["other"];
      return new Answer(pieces, { headers: HTML });
    }, wrapper);
    const coding = async (): Promise<string | undefined> => {
      const other = visit(site);
      other.send("GET /other HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\n\r\n");
      await until(other, () => isWhole(other));
      return readAnswer(other.client.received).headers.get("content-encoding");
    };
    const guest = visit(site);
    guest.send(GET);
    await until(guest, () => tap.asked > 0);
    assert.isUndefined(await coding());
    guest.client.transport.abortConnection();
    await turn(guest);
    assert.equal(await coding(), "gzip");
  });

  it("cuts the answer off when the source fails", async () => {
    const tap = new Tap();
    const handler: Handler = () => {
      async function* failing(): AsyncGenerator<string> {
        for await (const piece of tap.pieces()) {
          if (piece === "fail") throw Object.assign(new Error("gone"), { status: 410 });
          yield piece;
        }
      }
      return new Answer(failing(), { headers: HTML });
    };
    const guest = visit(wrapped(handler, compressed()));
    guest.send(GET);
    await until(guest, () => tap.asked > 0);
    tap.give("begun");
    await until(guest, () => isBegun(guest) && decoded(guest) === "begun");
    tap.give("fail");
    await until(guest, () => guest.client.ended !== undefined);
    assert.notInclude(guest.client.received, "\r\n0\r\n\r\n");
  });

  it("gives its place back when it is over", async () => {
    const options = { maxConcurrent: 1 };
    const wrapper = compressed(options);
    const handler: Handler = () => new Answer(["a", "b"], { headers: HTML });
    for (let times = 0; times < 3; times += 1) {
      const guest = visit(wrapped(handler, wrapper));
      guest.send(GET);
      await until(guest, () => isWhole(guest));
      const answer = readAnswer(guest.client.received);
      assert.equal(answer.headers.get("content-encoding"), "gzip");
      assert.equal(gunzipSync(bytesOf(answer)).toString(), "ab");
    }
  });
});

/** Bytes that do not compress; the same in each run. */
function createNoise(): (length: number) => Buffer {
  let state = 1;
  return (length) => {
    const bytes = Buffer.alloc(length);
    for (let at = 0; at < length; at += 1) {
      state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff;
      bytes[at] = state >> 16;
    }
    return bytes;
  };
}
