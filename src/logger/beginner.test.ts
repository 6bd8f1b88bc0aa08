import { assert, describe, it } from "vitest";
import { LogBeginner } from "./beginner.ts";
import type { LogEvent } from "./event.ts";
import { formatEvent } from "./format.ts";
import { Logger } from "./logger.ts";
import { LogPublisher } from "./publisher.ts";

/** A process of its own: publisher, beginner, logger, what its error stream got, two observers. */
function processOfItsOwn(): {
  log: Logger;
  publisher: LogPublisher;
  beginner: LogBeginner;
  written: string[];
  texts: string[];
  observer: (event: LogEvent) => void;
} {
  const written: string[] = [];
  const texts: string[] = [];
  const publisher = new LogPublisher();
  const writeLastResort = (text: string): unknown => written.push(text);
  const beginner = new LogBeginner({ publisher, writeLastResort, clock: () => 9 });
  const log = new Logger({ namespace: "a", observer: publisher, clock: () => 5 });
  const observer = (event: LogEvent): void => {
    texts.push(formatEvent(event));
  };
  return { log, publisher, beginner, written, texts, observer };
}

describe("beginLoggingTo()", () => {
  it("plays back what was kept, then lets events through", () => {
    const { log, beginner, texts, observer } = processOfItsOwn();
    log.debug("early");
    log.critical("early failure");
    beginner.beginLoggingTo([observer]);
    log.info("late");
    assert.deepEqual(texts, ["early", "early failure", "late"]);
  });

  it("plays back the last 200 events", () => {
    const { log, beginner, texts, observer } = processOfItsOwn();
    for (let n = 0; n < 250; n += 1) log.info("{n}", { n });
    beginner.beginLoggingTo([observer]);
    assert.equal(texts.length, 200);
    assert.equal(texts[0], "50");
  });

  it("drops what was kept when told so", () => {
    const { log, beginner, texts, observer } = processOfItsOwn();
    log.info("early");
    beginner.beginLoggingTo([observer], { discardBuffer: true });
    assert.deepEqual(texts, []);
  });

  it("does not play back to observers that have seen the events", () => {
    const { log, publisher, beginner, texts, observer } = processOfItsOwn();
    publisher.addObserver(observer);
    log.info("early");
    beginner.beginLoggingTo([() => undefined]);
    assert.deepEqual(texts, ["early"]);
  });

  it("goes on playing back when an observer throws", () => {
    const { log, beginner, texts, observer } = processOfItsOwn();
    log.info("one");
    log.info("two");
    const broken = (): never => {
      throw new Error("boom");
    };
    beginner.beginLoggingTo([broken, observer]);
    assert.deepEqual([texts[0], texts[2]], ["one", "two"]);
    assert.include(texts[1], "Error: boom");
  });

  it("warns the second time, naming both places", () => {
    const { beginner, texts, observer } = processOfItsOwn();
    const second: LogEvent[] = [];
    beginner.beginLoggingTo([observer]);
    beginner.beginLoggingTo([(event) => second.push(event)]);
    const [warning] = second;
    assert.equal(warning?.log_level, "warn");
    assert.equal(warning?.log_time, 9);
    assert.match(
      texts[0] ?? "",
      new RegExp(
        String.raw`^Logging was begun at .*beginner\.test\.ts:\d+:\d+\)?, ` +
          String.raw`but had been at .*beginner\.test\.ts:\d+:\d+\)?: `,
        "u",
      ),
    );
    assert.notEqual(warning?.["now"], warning?.["first"]);
  });
});

describe("the last resort", () => {
  it("writes errors at once while logging has not begun", () => {
    const { log, beginner, written } = processOfItsOwn();
    log.warn("nothing");
    log.error("not {what}", { what: "done" });
    log.failure("while trying", new Error("boom"));
    assert.equal(written[0], "[a#error] not done\n");
    assert.match(written[1] ?? "", /^\[a#critical\] while trying\n\tError: boom\n\t {4}at /u);
    beginner.beginLoggingTo([]);
    log.error("heard elsewhere");
    assert.equal(written.length, 2);
  });

  it("writes nothing while it is held, by one or by several", () => {
    const { log, beginner, written } = processOfItsOwn();
    const endOne = beginner.holdLastResort();
    const endOther = beginner.holdLastResort();
    endOne();
    endOne();
    log.error("held");
    endOther();
    log.error("written");
    assert.deepEqual(written, ["[a#error] written\n"]);
  });
});

it("stopLogging() removes the observers and keeps events again", () => {
  const { log, beginner, written, texts, observer } = processOfItsOwn();
  beginner.beginLoggingTo([observer]);
  log.info("first life");
  beginner.stopLogging();
  beginner.stopLogging();
  log.error("between");
  beginner.beginLoggingTo([observer]);
  assert.deepEqual(texts, ["first life", "between"]);
  assert.deepEqual(written, ["[a#error] between\n"]);
});
