/**
 * From a recording to a test that replays it.
 *
 * @module
 */
import { copyFileSync, writeFileSync } from "node:fs";
import { basename, dirname, extname, join, relative, resolve, sep } from "node:path";
import { quote } from "../core/text.ts";
import { UsageError } from "../application/errors.ts";
import type { RecordingHeader } from "../recorder/wire/recorded-event.ts";

/** Who runs the test. */
export type TestRunnerName = "vitest" | "node";

/** What to write, and where. */
export interface RecordedTest {
  /** The recording. It is copied beside the test, unless it stands there. */
  readonly recording: string;
  readonly header: RecordingHeader;
  /** The test. It must not be there yet. */
  readonly out: string;
  readonly runner: TestRunnerName;
  /** `module#name`: what makes the factory. `undefined`: a person fills it in. */
  readonly factory: string | undefined;
  /** Where the path of the module begins. */
  readonly directory: string;
  /** What is not compared, as regular expressions. */
  readonly ignore: readonly RegExp[];
}

/**
 * Write the test.
 *
 * @returns The files that it consists of.
 * @throws {UsageError} One of them cannot be written.
 */
export function writeRecordedTest(test: RecordedTest): readonly string[] {
  const { recording, out } = test;
  const folder = dirname(out);
  const stem = basename(out, extname(out)).replace(/\.test$/u, "");
  const isBeside = dirname(recording) === folder;
  const copy = isBeside ? recording : join(folder, `${stem}.recording.jsonl`);
  try {
    // The test first, which may be there already: then nothing is copied.
    writeFileSync(out, sourceOf(test, basename(copy)), { flag: "wx" });
    if (!isBeside) copyFileSync(recording, copy);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new UsageError(`Cannot write ${quote(out)}: ${why}`, { cause: error });
  }
  return isBeside ? [out] : [out, copy];
}

function sourceOf(test: RecordedTest, file: string): string {
  const { header, runner, ignore } = test;
  const when = header.date === undefined ? "" : ` on ${header.date}`;
  const what = `${header.protocol} said to ${header.peer}${when}`;
  const options = ignore.length === 0 ? "" : `, ignore: [${ignore.map(String).join(", ")}]`;
  return `/**
 * What ${inComment(what)} is what it says today.
 */
import assert from "node:assert/strict";
import { replayRecording } from "sennit/testing";
import { it } from ${JSON.stringify(runner === "vitest" ? "vitest" : "node:test")};
${test.factory === undefined ? PLACEHOLDER : importOf(test.factory, test)}
const recording = new URL(${JSON.stringify(`./${file}`)}, import.meta.url);

it("answers as it was recorded, however the bytes are cut", async () => {
  const { report } = await replayRecording(recording, factory, { cuts: "all"${options} });
  assert.equal(report, "");
});
`;
}

const PLACEHOLDER = `
/** Called for each replay, with the reactor whose time it runs in. */
function factory(reactor) {
  throw new Error(\`Return the factory of the protocol under test, made with \${reactor}\`);
}
`;

/** A recording may come from anywhere: its words must not become code. */
function inComment(text: string): string {
  return text.replaceAll("*/", "* /").replaceAll(/\s+/gu, " ");
}

function importOf(factory: string, { directory, out }: RecordedTest): string {
  const [module = "", name = "default"] = factory.split("#");
  const isPath = /^\.{0,2}\//u.test(module);
  const path = relative(dirname(out), resolve(directory, module)).split(sep).join("/");
  const from = isPath ? (path.startsWith("../") ? path : `./${path}`) : module;
  const what = name === "default" ? "factory" : `{ ${name} as factory }`;
  return `import ${what} from ${JSON.stringify(from)};\n`;
}
