/**
 * What a module threw, in a line.
 *
 * @module
 */
import { assert, it } from "vitest";
import { describeLoadError } from "./_load-error.ts";

function withStack(error: Error, stack: string): Error {
  error.stack = stack;
  return error;
}

it("describeLoadError() names the place where it was thrown", () => {
  const frames =
    "at start (node:internal/main:1:2)\n    at file:///srv/app.ts:3:7\n    at /srv/b.js:1:1";
  const error = withStack(new TypeError("no x"), `TypeError: no x\n    ${frames}`);
  assert.strictEqual(describeLoadError(error), "TypeError: no x (/srv/app.ts:3:7)");
});

it("describeLoadError() names the place of a syntax error, which stands above the message", () => {
  const stack =
    "/srv/app.js:2\nlet b = = 2;\n        ^\n\nSyntaxError: Unexpected token '='\n at x";
  const error = withStack(new SyntaxError("Unexpected token '='"), stack);
  assert.strictEqual(describeLoadError(error), "SyntaxError: Unexpected token '=' (/srv/app.js:2)");
});

it("describeLoadError() adds no place where there is one, or none is known", () => {
  const placed = new SyntaxError("no enum (/srv/app.ts:1:1)");
  assert.strictEqual(describeLoadError(placed), "SyntaxError: no enum (/srv/app.ts:1:1)");
  const coded = Object.assign(new Error("not there"), { code: "ENOENT" });
  assert.strictEqual(describeLoadError(coded), "Error: not there");
  const bare = withStack(new Error("lost"), "Error: lost");
  assert.strictEqual(describeLoadError(bare), "Error: lost");
  assert.strictEqual(describeLoadError("just text"), "just text");
});
