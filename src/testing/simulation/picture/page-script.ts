/**
 * What the page of a picture does by itself: rows come and go, and everything moves up; a row that
 * is clicked is told in full; the line that runs it again is copied.
 *
 * It knows of a row what its attributes say (`data-t` its time, `data-g` its group, `data-h` its
 * hosts, `data-c` its connection, `data-left` the events left out before it), and of all else its
 * place, counted in rows.
 *
 * @module
 */
import { GAP_X } from "./lanes.ts";
import { FOOT_HEIGHT, GAP_HEIGHT, LEFT_MIN, ROW_HEIGHT } from "./rows.ts";

/** The script. */
export const PAGE_SCRIPT = `
"use strict";
const ROW = ${String(ROW_HEIGHT)}, GAP = ${String(GAP_HEIGHT)}, FOOT = ${String(FOOT_HEIGHT)};
const SVG = "http://www.w3.org/2000/svg";
const diagram = document.getElementById("diagram");
const controls = document.querySelector(".controls");
document.documentElement.classList.add("scripted");

document.getElementById("copy")?.addEventListener("click", async ({ target }) => {
  const code = document.getElementById("replay");
  try {
    await navigator.clipboard.writeText(code.textContent);
    target.textContent = "Copied";
  } catch {
    getSelection().selectAllChildren(code);
    target.textContent = "Press Ctrl+C";
  }
});

if (diagram !== null) {
  const jump = Number(diagram.parentElement.dataset.jump);
  const rows = [...diagram.querySelectorAll(".row")].map((node) => {
    const { g, h, c, t, left } = node.dataset;
    const time = node.querySelector(".time");
    const hosts = h === "" ? [] : h.split(" ");
    return { node, group: g, hosts, connection: c, at: Number(t), left: Number(left ?? 0), time };
  });
  const arrows = [...diagram.querySelectorAll("[data-r].arrow")];
  const moving = [...diagram.querySelectorAll("[data-a]")].map((node) => {
    return { node, a: Number(node.dataset.a), b: Number(node.dataset.b) };
  });
  const gaps = document.getElementById("gaps");
  const width = diagram.getAttribute("width");

  const span = (s) => s < 0.0995 ? Number((s * 1000).toPrecision(2)) + " ms"
    : s < 600 ? Number(s.toPrecision(3)) + " s" : Math.round(s / 60) + " min";

  const add = (name, attributes, text) => {
    const node = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
    if (text !== undefined) node.textContent = text;
    gaps.append(node);
  };

  const wanted = () => {
    const groups = new Set([...controls.querySelectorAll("input:checked")].map((one) => one.value));
    const host = controls.querySelector("#host").value;
    const connection = controls.querySelector("#connection").value;
    return (row) => groups.has(row.group)
      && (host === "" || row.hosts.length === 0 || row.hosts.includes(host))
      && (connection === "" || row.connection === connection || row.group === "trouble");
  };

  const place = () => {
    const isWanted = wanted();
    const tops = [];
    let y = 0, shownAt, before, left = 0, longest = -1, below = 0;
    gaps.replaceChildren();
    for (const [number, row] of rows.entries()) {
      const shown = isWanted(row);
      const step = row.at - (before ?? row.at);
      before = row.at;
      if (step > longest) [longest, below] = [step, number];
      left += row.left;
      if (shown) {
        const seconds = row.at - (shownAt ?? row.at);
        const words = [];
        if (seconds >= jump) words.push(span(seconds));
        if (left > 0) words.push(left + " events left out");
        if (seconds >= jump || left >= ${String(LEFT_MIN)}) {
          const middle = y + GAP / 2;
          add("line", { class: "gap", x1: 0, x2: width, y1: middle, y2: middle });
          add("text", { class: "gap", x: ${String(GAP_X)}, y: middle + 4 },
            "… " + words.join(", ") + " …");
          y += GAP;
          tops.fill(y, below);
        }
        row.time.classList.toggle("same", row.at === shownAt);
        row.node.setAttribute("transform", "translate(0 " + (y + ROW / 2) + ")");
        shownAt = row.at;
        left = 0;
        longest = -1;
      }
      row.shown = shown;
      row.node.classList.toggle("out", !shown);
      tops.push(y);
      if (shown) y += ROW;
    }
    tops.push(y);
    const yOf = (at) => {
      const row = Math.floor(at);
      return tops[row] + (rows[row]?.shown ? (at - row) * ROW : 0);
    };
    for (const { node, a, b } of moving) {
      if (node.tagName === "rect") {
        node.setAttribute("y", yOf(a));
        node.setAttribute("height", yOf(b) - yOf(a));
      } else if (node.tagName === "line") {
        node.setAttribute("y1", yOf(a));
        node.setAttribute("y2", yOf(b));
      } else if (node.tagName === "text") node.setAttribute("y", yOf(a) - 4);
      else node.setAttribute("transform", "translate(0 " + yOf(a) + ")");
    }
    for (const node of arrows) node.classList.toggle("out", !rows[node.dataset.r].shown);
    diagram.setAttribute("height", y + FOOT);
  };

  const status = document.getElementById("status");
  controls.addEventListener("change", () => {
    place();
    status.textContent = rows.filter((row) => row.shown).length + " of " + rows.length + " shown";
  });

  const chosen = document.getElementById("chosen");
  diagram.addEventListener("click", ({ target }) => {
    const row = target.closest(".row");
    for (const one of diagram.querySelectorAll(".chosen")) one.classList.remove("chosen");
    row?.classList.add("chosen");
    chosen.textContent = row?.querySelector("title").textContent ?? "";
  });
}
`;
