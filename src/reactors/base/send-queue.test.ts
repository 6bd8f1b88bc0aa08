import * as fc from "fast-check";
import { assert, it } from "vitest";
import { SendQueue } from "./send-queue.ts";

type Op =
  | { readonly op: "push"; readonly bytes: Uint8Array }
  | { readonly op: "take"; readonly limit: number }
  | { readonly op: "sent" }
  | { readonly op: "clear" };

const op: fc.Arbitrary<Op> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      op: fc.constant("push"),
      bytes: fc.uint8Array({ minLength: 1, maxLength: 12 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ op: fc.constant("take"), limit: fc.integer({ min: 1, max: 20 }) }),
  },
  { weight: 3, arbitrary: fc.record({ op: fc.constant("sent") }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant("clear") }) },
);

it("gives out what was put in, in order, within the limit, and counts all the while", () => {
  fc.assert(
    fc.property(fc.array(op, { maxLength: 60 }), (ops) => {
      const queue = new SendQueue();
      let waiting = Buffer.alloc(0);
      let sending = 0;
      for (const one of ops) {
        if (one.op === "push") {
          queue.push(one.bytes);
          waiting = Buffer.concat([waiting, one.bytes]);
        } else if (one.op === "take" && sending === 0) {
          const taken = Buffer.concat(queue.take(one.limit));
          assert.isAtMost(taken.length, one.limit);
          assert.isAtLeast(taken.length, Math.min(1, waiting.length), "no progress");
          assert.isTrue(taken.equals(waiting.subarray(0, taken.length)));
          waiting = waiting.subarray(taken.length);
          sending = taken.length;
        } else if (one.op === "sent") {
          queue.sent();
          sending = 0;
        } else if (one.op === "clear") {
          assert.equal(queue.clear(), waiting.length);
          waiting = Buffer.alloc(0);
          sending = 0;
        }
        assert.equal(queue.bytes, waiting.length + sending);
        assert.equal(queue.waiting, waiting.length > 0);
        assert.equal(queue.sending, sending > 0);
      }
      const rest = Buffer.concat(queue.take(Number.MAX_SAFE_INTEGER));
      assert.isTrue(rest.equals(waiting));
    }),
  );
});

it("take() gives whole chunks as they are while they fit, without copying", () => {
  const queue = new SendQueue();
  const chunks = ["abc", "de", "fgh"].map((text) => Buffer.from(text));
  for (const chunk of chunks) queue.push(chunk);
  const taken = [...queue.take(6)];
  assert.equal(taken.length, 2);
  queue.sent();
  taken.push(...queue.take(6));
  assert.equal(taken.length, 3);
  assert.isTrue(taken.every((chunk, at) => chunk === chunks[at]));
});

it("take() cuts a chunk that is longer than the limit", () => {
  const queue = new SendQueue();
  queue.push(Buffer.from("abcdefgh"));
  const pieces: string[] = [];
  while (queue.waiting) {
    pieces.push(Buffer.concat(queue.take(3)).toString());
    queue.sent();
  }
  assert.deepEqual(pieces, ["abc", "def", "gh"]);
  assert.equal(queue.bytes, 0);
});

it("take() of an empty queue gives nothing", () => {
  const queue = new SendQueue();
  assert.deepEqual(queue.take(10), []);
  assert.isFalse(queue.sending);
});
