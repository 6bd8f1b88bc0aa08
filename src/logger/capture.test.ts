import { assert, it, vi } from "vitest";
import { capturedLogs, captureLogs } from "./capture.ts";
import type { LogEvent } from "./event.ts";
import { Logger } from "./logger.ts";

const log = new Logger({ namespace: "sennit.test.capture" });

function formatsOf(events: readonly LogEvent[]): readonly string[] {
  return events.map((event) => event.log_format);
}

it("capturedLogs() gives the events of the body alone", () => {
  const events = capturedLogs(() => {
    log.debug("one");
    log.info("two");
  });
  log.info("after");
  assert.deepEqual(formatsOf(events), ["one", "two"]);
});

it("capturedLogs() ends when the body throws", () => {
  let during: readonly LogEvent[] = [];
  assert.throws(() => {
    capturedLogs(() => {
      during = capturedLogs(() => log.info("inner"));
      throw new Error("boom");
    });
  }, "boom");
  log.info("after");
  assert.deepEqual(formatsOf(during), ["inner"]);
});

it("captureLogs() catches until it is disposed of", () => {
  const { events } = ((): { events: readonly LogEvent[] } => {
    using logs = captureLogs();
    log.info("one");
    return logs;
  })();
  log.info("after");
  assert.deepEqual(formatsOf(events), ["one"]);
});

it("flush() takes out what the predicate holds for, or everything", () => {
  using logs = captureLogs();
  for (const format of ["a", "b", "a"]) log.info(format);
  assert.deepEqual(formatsOf(logs.flush((event) => event.log_format === "a")), ["a", "a"]);
  assert.deepEqual(formatsOf(logs.events), ["b"]);
  assert.deepEqual(formatsOf(logs.flush()), ["b"]);
  assert.deepEqual(logs.events, []);
});

it("captureLogs() keeps errors from the error stream", () => {
  const write = vi.spyOn(process.stderr, "write").mockReturnValue(true);
  try {
    capturedLogs(() => log.critical("caught"));
    assert.equal(write.mock.calls.length, 0);
    log.critical("not caught");
    assert.equal(write.mock.calls[0]?.[0], "[sennit.test.capture#critical] not caught\n");
  } finally {
    write.mockRestore();
  }
});
