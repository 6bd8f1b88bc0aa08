/**
 * Loading: where a module is looked for, and what is said of one that cannot be loaded.
 *
 * The modules are plain JavaScript without imports; test/interop/cli.test.ts has real ones.
 *
 * @module
 */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, assert, beforeAll, describe, it } from "vitest";
import { Logger } from "../logger/logger.ts";
import { MemoryReactor } from "../reactors/memory/memory-reactor.ts";
import { ServiceModuleError, ServiceModuleNotFoundError } from "./errors.ts";
import { loadServiceModule } from "./load-service-module.ts";

/** All that makes a service, by name. */
const METHODS = `setName() {}, setServiceParent() {}, disownServiceParent() {},
  privilegedStartService() {}, startService() {}, stopService() {}`;
const FILES: Readonly<Record<string, string>> = {
  "app.mjs": `export default { name: "app.mjs", ${METHODS} };`,
  "app.cjs": `module.exports = ({ args }) => ({ name: args[0], ${METHODS} });`,
  "throws.mjs": `\nthrow new RangeError("two\\nlines");`,
  "lacks.mjs": `import "./lost.mjs";`,
  "node_modules/gateway/package.json": `{ "name": "gateway", "exports": { "./app": "./a.mjs" } }`,
  "node_modules/gateway/a.mjs": `export const service = { name: "gateway", ${METHODS} };`,
  "two/node_modules/sennit/package.json": `{ "name": "sennit" }`,
  "two/app.mjs": `export default { name: "two", ${METHODS} };`,
};

let directory = "";

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "sennit-"));
  for (const [name, text] of Object.entries(FILES)) {
    mkdirSync(dirname(join(directory, name)), { recursive: true });
    writeFileSync(join(directory, name), text);
  }
});

afterAll(() => rmSync(directory, { recursive: true }));

function load(specifier: string) {
  const log = new Logger({ namespace: "test" });
  const context = { reactor: new MemoryReactor(), args: ["first"], log };
  return loadServiceModule(specifier, context, { directory });
}

async function failureOf(specifier: string): Promise<Error> {
  try {
    await load(specifier);
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error("Expected an error");
}

describe("loadServiceModule()", () => {
  it("takes a path, with or without a dot, or a URL", async () => {
    const path = join(directory, "app.mjs");
    for (const specifier of ["app.mjs", "./app.mjs", path, pathToFileURL(path).href]) {
      assert.strictEqual((await load(specifier)).name, "app.mjs");
    }
  });

  it("takes CommonJS, and calls a function with the arguments", async () => {
    assert.strictEqual((await load("app.cjs")).name, "first");
  });

  it("takes what a package exports", async () => {
    assert.strictEqual((await load("gateway/app")).name, "gateway");
  });

  it("says what is not found", async () => {
    for (const specifier of ["lost.mjs", "./lost.mjs", "lost", "gateway/lost", "..", "two"]) {
      const error = await failureOf(specifier);
      assert.instanceOf(error, ServiceModuleNotFoundError);
      assert.include(error.message, `Cannot find module "${specifier}": `);
    }
  });

  it("says what a module threw, and where", async () => {
    const thrown = await failureOf("throws.mjs");
    assert.instanceOf(thrown, ServiceModuleError);
    assert.instanceOf(thrown.cause, RangeError);
    assert.include(thrown.message, 'Cannot load "throws.mjs": RangeError: two\nlines (/');
    assert.include(thrown.message, "throws.mjs:2:7)");
    assert.include((await failureOf("lacks.mjs")).message, "lost.mjs");
  });

  it("refuses a module with another copy of this package", async () => {
    const error = await failureOf("two/app.mjs");
    assert.instanceOf(error, ServiceModuleError);
    assert.include(error.message, "another copy of sennit");
  });

  it("takes a link to this copy for what it is", async () => {
    mkdirSync(join(directory, "linked/node_modules"), { recursive: true });
    symlinkSync(process.cwd(), join(directory, "linked/node_modules/sennit"));
    writeFileSync(join(directory, "linked/app.mjs"), FILES["app.mjs"] ?? "");
    assert.strictEqual((await load("linked/app.mjs")).name, "app.mjs");
  });
});
