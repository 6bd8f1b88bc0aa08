/**
 * What the world did to a recorded connection, step by step, so that it can be done again.
 *
 * @module
 */
import type {
  RecordedEvent,
  RecordedHandshake,
  Recording,
} from "../../recorder/wire/recorded-event.ts";

/** Bytes that came. */
interface Incoming {
  readonly type: "in";
  readonly time: number;
  readonly data: Buffer;
}

/** One thing that came from outside. */
export type ReplayStep =
  | Incoming
  | RecordedHandshake
  | { readonly type: "in-end" | "reset"; readonly time: number };

/** The steps of a recording, in order. */
export function scriptOf({ events }: Recording): readonly ReplayStep[] {
  const steps: ReplayStep[] = [];
  for (const [index, event] of events.entries()) {
    const { type, time } = event;
    if (type === "in") steps.push({ type, time, data: event.data });
    else if (type === "in-end") steps.push({ type, time });
    else if (type === "handshake") steps.push(event);
    else if (type === "start-tls") takeBack(steps, event.unread);
    else if (type === "closed") {
      const step = peersEnd(event.reason, events.slice(0, index), event.failed);
      if (step !== undefined) steps.push({ type: step, time });
    }
  }
  return steps;
}

/** What did the peer do that the connection has ended? Nothing, where we have ended it. */
function peersEnd(
  reason: string,
  before: readonly RecordedEvent[],
  failed: boolean,
): "in-end" | "reset" | undefined {
  const types = new Set(before.map(({ type }) => type));
  if (failed || types.has("close") || types.has("abort")) return undefined;
  if (reason !== "ConnectionDone") return "reset";
  return types.has("in-end") ? undefined : "in-end";
}

/** The last bytes were the beginning of TLS, which is not spoken here. */
function takeBack(steps: ReplayStep[], count: number): void {
  let left = count;
  for (let index = steps.length - 1; index >= 0 && left > 0; index -= 1) {
    const step = steps[index];
    if (step?.type !== "in") continue;
    const taken = Math.min(left, step.data.length);
    steps[index] = { ...step, data: step.data.subarray(0, step.data.length - taken) };
    left -= taken;
  }
}

/** As `recorded`, each byte alone, or with one more cut: before the byte of that number. */
export type Cut = "recorded" | "bytes" | number;

/** The same steps, with what comes in cut otherwise. */
export function cutScript(steps: readonly ReplayStep[], cut: Cut): readonly ReplayStep[] {
  if (cut === "recorded") return steps;
  let offset = 0;
  return steps.flatMap((step): readonly ReplayStep[] => {
    if (step.type !== "in") return [step];
    const { type, time } = step;
    const at = cut === "bytes" ? undefined : cut - offset;
    offset += step.data.length;
    return pieces(step.data, at).map((data) => ({ type, time, data }));
  });
}

/** @param at Where to cut; `undefined`: everywhere. */
function pieces(data: Buffer, at: number | undefined): readonly Buffer[] {
  if (at === undefined) return Array.from(data, (_, index) => data.subarray(index, index + 1));
  return at > 0 && at < data.length ? [data.subarray(0, at), data.subarray(at)] : [data];
}

/** Every place for one more cut: those inside of a chunk. */
export function cutsOf(steps: readonly ReplayStep[]): readonly number[] {
  const cuts: number[] = [];
  let offset = 0;
  for (const step of steps) {
    if (step.type !== "in") continue;
    for (let at = 1; at < step.data.length; at += 1) cuts.push(offset + at);
    offset += step.data.length;
  }
  return cuts;
}
