/**
 * Where the log goes.
 *
 * @module
 */
import { assert, it } from "vitest";
import { globalLogBeginner } from "../logger/global.ts";
import { Logger } from "../logger/logger.ts";
import { beginLogging, isLogFormat, type LoggingOptions } from "./logging.ts";

/** What is written while one event of each of two levels is logged. */
function written(options: Omit<LoggingOptions, "write">): string {
  let all = "";
  beginLogging({
    ...options,
    write: (text) => {
      all += text;
    },
  });
  try {
    const log = new Logger({ namespace: "test.logging", clock: () => 0 });
    log.debug("small");
    log.info("large");
  } finally {
    globalLogBeginner.stopLogging();
  }
  return all
    .split("\n")
    .filter((line) => line.includes("test.logging"))
    .join("\n");
}

it("beginLogging() writes text, from info up, unless told otherwise", () => {
  assert.match(written({}), /^\S+ \[test\.logging#info\] large$/u);
  assert.match(written({ level: "debug" }), /small\n.*large$/u);
});

it("beginLogging() writes JSON when told to", () => {
  const record: unknown = JSON.parse(written({ format: "json" }));
  assert.propertyVal(record, "log_text", "large");
});

it("isLogFormat() knows the two", () => {
  assert.isTrue(isLogFormat("json"));
  assert.isFalse(isLogFormat("xml"));
});
