import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, assert, beforeEach, describe, it } from "vitest";
import { SocketFile } from "./socket-file.ts";

let folder = "";
let path = "";
const servers: Server[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sennit-file-"));
  path = join(folder, "app.sock");
});

afterEach(() => {
  for (const server of servers.splice(0)) server.close();
  rmSync(folder, { recursive: true });
});

/** A server that listens there, and its file. */
function listen(mode = 0o666): { readonly server: Server; readonly file: SocketFile } {
  const server = createServer().on("error", () => {});
  servers.push(server);
  const file = SocketFile.make(path, mode, () => server.listen({ path }).listening);
  assert(file !== undefined);
  return { server, file };
}

describe("SocketFile.make()", () => {
  it("gives the file its mode", () => {
    for (const mode of [0o666, 0o600, 0o640]) {
      const { server, file } = listen(mode);
      assert.equal(lstatSync(path).mode & 0o777, mode);
      file.remove(() => server.close());
    }
  });

  it("is nothing where binding failed, and touches nothing", () => {
    writeFileSync(path, "precious", { mode: 0o644 });
    const server = createServer().on("error", () => {});
    const file = SocketFile.make(path, 0o666, () => server.listen({ path }).listening);
    assert.isUndefined(file);
    assert.equal(lstatSync(path).mode & 0o777, 0o644);
    assert.equal(readFileSync(path, "utf8"), "precious");
  });
});

describe("SocketFile#remove()", () => {
  it("closes, and the file is gone", () => {
    const { server, file } = listen();
    file.remove(() => server.close());
    assert.isFalse(server.listening);
    assert.deepEqual(readdirSync(folder), []);
  });

  it("closes where the file is gone already", () => {
    const { server, file } = listen();
    unlinkSync(path);
    file.remove(() => server.close());
    assert.isFalse(server.listening);
  });

  it("leaves what is another's by now: a file, a socket, a link, a folder", () => {
    const others: readonly (() => void)[] = [
      () => writeFileSync(path, "another's"),
      () => symlinkSync("nowhere", path),
      () => mkdirSync(path),
      () => void listen(),
    ];
    for (const make of others) {
      const { server, file } = listen();
      unlinkSync(path);
      make();
      const { ino } = lstatSync(path);
      file.remove(() => server.close());
      assert.isFalse(server.listening);
      assert.equal(lstatSync(path).ino, ino);
      assert.deepEqual(readdirSync(folder), ["app.sock"]);
      rmSync(path, { recursive: true });
    }
  });
});

describe("SocketFile.removeStale()", () => {
  it("removes a socket, and nothing else", () => {
    const { server } = listen();
    SocketFile.removeStale(path);
    assert.isFalse(existsSync(path));
    server.close();
    SocketFile.removeStale(path);
    writeFileSync(path, "precious");
    SocketFile.removeStale(path);
    assert.equal(readFileSync(path, "utf8"), "precious");
  });

  it("does not follow a link to a socket", () => {
    listen();
    const link = join(folder, "link");
    symlinkSync(path, link);
    SocketFile.removeStale(link);
    assert.isTrue(existsSync(path));
    assert.isTrue(lstatSync(link).isSymbolicLink());
  });
});
