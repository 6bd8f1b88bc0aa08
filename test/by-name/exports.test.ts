/**
 * Every door of the package, by its public name: what is behind it, and that it is a proper door.
 *
 * A change of the API shows as a change of `exports.txt`. When it is meant:
 * `npm test -- test/by-name --update`.
 *
 * @module
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { assert, describe, expect, it } from "vitest";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

interface Door {
  /** As people import it: `sennit/defer`. */
  readonly name: string;
  /** From the root of the repository. */
  readonly source: string;
  readonly targets: Readonly<Record<string, string>>;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

function readExports(): Readonly<Record<string, unknown>> {
  const manifest: unknown = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  const map = isRecord(manifest) ? manifest["exports"] : undefined;
  if (!isRecord(map)) throw new TypeError("package.json has no exports");
  return map;
}

function doorFrom([subpath, target]: [string, unknown]): Door[] {
  if (!isRecord(target)) return [];
  const targets = Object.fromEntries(
    Object.entries(target).map(([condition, path]) => [condition, String(path)]),
  );
  const source = (targets["@sennit/source"] ?? "").replace("./", "");
  return [{ name: subpath.replace(".", "sennit"), source, targets }];
}

const EXPORTS = readExports();
const DOORS = Object.entries(EXPORTS).flatMap(doorFrom);

/** The names that a door only lends to the type checker. */
function typesOf(source: string): string[] {
  const text = readFileSync(join(ROOT, source), "utf8");
  return ts
    .createSourceFile(source, text, ts.ScriptTarget.ES2023)
    .statements.flatMap((statement) => {
      if (!ts.isExportDeclaration(statement) || statement.exportClause === undefined) return [];
      if (!ts.isNamedExports(statement.exportClause)) return [];
      const { isTypeOnly } = statement;
      const { elements } = statement.exportClause;
      return elements.filter((one) => isTypeOnly || one.isTypeOnly).map((one) => one.name.text);
    });
}

async function valuesOf(name: string): Promise<string[]> {
  const door: unknown = await import(/* @vite-ignore */ name);
  return isRecord(door)
    ? Object.entries(door).map(([key, value]) => describeValue(key, value))
    : [];
}

function describeValue(name: string, value: unknown): string {
  if (typeof value !== "function") return `const ${name}`;
  return /^class\b/u.test(Function.prototype.toString.call(value))
    ? `class ${name}`
    : `function ${name}`;
}

function byName(one: string, other: string): number {
  const [, name = ""] = one.split(" ");
  const [, otherName = ""] = other.split(" ");
  return name < otherName ? -1 : Number(name > otherName);
}

describe("package.json exports", () => {
  it("is sorted, with package.json last", () => {
    const names = Object.keys(EXPORTS);
    assert.equal(names.at(-1), "./package.json");
    assert.deepEqual(names.slice(0, -1), names.slice(0, -1).toSorted());
  });

  it("has a door for each src/*/index.ts", () => {
    const rooms = readdirSync(join(ROOT, "src")).map((room) => `src/${room}/index.ts`);
    const sources = new Set(DOORS.map(({ source }) => source));
    const shut = rooms.filter((room) => existsSync(join(ROOT, room)) && !sources.has(room));
    assert.deepEqual(shut, []);
  });

  for (const { name, source, targets } of DOORS) {
    it(`${name}: source, types and JavaScript are those of one file`, () => {
      const built = source.replace(/^src\//u, "./dist/").replace(/\.ts$/u, "");
      assert.deepEqual(Object.entries(targets), [
        ["@sennit/source", `./${source}`],
        ["types", `${built}.d.ts`],
        ["default", `${built}.js`],
      ]);
    });
  }
});

describe("each door", () => {
  for (const { name, source } of DOORS) {
    it(`${name} says what it is, and shows it in an example`, () => {
      const text = readFileSync(join(ROOT, source), "utf8");
      const [, heading = ""] = /^\/\*\*\n(.*?)\*\/\n/su.exec(text) ?? [];
      assert.match(heading, new RegExp(`@module ${name.replace("sennit/", "")}\n`, "u"));
      assert.include(heading, "@example\n * ```ts\n");
      assert.include(heading, `"${name}"`, "the example imports it by name");
    });
  }

  it("has these names behind it", async () => {
    const listed = DOORS.map(async ({ name, source }) => {
      const types = typesOf(source).map((type) => `type ${type}`);
      const names = [...(await valuesOf(name)), ...types].toSorted(byName);
      return [name, ...names.map((line) => `  ${line}`), ""].join("\n");
    });
    await expect((await Promise.all(listed)).join("\n")).toMatchFileSnapshot("exports.txt");
  });
});
