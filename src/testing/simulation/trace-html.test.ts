import { createHash } from "node:crypto";
import { assert, describe, it } from "vitest";
import { BOOKED_ONCE, simulatedBank } from "../../../test/fixtures/simulated-bank.ts";
import type { TraceEvent } from "../../reactors/simulated/trace.ts";
import { SimulationFailure } from "./failure.ts";
import { simulate, type SimulationResult } from "./simulate.ts";
import { traceHTML } from "./trace-html.ts";

const HOSTILE = `</script></style></title></svg><img src=x onerror="alert(1)">'&`;

function resultOf(trace: readonly TraceEvent[], message = "it failed"): SimulationResult {
  const failure = new SimulationFailure({ kind: "always", property: message, message });
  return {
    ok: false,
    failure,
    seed: 7,
    hash: "0123456789abcdef",
    events: trace.length,
    time: trace.at(-1)?.at ?? 0,
    marks: new Map(),
    settings: new Map(),
    trace,
    checkpoints: [],
    plan: undefined,
    token: "sim1:7",
  };
}

function count(page: string, what: RegExp): number {
  return page.match(what)?.length ?? 0;
}

const bank = await simulate(simulatedBank.scenario, { seed: 1, traced: true });
const page = traceHTML({
  name: "the bank",
  result: bank,
  shrunk: { before: 1422, after: 33 },
  when: {
    points: [
      { time: 0, failing: 0.5 },
      { time: 1, failing: 1 },
    ],
    between: [0, 1],
    seenAt: bank.time,
  },
  replay: "sennit sim replay bank.sim.ts --token sim1:1",
});

describe("traceHTML()", () => {
  it("says what failed, when, in which run, and how to run it again", () => {
    const wanted = [
      `${BOOKED_ONCE}: does not hold any more`,
      `always on <b>bank</b> at ${bank.time.toFixed(6)} s`,
      bank.hash,
      "1422 → 33 choices",
      '<code id="replay">sennit sim replay bank.sim.ts --token sim1:1</code>',
      "Point of no return",
    ];
    for (const text of wanted) assert.include(page, text);
    assert.include(traceHTML({ name: "bank", result: bank }), "SIM_TOKEN=sim1:1</code>");
    assert.notInclude(traceHTML({ name: "bank", result: bank }), "Point of no return");
  });

  it("has a lane for each host, and an arrow for all that arrived", () => {
    assert.equal(count(page, /<line class="life"/gu), 3);
    const arrived = bank.trace.filter(({ kind }) => kind === "received" || kind === "accepted");
    assert.equal(count(page, /<line class="arrow/gu), arrived.length);
  });

  it("shades what was broken, while it was", () => {
    assert.match(
      page,
      /<rect class="fault" [^>]*><title>partition bank &gt; ada, from 2\.0+ s to 3\.5/u,
    );
    assert.equal(count(page, /<rect class="cut"/gu), 2);
    assert.match(page, /<rect class="no-program"[^>]*><title>bank has no program, from 0\.7/u);
    assert.match(page, /<rect class="stalled"[^>]*><title>bob is stalled, from 1\.8/u);
    assert.equal(count(page, /<line class="lost"/gu), 1);
    assert.match(page, /retransmitted 4 times until/u);
  });

  it("loads nothing: there is no address in it, and its policy forbids it", () => {
    assert.deepEqual(page.match(/\b(?:src|href)="(?!#)[^"]*"|@import|url\((?!#)/gu), null);
    assert.deepEqual(page.match(/https?:\/\/(?!www\.w3\.org\/2000\/svg)\S+/gu), null);
    for (const [, name, text = ""] of page.matchAll(/<(script|style)>(.*?)<\/\1>/gsu)) {
      const hash = createHash("sha256").update(text).digest("base64");
      assert.include(page, `${name ?? ""}-src 'sha256-${hash}'`);
    }
  });

  it("shows what was sent as text, wherever it stands", () => {
    const data = Buffer.from(HOSTILE);
    const said = { peer: HOSTILE, connection: 1, text: HOSTILE, data, bytes: 9 };
    const hostile = resultOf(
      [
        { at: 0, kind: "connected", host: "b", ...said },
        { at: 1, kind: "received", host: HOSTILE, sentAt: 0, ...said, peer: "b" },
        { at: 2, kind: "fault", host: "", text: `partition ${HOSTILE} | b` },
        { at: 3, kind: "logged", host: HOSTILE, text: HOSTILE },
        { at: 4, kind: "host stalled", host: "b", text: HOSTILE },
      ],
      `${HOSTILE}\n${HOSTILE}`,
    );
    const settings = new Map([[HOSTILE, HOSTILE]]);
    const result = { ...hostile, settings, token: HOSTILE, hash: HOSTILE };
    const shown = traceHTML({ name: HOSTILE, result, replay: HOSTILE });
    assert.equal(count(shown, /<img|onerror="/gu), 0);
    assert.equal(count(shown, /<\/script>/gu), 1);
    assert.equal(count(shown, /<\/style>/gu), 1);
    assert.equal(count(shown, /<\/svg>/gu), 2);
  });

  it("says so when there is no trace, and when nothing failed", () => {
    assert.include(traceHTML({ name: "x", result: resultOf([]) }), "There is no trace");
    const ok = { ...resultOf([]), ok: true, failure: undefined };
    assert.include(traceHTML({ name: "x", result: ok }), "It came through");
  });

  it("stays small where the trace is long, and keeps the faults and the end", () => {
    const data = Buffer.alloc(256, 0x80);
    const trace = Array.from({ length: 50_000 }, (_, at): TraceEvent => {
      const host = `h${String(at % 5)}`;
      const peer = `h${String((at + 1) % 5)}`;
      return { at, kind: "received", host, peer, connection: at % 20, sentAt: at - 0.5, data };
    });
    const fault: TraceEvent = { at: 6, kind: "fault", host: "", text: "partition h1 | h2" };
    const long = traceHTML({ name: "x", result: resultOf(trace.with(5, fault)) });
    assert.isBelow(long.length, 3_500_000);
    assert.equal(count(long, /<g id="r\d/gu), 2000);
    assert.include(long, "partition h1 | h2");
    assert.include(long, "49999.000000");
    assert.include(long, "48000 events that matter less are left out");
  });

  it("draws as many lanes as can be read, and that of the failure", () => {
    const trace = Array.from({ length: 1000 }, (_, at): TraceEvent => {
      return { at, kind: "mark", host: `h${String(at)}`, text: "here" };
    });
    const failure = new SimulationFailure({
      kind: "always",
      property: "p",
      message: "p",
      host: "h500",
    });
    const wide = traceHTML({ name: "x", result: { ...resultOf(trace), failure } });
    assert.equal(count(wide, /<line class="life"/gu), 40);
    assert.include(wide, "<title>h500</title>");
    assert.include(wide, "960 hosts that matter less are left out");
  });
});
