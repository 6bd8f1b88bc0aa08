/**
 * The package as a newcomer gets it: built from what is in src/ now, packed, installed without a
 * network, imported, type-checked, and run with the README's first server.
 *
 * @module
 */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, assert, beforeAll, describe, it } from "vitest";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const FOLDER = mkdtempSync(join(tmpdir(), "sennit-pack-"));
const PACKED = join(FOLDER, "package");
const CONSUMER = join(FOLDER, "consumer");
const TSC = join(ROOT, "node_modules/@typescript/native/bin/tsc");

const execute = promisify(execFile);

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

function readJSON(path: string): Readonly<Record<string, unknown>> {
  const value: unknown = JSON.parse(readFileSync(path, "utf8"));
  assert.isTrue(isRecord(value), path);
  return isRecord(value) ? value : {};
}

function keysOf(value: unknown): string[] {
  return isRecord(value) ? Object.keys(value) : [];
}

const MANIFEST = readJSON(join(ROOT, "package.json"));
const DOORS = keysOf(MANIFEST["exports"])
  .filter((subpath) => subpath !== "./package.json")
  .map((subpath) => subpath.replace(".", "sennit"));

async function npm(cwd: string, ...args: string[]): Promise<string> {
  const options = { cwd, env: { ...process.env, npm_config_loglevel: "error" } };
  const { stdout } = await execute("npm", args, options);
  return stdout;
}

async function node(...args: string[]): Promise<string> {
  const { stdout } = await execute(process.execPath, args, { cwd: CONSUMER });
  return stdout;
}

/** Build and pack a copy, so that nobody who uses dist/ meanwhile is disturbed. */
async function pack(): Promise<string> {
  mkdirSync(PACKED);
  const wanted = ["package.json", "README.md", "LICENSE", "tsconfig.json", "tsconfig.build.json"];
  for (const name of [...wanted, "src"]) {
    cpSync(join(ROOT, name), join(PACKED, name), { recursive: true });
  }
  symlinkSync(join(ROOT, "node_modules"), join(PACKED, "node_modules"));
  const build = [TSC, "-p", "tsconfig.build.json"];
  await execute(process.execPath, build, { cwd: PACKED }).catch((error: unknown) => {
    const complaints = isRecord(error) ? String(error["stdout"]) : "";
    throw new Error(`Cannot build src/ as it is:\n${complaints}`, { cause: error });
  });
  await npm(PACKED, "pack", "--ignore-scripts", "--pack-destination", FOLDER);
  return `file:${join(FOLDER, `sennit-${String(MANIFEST["version"])}.tgz`)}`;
}

/** What the lock says that an installed sennit needs, by path: `node_modules/piscina`. */
function runtimePackages(): [path: string, entry: Readonly<Record<string, unknown>>][] {
  const { packages } = readJSON(join(ROOT, "package-lock.json"));
  return Object.entries(isRecord(packages) ? packages : {}).flatMap(([path, entry]) =>
    path !== "" && isRecord(entry) && !isForWork(entry) ? [[path, entry]] : [],
  );
}

/** Needed here alone, or only where somebody asks for it (a terminal, a serial line). */
function isForWork(entry: Readonly<Record<string, unknown>>): boolean {
  return entry["dev"] === true || entry["devOptional"] === true;
}

/** From node_modules here instead of a registry, and without what is optional. */
async function install(tarball: string): Promise<void> {
  mkdirSync(CONSUMER);
  const dependencies: Record<string, string> = { sennit: tarball };
  // Another version than the one at the top, for one package alone.
  const overrides: Record<string, Record<string, string>> = {};
  for (const [path, entry] of runtimePackages()) {
    if (entry["optional"] === true) continue;
    const [, name = "", inner] = path.split(/(?:^|\/)node_modules\//u);
    const file = `file:${join(ROOT, path)}`;
    if (inner === undefined) dependencies[name] = file;
    else overrides[name] = { ...overrides[name], [inner]: file };
  }
  // What `npm init` writes, "type" included: a server.ts must run there too.
  const consumer = { name: "consumer", private: true, type: "commonjs" };
  const manifest = { ...consumer, dependencies, overrides };
  writeFileSync(join(CONSUMER, "package.json"), JSON.stringify(manifest));
  // Folders are packed, for which npm would run the scripts that publish them.
  const offline = ["--offline", "--install-links", "--omit=optional", "--ignore-scripts"];
  await npm(CONSUMER, "install", ...offline, "--no-audit", "--no-fund");
  symlinkSync(join(ROOT, "node_modules/@types"), join(CONSUMER, "node_modules/@types"));
}

/** What stands in the first `ts` fence of the README. */
function firstServer(): string {
  const readme = readFileSync(join(ROOT, "README.md"), "utf8");
  return /^```ts\n(.*?)^```$/msu.exec(readme)?.[1] ?? "";
}

/** The port of the line that tells of it. */
async function portOf(server: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    let log = "";
    server.stderr?.on("data", (chunk) => {
      log += String(chunk);
    });
    server.stdout?.on("data", (chunk) => {
      log += String(chunk);
      const port = /listens on 127\.0\.0\.1:(\d+)/u.exec(log)?.[1];
      if (port !== undefined) resolve(Number(port));
    });
    server.once("close", () => reject(new Error(`The server ended before it listened: ${log}`)));
  });
}

