/**
 * A run as one page that can be opened, sent and kept: who said what to whom, what was broken then,
 * and how it ended.
 *
 * The page needs nothing else, not even its script; it says so in its policy, so that nothing in
 * what was sent can load or run anything.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { plural } from "../../core/text.ts";
import { escapeHTML } from "../../web/server/error-page.ts";
import { EVENT_GROUPS, type EventGroup } from "./picture/event-groups.ts";
import { describeEventLabel } from "./picture/event-label.ts";
import { foldEvents } from "./picture/fold-events.ts";
import { Lanes } from "./picture/lanes.ts";
import { drawNoReturnChart } from "./picture/no-return-chart.ts";
import { Origins } from "./picture/origins.ts";
import { PAGE_SCRIPT } from "./picture/page-script.ts";
import { PAGE_STYLE } from "./picture/page-style.ts";
import type { PictureReport } from "./picture/picture-report.ts";
import { relevantEvents } from "./picture/relevant-events.ts";
import { Rows } from "./picture/rows.ts";
import { drawDiagram, drawLaneNames } from "./picture/sequence-diagram.ts";
import { spansOf } from "./picture/spans.ts";
import type { SimulationResult } from "./simulate.ts";
import { describeFolded, oneLine } from "./trace-text.ts";

/** Events that are drawn: more make a page slow, and nobody reads them. */
const ROWS_MAX = 2000;
/** Faults that are listed above the picture. */
const TROUBLE_MAX = 24;
/** A page that is loaded again begins as it was drawn. */
const FORGET = 'autocomplete="off"';
/** What is not there until it is asked for. */
const HIDDEN: ReadonlySet<EventGroup> = new Set(["steps"]);

/**
 * Draw a run as a page of HTML. Of a long run the faults and what happened last and near the
 * failure: 2000 events at most.
 *
 * @returns The page, to be written into a file as UTF-8.
 *
 * @example
 * ```ts
 * import { simulate, traceHTML } from "sennit/testing/simulation";
 *
 * const result = await simulate((sim) => sim.sleep(1), { traced: true });
 * const page = traceHTML({ name: "time passes", result });
 * console.log(page.startsWith("<!doctype html>")); // true
 * ```
 */
export function traceHTML(report: PictureReport): string {
  const { name, result } = report;
  const title = `${result.ok ? "✓" : "✗"} ${oneLine(name)}`;
  const picture = new Picture(report);
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy()}">
<meta name="viewport" content="width=device-width">
<title>${escapeHTML(title)}, seed ${String(result.seed)}</title>
<style>${PAGE_STYLE}</style></head>
<body><header>
<h1>${escapeHTML(title)}</h1>
${drawFailure(result)}
${drawFacts(report)}
${drawReplay(report)}
</header><main>
${drawChart(report)}
${picture.trouble()}
${picture.diagram()}
${picture.words()}
</main><pre id="chosen" role="status"></pre>
<script>${PAGE_SCRIPT}</script></body></html>
`;
}

/** Nothing is loaded, and of scripts and styles only our own run. */
function policy(): string {
  const hash = (text: string): string => {
    return `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
  };
  return `default-src 'none'; script-src ${hash(PAGE_SCRIPT)}; style-src ${hash(PAGE_STYLE)}`;
}

function drawFailure({ failure, time }: SimulationResult): string {
  if (failure === undefined) return '<p class="came-through">It came through.</p>';
  const where = failure.host === undefined ? "" : ` on <b>${escapeHTML(failure.host)}</b>`;
  const message = failure.message.split("\n").map(oneLine).join("\n");
  return (
    `<div class="failure"><pre>${escapeHTML(message)}</pre>` +
    `<p>${escapeHTML(failure.kind)}${where} at ${time.toFixed(6)} s</p></div>`
  );
}

function drawFacts({ result, shrunk, when }: PictureReport): string {
  const facts: [string, string][] = [
    ["seed", String(result.seed)],
    ["trace", result.hash],
    ["took", `${result.time.toFixed(6)} s, ${plural(result.events, "event")}`],
    ...result.settings,
  ];
  if (shrunk !== undefined) {
    facts.push(["shrunk", `${String(shrunk.before)} → ${plural(shrunk.after, "choice")}`]);
  }
  if (when !== undefined) {
    const [from, to] = when.between.map((time) => time.toFixed(6));
    facts.push(["inevitable", `from ${from ?? ""} .. ${to ?? ""} s`]);
  }
  const rows = facts.map(([key, value]) => {
    return `<dt>${escapeHTML(oneLine(key))}</dt><dd>${escapeHTML(oneLine(value))}</dd>`;
  });
  return `<dl>${rows.join("\n")}</dl>`;
}

function drawReplay({ result, replay = `SIM_TOKEN=${result.token}` }: PictureReport): string {
  const code = `<code id="replay">${escapeHTML(replay)}</code>`;
  return `<div class="replay"><span>replay</span>${code}<button id="copy">Copy</button></div>`;
}

function drawChart({ when }: PictureReport): string {
  if (when === undefined) return "";
  return `<section><h2>Point of no return</h2>\n${drawNoReturnChart(when)}</section>`;
}

