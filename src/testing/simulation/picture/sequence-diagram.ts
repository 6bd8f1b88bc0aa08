/**
 * The picture itself, in SVG: lanes from above to below, arrows from where bytes left to where they
 * arrived, and shades over what was broken.
 *
 * What the page's script moves when rows come and go says in `data-a` and `data-b` from where to
 * where it goes, in rows.
 *
 * @module
 */
import { escapeHTML } from "../../../web/server/error-page.ts";
import type { WhenResult } from "../when.ts";
import { describeEventLabel, describeEventDetails } from "./event-label.ts";
import type { Lane, Lanes } from "./lanes.ts";
import { GAP_HEIGHT, ROW_HEIGHT, type Row, type Rows } from "./rows.ts";
import { hostsNamed, type TraceSpan } from "./spans.ts";
import { describeSpan } from "./time-jumps.ts";

/** What a diagram is drawn from. */
export interface DiagramParts {
  readonly lanes: Lanes;
  readonly rows: Rows;
  readonly spans: readonly TraceSpan[];
  readonly when: WhenResult | undefined;
  /** When each connection was made, and where from: by its number. */
  readonly connected: ReadonlyMap<number, Origin>;
  /** Said below the last row; none: it did not fail. */
  readonly failure: string | undefined;
}

/** Where something came from. */
export interface Origin {
  readonly host: string;
  readonly at: number;
}

/** Colours for connections; the style sheet has as many. */
export const COLOURS = 8;
const HALF = ROW_HEIGHT / 2;
const FOOT = 44;
const STUB = 34;
const TIME_X = 96;

/** The names of the hosts, to stand above the diagram while it is scrolled. */
export function drawLaneNames(lanes: Lanes): string {
  const names = [...lanes].map(({ name, x }) => {
    const short = escapeHTML(clip(name, Math.max(8, lanes.labelLength)));
    return `<text x="${String(x)}" y="20"><title>${escapeHTML(name)}</title>${short}</text>`;
  });
  const width = String(lanes.width);
  return `<svg class="names" width="${width}" height="28" aria-hidden="true">${names.join("")}</svg>`;
}

/** See the top of this file. */
export function drawDiagram(parts: DiagramParts): string {
  const { lanes, rows } = parts;
  const height = String(rows.height + FOOT);
  const width = String(lanes.width);
  const layers = [
    MARKERS,
    ...parts.spans.map((span) => drawSpan(span, parts)),
    ...[...lanes].map((lane) => drawLifeline(lane, rows)),
    `<g id="gaps">${rows.gaps.map((gap) => drawGap(gap, rows, lanes)).join("")}</g>`,
    ...[...rows].map((row) => drawArrow(row, parts)),
    ...drawRows(parts),
    drawNoReturn(parts),
    drawEnd(parts),
  ];
  return (
    `<svg id="diagram" role="img" aria-label="Sequence diagram. The same is below, in words." ` +
    `width="${width}" height="${height}">\n${layers.filter((one) => one !== "").join("\n")}\n</svg>`
  );
}

const MARKERS = `<defs>${[...Array.from({ length: COLOURS }, (_, at) => `c${String(at)}`), "bad"]
  .map(
    (name) =>
      `<marker id="head-${name}" class="${name}" viewBox="0 0 8 8" refX="7" refY="4" ` +
      `markerWidth="8" markerHeight="8" markerUnits="userSpaceOnUse" orient="auto">` +
      `<path d="M0 0 8 4 0 8Z"/></marker>`,
  )
  .join("")}
<pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
<rect class="hatch" width="3" height="6"/></pattern></defs>`;

// -- What lasts

function drawSpan(span: TraceSpan, { lanes, rows }: DiagramParts): string {
  const places = span.hosts.flatMap((host) => lanes.of(host) ?? []).map(({ x }) => x);
  const a = placeOfBegin(span, rows);
  const b = span.to === Infinity ? rows.count : rows.placeOf(span.to) - 0.5;
  if (b <= a || (span.hosts.length > 0 && places.length === 0)) return "";
  const title = `<title>${escapeHTML(describeDuration(span))}</title>`;
  if (span.kind !== "fault") {
    const name = span.kind.replaceAll(" ", "-");
    return places.map((x) => band(`on-lane ${name}`, [x - 7, x + 7], [a, b], rows, title)).join("");
  }
  const [left = 0, right = lanes.width] =
    places.length === 0 ? [] : [Math.min(...places), Math.max(...places)];
  const strips = places.map((x) => band("cut", [x - 4, x + 4], [a, b], rows, title));
  return band("fault", [left - 4, right + 4], [a, b], rows, title) + strips.join("");
}

