/**
 * From when on a failure was inevitable, as bars: how many runs that were free from that time on
 * failed all the same.
 *
 * @module
 */
import type { WhenPoint, WhenResult } from "../when.ts";

/** Pixels. */
const STEP = 56;
const BAR = 30;
const HEIGHT = 90;
const TOP = 20;
const LEFT = 16;

/** See the top of this file. */
export function drawNoReturnChart({ points, between, seenAt }: WhenResult): string {
  const [from, to] = between;
  const width = String(2 * LEFT + points.length * STEP);
  const bars = points.map((point, at) => drawBar(point, at, point.time >= to)).join("\n");
  const seen = seconds(seenAt);
  const words = `Inevitable from ${seconds(from)} .. ${seconds(to)} s, seen at ${seen} s.`;
  return (
    `<figure><svg class="chart" role="img" aria-label="${words} ${describe(points)}" ` +
    `width="${width}" height="${String(TOP + HEIGHT + 26)}">\n${bars}\n` +
    `<line class="floor" x1="0" x2="${width}" y1="${String(TOP + HEIGHT)}" ` +
    `y2="${String(TOP + HEIGHT)}"/></svg>\n<figcaption>How many of the runs that chose anew ` +
    `from that time on failed in the same way. Look between <strong>${seconds(from)} s</strong> ` +
    `and <strong>${seconds(to)} s</strong>; it was seen at ${seen} s.</figcaption></figure>`
  );
}

function drawBar({ time, failing }: WhenPoint, at: number, isLost: boolean): string {
  const middle = String(LEFT + at * STEP + STEP / 2);
  const height = Math.max(2, Math.round(failing * HEIGHT));
  const top = TOP + HEIGHT - height;
  const left = String(LEFT + at * STEP + (STEP - BAR) / 2);
  return (
    `<rect class="${isLost ? "bar inevitable" : "bar"}" x="${left}" ` +
    `y="${String(top)}" width="${String(BAR)}" height="${String(height)}"/>` +
    `<text x="${middle}" y="${String(top - 5)}">${percent(failing)}</text>` +
    `<text class="time" x="${middle}" y="${String(TOP + HEIGHT + 16)}">${seconds(time)}</text>`
  );
}

function describe(points: readonly WhenPoint[]): string {
  return points.map(({ time, failing }) => `${seconds(time)} s: ${percent(failing)}`).join(", ");
}

function percent(part: number): string {
  return `${String(Math.round(part * 100))} %`;
}

function seconds(time: number): string {
  return String(Number(time.toFixed(time < 100 ? 3 : 1)));
}
