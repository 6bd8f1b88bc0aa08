/**
 * Errors as one line.
 *
 * @module
 */
import { assert, it } from "vitest";
import { reportError, reportLine } from "./report.ts";

it("reportLine() is one line, whatever the message holds", () => {
  assert.strictEqual(reportLine("two\n   lines\u001B[2J {x}"), "sennit: two lines\\u001b[2J {x}\n");
});

it("reportError() has the stack only when asked", () => {
  const error = new RangeError("too deep", { cause: new Error("water") });
  assert.strictEqual(reportError(error, false, "Cannot dive: "), "sennit: Cannot dive: too deep\n");
  const long = reportError(error, true);
  assert.include(long, "report.test.ts");
  assert.include(long, "caused by: Error: water");
});
