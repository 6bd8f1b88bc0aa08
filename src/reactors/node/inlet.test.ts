import { assert, it } from "vitest";
import { Inlet } from "./inlet.ts";

/** Read as libuv does: into the buffer that the inlet names, then call back. */
function read(inlet: Inlet, bytes: number, fill: number): Buffer {
  const seen: Buffer[] = [];
  inlet.reader = { received: (data) => void seen.push(data) };
  inlet.onread.buffer().fill(fill, 0, bytes);
  assert.isTrue(inlet.onread.callback(bytes));
  const [data] = seen;
  assert(data !== undefined);
  return data;
}

const LARGE = 40_000;

it("small reads go through one buffer for all, and what is delivered is the receiver's", () => {
  const [one, other] = [new Inlet(), new Inlet()];
  assert.strictEqual(one.onread.buffer(), other.onread.buffer());
  const first = read(one, 100, 1);
  read(other, 100, 2);
  assert.deepEqual([...new Set(first)], [1]);
});

it("pieces that share memory are apart, and keep no more than 16 times what they are", () => {
  const inlet = new Inlet();
  const sizes = [4096, 10_000, 32_767, 5000, 4095, 30_000, 32_768, 4096];
  const pieces = sizes.map((size, at) => read(inlet, size, at + 1));
  for (const [at, piece] of pieces.entries()) {
    assert.equal(piece.length, sizes[at]);
    assert.isTrue(piece.every((byte) => byte === at + 1));
    assert.isAtMost(piece.buffer.byteLength, 16 * 4096);
  }
  inlet.release();
});

it("large reads get a buffer of their own, and none that was delivered is read into again", () => {
  const [one, other] = [new Inlet(), new Inlet()];
  const pieces = [1, 2, 3].map((fill) => read(one, LARGE, fill));
  assert.notStrictEqual(one.onread.buffer(), other.onread.buffer());
  assert.deepEqual(
    pieces.map((piece) => [piece.length, piece.every((byte) => byte === piece[0]), piece[0]]),
    [1, 2, 3].map((fill) => [LARGE, true, fill]),
  );
  read(one, 10, 4);
  assert.strictEqual(one.onread.buffer(), other.onread.buffer());
});

it("at most 256 have one at a time; one that is released makes room", () => {
  const shared = new Inlet().onread.buffer();
  const inlets = Array.from({ length: 300 }, () => new Inlet());
  const owners = (): number => inlets.filter((inlet) => inlet.onread.buffer() !== shared).length;
  try {
    for (const inlet of inlets) read(inlet, LARGE, 5);
    assert.equal(owners(), 256);
    inlets[0]?.release();
    inlets[0]?.release(); // Counts once.
    assert.equal(owners(), 255);
    const last = inlets.at(-1);
    assert(last !== undefined);
    read(last, LARGE, 6);
    assert.equal(owners(), 256);
  } finally {
    for (const inlet of inlets) inlet.release();
  }
});
