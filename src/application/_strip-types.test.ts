/**
 * TypeScript without its types.
 *
 * @module
 */
import { assert, it } from "vitest";
import { stripTypes } from "./_strip-types.ts";

it("stripTypes() leaves lines and columns as they are", async () => {
  const source = 'import type { A } from "a";\nexport const x: number = 1;\n';
  const stripped = await stripTypes(source, "app.ts");
  assert.strictEqual(stripped, `${" ".repeat(27)}\nexport const x         = 1;\n`);
});

it("stripTypes() names the place of what is more than a type", async () => {
  const complaints: readonly (readonly [string, string])[] = [
    ["\n  enum Colour { Red }", "TypeScript enum is not supported in strip-only mode (app.ts:2:3)"],
    ["const x = = 1;", "Expression expected (app.ts:1:11)"],
  ];
  for (const [source, message] of complaints) {
    const error: unknown = await stripTypes(source, "app.ts").catch((thrown: unknown) => thrown);
    assert.instanceOf(error, SyntaxError);
    assert.propertyVal(error, "message", message);
  }
});
