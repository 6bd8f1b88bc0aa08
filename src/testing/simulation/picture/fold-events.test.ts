import { assert, describe, it } from "vitest";
import type { TraceEvent } from "../../../reactors/simulated/trace.ts";
import { foldEvents } from "./fold-events.ts";

const RESENT: TraceEvent = { at: 1, kind: "retransmitted", host: "a", connection: 1, sentAt: 0.5 };
const dial = (at: number, text = "10.0.0.1:7"): TraceEvent => {
  return { at, kind: "connecting", host: "a", text };
};
const connected = (at: number, connection: number): TraceEvent => {
  return { at, kind: "connected", host: "a", peer: "b", connection };
};
const accepted = (at: number, connection: number): TraceEvent => {
  return { at, kind: "accepted", host: "b", connection };
};

/** The indices that were folded together. */
function foldsOf(events: readonly TraceEvent[], folding: "resent" | "all"): number[][] {
  return foldEvents(events, folding).map(({ event, more }) => {
    return [event, ...more].map((one) => events.indexOf(one));
  });
}

describe("foldEvents()", () => {
  it("folds what is sent again and again, whatever happens in between", () => {
    const events: TraceEvent[] = [
      RESENT,
      { at: 1.1, kind: "timers", host: "a" },
      { ...RESENT, at: 1.2 },
      { ...RESENT, at: 1.3, sentAt: 0.6 },
      { ...RESENT, at: 1.4, host: "b" },
      { ...RESENT, at: 1.6 },
    ];
    assert.deepEqual(foldsOf(events, "resent"), [[0, 2, 5], [1], [3], [4]]);
    const numbers = foldEvents(events, "resent").map(({ index, number }) => [index, number]);
    assert.deepEqual(numbers, [
      [0, 0],
      [1, 1],
      [3, 2],
      [4, 3],
    ]);
  });

  it("resent: leaves handshakes and pieces as they are", () => {
    const piece: TraceEvent = { at: 3, kind: "received", host: "b", connection: 1, sentAt: 2 };
    const events = [dial(1), connected(2, 1), accepted(2.5, 1), piece, { ...piece }];
    assert.equal(foldEvents(events, "resent").length, 5);
  });

  it("all: folds the steps of a handshake, and pieces that were read at once", () => {
    const piece: TraceEvent = { at: 3, kind: "received", host: "b", connection: 1, sentAt: 2 };
    const events = [
      dial(1),
      connected(2, 1),
      accepted(2.5, 1),
      piece,
      { ...piece },
      { ...piece, sentAt: 2.1 },
    ];
    assert.deepEqual(foldsOf(events, "all"), [[0, 1, 2], [3, 4], [5]]);
  });

  it("all: an attempt that is refused is folded with its refusal", () => {
    const refused: TraceEvent = { at: 2, kind: "refused", host: "a", text: "10.0.0.1:8" };
    const events = [dial(1), dial(1, "10.0.0.1:8"), refused, connected(3, 1)];
    assert.deepEqual(foldsOf(events, "all"), [
      [0, 3],
      [1, 2],
    ]);
  });

  it("all: of several attempts none is taken for the one that connected", () => {
    const events = [dial(1), dial(1), connected(2, 1), accepted(2.1, 1), connected(2.2, 2)];
    assert.deepEqual(foldsOf(events, "all"), [[0], [1, 4], [2, 3]]);
  });

  it("all: attempts end with their host", () => {
    const end: TraceEvent = { at: 2, kind: "host lost power", host: "a" };
    const events = [dial(1), end, dial(3), connected(4, 1)];
    assert.deepEqual(foldsOf(events, "all"), [[0], [1], [2, 3]]);
  });
});