/** In the middle of the row that says so; above the first one if that is not shown. */
function placeOfBegin({ from }: TraceSpan, rows: Rows): number {
  return Math.max(0, rows.placeOf(from) - 0.5);
}

function describeDuration({ from, to, text }: TraceSpan): string {
  const end = to === Infinity ? "the end" : `${to.toFixed(6)} s`;
  return `${text}, from ${from.toFixed(6)} s to ${end}`;
}

function band(
  name: string,
  [left, right]: readonly [number, number],
  [a, b]: readonly [number, number],
  rows: Rows,
  title: string,
): string {
  const y = rows.y(a);
  return (
    `<rect class="${name}" data-a="${String(a)}" data-b="${String(b)}" x="${String(left)}" ` +
    `y="${String(y)}" width="${String(right - left)}" height="${String(rows.y(b) - y)}">` +
    `${title}</rect>`
  );
}

function drawLifeline({ x }: Lane, rows: Rows): string {
  return line("life", [x, 0], [x, rows.count], rows);
}

/** A line between two places that moves with the rows. */
function line(
  name: string,
  [x1, a]: readonly [number, number],
  [x2, b]: readonly [number, number],
  rows: Rows,
  more = "",
): string {
  const y1 = String(rows.y(a));
  const y2 = String(rows.y(b));
  return (
    `<line class="${name}" data-a="${String(a)}" data-b="${String(b)}" x1="${String(x1)}" ` +
    `y1="${y1}" x2="${String(x2)}" y2="${y2}"${more}/>`
  );
}

function drawGap(gap: Rows["gaps"][number], rows: Rows, lanes: Lanes): string {
  const y = rows.y(gap.row) - GAP_HEIGHT / 2;
  const words = [
    ...(gap.seconds >= rows.jump ? [describeSpan(gap.seconds)] : []),
    ...(gap.left > 0 ? [`${String(gap.left)} events left out`] : []),
  ];
  return (
    `<line class="gap" x1="0" x2="${String(lanes.width)}" y1="${String(y)}" y2="${String(y)}"/>` +
    `<text class="gap" x="${String(TIME_X)}" y="${String(y + 4)}">… ${words.join(", ")} …</text>`
  );
}

// -- What happens

/** From where it left to where it arrived: what is received, and the end of a handshake. */
function drawArrow(row: Row, { lanes, rows, connected }: DiagramParts): string {
  const { event } = row.folded;
  const { connection, kind } = event;
  const origin =
    kind === "accepted" ? connected.get(connection ?? -1) : { host: event.peer, at: event.sentAt };
  const to = lanes.of(event.host);
  const from = lanes.of(origin?.host);
  const comes = kind === "accepted" || kind.endsWith("received");
  if (!comes || origin?.at === undefined || from === undefined || to === undefined) return "";
  if (from === to) return "";
  const colour = `c${String((connection ?? 0) % COLOURS)}`;
  const name = `arrow ${colour}${kind === "accepted" ? " thin" : ""}${row.shown ? "" : " out"}`;
  const more = ` data-r="${String(row.number)}" marker-end="url(#head-${colour})"`;
  const a = rows.placeAt(origin.at, from.name);
  return line(name, [from.x, a], [to.x, row.number + 0.5], rows, more);
}

function drawRows(parts: DiagramParts): string[] {
  let before: number | undefined;
  return [...parts.rows].map((row) => {
    const { at } = row.folded.event;
    const isNew = at !== before;
    if (row.shown) before = at;
    return drawRow(row, parts, isNew);
  });
}

