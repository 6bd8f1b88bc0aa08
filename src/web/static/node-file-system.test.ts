/**
 * The real file system, and files as they are served from it.
 *
 * @module
 */
import { execFileSync } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, assert, beforeAll, describe, it } from "vitest";
import { get } from "../../../test/fixtures/web/http1-scene.ts";
import { type RawAnswer, turnUntil, visit } from "../../../test/fixtures/web/in-memory-site.ts";
import { File } from "./file.ts";
import type { FileOptions } from "./file-options.ts";
import { nodeFileSystem } from "./node-file-system.ts";

const CONTENT = Buffer.alloc(300_000, "some bytes, 17 of");
let top = "";
let root = "";
let server: Server | undefined;

beforeAll(async () => {
  top = realpathSync(mkdtempSync(join(tmpdir(), "static-")));
  root = join(top, "root");
  mkdirSync(join(root, "docs"), { recursive: true });
  writeFileSync(join(top, "secret"), "secret");
  writeFileSync(join(root, "big.bin"), CONTENT);
  writeFileSync(join(root, "docs", "index.html"), "<p>docs");
  utimesSync(join(root, "big.bin"), 900_000_000, 900_000_000.25);
  symlinkSync("..", join(root, "up"));
  symlinkSync(join(top, "secret"), join(root, "link"));
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
  rmSync(top, { recursive: true });
});

async function codeOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => "none",
    (error: unknown) => (error instanceof Error ? Reflect.get(error, "code") : error),
  );
}

describe("nodeFileSystem", () => {
  it("tells facts, by name and of what is open", async () => {
    const facts = await nodeFileSystem.facts(join(root, "big.bin"));
    const { kind, size, modified } = facts;
    assert.deepEqual([kind, size, modified], ["file", 300_000, 900_000_000.25]);
    const file = await nodeFileSystem.open(join(root, "big.bin"));
    assert.deepEqual(await file.facts(), facts);
    await file.close();
    const kinds = ["docs", "again", "pipe", "socket"].map((name) => {
      return nodeFileSystem.facts(join(root, name));
    });
    assert.deepEqual(
      (await Promise.all(kinds)).map((one) => one.kind),
      ["directory", "directory", "other", "other"],
    );
  });

  it("reads from where it is told, up to the end", async () => {
    const file = await nodeFileSystem.open(join(root, "big.bin"));
    const into = Buffer.alloc(100);
    assert.equal(await file.read(into, 17), 100);
    assert.isTrue(into.equals(CONTENT.subarray(0, 100)));
    assert.equal(await file.read(into, 299_990), 10);
    assert.equal(await file.read(into, 300_000), 0);
    await file.close();
    assert.equal(await codeOf(file.read(into, 0)), "EBADF");
  });

  it("opens a pipe without waiting for who writes to it", async () => {
    const pipe = await nodeFileSystem.open(join(root, "pipe"));
    assert.equal((await pipe.facts()).kind, "other");
    await pipe.close();
  });

  it("lists names, and follows links to real paths", async () => {
    assert.deepEqual(await nodeFileSystem.list(join(root, "docs")), ["index.html"]);
    assert.equal(
      await nodeFileSystem.realPath(join(root, "again/index.html")),
      join(root, "docs/index.html"),
    );
  });

  it("fails with codes", async () => {
    assert.equal(await codeOf(nodeFileSystem.facts(join(root, "gone"))), "ENOENT");
    assert.equal(await codeOf(nodeFileSystem.realPath(join(root, "gone"))), "ENOENT");
    assert.equal(await codeOf(nodeFileSystem.open(join(root, "gone"))), "ENOENT");
    assert.equal(await codeOf(nodeFileSystem.list(join(root, "big.bin"))), "ENOTDIR");
  });
});

describe("File on a real disk", () => {
  async function ask(path: string, options: FileOptions = {}): Promise<RawAnswer> {
    const at = visit(new File(root, options));
    const answer = await at.ask(get(path));
    await turnUntil(() => {
      at.pump.flush();
      return missing(at.client.received) <= 0;
    });
    return { ...answer, body: at.client.received.split("\r\n\r\n").slice(1).join("\r\n\r\n") };
  }

  /** Bytes that have not come yet. */
  function missing(received: string): number {
    const length = /^Content-Length: (?<bytes>\d+)/mu.exec(received)?.groups?.["bytes"];
    return Number(length) - (received.length - received.indexOf("\r\n\r\n") - 4);
  }

  it("sends what is there", async () => {
    const { code, headers, body } = await ask("/big.bin");
    assert.equal(code, 200);
    assert.equal(headers.get("last-modified"), "Thu, 09 Jul 1998 16:00:00 GMT");
    assert.isTrue(Buffer.from(body, "latin1").equals(CONTENT));
    assert.equal((await ask("/again/")).body, "<p>docs");
  });

  it("sends nothing else", async () => {
    for (const path of ["/link", "/up/secret", "/pipe", "/socket", "/..%2fsecret"]) {
      assert.equal((await ask(path)).code, 404, path);
    }
    assert.equal((await ask("/up/root/docs/")).body, "<p>docs", "out, and back in");
    assert.equal((await ask("/link", { followSymlinks: true })).body, "secret");
    assert.equal((await ask("/pipe", { followSymlinks: true })).code, 404);
  });
});
