/**
 * When a failure became inevitable, as bars.
 *
 *       0.000000 s    3 %  █
 *       7.300000 s   38 %  ███████████
 *       8.700000 s  100 %  ██████████████████████████████  inevitable from here on
 *     200.000000 s         seen
 *
 * @module
 */
import type { WhenResult } from "../../testing/simulation/when.ts";

const WIDTH = 30;
/** Eighths of a block. */
const EIGHTHS = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"] as const;
const TIME_WIDTH = 14;

/** A line for each point, without a line end after the last. */
export function drawWhenChart({ points, between: [from, to], seenAt }: WhenResult): string {
  const lines = points.map(({ time, failing }) => {
    const percent = `${String(Math.round(failing * 100))} %`.padStart(5);
    const mark = time === to && to > from ? "  inevitable from here on" : "";
    return `${timeIn(time)}  ${percent}  ${bar(failing)}${mark}`.trimEnd();
  });
  return [...lines, `${timeIn(seenAt)}         seen`].join("\n");
}

function timeIn(seconds: number): string {
  return `${seconds.toFixed(6)} s`.padStart(TIME_WIDTH);
}

function bar(part: number): string {
  const eighths = Math.round(part * WIDTH * 8);
  return "█".repeat(eighths >> 3) + (EIGHTHS[eighths & 7] ?? "");
}
