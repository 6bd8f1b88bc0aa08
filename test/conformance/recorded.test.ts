/**
 * A recorded connection keeps the contracts: the whole suite, over a reactor of which everything is
 * recorded.
 *
 * @module
 */
import { assert, describe, it } from "vitest";
import { MemoryRecordings } from "../../src/recorder/memory-recordings.ts";
import { recordReactor } from "../../src/recorder/record-reactor.ts";
import { Recorder } from "../../src/recorder/recorder.ts";
import { describeReactor } from "../../src/testing/contracts/describe-reactor.ts";
import { MemoryHarness } from "./memory-harness.ts";

let recorded = 0;

class Recordings extends MemoryRecordings {
  override open() {
    recorded += 1;
    return super.open();
  }
}

function recordedHarness(): MemoryHarness {
  const harness = new MemoryHarness();
  const { reactor } = harness;
  recordReactor(reactor, new Recorder({ reactor, store: new Recordings() }));
  return harness;
}

describeReactor("MemoryReactor, recorded", recordedHarness, { describe, it });

it("there was something to record", () => {
  assert.isAbove(recorded, 100);
});
