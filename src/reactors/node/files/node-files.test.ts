/**
 * What the contracts of files cannot ask for: links, pipes, modes, other programs.
 *
 * @module
 */
import { execFileSync } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, assert, beforeAll, describe, it } from "vitest";
import { fileErrorCode, type FileOpening } from "../../../internet/interfaces-files.ts";
import { nodeFiles } from "./node-files.ts";

let root = "";
let server: Server | undefined;

beforeAll(async () => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "files-")));
  mkdirSync(join(root, "docs"));
  writeFileSync(join(root, "docs", "index.html"), "<p>docs");
  writeFileSync(join(root, "dated"), "300 years");
  utimesSync(join(root, "dated"), 900_000_000, 900_000_000.25);
  symlinkSync("docs", join(root, "again"));
  execFileSync("mkfifo", [join(root, "pipe")]);
  const listening = createServer();
  server = listening;
  await new Promise<void>((resolve) => {
    listening.listen(join(root, "socket"), resolve);
  });
});

afterAll(() => {
  server?.close();
  rmSync(root, { recursive: true });
});

describe("nodeFiles", () => {
  it("tells when a file was changed to less than a second, and what is no file", async () => {
    const facts = await nodeFiles.facts(join(root, "dated"));
    assert.deepEqual([facts.size, facts.modified], [9, 900_000_000.25]);
    const kinds = ["again", "pipe", "socket"].map((name) => nodeFiles.facts(join(root, name)));
    assert.deepEqual(
      (await Promise.all(kinds)).map((one) => one.kind),
      ["directory", "other", "other"],
    );
  });

  it("opens a pipe without waiting for who is at its other end", async () => {
    for (const how of ["read", "write", "append"] satisfies FileOpening[]) {
      await using pipe = await nodeFiles.open(join(root, "pipe"), how);
      assert.equal((await pipe.facts()).kind, "other");
    }
  });

  it("follows links to real paths", async () => {
    assert.equal(
      await nodeFiles.realPath(join(root, "again/index.html")),
      join(root, "docs/index.html"),
    );
  });

  it("reads whole what says that it is empty", async () => {
    assert.equal((await nodeFiles.readFile("/proc/self/maps")).toString().split("\n").at(-1), "");
    assert.include(String(await nodeFiles.readFile("/proc/self/status")), "VmRSS");
  });

  it("makes files for whom it is told to", async () => {
    for (const durable of [false, true]) {
      const path = join(root, `secret-${String(durable)}`);
      await nodeFiles.writeFile(path, "x", { durable, mode: 0o600 });
      assert.equal(statSync(path).mode & 0o777, 0o600);
    }
  });

  it("removes a link, and not what it leads to", async () => {
    symlinkSync("docs", join(root, "link"));
    await nodeFiles.remove(join(root, "link"));
    symlinkSync("nowhere", join(root, "dangling"));
    await nodeFiles.remove(join(root, "dangling"));
    assert.deepEqual(readdirSync(join(root, "docs")), ["index.html"]);
  });

  it("writeFile(), durable, puts a file in the place of a link", async () => {
    symlinkSync("dated", join(root, "config"));
    await nodeFiles.writeFile(join(root, "config"), "new", { durable: true });
    assert.equal(readFileSync(join(root, "dated"), "utf8"), "300 years");
    assert.equal(readFileSync(join(root, "config"), "utf8"), "new");
  });

  it("says what the system says when it is full", async () => {
    await using full = await nodeFiles.open("/dev/full", "write");
    const error: unknown = await full.write("x", 0).catch((reason: unknown) => reason);
    assert.equal(fileErrorCode(error), "ENOSPC");
  });
});
