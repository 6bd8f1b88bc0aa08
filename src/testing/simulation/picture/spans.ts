/**
 * What lasts: faults until they are healed, hosts without power or program, programs that stand
 * still.
 *
 * @module
 */
import type { TraceEvent } from "../../../reactors/simulated/trace.ts";

/** What lasts from one time to another. */
export interface TraceSpan {
  readonly kind: "fault" | "no power" | "no program" | "stalled";
  readonly from: number;
  /** `Infinity`: to the end. */
  readonly to: number;
  /** The event that began it, by its number in the trace. */
  readonly begin: number;
  /** The event that ended it, if it was one. */
  readonly end: number | undefined;
  /** Where; none: in the world. */
  readonly hosts: readonly string[];
  readonly text: string;
}

/** `partition a,b | c`, `hold a | b`, `partition a > b`. */
const BETWEEN = /^[\w-]+ (?<some>.+) [|>] (?<others>.+)$/su;

/** Find what lasted, in the order in which it ended. */
export function spansOf(trace: readonly TraceEvent[]): TraceSpan[] {
  const finder = new SpanFinder();
  for (const [index, event] of trace.entries()) finder.add(event, index);
  return finder.finish();
}

/** The hosts that a fault names, if it stands between some. */
export function hostsNamed(text: string): readonly string[] {
  const { some, others } = BETWEEN.exec(text)?.groups ?? {};
  return some === undefined || others === undefined
    ? []
    : [...some.split(","), ...others.split(",")];
}

class SpanFinder {
  readonly #found: TraceSpan[] = [];
  /** Faults that are not healed, by what they say: the same one may be there twice. */
  readonly #faults = new Map<string, TraceSpan[]>();
  readonly #down = new Map<string, TraceSpan>();

  add(event: TraceEvent, index: number): void {
    const { kind, at, host, text = "" } = event;
    const begun = { from: at, to: Infinity, begin: index, end: undefined, hosts: [host] };
    switch (kind) {
      case "fault":
        this.#break({ ...begun, kind: "fault", text }, host);
        break;
      case "healed":
        this.#heal(event, index);
        break;
      case "host ended":
        this.#close(this.#down.get(host), at, index);
        this.#down.set(host, { ...begun, kind: "no program", text: `${host} has no program` });
        break;
      case "host lost power":
        this.#close(this.#down.get(host), at, index);
        this.#down.set(host, { ...begun, kind: "no power", text: `${host} has no power` });
        break;
      case "host started":
        this.#close(this.#down.get(host), at, index);
        this.#down.delete(host);
        break;
      case "host stalled": {
        const to = at + Number(text);
        this.#found.push({ ...begun, to, kind: "stalled", text: `${host} is stalled` });
        break;
      }
      default:
    }
  }

  finish(): TraceSpan[] {
    for (const span of [...this.#faults.values()].flat()) {
      if (!isOverAtOnce(span.text)) this.#found.push(span);
    }
    this.#found.push(...this.#down.values());
    return this.#found;
  }

  #break(fault: TraceSpan, host: string): void {
    const key = JSON.stringify([host, fault.text]);
    const span = host === "" ? { ...fault, hosts: hostsNamed(fault.text) } : fault;
    const same = this.#faults.get(key);
    if (same === undefined) this.#faults.set(key, [span]);
    else same.push(span);
  }

  #heal({ at, host, text = "" }: TraceEvent, index: number): void {
    const span = this.#faults.get(JSON.stringify([host, text]))?.shift();
    this.#close(span, at, index);
  }

  #close(span: TraceSpan | undefined, to: number, end: number): void {
    if (span !== undefined) this.#found.push({ ...span, to, end });
  }
}

/** A reset is over at once, and a clock that is set wrong is not healed: the others go on. */
function isOverAtOnce(text: string): boolean {
  return /^(?:reset|skew) /u.test(text);
}
