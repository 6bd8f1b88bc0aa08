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
import { clip, describeEventDetails } from "./event-label.ts";
import { drawMark, lanesOf } from "./event-mark.ts";
import { GAP_X, type Lane, type Lanes, TIME_X } from "./lanes.ts";
import type { Origins } from "./origins.ts";
import { COLOURS } from "./page-style.ts";
import { FOOT_HEIGHT, GAP_HEIGHT, ROW_HEIGHT, type Row, type Rows } from "./rows.ts";
import type { TraceSpan } from "./spans.ts";
import { describeSpan } from "./time-jumps.ts";

/** What a diagram is drawn from. */
export interface DiagramParts {
  readonly lanes: Lanes;
  readonly rows: Rows;
  readonly spans: readonly TraceSpan[];
  readonly when: WhenResult | undefined;
  readonly origins: Origins;
  /** Said below the last row; none: it did not fail. */
  readonly failure: string | undefined;
}

const HALF = ROW_HEIGHT / 2;
/** How far before a lane an arrow ends. */
const HEAD = 4;

/** The names of the hosts, to stand above the diagram while it is scrolled. */
export function drawLaneNames(lanes: Lanes): string {
  const names = [...lanes].map(({ name, x }) => {
    const short = escapeHTML(clip(name, Math.max(8, lanes.labelLength)));
    return `<text x="${String(x)}" y="20"><title>${escapeHTML(name)}</title>${short}</text>`;
  });
  const size = `width="${String(lanes.width)}" height="28"`;
  return `<svg class="names" ${size} aria-hidden="true">${names.join("")}</svg>`;
}

/** See the top of this file. */
export function drawDiagram(parts: DiagramParts): string {
  const { lanes, rows } = parts;
  const height = String(rows.height + FOOT_HEIGHT);
  const width = String(lanes.width);
  const layers = [
    MARKERS,
    ...drawSpans(parts),
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
<pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse"
 patternTransform="rotate(45)">
<rect class="hatch" width="3" height="6"/></pattern></defs>`;

// -- What lasts

/** In layers, each as dark where several lie upon each other as where there is one. */
function drawSpans(parts: DiagramParts): string[] {
  const layers = { fault: "", cut: "", down: "" };
  for (const span of parts.spans) drawSpan(span, parts, layers);
  return Object.entries(layers).map(([name, bands]) => `<g class="layer-${name}">${bands}</g>`);
}

function drawSpan(
  span: TraceSpan,
  { lanes, rows }: DiagramParts,
  layers: { fault: string; cut: string; down: string },
): void {
  const places = span.hosts.flatMap((host) => lanes.of(host) ?? []).map(({ x }) => x);
  const a = rows.placeOfEvent(span.begin);
  const b = span.end === undefined ? rows.placeOf(span.to) : rows.placeOfEvent(span.end);
  if (b <= a || (span.hosts.length > 0 && places.length === 0)) return;
  const title = `<title>${escapeHTML(describeDuration(span))}</title>`;
  const strips = (name: string, half: number): string =>
    places.map((x) => band(name, [x - half, x + half], [a, b], rows, title)).join("");
  if (span.kind !== "fault") {
    layers.down += strips(span.kind.replaceAll(" ", "-"), 7);
    return;
  }
  const left = places.length === 0 ? 0 : Math.min(...places) - 4;
  const right = places.length === 0 ? lanes.width : Math.max(...places) + 4;
  layers.fault += band("fault", [left, right], [a, b], rows, title);
  layers.cut += strips("cut", 4);
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
    `<text class="gap" x="${String(GAP_X)}" y="${String(y + 4)}">… ${words.join(", ")} …</text>`
  );
}

// -- What happens

/** From where it left to where it arrived: what is received, and the end of a handshake. */
function drawArrow(row: Row, parts: DiagramParts): string {
  const { lanes, rows, origins } = parts;
  const { connection = 0, kind, host } = row.folded.event;
  const origin = origins.of(row.folded.event);
  const from = lanes.of(origin?.host);
  const to = lanes.of(host);
  if (origin === undefined || from === undefined || to === undefined || from === to) return "";
  const colour = `c${String(connection % COLOURS)}`;
  const name = `arrow ${colour}${kind === "accepted" ? " thin" : ""}${row.shown ? "" : " out"}`;
  const more = ` data-r="${String(row.number)}" marker-end="url(#head-${colour})"`;
  const a = rows.placeAt(origin.at, from.name);
  const end = to.x + (from.x < to.x ? -HEAD : HEAD);
  return line(name, [from.x, a], [end, row.number + 0.5], rows, more);
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
  const { lanes, rows, origins } = parts;
  const { event } = row.folded;
  const hosts = lanesOf(row.folded, lanes).map(({ number }) => number);
  const colour = event.connection === undefined ? "" : ` c${String(event.connection % COLOURS)}`;
  const data = [
    `data-r="${String(row.number)}"`,
    `data-g="${row.group}"`,
    `data-h="${hosts.join(" ")}"`,
    `data-t="${String(event.at)}"`,
    ...(event.connection === undefined ? [] : [`data-c="${String(event.connection)}"`]),
    ...(rows.leftBefore(row) === 0 ? [] : [`data-left="${String(rows.leftBefore(row))}"`]),
  ];
  const kind = event.kind.replaceAll(" ", "-");
  const name = `row ${row.group} ${kind}${colour}${row.shown ? "" : " out"}`;
  const time = `<text class="${isNew ? "time" : "time same"}" x="${String(TIME_X)}" y="4">`;
  return (
    `<g id="r${String(row.number)}" class="${name}" ${data.join(" ")} ` +
    `transform="translate(0 ${String(rows.y(row.number) + HALF)})">` +
    `<title>${escapeHTML(describeEventDetails(row.folded))}</title>` +
    `<rect class="back" y="-${String(HALF)}" width="${String(lanes.width)}" ` +
    `height="${String(ROW_HEIGHT)}"/>${time}${event.at.toFixed(6)}</text>` +
    `${drawMark(row.folded, lanes, origins)}</g>`
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
    `<g id="end" class="end" data-a="${place}" ${top}>` +
    `<rect y="10" width="${String(lanes.width)}" height="26" rx="4"/>` +
    `<text x="14" y="28">✗ ${text}</text></g>`
  );
}
