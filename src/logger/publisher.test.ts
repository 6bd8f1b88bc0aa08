import { assert, describe, it } from "vitest";
import type { LogEvent, LogObserver } from "./event.ts";
import { formatEvent } from "./format.ts";
import { LogPublisher } from "./publisher.ts";

function eventOf(log_format: string): LogEvent {
  return { log_level: "info", log_namespace: "a", log_format, log_time: 7 };
}

/** An observer and the texts that it saw. */
function recorder(): { texts: string[]; observer: LogObserver } {
  const texts: string[] = [];
  return { texts, observer: (event) => texts.push(formatEvent(event)) };
}

function broken(): never {
  throw new Error("disk full");
}

const BROKEN = "Log observer [Function: broken] failed and missed an event: Error: disk full";

describe("publish()", () => {
  it("gives each event to every observer, in order", () => {
    const seen: string[] = [];
    const publisher = new LogPublisher(
      () => seen.push("first"),
      () => seen.push("second"),
    );
    publisher.publish(eventOf("x"));
    assert.deepEqual(seen, ["first", "second"]);
  });

  it("tells the others of an observer that throws, and keeps it", () => {
    const other = recorder();
    const publisher = new LogPublisher(broken, other);
    publisher.publish(eventOf("one"));
    publisher.publish(eventOf("two"));
    assert.deepEqual(other.texts, ["one", BROKEN, "two", BROKEN]);
  });

  it("reports with the failure, at the time of the event", () => {
    const events: LogEvent[] = [];
    const publisher = new LogPublisher(broken, (event) => events.push(event));
    publisher.publish(eventOf("one"));
    const report = events[1];
    assert.equal(report?.log_level, "critical");
    assert.equal(report?.log_time, 7);
    assert.match(report?.log_failure?.getTraceback() ?? "", /disk full/u);
  });

  it("ends when every observer throws, at the reports as well", () => {
    let calls = 0;
    const observers = Array.from({ length: 5 }, () => (): never => {
      calls += 1;
      throw new Error("always");
    });
    new LogPublisher(...observers).publish(eventOf("x"));
    assert.equal(calls, 5 + 5 * 4);
  });

  it("keeps from an observer the events that it causes, and gives them to the others", () => {
    const other = recorder();
    const publisher = new LogPublisher();
    let calls = 0;
    publisher.addObserver(() => {
      calls += 1;
      publisher.publish(eventOf("caused"));
    });
    publisher.addObserver(other);
    publisher.publish(eventOf("cause"));
    assert.equal(calls, 1);
    assert.deepEqual(other.texts, ["caused", "cause"]);
  });

  it("gives nothing more to an observer that was removed while publishing", () => {
    const late = recorder();
    const publisher = new LogPublisher(() => publisher.removeObserver(late), late);
    publisher.publish(eventOf("x"));
    assert.deepEqual(late.texts, []);
  });

  it("gives the next event first to an observer that was added while publishing", () => {
    const late = recorder();
    const publisher = new LogPublisher(() => publisher.addObserver(late));
    publisher.publish(eventOf("one"));
    publisher.publish(eventOf("two"));
    assert.deepEqual(late.texts, ["two"]);
  });
});

it("addObserver() adds once, in either form", () => {
  const { observer, texts } = recorder();
  const publisher = new LogPublisher(observer, { observer });
  publisher.publish(eventOf("x"));
  publisher.removeObserver(observer);
  publisher.removeObserver(observer);
  publisher.publish(eventOf("y"));
  assert.deepEqual(texts, ["x"]);
});

it("a publisher observes another", () => {
  const { observer, texts } = recorder();
  new LogPublisher(new LogPublisher(observer)).publish(eventOf("x"));
  assert.deepEqual(texts, ["x"]);
});

it("wants() asks the observers that can say", () => {
  const shy = { observer: (): void => undefined, wants: () => false };
  assert.isFalse(new LogPublisher().wants("critical", "a"));
  assert.isFalse(new LogPublisher(shy).wants("critical", "a"));
  assert.isTrue(new LogPublisher(shy, () => undefined).wants("debug", "a"));
  assert.isTrue(new LogPublisher({ observer: shy.observer, wants: broken }).wants("debug", "a"));
});
