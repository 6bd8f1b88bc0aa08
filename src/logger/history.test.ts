import { assert, it } from "vitest";
import type { LogEvent } from "./event.ts";
import { LimitedHistoryLogObserver } from "./history.ts";

function eventOf(log_time: number): LogEvent {
  return { log_level: "info", log_namespace: "a", log_format: "", log_time };
}

/** The times of the events that a history plays back. */
function timesOf(history: LimitedHistoryLogObserver): readonly number[] {
  const times: number[] = [];
  history.replayTo((event) => times.push(event.log_time));
  return times;
}

it("replayTo() gives the last events, the oldest first", () => {
  const history = new LimitedHistoryLogObserver(3);
  assert.deepEqual(timesOf(history), []);
  for (const time of [1, 2]) history.observer(eventOf(time));
  assert.deepEqual(timesOf(history), [1, 2]);
  for (const time of [3, 4, 5, 6, 7]) history.observer(eventOf(time));
  assert.deepEqual(timesOf(history), [5, 6, 7]);
  assert.equal(history.length, 3);
});

it("replayTo() ends when the observer causes events", () => {
  const history = new LimitedHistoryLogObserver(2);
  for (const time of [1, 2]) history.observer(eventOf(time));
  history.replayTo((event) => history.observer(event));
  assert.deepEqual(timesOf(history), [1, 2]);
});

it("clear() forgets all events", () => {
  const history = new LimitedHistoryLogObserver(2);
  for (const time of [1, 2, 3]) history.observer(eventOf(time));
  history.clear();
  history.observer(eventOf(4));
  assert.deepEqual(timesOf(history), [4]);
});

it("the constructor refuses sizes that are none", () => {
  for (const size of [0, -1, 1.5, Number.NaN]) {
    assert.throws(() => new LimitedHistoryLogObserver(size), RangeError, "at least 1");
  }
});