function drawRow(row: Row, parts: DiagramParts, isNew: boolean): string {
  const { lanes, rows } = parts;
  const { event } = row.folded;
  const hosts = hostsOf(row, lanes).map(({ number }) => number);
  const colour = event.connection === undefined ? "" : ` c${String(event.connection % COLOURS)}`;
  const data = [
    `data-r="${String(row.number)}"`,
    `data-g="${row.group}"`,
    `data-h="${hosts.join(" ")}"`,
    `data-t="${String(event.at)}"`,
    ...(event.connection === undefined ? [] : [`data-c="${String(event.connection)}"`]),
    ...(rows.leftBefore(row) === 0 ? [] : [`data-left="${String(rows.leftBefore(row))}"`]),
  ];
  const name = `row ${row.group}${colour}${row.shown ? "" : " out"}`;
  const time = `<text class="${isNew ? "time" : "time same"}" x="${String(TIME_X)}" y="4">`;
  return (
    `<g id="r${String(row.number)}" class="${name}" ${data.join(" ")} ` +
    `transform="translate(0 ${String(rows.y(row.number) + HALF)})">` +
    `<title>${escapeHTML(describeEventDetails(row.folded))}</title>` +
    `<rect class="back" y="-${String(HALF)}" width="${String(lanes.width)}" ` +
    `height="${String(ROW_HEIGHT)}"/>${time}${event.at.toFixed(6)}</text>` +
    `${drawWhat(row, lanes)}</g>`
  );
}

/** The hosts that have a part in an event. */
function hostsOf({ folded: { event } }: Row, lanes: Lanes): Lane[] {
  const names = new Set(
    event.host === "" ? hostsNamed(event.text ?? "") : [event.host, event.peer ?? ""],
  );
  return [...names].flatMap((name) => lanes.of(name) ?? []);
}

/** What stands on and beside the lane. Its y is 0. */
function drawWhat(row: Row, lanes: Lanes): string {
  const { event } = row.folded;
  const label = escapeHTML(clip(describeEventLabel(row.folded), lanes.labelLength));
  const here = lanes.of(event.host);
  if (here === undefined) return drawWorldEvent(row, lanes);
  const text = `<text class="label" x="${String(here.x + 12)}" y="4">${label}</text>`;
  const dot = `<circle cx="${String(here.x)}" r="3.5"/>`;
  const there = lanes.of(event.peer);
  if (there === undefined || there === here) return dot + text;
  const way = there.x > here.x ? 1 : -1;
  switch (event.kind) {
    case "retransmitted":
    case "datagram lost":
      return drawLost(here, there) + dot + text;
    case "closed":
    case "half-closed":
    case "reset":
    case "timed out":
      return drawLeaving(here.x, way, event.kind) + text;
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
function drawWorldEvent(row: Row, lanes: Lanes): string {
  const { event } = row.folded;
  const places = hostsOf(row, lanes).map(({ x }) => x);
  const [left, right] =
    places.length === 0
      ? [TIME_X + 12, lanes.width]
      : [Math.min(...places) - 4, Math.max(...places) + 4];
  const room = Math.max(lanes.labelLength, Math.floor((lanes.width - left) / 7));
  const label = escapeHTML(clip(describeEventLabel(row.folded), room));
  return (
    `<line class="across ${event.kind}" x1="${String(left)}" x2="${String(right)}"/>` +
    `<text class="label across" x="${String(left + 16)}" y="4">${label}</text>`
  );
}

// -- How it ends

function drawNoReturn({ when, rows, lanes }: DiagramParts): string {
  if (when === undefined) return "";
  const [from, to] = when.between;
  const a = rows.placeOf(from);
  const b = Math.max(a, rows.placeOf(to));
  const title = `<title>Inevitable from here on</title>`;
  const words = `no return from ${from.toFixed(6)} .. ${to.toFixed(6)} s`;
  return (
    band("no-return", [0, 8], [a, b], rows, title) +
    line("no-return", [0, b], [lanes.width, b], rows) +
    `<text class="no-return" data-a="${String(b)}" x="${String(lanes.width - 6)}" ` +
    `y="${String(rows.y(b) - 4)}">${words}</text>`
  );
}

function drawEnd({ failure, rows, lanes }: DiagramParts): string {
  const place = String(rows.count);
  const top = `transform="translate(0 ${String(rows.height)})"`;
  if (failure === undefined) return `<g id="end" data-a="${place}" ${top}></g>`;
  const text = escapeHTML(clip(failure, Math.floor((lanes.width - 40) / 7.5)));
  return (
    `<g id="end" class="end" data-a="${place}" ${top}><rect y="10" width="${String(lanes.width)}" ` +
    `height="26" rx="4"/><text x="14" y="28">✗ ${text}</text></g>`
  );
}

/** At most so many characters. */
function clip(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, Math.max(1, length - 1))}…` : text;
}
