/**
 * Reads the repository and holds it to its style. Each ban names what to use instead; each
 * exception stands in a list, with its reason.
 *
 * @module
 */
import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import ts from "typescript";
import { assert, describe, it } from "vitest";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const LINE_LENGTH_MAX = 100;
const FILE_LINES_MAX = 500;
const TOOL_LINES_MAX = 150;

/** Not ours to judge: made, fetched or recorded. */
const NOT_READ =
  /^(?:\.git|node_modules|dist|build|coverage|test\/vectors|package-lock\.json)(?:\/|$)/u;
const TEXT = /\.(?:ts|mjs|cjs|js|json|md|c|py|sh)$|^(?:LICENSE|\.ci\/run|\.gitignore)$/u;
const IS_TEST = /\.test\.ts$/u;

interface SourceFile {
  /** From the root of the repository, with slashes. */
  readonly path: string;
  readonly text: string;
  readonly lines: readonly string[];
}

function read(path: string): SourceFile {
  const text = readFileSync(join(ROOT, path), "utf8");
  return { path, text, lines: text.replace(/\n$/u, "").split("\n") };
}

function walk(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
    if (NOT_READ.test(path)) return [];
    if (entry.isDirectory()) return walk(path);
    return entry.isFile() && TEXT.test(path) ? [path] : [];
  });
}

const ALL = walk("").map(read);
const CODE = ALL.filter(({ path }) => /\.(?:ts|mjs|cjs)$/u.test(path));
const SRC = CODE.filter(({ path }) => path.startsWith("src/"));
const SHIPPED = SRC.filter(({ path }) => !IS_TEST.test(path));

/** `path:line: message` for each match of `pattern` in the lines of `files`. */
function matches(files: readonly SourceFile[], pattern: RegExp, message: string): string[] {
  return files.flatMap(({ path, lines }) =>
    lines.flatMap((line, at) => {
      const match = pattern.exec(line);
      return match === null ? [] : [`${path}:${String(at + 1)}: ${match[0].trim()}: ${message}`];
    }),
  );
}

function nothing(problems: readonly string[]): void {
  assert.equal(problems.join("\n"), "");
}

/** What a file does that may be banned: the name of it, and where. */
interface Use {
  readonly what: string;
  readonly line: number;
}

const TIMERS = new Set(["setTimeout", "setInterval", "setImmediate"]);
const MEMBERS = new Set(["Math.random", "Date.now", "performance.now", "process.hrtime"]);

function nameOf(node: ts.Node): string | undefined {
  if (ts.isPropertyAccessExpression(node)) {
    const name = node.getText().replace(/^globalThis\./u, "");
    if (name.startsWith("console.")) return "console";
    return MEMBERS.has(name) || TIMERS.has(name) ? name : undefined;
  }
  if (ts.isCallExpression(node) && ts.isIdentifier(node.expression)) {
    return TIMERS.has(node.expression.text) ? node.expression.text : undefined;
  }
  if (ts.isNewExpression(node) && node.expression.getText() === "Date") {
    return (node.arguments?.length ?? 0) === 0 ? "new Date()" : undefined;
  }
  if (ts.isAsExpression(node) && node.type.getText() !== "const") return "as";
  if (ts.isTypeAssertionExpression(node)) return "as";
  if (ts.isNonNullExpression(node)) return "!";
  return node.kind === ts.SyntaxKind.AnyKeyword ? "any" : undefined;
}

