/**
 * Draws the rooms of src/ and which of them knows which, and puts the picture into
 * ARCHITECTURE.md, between its markers.
 *
 * Usage: node tools/architecture.mjs [--check]
 *
 * With --check nothing is written, and a picture that is not current is an error.
 *
 * @module
 */
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const PAGE = join(ROOT, "ARCHITECTURE.md");
const BEGIN = "<!-- rooms: drawn by `npm run architecture` -->";
const END = "<!-- /rooms -->";
/** A room is a folder of src/; the kinds of reactor are rooms of their own. */
const ROOMS = "^src/reactors/[^/]+|^src/[^/]+";
/** Doors are for users, and tests may import anything. */
const LEFT_OUT = String.raw`\.test\.ts$|/index\.ts$`;

function draw() {
  const options = ["--config", ".dependency-cruiser.cjs", "--output-type", "mermaid"];
  const view = ["--include-only", "^src", "--exclude", LEFT_OUT, "--collapse", ROOMS];
  const cruiser = join(ROOT, "node_modules/dependency-cruiser/bin/dependency-cruise.mjs");
  const picture = execFileSync(process.execPath, [cruiser, "src", ...options, ...view], {
    cwd: ROOT,
    encoding: "utf8",
  });
  return `\n\`\`\`mermaid\n${picture.trim()}\n\`\`\`\n`;
}

const page = readFileSync(PAGE, "utf8");
const from = page.indexOf(BEGIN) + BEGIN.length;
const to = page.indexOf(END);
if (to === -1 || from < BEGIN.length) throw new Error(`ARCHITECTURE.md lacks ${BEGIN} or ${END}`);
const current = page.slice(0, from) + draw() + page.slice(to);
if (current === page) {
  console.log("ARCHITECTURE.md: the picture is current");
} else if (process.argv.includes("--check")) {
  console.error("ARCHITECTURE.md: the picture is not current; run: npm run architecture");
  process.exitCode = 1;
} else {
  writeFileSync(PAGE, current);
  console.log("ARCHITECTURE.md: drew the rooms anew");
}
