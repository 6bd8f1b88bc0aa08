import { assert, describe, it } from "vitest";
import { captureLogs } from "./capture.ts";
import type { LogEvent } from "./event.ts";
import { FilteringLogObserver, LogLevelFilterPredicate } from "./filter.ts";
import { formatEvent } from "./format.ts";
import { LOG_LEVELS } from "./levels.ts";
import { Logger, type LoggerOptions } from "./logger.ts";

/** A logger whose clock says 5, and its events. */
function loggerAndEvents(options: Partial<LoggerOptions> = {}): {
  log: Logger;
  events: readonly LogEvent[];
} {
  const events: LogEvent[] = [];
  const observer = (event: LogEvent): void => {
    events.push(event);
  };
  return { log: new Logger({ namespace: "a.b", observer, clock: () => 5, ...options }), events };
}

function fail(): never {
  throw new Error("boom");
}

describe("emit()", () => {
  it("makes an event of level, namespace, format, time and fields", () => {
    const { log, events } = loggerAndEvents();
    log.emit("warn", "{x}", { x: 1 });
    assert.deepEqual(events, [
      { log_level: "warn", log_namespace: "a.b", log_format: "{x}", log_time: 5, x: 1 },
    ]);
  });

  it("has a method for each level", () => {
    const { log, events } = loggerAndEvents();
    for (const level of LOG_LEVELS) log[level]("{log_level}");
    assert.deepEqual(events.map(formatEvent), [...LOG_LEVELS]);
  });

  it("does not let fields speak for the logger", () => {
    const { log, events } = loggerAndEvents({ source: "me" });
    log.info("x", { log_level: "critical", log_time: 0, log_source: "you", log_text: "forged" });
    assert.deepEqual(events, [
      { log_level: "info", log_namespace: "a.b", log_format: "x", log_time: 5, log_source: "me" },
    ]);
  });

  it("takes log_system and log_failure from fields", () => {
    const { log, events } = loggerAndEvents();
    log.info("x", { log_system: "web", log_failure: new Error("boom") });
    assert.equal(events[0]?.log_system, "web");
    assert.equal(events[0]?.log_failure?.getErrorMessage(), "boom");
  });

  it("takes the time from the wall clock by default", () => {
    const events: LogEvent[] = [];
    new Logger({ namespace: "a", observer: (event) => events.push(event) }).info("x");
    assert.isAbove(events[0]?.log_time ?? 0, 1_600_000_000);
  });

  it("does not throw for fields and clocks that do", () => {
    const { log, events } = loggerAndEvents({ clock: fail });
    const fields = {
      get bad(): string {
        return fail();
      },
      good: 1,
    };
    log.info("{good} {bad}", fields);
    log.info("{good}", new Proxy({}, { ownKeys: fail }));
    log.failure("{bad}", new Error("x"), fields);
    assert.deepEqual(events.map(formatEvent), [
      "1 (cannot be read: Error: boom)",
      "(good cannot be shown: TypeError: no such field)",
      "(cannot be read: Error: boom)",
    ]);
    assert.isNaN(events[0]?.log_time);
  });

  it("tells the process of an observer that throws", () => {
    using logs = captureLogs();
    new Logger({ namespace: "lonely", observer: fail }).info("x");
    const [report] = logs.flush((event) => event["namespace"] === "lonely");
    assert.equal(report?.log_level, "critical");
    assert.equal(report?.log_failure?.value.message, "boom");
  });

  it("makes no event that nobody wants", () => {
    const levels = new LogLevelFilterPredicate("info");
    const observer = new FilteringLogObserver(fail, [levels]);
    const log = new Logger({ namespace: "a", observer, clock: fail });
    const fields = new Proxy({}, { ownKeys: () => assert.fail("the fields were read") });
    log.debug("x", fields);
    log.failure("x", new Error("x"), fields, "debug");
    assert.isFalse(log.isWanted("debug"));
    assert.isTrue(log.isWanted("info"));
  });

  it("goes to the process by default", () => {
    using logs = captureLogs();
    new Logger({ namespace: "sennit.test.default" }).debug("x");
    const own = logs.flush((event) => event.log_namespace === "sennit.test.default");
    assert.equal(own.length, 1);
  });
});

describe("failure()", () => {
  it("logs an Error with its causes, as critical", () => {
    const { log, events } = loggerAndEvents();
    const cause = new TypeError("the cause");
    log.failure("while {x}", new RangeError("boom", { cause }), { x: "trying" });
    const [event] = events;
    assert.equal(event?.log_level, "critical");
    assert.equal(event === undefined ? "" : formatEvent(event), "while trying");
    assert.match(
      event?.log_failure?.getTraceback() ?? "",
      /^RangeError: boom[^]*\ncaused by: TypeError: the cause/u,
    );
  });

  it("keeps what is a failure by its shape", () => {
    const { log, events } = loggerAndEvents();
    const failure = {
      value: new Error("x"),
      getTraceback: () => "the traceback",
      getErrorMessage: () => "the message",
    };
    log.failure("x", failure, {}, "warn");
    assert.strictEqual(events[0]?.log_failure, failure);
    assert.equal(events[0]?.log_level, "warn");
  });

  it("logs what is no Error", () => {
    const { log, events } = loggerAndEvents();
    const hostile = new Proxy({}, { get: fail, has: fail, getPrototypeOf: fail });
    for (const thrown of ["text", undefined, null, hostile]) log.failure("x", thrown);
    const messages = events.map((event) => event.log_failure?.getErrorMessage());
    assert.deepEqual(messages, [
      "Something other than an Error was thrown: text",
      "Something other than an Error was thrown: undefined",
      "Something other than an Error was thrown: null",
      "Something was thrown that cannot even be looked at",
    ]);
  });

  it("ends when causes run in a circle, and shows the parts of an AggregateError", () => {
    const { log, events } = loggerAndEvents();
    const error = new AggregateError([new Error("part")], "whole");
    error.cause = new Error("middle", { cause: error });
    log.failure("x", error);
    const traceback = events[0]?.log_failure?.getTraceback() ?? "";
    assert.equal(traceback.split("caused by: ").length, 2);
    assert.include(traceback, "\n  Error: part");
  });
});

it("failureHandler() gives a function that logs", () => {
  const { log, events } = loggerAndEvents();
  log.failureHandler("while closing")(new Error("boom"));
  assert.equal(events[0]?.log_format, "while closing");
  assert.equal(events[0]?.log_failure?.getErrorMessage(), "boom");
});

describe("failuresHandled()", () => {
  it("returns what the body returns", () => {
    const { log, events } = loggerAndEvents();
    assert.equal(
      log.failuresHandled("x", {}, () => 3),
      3,
    );
    assert.deepEqual(events, []);
  });

  it("logs what the body throws, and goes on", () => {
    const { log, events } = loggerAndEvents();
    assert.isUndefined(log.failuresHandled("while {x}", { x: 1 }, fail));
    assert.equal(events[0]?.log_failure?.value.message, "boom");
    assert.equal(events[0]?.["x"], 1);
  });
});

it("withSource() speaks for another object, otherwise alike", () => {
  const { log, events } = loggerAndEvents();
  log.withSource({ name: "door" }).info("{log_source.name} in {log_namespace}");
  assert.deepEqual(events.map(formatEvent), ["door in a.b"]);
  assert.equal(events[0]?.log_time, 5);
});
