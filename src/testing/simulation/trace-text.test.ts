import { assert, describe, it } from "vitest";
import { simulatedBank } from "../../../test/fixtures/simulated-bank.ts";
import type { TraceEvent } from "../../reactors/simulated/trace.ts";
import { describeFailure } from "./report.ts";
import { simulate } from "./simulate.ts";
import { describeStory, describeTraceEvent } from "./trace-text.ts";

const bytes = (text: string): Uint8Array => Buffer.from(text, "latin1");
const HEARD: TraceEvent = {
  at: 7.41,
  kind: "received",
  host: "bank",
  peer: "ada",
  connection: 3,
  sentAt: 7.4,
  bytes: 4,
  data: bytes("ok\r\n"),
};

function story(...trace: readonly TraceEvent[]): string[] {
  return describeStory({ trace, failure: undefined }).split("\n");
}

describe("describeTraceEvent()", () => {
  it("says when, where, on which connection, what, and when it left", () => {
    const what = String.raw`received  4 B  "ok\r\n"  (sent at 7.400000)`;
    assert.equal(describeTraceEvent(HEARD), `    7.410000 s  bank < ada  #3  ${what}`);
  });

  it("is one line of text that a terminal may have, whatever was sent", () => {
    const nasty = '\u001B[2J\u0007"\\\u202E\u2028\uD800';
    const line = describeTraceEvent({ ...HEARD, data: bytes('\x1B[2J\x9B\xFF\0"\\'), text: nasty });
    assert.match(line, /^[\x20-\x7E]+$/u);
    assert.include(line, String.raw`"\x1b[2J\x9b\xff\x00\"\\"`);
    assert.include(line, String.raw`\u001b[2J\u0007"\\u202e\u2028\ud800`);
  });

  it("shows the first bytes of many", () => {
    const line = describeTraceEvent({
      ...HEARD,
      bytes: 1000,
      data: new Uint8Array(256).fill(0x61),
    });
    assert.include(line, `1000 B  "${"a".repeat(40)}"…`);
  });
});

describe("describeStory()", () => {
  it("tells a handshake in one line", () => {
    assert.deepEqual(
      story(
        { at: 1, kind: "connecting", host: "ada", text: "10.0.0.1:7" },
        { at: 1.01, kind: "connected", host: "ada", peer: "bank", connection: 1 },
        { at: 1.02, kind: "accepted", host: "bank", connection: 1 },
      ),
      ["    1.000000 s  ada > bank  #1  connecting  to 10.0.0.1:7  accepted after 20 ms"],
    );
  });

  it("tells of names only that they were not found", () => {
    const found = { at: 1, kind: "name", host: "ada", text: "bank: 10.0.0.1" } as const;
    const lost = { ...found, at: 2, text: "bnak: NXDOMAIN" };
    assert.deepEqual(story(found, lost), ["    2.000000 s  ada  name  bnak: NXDOMAIN"]);
  });

  it("tells retransmissions and the pieces of bytes in one line", () => {
    const lost: TraceEvent = { ...HEARD, kind: "retransmitted", host: "ada", peer: "bank" };
    const { data: _, ...again } = lost;
    const sent = "(sent at 7.400000)";
    assert.deepEqual(
      story(
        again,
        { ...again, at: 8 },
        { ...again, at: 12.4 },
        { ...HEARD, at: 12.5, bytes: 2, data: bytes("ok") },
        { ...HEARD, at: 12.5, bytes: 2, data: bytes("\r\n") },
      ),
      [
        `    7.410000 s  ada > bank  #3  retransmitted  4 B  ${sent}  3 times until 12.4 s`,
        `   12.500000 s  bank < ada  #3  received  4 B in 2 pieces  "ok" | "\\r\\n"  ${sent}`,
      ],
    );
  });

  it("prints where time jumps, and leaves timers out", () => {
    const lines = story(
      ...[1, 2, 3, 100].map((at): TraceEvent => ({ at, kind: "mark", host: "a", text: "x" })),
      { at: 101, kind: "timers", host: "a" },
    );
    assert.equal(lines.length, 5);
    assert.equal(lines[3]?.trim(), "… 97 s …");
  });

  it("tells as much as is wanted, and says that there was more", async () => {
    const run = await simulate(simulatedBank.scenario, { traced: true });
    const whole = describeStory(run, { last: 1000 });
    assert.match(whole, /bank {2}host ended/u);
    const short = describeStory(run, { last: 12 }).split("\n");
    assert.match(short[0] ?? "", /^\(\d+ events that matter less are left out\)$/u);
    assert.equal(short.filter((line) => / s {2}/u.test(line)).length, 12);
    for (const text of ["host ended", "partition bank > ada", "reset bank | ada", "stalled"]) {
      assert.include(short.join("\n"), text);
    }
  });
});

describe("describeFailure()", () => {
  it("tells the story of a run that was traced", async () => {
    const traced = await simulate(simulatedBank.scenario, { traced: true });
    assert.include(describeFailure("bank", traced), "partition bank > ada");
    const { scenario } = simulatedBank;
    assert.notInclude(describeFailure("bank", await simulate(scenario)), "partition");
  });
});
