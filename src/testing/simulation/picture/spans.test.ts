import { assert, describe, it } from "vitest";
import type { TraceEvent, TraceKind } from "../../../reactors/simulated/trace.ts";
import { hostsNamed, spansOf } from "./spans.ts";

type Told = readonly [kind: TraceKind, host: string, text?: string];

/** One event a second. */
function traceOf(...told: readonly Told[]): TraceEvent[] {
  return told.map(([kind, host, text], at) => {
    return text === undefined ? { at, kind, host } : { at, kind, host, text };
  });
}

function describeSpans(...told: readonly Told[]): string[] {
  return spansOf(traceOf(...told)).map(({ kind, from, to, hosts, text, begin, end }) => {
    assert.equal(begin, from);
    assert.equal(end, to === Infinity || kind === "stalled" ? undefined : to);
    return `${kind} ${hosts.join(",")} ${String(from)}-${String(to)} ${text}`;
  });
}

describe("spansOf()", () => {
  it("a fault lasts until it is healed, or to the end", () => {
    assert.deepEqual(
      describeSpans(
        ["fault", "", "partition a | b"],
        ["fault", "", "hold a | c"],
        ["healed", "", "partition a | b"],
      ),
      ["fault a,b 0-2 partition a | b", "fault a,c 1-Infinity hold a | c"],
    );
  });

  it("the same fault twice is healed twice", () => {
    const [cut, heal]: Told[] = [
      ["fault", "", "partition a | b"],
      ["healed", "", "partition a | b"],
    ];
    assert.exists(cut);
    assert.exists(heal);
    assert.deepEqual(describeSpans(cut, cut, heal, heal, heal), [
      "fault a,b 0-2 partition a | b",
      "fault a,b 1-3 partition a | b",
    ]);
  });

  it("a fault of one host is not that of another, nor of the world", () => {
    assert.deepEqual(
      describeSpans(
        ["fault", "a", "slow disk"],
        ["fault", "b", "slow disk"],
        ["healed", "b", "slow disk"],
      ),
      ["fault b 1-2 slow disk", "fault a 0-Infinity slow disk"],
    );
  });

  it("a reset does not last, nor does a clock that is set", () => {
    assert.deepEqual(describeSpans(["fault", "", "reset a | b"], ["fault", "a", "skew 2 s"]), []);
  });

  it("a host is down until it is started", () => {
    assert.deepEqual(
      describeSpans(
        ["host started", "a"],
        ["host ended", "a"],
        ["host lost power", "a"],
        ["host started", "a"],
        ["host lost power", "b"],
      ),
      [
        "no program a 1-2 a has no program",
        "no power a 2-3 a has no power",
        "no power b 4-Infinity b has no power",
      ],
    );
  });

  it("a host is stalled as long as it says", () => {
    assert.deepEqual(describeSpans(["mark", "a"], ["host stalled", "a", "2.5"]), [
      "stalled a 1-3.5 a is stalled",
    ]);
  });
});

describe("hostsNamed()", () => {
  it("finds the hosts between which a fault stands", () => {
    assert.deepEqual(hostsNamed("partition a,b > c"), ["a", "b", "c"]);
    assert.deepEqual(hostsNamed("hold a | b"), ["a", "b"]);
    assert.deepEqual(hostsNamed("bank.example: SERVFAIL"), []);
  });
});
