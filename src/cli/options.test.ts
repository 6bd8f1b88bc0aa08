/**
 * Options, and what is left alone.
 *
 * @module
 */
import { assert, it } from "vitest";
import { parseOptions } from "./options.ts";

const OPTIONS = { level: { type: "string" }, debug: { type: "boolean", short: "d" } } as const;

it("parseOptions() takes options up to the first word, and leaves the rest alone", () => {
  const args = ["--level", "low", "-d", "app.ts", "--level", "high", "--", "-x"];
  const { values, flags, word, rest } = parseOptions(args, OPTIONS, "sennit run");
  assert.deepEqual([...values], [["level", "low"]]);
  assert.deepEqual([...flags], ["debug"]);
  assert.strictEqual(word, "app.ts");
  assert.deepEqual(rest, ["--level", "high", "--", "-x"]);
});

it("parseOptions() takes what follows -- for a word", () => {
  const { word, rest } = parseOptions(["--", "--odd", "-d"], OPTIONS, "sennit run");
  assert.strictEqual(word, "--odd");
  assert.deepEqual(rest, ["-d"]);
});

it("parseOptions() refuses what it does not know", () => {
  assert.throws(() => parseOptions(["--lever=1", "app.ts"], OPTIONS, "sennit run"), "'--lever'");
  assert.throws(() => parseOptions(["--level"], OPTIONS, "sennit run"), "argument missing");
});
