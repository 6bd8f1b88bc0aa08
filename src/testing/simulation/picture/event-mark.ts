/**
 * What stands on and beside the lane in the row of an event. The middle of the row is at 0.
 *
 * @module
 */
import { escapeHTML } from "../../../web/server/error-page.ts";
import { clip, describeEventLabel } from "./event-label.ts";
import type { FoldedEvent } from "./fold-events.ts";
import { CHARACTER, type Lane, type Lanes, TIME_X } from "./lanes.ts";
import type { Origins } from "./origins.ts";
import { hostsNamed } from "./spans.ts";

/** Pixels of the line that says to whom an end is told. */
const STUB = 34;

/** The hosts that have a part in an event. */
export function lanesOf({ event }: FoldedEvent, lanes: Lanes): Lane[] {
  const names = new Set(
    event.host === "" ? hostsNamed(event.text ?? "") : [event.host, event.peer ?? ""],
  );
  return [...names].flatMap((name) => lanes.of(name) ?? []);
}

/** See the top of this file. */
export function drawMark(folded: FoldedEvent, lanes: Lanes, origins: Origins): string {
  const { event } = folded;
  const here = lanes.of(event.host);
  if (here === undefined) return drawWorldEvent(folded, lanes);
  const there = lanes.of(event.peer ?? origins.of(event)?.host);
  const dot = `<circle cx="${String(here.x)}" r="3"/>`;
  // On the side where its arrow is not.
  const onLeft = there === undefined || there === here ? here.isFirst : there.x > here.x;
  const words = escapeHTML(clip(describeEventLabel(folded), lanes.labelLength));
  const text =
    `<text class="label${onLeft ? " left" : ""}" x="${String(here.x + (onLeft ? -11 : 11))}" ` +
    `y="4">${words}</text>`;
  if (there === undefined || there === here) return dot + text;
  switch (event.kind) {
    case "retransmitted":
    case "datagram lost":
      return drawLost(here, there) + dot + text;
    case "closed":
    case "half-closed":
    case "reset":
    case "timed out":
      return drawLeaving(here.x, there.x > here.x ? 1 : -1, event.kind) + text;
    default:
      return dot + text;
  }
}

/** It leaves, and does not arrive. */
function drawLost(here: Lane, there: Lane): string {
  const end = Math.round(here.x + (there.x - here.x) * 0.4);
  return (
    `<line class="lost" x1="${String(here.x)}" x2="${String(end)}"/>` +
    `<path class="cross" d="M${String(end - 4)}-4l8 8m0-8l-8 8"/>`
  );
}

/** The end of a connection, or of its half: who said it, and to whom. */
function drawLeaving(x: number, way: number, kind: string): string {
  const to = String(x + way * STUB * (kind === "half-closed" ? 0.6 : 1));
  const isBad = kind === "reset" || kind === "timed out";
  return (
    `<line class="${isBad ? "leaving bad" : "leaving"}" x1="${String(x)}" x2="${to}"/>` +
    `<path class="cross" d="M${String(x - 4)}-4l8 8m0-8l-8 8"/>`
  );
}

/** A fault of the world, across the hosts that it names. */
function drawWorldEvent(folded: FoldedEvent, lanes: Lanes): string {
  const places = lanesOf(folded, lanes).map(({ x }) => x);
  const left = places.length === 0 ? TIME_X + 12 : Math.min(...places) - 4;
  const right = places.length === 0 ? lanes.width : Math.max(...places) + 4;
  const room = Math.floor((lanes.width - left - 40) / CHARACTER);
  const words = clip(describeEventLabel(folded), room);
  const width = Math.ceil(words.length * CHARACTER) + 12;
  return (
    `<line class="across" x1="${String(left)}" x2="${String(right)}"/>` +
    `<rect class="across" x="${String(left + 14)}" y="-8" width="${String(width)}" height="16" ` +
    `rx="3"/><text class="across" x="${String(left + 20)}" y="4">${escapeHTML(words)}</text>`
  );
}
