/**
 * What a paused stream keeps.
 *
 * @module
 */
import { Readable } from "node:stream";
import { assert, describe, it } from "vitest";
import { turn } from "../../../test/fixtures/web/in-memory-http2.ts";
import { packWhilePaused } from "./paused-bytes.ts";

describe("packWhilePaused()", () => {
  it("keeps what comes meanwhile in few buffers, and its order", async () => {
    const stream = new Readable({ read: () => {} });
    packWhilePaused(stream);
    const seen: Buffer[] = [];
    let isEnded = false;
    stream.on("data", (data: Buffer) => seen.push(data));
    stream.on("end", () => {
      isEnded = true;
    });
    stream.push(Buffer.from("before "));
    await turn();
    stream.pause();
    for (let n = 0; n < 50_000; n += 1) assert.isFalse(stream.push(Buffer.from("x")));
    stream.push(Buffer.alloc(2000, "y"));
    stream.resume();
    stream.push(Buffer.from(" after"));
    stream.push(null);
    await turn();
    const all = `before ${"x".repeat(50_000)}${"y".repeat(2000)} after`;
    assert.isTrue(Buffer.concat(seen).toString() === all);
    assert.isBelow(seen.length, 300);
    assert.isTrue(isEnded);
  });

  it("keeps it over the end of the stream", async () => {
    const stream = new Readable({ read: () => {} });
    packWhilePaused(stream);
    let seen = "";
    stream.on("data", (data: Buffer) => {
      seen += data.toString();
    });
    stream.pause();
    stream.push(Buffer.from("kept"));
    stream.push(null);
    await turn();
    assert.equal(seen, "");
    stream.resume();
    await turn();
    assert.equal(seen, "kept");
    assert.isTrue(stream.readableEnded);
  });
});
