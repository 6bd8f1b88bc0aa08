import { assert, describe, it } from "vitest";
import type { LogEvent } from "./event.ts";
import { FilteringLogObserver, LogLevelFilterPredicate, type PredicateResult } from "./filter.ts";
import type { LogLevel } from "./levels.ts";

function eventOf(log_level: LogLevel, log_namespace = "a"): LogEvent {
  return { log_level, log_namespace, log_format: "", log_time: 0 };
}

/** Where an event goes through a filter with these answers. */
function wayThrough(...results: readonly PredicateResult[]): string {
  let way = "nowhere";
  const filter = new FilteringLogObserver(
    () => {
      way = "positive";
    },
    results.map((result) => () => result),
    () => {
      way = "negative";
    },
  );
  filter.observer(eventOf("info"));
  return way;
}

describe("FilteringLogObserver", () => {
  it("goes by the first predicate that decides", () => {
    assert.equal(wayThrough(), "positive");
    assert.equal(wayThrough("maybe"), "positive");
    assert.equal(wayThrough("maybe", "no", "yes"), "negative");
    assert.equal(wayThrough("yes", "no"), "positive");
  });

  it("drops what is not let through when there is no negative observer", () => {
    const events: LogEvent[] = [];
    const levels = new LogLevelFilterPredicate("warn");
    const filter = new FilteringLogObserver((event) => events.push(event), [levels]);
    for (const level of ["debug", "warn", "critical"] as const) filter.observer(eventOf(level));
    assert.deepEqual(
      events.map((event) => event.log_level),
      ["warn", "critical"],
    );
  });

  it("wants() refuses early what the levels hold back", () => {
    const levels = new LogLevelFilterPredicate("warn");
    const ignore = (): void => undefined;
    const filter = new FilteringLogObserver(ignore, [levels]);
    assert.isFalse(filter.wants("debug", "a"));
    assert.isTrue(filter.wants("warn", "a"));
    assert.isTrue(new FilteringLogObserver(ignore, [levels], ignore).wants("debug", "a"));
    assert.isTrue(new FilteringLogObserver(ignore, [() => "yes", levels]).wants("debug", "a"));
    assert.isFalse(new FilteringLogObserver(filter, []).wants("debug", "a"));
  });
});

describe("LogLevelFilterPredicate", () => {
  it("lets through the level and what is above, and leaves the rest of the decision open", () => {
    const predicate = new LogLevelFilterPredicate();
    assert.equal(predicate.shouldLog(eventOf("debug")), "no");
    assert.equal(predicate.shouldLog(eventOf("info")), "maybe");
    assert.equal(predicate.shouldLog(eventOf("error")), "maybe");
  });

  it("goes by the nearest namespace above, at dots only", () => {
    const predicate = new LogLevelFilterPredicate("warn");
    predicate.setLogLevelForNamespace("a.b", "debug");
    predicate.setLogLevelForNamespace("a.b.c", "critical");
    const levels = ["a", "a.b", "a.b.x.y", "a.b.c.d", "a.bc", "b", "", ".a", "a.b."];
    assert.deepEqual(
      levels.map((namespace) => predicate.logLevelForNamespace(namespace)),
      ["warn", "debug", "debug", "critical", "warn", "warn", "warn", "warn", "debug"],
    );
  });

  it("takes the empty namespace for the default, until levels are cleared", () => {
    const predicate = new LogLevelFilterPredicate("warn");
    predicate.setLogLevelForNamespace("", "error");
    predicate.setLogLevelForNamespace("a", "info");
    assert.equal(predicate.logLevelForNamespace("b"), "error");
    predicate.clearLogLevels();
    assert.equal(predicate.logLevelForNamespace("b"), "warn");
    assert.equal(predicate.logLevelForNamespace("a"), "warn");
  });
});