function usesIn({ path, text }: SourceFile): readonly Use[] {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.ES2023, true);
  const uses: Use[] = [];
  const visit = (node: ts.Node): void => {
    const what = nameOf(node);
    if (what !== undefined) {
      uses.push({ what, line: file.getLineAndCharacterOfPosition(node.getStart()).line + 1 });
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return uses;
}

interface Ban {
  readonly instead: string;
  /** Where it is right, and why. */
  readonly except?: ReadonlyMap<RegExp, string>;
}

const SIMULATED: readonly (readonly [RegExp, string])[] = [
  [/^src\/testing\/simulation\/globals\.ts$/u, "stands in for the platform"],
  [/^src\/testing\/simulation\/real-time\.ts$/u, "budgets are of real time"],
  [
    /^src\/testing\/simulation\/(?:globals|escapes|simulate|uncaught)\.test\.ts$/u,
    "tries what is refused",
  ],
];
const REACTORS = new Map([
  [/^src\/reactors\/(?:node|epoll)\//u, "asks the platform for everyone"],
  ...SIMULATED,
]);
const TIMER: Ban = { instead: "reactor.callLater()", except: REACTORS };
const CLOCK: Ban = { instead: "reactor.seconds()", except: REACTORS };
const WALL_CLOCK: Ban = {
  instead: "reactor.seconds(), or a clock handed in",
  except: new Map([
    ...SIMULATED,
    [/^src\/cli\/sim\/failure-report\.test\.ts$/u, "tries what is refused"],
    [/^src\/reactors\/node\//u, "tells the time of day to everyone"],
    [/^src\/logger\/_wall-clock\.ts$/u, "logs are compared between machines"],
    [/^src\/internet\/tls\/_wall-clock\.ts$/u, "certificates are good by the time of day"],
  ]),
};
const TYPED: Ban = { instead: "a type guard, or a type that fits" };

const BANS = new Map<string, Ban>([
  ["setTimeout", TIMER],
  ["setInterval", TIMER],
  [
    "setImmediate",
    {
      ...TIMER,
      except: new Map([
        ...REACTORS,
        [/^src\/cli\/end-process\.ts$/u, "the reactor is over"],
        [/^src\/reactors\/simulated\/drain\.ts$/u, "a turn of Node's loop for each event"],
        [/^src\/defer\/unhandled\.test\.ts$/u, "waits for the garbage collector"],
        [/^src\/defer\/deferred-corners\.test\.ts$/u, "the collector, and promises' turns"],
      ]),
    },
  ],
  ["performance.now", CLOCK],
  ["process.hrtime", CLOCK],
  ["Date.now", WALL_CLOCK],
  ["new Date()", WALL_CLOCK],
  ["Math.random", { instead: "reactor.random()", except: REACTORS }],
  [
    "console",
    {
      instead: "a Logger of sennit/logger",
      except: new Map([[/^src\/cli\//u, "speaks to the person at the terminal"]]),
    },
  ],
  ["as", TYPED],
  ["any", TYPED],
  ["!", TYPED],
]);

describe("src/ leaves alone", () => {
  it("what is looked for: each ban sees its breach", () => {
    const text = `const f = Math.random; setTimeout(f, globalThis.performance.now(), Date.now());
      setInterval(f); setImmediate(f); process.hrtime.bigint(); new Date(); console.log(f);
      const g: any = f as unknown; h!.i; const ok = ["a"] as const; new Date(0); s.setTimeout(1);`;
    const seen = usesIn({ path: "seed.ts", text, lines: [] }).map(({ what }) => what);
    assert.deepEqual(seen.toSorted(), [...BANS.keys()].toSorted());
  });

  const used = SRC.map((file) => ({ path: file.path, uses: usesIn(file) }));
  for (const [what, { instead, except = new Map<RegExp, string>() }] of BANS) {
    it(`${what}: use ${instead}`, () => {
      const judged = used.filter(({ path }) => ![...except.keys()].some((one) => one.test(path)));
      nothing(
        judged.flatMap(({ path, uses }) =>
          uses
            .filter((use) => use.what === what)
            .map(({ line }) => `${path}:${String(line)}: ${what}: use ${instead}`),
        ),
      );
    });
  }
});

describe("files", () => {
  /** Longer for a reason: generated tables, registries of an RFC. */
  const LONG = new Map([
    ["src/defer/deferred.ts", "one state machine: its parts would have to see its private state"],
  ]);

  it(`have at most ${String(FILE_LINES_MAX)} lines`, () => {
    const long = CODE.filter(({ path, lines }) => lines.length > FILE_LINES_MAX && !LONG.has(path));
    nothing(long.map(({ path, lines }) => `${path}: ${String(lines.length)} lines: split it`));
  });

  it(`in tools/ have at most ${String(TOOL_LINES_MAX)} lines`, () => {
    const tools = CODE.filter(({ path }) => path.startsWith("tools/"));
    const long = tools.filter(({ lines }) => lines.length > TOOL_LINES_MAX);
    nothing(long.map(({ path, lines }) => `${path}: ${String(lines.length)} lines: split it`));
  });

  it(`have lines of at most ${String(LINE_LENGTH_MAX)} characters`, () => {
    nothing(
      CODE.flatMap(({ path, lines }) =>
        lines.flatMap((line, at) => {
          if (line.length <= LINE_LENGTH_MAX) return [];
          return [`${path}:${String(at + 1)}: ${String(line.length)} characters: break the line`];
        }),
      ),
    );
  });

  it("of src/ open by saying what they are, in a block that ends with @module", () => {
    const opening = /^(?:#!.*\n)?\/\*\*\n(?: \*.*\n)+? \* @module(?: [\w/-]+)?\n \*\/\n/u;
    nothing(SHIPPED.filter(({ text }) => !opening.test(text)).map(({ path }) => path));
  });

  it("are named after the one thing they hold, in kebab-case", () => {
    const vague = /\/_?(?:utils?|helpers?|types|common|constants|misc)\.ts$/u;
    const kebab = /\/_?[a-z\d]+(?:-[a-z\d]+)*(?:\.[a-z]+)*\.ts$/u;
    const bad = SRC.filter(({ path }) => vague.test(path) || !kebab.test(path));
    nothing(bad.map(({ path }) => `${path}: name it after what it holds`));
  });

  it("of src/ are imported by something that is not a test", () => {
    // The last form is that of Node's loader hooks, whose file has an ending of its own once built.
    const specifier =
      /(?:from|import\(?|(?:new URL|register)\() ?["`](?<path>\.[^"`$]+?)(?:\.ts)?["`$]/gu;
    const imported = new Set(
      CODE.filter(({ path }) => !IS_TEST.test(path)).flatMap(({ path, text }) =>
        [...text.matchAll(specifier)].map(
          (match) => `${join(dirname(path), match.groups?.["path"] ?? "")}.ts`,
        ),
      ),
    );
    const manifest = readFileSync(join(ROOT, "package.json"), "utf8");
    const outside = new Set(
      [...manifest.matchAll(/"\.\/(?:src|dist)\/(?<path>[^"]+?)\.(?:js|ts)"/gu)].map(
        (match) => `src/${match.groups?.["path"] ?? ""}.ts`,
      ),
    );
    const lost = SHIPPED.filter(({ path }) => !imported.has(path) && !outside.has(path));
    nothing(lost.map(({ path }) => `${path}: nobody imports it: use it or remove it`));
  });

  it("named index.ts list names, and do nothing else", () => {
    const doors = SHIPPED.filter(({ path }) => path.endsWith("/index.ts"));
    const odd = doors.flatMap(({ path, text }) =>
      ts
        .createSourceFile(path, text, ts.ScriptTarget.ES2023, true)
        .statements.filter(
          (statement) => !(ts.isExportDeclaration(statement) && statement.exportClause),
        )
        .map((statement) => `${path}: ${statement.getText().slice(0, 60)}`),
    );
    nothing(odd);
  });
});

describe("text", () => {
  const OTHERS = ALL.filter(({ path }) => path !== "test/tidy.test.ts");

  it("has no test that is run alone", () => {
    nothing(matches(OTHERS, /\b(?:describe|it|test)\.only\(/u, "run them all"));
  });

  it("names an issue for what is left to do", () => {
    const bare = /\b(?:TODO(?!\(#\d+\): )|FIXME|XXX)\b/u;
    nothing(
      matches(
        CODE.filter((file) => OTHERS.includes(file)),
        bare,
        "write TODO(#123): why",
      ),
    );
  });

  it("knows no machine but its reader's", () => {
    const place = /(?:^|[\s"'`(=])(?:~|\/(?:home|root|work|Users)|(?:\.\.\/)+shared)\/[\w.]+/u;
    nothing(matches(OTHERS, place, "a path of one machine: say it without"));
  });

  it("speaks of the project alone", () => {
    const maker =
      /\b(?:(?:generated|written|authored) by (?!tools\/)|co-authored-by|chatbot|LLM)/iu;
    nothing(matches(OTHERS, maker, "who wrote it is the history's to tell"));
  });
});

async function check(tool: string): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [join(ROOT, tool), "--check"]);
  return stdout;
}

describe("installing", () => {
  it("is possible on every platform: the lock is whole", async () => {
    assert.include(await check("tools/complete-lock.mjs"), "complete");
  });

  it("brings each program that a test talks to, in CI", () => {
    const script = readFileSync(join(ROOT, ".ci/run"), "utf8");
    const installed = new Set(/PACKAGES=\((.*?)\)/su.exec(script)?.[1]?.trim().split(/\s+/u));
    const asked = /\b(?:peer|pythonPeer)\("[^"]+", "(?<name>[^"]+)"\)/gu;
    const names = CODE.filter(({ path }) => IS_TEST.test(path)).flatMap(({ text }) =>
      [...text.matchAll(asked)].map((match) => match.groups?.["name"] ?? ""),
    );
    assert.isNotEmpty(names);
    nothing(names.filter((name) => !installed.has(name)).map((name) => `${name}: add to .ci/run`));
  });
});

describe("pages", () => {
  it("of changes/ are named after an issue and a kind", () => {
    const fragment =
      /^changes\/(?:README|\d+(?:-[a-z-]+)?\.(?:feature|fix|removal|doc|misc))\.md$/u;
    const pages = ALL.filter(({ path }) => path.startsWith("changes/"));
    nothing(pages.filter(({ path }) => !fragment.test(path)).map(({ path }) => path));
  });

  it("link to files that are there", () => {
    const link = /(?:\]\(|^\[\d+\]: )(?<path>[^):#\s]+)(?:#[^)\s]*)?(?:\)|$)/gmu;
    const pages = ALL.filter(({ path }) => path.endsWith(".md"));
    const all = new Set(ALL.flatMap(({ path }) => [path, dirname(path), dirname(dirname(path))]));
    nothing(
      pages.flatMap(({ path, text }) =>
        [...text.matchAll(link)]
          .map((match) => join(dirname(path), match.groups?.["path"] ?? "").replace(/\/$/u, ""))
          .filter((target) => !all.has(target) && target !== ".")
          .map((target) => `${path}: ${target} is not there`),
      ),
    );
  });

  it("draw the rooms as they are (npm run architecture)", async () => {
    assert.include(await check("tools/architecture.mjs"), "is current");
  });
});
