/**
 * Runs the examples: each `ts` fence in a doc comment of src/ or in a Markdown file becomes a
 * module in build/doctest/, and a test that imports it. `tsc` and `vitest` take it from there.
 *
 *     ```ts                     type-checked and run; it has ten seconds to end
 *     ```ts no-run: a reason    type-checked only
 *
 * A fence is a module of its own: it begins with its imports, by public name, and may await at the
 * top level. What it prints is kept back; what it opens it must close. Its lines have the same
 * numbers as in the file they come from, so that a complaint about one can be found.
 *
 * Usage: node tools/doctest.mjs
 *
 * @module
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const OUT = join(ROOT, "build/doctest");
const OPENING = /^```ts(?<rest>.*)$/u;
const NO_RUN = /^ no-run: (?<reason>\S.+)$/u;
/** What stands before each line of a doc comment. */
const STAR = /^\s*\* ?/u;
/** Declared at the top level and perhaps never used, as an example may. */
const DECLARED = /^(?:abstract )?(?:const|let|class|(?:async )?function\*?) (?<name>[\w$]+)/gmu;

function filesBelow(folder, wanted) {
  const path = join(ROOT, folder);
  if (!existsSync(path)) return [];
  return readdirSync(path, { recursive: true })
    .map((name) => join(folder, name))
    .filter(wanted)
    .toSorted();
}

/** The lines of `text` with everything but doc comments made empty. */
function docLines(text) {
  let isInside = false;
  return text.split("\n").map((line) => {
    const isDoc = isInside || line.trimStart().startsWith("/**");
    isInside = isDoc && !line.includes("*/");
    return isDoc ? line.replace(STAR, "") : "";
  });
}

/** Every fence of a file: where its code begins, counted from 1, the code, and whether it runs. */
function fencesOf(file) {
  const text = readFileSync(join(ROOT, file), "utf8");
  const lines = file.endsWith(".md") ? text.split("\n") : docLines(text);
  const fences = [];
  for (let at = 0; at < lines.length; at += 1) {
    const rest = OPENING.exec(lines[at])?.groups.rest;
    if (rest === undefined) continue;
    const end = lines.indexOf("```", at + 1);
    if (end === -1) throw new SyntaxError(`${file}:${at + 1}: this fence does not end`);
    if (rest !== "" && !NO_RUN.test(rest)) {
      throw new SyntaxError(`${file}:${at + 1}: expected "ts" or "ts no-run: a reason"`);
    }
    fences.push({
      file,
      line: at + 2,
      code: lines.slice(at + 1, end).join("\n"),
      runs: rest === "",
    });
    at = end;
  }
  return fences;
}

/** The fence as a module. Names that it only declares are used, so that `tsc` is content. */
function moduleOf({ file, line, code }) {
  const names = [...code.matchAll(DECLARED)].map((match) => `void ${match.groups.name};`);
  const heading = `// From ${file}, made by tools/doctest.mjs: change it there.`;
  return [heading + "\n".repeat(line - 1) + code, ...names, "export {};", ""].join("\n");
}

/**
 * A test that imports the module, keeps back what it prints, ends the log that it may have begun,
 * and looks for what it leaves open.
 */
function testOf({ file, line }, name) {
  return `// From ${file}, made by tools/doctest.mjs: change it there.
import { globalLogBeginner } from "sennit/logger";
import { expect, it, vi } from "vitest";

function openSockets(): number {
  return process.getActiveResourcesInfo().filter((name) => name.startsWith("TCP")).length;
}

it("${file}:${line}", async () => {
  const before = openSockets();
  const log = vi.spyOn(console, "log").mockImplementation(() => undefined);
  const out = vi.spyOn(process.stdout, "write").mockImplementation(() => true);
  const err = vi.spyOn(process.stderr, "write").mockImplementation(() => true);
  try {
    await import("./${name}.ts");
  } finally {
    for (const spy of [log, out, err]) spy.mockRestore();
    globalLogBeginner.stopLogging();
  }
  await vi.waitFor(() => expect(openSockets(), "sockets left open").toBeLessThanOrEqual(before));
}, 10_000);
`;
}

/** Write what is new: a file that stays as it is keeps its time, for caches and watchers. */
function update(path, text) {
  if (existsSync(path) && readFileSync(path, "utf8") === text) return;
  writeFileSync(path, text);
}

const sources = [
  ...filesBelow("src", (file) => file.endsWith(".ts") && !file.endsWith(".test.ts")),
  "README.md",
  ...filesBelow("docs", (file) => file.endsWith(".md")),
];
const fences = sources.flatMap(fencesOf);
mkdirSync(OUT, { recursive: true });
const made = new Set();
for (const fence of fences) {
  const name = `${fence.file.replaceAll(/[^\w-]+/gu, "-")}-${String(fence.line)}`;
  const files = [[`${name}.ts`, moduleOf(fence)]];
  if (fence.runs) files.push([`${name}.test.ts`, testOf(fence, name)]);
  for (const [file, text] of files) {
    made.add(file);
    update(join(OUT, file), text);
  }
}
for (const file of readdirSync(OUT)) {
  if (!made.has(file)) rmSync(join(OUT, file), { recursive: true });
}
const run = fences.filter((fence) => fence.runs).length;
console.log(`doctest: ${String(fences.length)} examples, ${String(run)} of them run`);