beforeAll(async () => {
  await install(await pack());
}, 60_000);

afterAll(() => {
  rmSync(FOLDER, { recursive: true, force: true });
});

describe("the tarball", () => {
  it("holds what is built, its source, and no test", async () => {
    const lines = (
      await execute("tar", ["tzf", `sennit-${String(MANIFEST["version"])}.tgz`], { cwd: FOLDER })
    ).stdout.split("\n");
    const files = lines.filter((line) => line !== "").map((line) => line.replace("package/", ""));
    const expected =
      /^(?:src\/.+\.ts|dist\/.+\.(?:js|d\.ts)(?:\.map)?|package\.json|README\.md|LICENSE)$/u;
    const strange = files.filter((file) => file.includes(".test.") || !expected.test(file));
    assert.deepEqual(strange, []);
    assert.includeMembers(files, ["README.md", "dist/cli/main.js", "src/cli/main.ts"]);
  });

  it("runs no script of a dependency when it is installed", () => {
    const runtime = runtimePackages();
    assert.include(
      runtime.map(([path]) => path),
      "node_modules/@swc/wasm-typescript",
    );
    assert.deepEqual(
      runtime.filter(([, entry]) => "hasInstallScript" in entry),
      [],
    );
  });
});

describe("a project that installed it", () => {
  it("imports every door", async () => {
    const script = `for (const door of process.argv.slice(1)) {
      const names = Object.keys(await import(door));
      if (names.length === 0) throw new Error(door + " is empty");
    }`;
    await node("--input-type=module", "--eval", script, ...DOORS);
  });

  it("requires every door from CommonJS", async () => {
    const script = "for (const door of process.argv.slice(1)) require(door);";
    await node("--input-type=commonjs", "--eval", script, ...DOORS);
  });

  it("type-checks against every door, declarations included", async () => {
    const imports = DOORS.map((door, at) => `export * as door${String(at)} from "${door}";`);
    writeFileSync(join(CONSUMER, "doors.ts"), imports.join("\n"));
    writeFileSync(join(CONSUMER, "server.ts"), firstServer());
    const options = ["--noEmit", "--strict", "--module", "nodenext", "--target", "es2023"];
    const lib = ["--lib", "es2023,esnext.disposable", "--types", "node"];
    await node(TSC, ...options, ...lib, "doors.ts", "server.ts");
  });

  it("has the command sennit", async () => {
    const printed = await npm(CONSUMER, "exec", "--offline", "--", "sennit", "--version");
    assert.equal(printed, `sennit ${String(MANIFEST["version"])}\n`);
  });

  it("runs the README's first server with sennit run", async () => {
    const code = firstServer();
    assert.include(code, '"tcp:8000:');
    writeFileSync(join(CONSUMER, "server.ts"), code.replace('"tcp:8000:', '"tcp:0:'));
    const program = join(CONSUMER, "node_modules/.bin/sennit");
    const server = spawn(program, ["run", "server.ts"], { cwd: CONSUMER, stdio: "pipe" });
    const ended = once(server, "exit");
    try {
      const client = connect(await portOf(server), "127.0.0.1");
      client.end("Ada\nGrace\n");
      assert.equal(await text(client), "Hello, Ada!\nHello, Grace!\n");
    } finally {
      server.kill("SIGTERM");
    }
    assert.deepEqual(await ended, [null, "SIGTERM"]);
  });
});
