import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { assert, describe, it } from "vitest";

const FOLDER = fileURLToPath(new URL(".", import.meta.url));
const STATIC = /^(?:import|export) (?!type ).*"(?:@peculiar\/x509|reflect-metadata)"/mu;

describe("the library for X.509", () => {
  it("is loaded when something is to be encoded, and by nobody's import", () => {
    assert.match('import "reflect-metadata";', STATIC);
    assert.match('import { Name } from "@peculiar/x509";', STATIC);
    assert.notMatch('import type { Name } from "@peculiar/x509";', STATIC);
    const files = readdirSync(FOLDER).filter((file) => /(?<!\.test)\.ts$/u.test(file));
    const texts = files.map((file) => [file, readFileSync(`${FOLDER}${file}`, "utf8")] as const);
    const early = texts.filter(([, text]) => STATIC.test(text)).map(([file]) => file);
    assert.deepEqual(early, []);
    const lazy = texts.filter(([, text]) => /import\("(?:@pec|refl)/u.test(text));
    assert.deepEqual(
      lazy.map(([file]) => file),
      ["_x509-library.ts"],
    );
  });
});
