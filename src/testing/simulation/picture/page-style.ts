/**
 * How the page of a picture looks, by day and by night.
 *
 * @module
 */

/** Hues of connections, none of them near the red of faults. */
const HUES = [212, 140, 275, 35, 178, 318, 90, 245] as const;

/** So many connections look different. */
export const COLOURS: number = HUES.length;

const HUE_RULES = HUES.map((hue, at) => `.c${String(at)} { --hue: ${String(hue)}; }`).join("\n");

/** The style sheet. */
export const PAGE_STYLE = `
:root {
  color-scheme: light dark;
  --paper: #fff; --ink: #1d2127; --dim: #6a737d; --faint: #d8dce1; --panel: #f5f6f8;
  --bad: #c4162a; --bad-paper: #fdecee; --fault: 0.09; --down: #4a5058;
  --well: #23803d; --stall: #b7791f; --life: #b4bac2; --wire: 70% 36%; --focus: #fff3bf;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14171c; --ink: #e3e6ea; --dim: #8b949e; --faint: #333a43; --panel: #1d2229;
    --bad: #ff6b78; --bad-paper: #3a171c; --fault: 0.14; --down: #9aa2ab;
    --well: #4cc36c; --stall: #e0a84a; --life: #4b535d; --wire: 65% 70%; --focus: #3f3a1c;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); width: max-content; min-width: 100%;
  font: 14px/1.45 system-ui, sans-serif; }
body > header, main > section { padding: 0 20px; max-width: min(1400px, 100vw); }
main > section.wide { max-width: none; }
h1 { margin: 16px 0 6px; font-size: 20px; line-height: 1.25; overflow-wrap: anywhere; }
h2 { margin: 18px 0 6px; font-size: 15px; }
code, pre, dd, svg { font-family: ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; }
.failure { margin: 8px 0; padding: 10px 14px; border-left: 5px solid var(--bad);
  background: var(--bad-paper); }
.failure pre { margin: 0; font-size: 15px; font-weight: 600; white-space: pre-wrap;
  overflow-wrap: anywhere; }
.failure p { margin: 4px 0 0; }
.came-through { color: var(--dim); }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 2px 16px; margin: 10px 0; }
dt { color: var(--dim); }
dd { margin: 0; font-size: 13px; overflow-wrap: anywhere; }
.replay { display: flex; gap: 10px; align-items: baseline; padding: 8px 12px;
  background: var(--panel); border-radius: 4px; }
.replay code { overflow-wrap: anywhere; max-height: 8em; overflow-y: auto; }
button, select { font: inherit; color: inherit; background: var(--paper);
  border: 1px solid var(--life); border-radius: 4px; padding: 2px 10px; }
ol.trouble { margin: 0; padding: 0; list-style: none; columns: 2 420px; font-size: 13px; }
ol.trouble a { display: block; color: inherit; text-decoration: none; padding: 1px 6px;
  font-family: ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; }
ol.trouble a:hover { background: var(--focus); }
ol.trouble .fault, ol.trouble .violated { color: var(--bad); }
figure { margin: 0; overflow-x: auto; }
figcaption { color: var(--dim); }
.chart text { text-anchor: middle; font-size: 11px; fill: var(--ink); }
.chart .time { fill: var(--dim); }
.chart .floor { stroke: var(--life); }
.bar { fill: var(--life); }
.bar.inevitable { fill: var(--bad); }
.legend { color: var(--dim); font-size: 12px; margin: 2px 0 8px; max-width: min(1200px, 96vw); }
.legend b { font-weight: 600; color: var(--ink); }
.controls { display: none; gap: 4px 16px; flex-wrap: wrap; align-items: baseline; padding: 6px 0;
  position: sticky; left: 20px; width: fit-content; max-width: calc(100vw - 40px); }
.scripted .controls { display: flex; }
.controls label { white-space: nowrap; }
.controls select { max-width: 260px; }
.names { position: sticky; top: 0; z-index: 1; display: block; background: var(--paper);
  border-bottom: 1px solid var(--faint); }
.names text { text-anchor: middle; font-weight: 700; font-size: 13px; fill: var(--ink); }
#diagram { display: block; font-size: 11px; }
#diagram text { fill: var(--ink); }
${HUE_RULES}
marker { fill: hsl(var(--hue) var(--wire)); }
marker.bad, .cross { fill: var(--bad); }
.life { stroke: var(--life); stroke-width: 1.5; }
.layer-fault { fill: var(--bad); opacity: var(--fault); }
.layer-cut { fill: var(--bad); opacity: 0.4; }
rect.no-power, rect.no-program { fill: url(#hatch); stroke: var(--down); stroke-width: 1; }
.hatch { fill: var(--down); }
rect.stalled { fill: var(--stall); opacity: 0.55; }
line.gap { stroke: var(--faint); stroke-dasharray: 2 4; }
#diagram text.gap { fill: var(--dim); font-style: italic; }
.arrow { stroke: hsl(var(--hue) var(--wire)); stroke-width: 1.5; opacity: 0.85; }
.arrow.thin { stroke-width: 1; stroke-dasharray: 1 3; }
.row .back { fill: transparent; }
.row:hover .back, .row:target .back, .row.chosen .back { fill: var(--focus); opacity: 0.55; }
.row { cursor: default; }
#diagram .time { fill: var(--dim); text-anchor: end; }
#diagram .time.same { opacity: 0; }
#diagram .label { paint-order: stroke; stroke: var(--paper); stroke-width: 3px;
  stroke-linejoin: round; }
#diagram .left { text-anchor: end; }
.row circle { fill: hsl(var(--hue, 0) var(--wire)); }
.row:not([data-c]) circle { fill: var(--dim); }
#diagram .log .label, #diagram .steps .label, #diagram .programs .label { fill: var(--dim); }
.connections .label { font-style: italic; }
#diagram .trouble .label { fill: var(--bad); font-weight: 700; }
.row.trouble circle { fill: var(--bad); }
line.across { stroke: var(--bad); stroke-width: 2; }
rect.across { fill: var(--bad); }
#diagram text.across { fill: var(--paper); font-weight: 700; }
#diagram .host-started .label, #diagram .healed .label { fill: var(--well); }
.row.host-started circle { fill: var(--well); }
.healed line.across { stroke: var(--well); }
.healed rect.across { fill: var(--well); }
.lost { stroke: var(--bad); stroke-dasharray: 4 3; stroke-width: 1.3; }
.leaving { stroke: hsl(var(--hue) var(--wire)); stroke-width: 1.5; }
.leaving.bad { stroke: var(--bad); }
.cross { stroke: var(--bad); stroke-width: 1.6; }
.connections .leaving ~ .cross { stroke: hsl(var(--hue) var(--wire)); }
line.no-return { stroke: var(--bad); stroke-width: 1.5; stroke-dasharray: 8 4; }
rect.no-return { fill: var(--bad); opacity: 0.6; }
#diagram text.no-return { fill: var(--bad); text-anchor: end; font-weight: 700; paint-order: stroke;
  stroke: var(--paper); stroke-width: 4px; }
.end rect { fill: var(--bad); }
#diagram .end text { fill: var(--paper); font-size: 13px; font-weight: 700; }
.out { display: none; }
#chosen { position: fixed; left: 0; right: 0; bottom: 0; z-index: 2; margin: 0; padding: 8px 20px;
  max-height: 40vh; overflow: auto; background: var(--panel); border-top: 1px solid var(--life);
  white-space: pre-wrap; overflow-wrap: anywhere; font-size: 12px; }
#chosen:empty { display: none; }
details { padding-bottom: 60px; }
summary { cursor: pointer; padding: 8px 0; }
details pre { font-size: 12px; line-height: 1.5; margin: 0; }
`;
