/**
 * Files as they are served from the real file system.
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
import { machine } from "../../../test/fixtures/simulated-disk.ts";
import { get } from "../../../test/fixtures/web/http1-scene.ts";
import { type RawAnswer, turnUntil, visit } from "../../../test/fixtures/web/in-memory-site.ts";
import { File } from "./file.ts";
import type { FileOptions } from "./file-options.ts";

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

describe("File on a simulated disk", () => {
  it("sends what is there", async () => {
    const { disk, boot } = machine();
    disk.write("/srv/docs/page.html", "<p>page");
    const at = visit(new File("/srv", { fileSystem: boot() }));
    const { code, headers } = await at.ask(get("/docs/page.html"));
    assert.deepEqual([code, headers.get("content-type")], [200, "text/html; charset=utf-8"]);
    await turnUntil(() => {
      at.pump.flush();
      return at.client.received.endsWith("<p>page");
    });
    assert.equal((await at.ask(get("/docs/missing"))).code, 404);
    assert.deepEqual(disk.openFiles, []);
  });
});