/** What is drawn from the trace. */
class Picture {
  readonly #report: PictureReport;
  readonly #lanes: Lanes;
  readonly #rows: Rows;
  readonly #left: number;

  constructor(report: PictureReport) {
    const { result } = report;
    const folded = foldEvents(result.trace, "resent");
    const busy = relevantEvents(folded, result, ROWS_MAX);
    this.#report = report;
    this.#lanes = new Lanes(busy, result.trace, result.failure?.host);
    const drawable = folded.filter((one) => this.#lanes.holds(one));
    const shown = relevantEvents(drawable, result, ROWS_MAX);
    this.#rows = new Rows(shown, HIDDEN);
    this.#left = folded.length - shown.length;
  }

  /** What went wrong around the programs, with the way to it. */
  trouble(): string {
    const all = [...this.#rows].filter(({ group }) => group === "trouble");
    const rows = all.filter(
      ({ folded: { event } }) => event.kind !== "host started" || event.at > 0,
    );
    if (rows.length === 0) return "";
    const told = rows.slice(-TROUBLE_MAX);
    const items = told.map(({ number, folded }) => {
      const { event } = folded;
      const where = [event.host, describeEventLabel(folded)].filter((one) => one !== "").join(" ");
      const name = event.kind.split(" ", 1)[0] ?? "";
      const time = event.at.toFixed(6).padStart(12);
      const link = `<a class="${name}" href="#r${String(number)}">`;
      return `<li>${link}${time} s  ${escapeHTML(where)}</a></li>`;
    });
    const left = rows.length - told.length;
    const more = left === 0 ? "" : `<p class="legend">and ${String(left)} before that</p>`;
    const list = `<ol class="trouble">${items.join("\n")}</ol>`;
    return `<section><h2>What was broken</h2>${more}${list}</section>`;
  }

  diagram(): string {
    const { result, when } = this.#report;
    if (this.#rows.count === 0) {
      return "<section><p>There is no trace: the run was not <code>traced</code>.</p></section>";
    }
    const lanes = this.#lanes;
    const diagram = drawDiagram({
      lanes,
      rows: this.#rows,
      spans: spansOf(result.trace),
      when,
      origins: new Origins(result.trace),
      failure: result.failure?.message.split("\n", 1).map(oneLine)[0],
    });
    return `<section class="wide" data-jump="${String(this.#rows.jump)}"><h2>What happened</h2>
<p class="legend">${this.#legend()}</p>
${this.#controls()}
${drawLaneNames(lanes)}
${diagram}</section>`;
  }

  /** For those who do not see the picture, and for those who search. */
  words(): string {
    const lines = [...this.#rows].map(({ folded }) => escapeHTML(describeFolded(folded)));
    return `<section class="wide"><details>
<summary>The same in words (${plural(lines.length, "line")})</summary>
<pre>${lines.join("\n")}</pre></details></section>`;
  }

  #legend(): string {
    const hosts = this.#lanes.left === 0 ? "" : ` and ${plural(this.#lanes.left, "host")}`;
    const left =
      this.#left === 0 && hosts === ""
        ? ""
        : ` <b>${plural(this.#left, "event")}${hosts} that matter less are left out.</b>`;
    return (
      "Time runs down, evenly spaced by event; where it jumps, that is printed. Each connection " +
      "has a colour; an arrow goes from where bytes left to where they were read. Red: faults, " +
      "and what did not get through. Hatched: no power or no program. Amber: stalled. Click for " +
      `more.${left}`
    );
  }

  #controls(): string {
    const groups = [...EVENT_GROUPS].map(([group, label]) => {
      const on = HIDDEN.has(group) ? "" : " checked";
      return `<label><input type="checkbox" value="${group}"${on} ${FORGET}> ${label}</label>`;
    });
    const all = option("", "all");
    const hosts = [
      all,
      ...[...this.#lanes].map(({ name, number }) => option(String(number), name)),
    ];
    const connections = [all, ...this.#connections().map(([one, words]) => option(one, words))];
    return `<div class="controls" role="group" aria-label="What is shown">${groups.join("\n")}
<label>host <select id="host" ${FORGET}>${hosts.join("")}</select></label>
<label>connection <select id="connection" ${FORGET}>${connections.join("")}</select></label>
<span id="status" role="status"></span></div>`;
  }

  /** Those that are drawn, with their ends. */
  #connections(): [string, string][] {
    const found = new Map<number, string>();
    for (const { folded } of this.#rows) {
      const { connection, host, peer } = folded.event;
      if (connection === undefined || (found.has(connection) && peer === undefined)) continue;
      if (found.get(connection)?.includes(" ") === true) continue;
      const ends = peer === undefined ? "" : ` ${host}, ${peer}`;
      found.set(connection, `#${String(connection)}${ends}`);
    }
    return [...found].sort(([a], [b]) => a - b).map(([number, words]) => [String(number), words]);
  }
}

function option(value: string, words: string): string {
  return `<option value="${value}">${escapeHTML(oneLine(words))}</option>`;
}
