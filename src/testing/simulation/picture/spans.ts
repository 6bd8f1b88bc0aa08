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
  /** Where; none: in the world. */
  readonly hosts: readonly string[];
  readonly text: string;
}

/** `partition a,b | c`, `hold a | b`, `partition a > b`. */
const BETWEEN = /^[\w-]+ (?<some>.+) [|>] (?<others>.+)$/su;

/** Find what lasted, in the order in which it ended. */
export function spansOf(trace: readonly TraceEvent[]): TraceSpan[] {
  const finder = new SpanFinder();
  for (const event of trace) finder.add(event);
  return finder.end();
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

  add(event: TraceEvent): void {
    const { kind, at, host, text = "" } = event;
    switch (kind) {
      case "fault":
        this.#begin(event);
        break;
      case "healed":
        this.#heal(event);
        break;
      case "host ended":
      case "host lost power": {
        const how = kind === "host ended" ? "no program" : "no power";
        this.#close(this.#down.get(host), at);
        this.#down.set(host, { kind: how, from: at, to: Infinity, hosts: [host], text: how });
        break;
      }
      case "host started":
        this.#close(this.#down.get(host), at);
        this.#down.delete(host);
        break;
      case "host stalled": {
        const to = at + Number(text);
        const words = `stalled for ${text} s`;
        this.#found.push({ kind: "stalled", from: at, to, hosts: [host], text: words });
        break;
      }
      default:
    }
  }

  end(): TraceSpan[] {
    for (const span of [...this.#faults.values()].flat()) {
      if (!isOverAtOnce(span.text)) this.#found.push(span);
    }
    this.#found.push(...this.#down.values());
    return this.#found;
  }

  #begin({ at, host, text = "" }: TraceEvent): void {
    const key = JSON.stringify([host, text]);
    const hosts = host === "" ? hostsNamed(text) : [host];
    const span: TraceSpan = { kind: "fault", from: at, to: Infinity, hosts, text };
    const same = this.#faults.get(key);
    if (same === undefined) this.#faults.set(key, [span]);
    else same.push(span);
  }

  #heal({ at, host, text = "" }: TraceEvent): void {
    const span = this.#faults.get(JSON.stringify([host, text]))?.shift();
    this.#close(span, at);
  }

  #close(span: TraceSpan | undefined, to: number): void {
    if (span !== undefined) this.#found.push({ ...span, to });
  }
}

/** A reset is over at once, and a clock that is set wrong is not healed: the others go on. */
function isOverAtOnce(text: string): boolean {
  return /^(?:reset|skew) /u.test(text);
}
