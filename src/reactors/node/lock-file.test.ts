import {
  existsSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, assert, beforeEach, describe, it } from "vitest";
import { SocketLockedError } from "../../internet/unix-errors.ts";
import { isLocked, LockFile } from "./lock-file.ts";

/** More than any system gives to a process. */
const DEAD = "4194305";
const OURS = String(process.pid);
const KILL = Object.getOwnPropertyDescriptor(process, "kill") ?? {};

let folder = "";
let path = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sennit-lock-"));
  path = join(folder, "app.sock.lock");
});

afterEach(() => {
  Object.defineProperty(process, "kill", KILL);
  rmSync(folder, { recursive: true });
});

/** Who asks whether a process is alive is told so. */
function whenAsked(answer: () => true): void {
  process.kill = answer;
}

function noSuchProcess(): never {
  throw Object.assign(new Error("kill ESRCH"), { code: "ESRCH" });
}

describe("LockFile", () => {
  it("is a symbolic link to our process id, from take() to release()", () => {
    const lock = LockFile.take(path);
    assert.equal(readlinkSync(path), OURS);
    assert.isFalse(lock.wasStale);
    assert.isTrue(isLocked(path));
    lock.release();
    assert.deepEqual(readdirSync(folder), []);
    assert.isFalse(isLocked(path));
  });

  it("is taken once, also by ourselves", () => {
    const lock = LockFile.take(path);
    const error = thrownBy(() => LockFile.take(path));
    assert.instanceOf(error, SocketLockedError);
    assert.deepInclude(error, { pid: process.pid, path, code: "ERR_SOCKET_LOCKED" });
    lock.release();
    LockFile.take(path).release();
  });

  it("of a process that is gone is taken over", () => {
    symlinkSync(DEAD, path);
    assert.isFalse(isLocked(path));
    const lock = LockFile.take(path);
    assert.isTrue(lock.wasStale);
    assert.equal(readlinkSync(path), OURS);
    assert.deepEqual(readdirSync(folder), ["app.sock.lock"]);
  });

  it("of somebody else's process is not", () => {
    symlinkSync("1", path);
    whenAsked(() => {
      throw Object.assign(new Error("kill EPERM"), { code: "EPERM" });
    });
    assert.throws(() => LockFile.take(path), SocketLockedError, "process 1, which is alive");
    assert.isTrue(isLocked(path));
  });

  it("that is replaced while it looks stale is put back", () => {
    symlinkSync(DEAD, path);
    let questions = 0;
    whenAsked(() => {
      questions += 1;
      if (questions > 1) return true;
      unlinkSync(path); // Another process is quicker.
      symlinkSync("4194304", path);
      return noSuchProcess();
    });
    assert.throws(() => LockFile.take(path), SocketLockedError, "process 4194304");
    assert.equal(readlinkSync(path), "4194304");
    assert.deepEqual(readdirSync(folder), ["app.sock.lock"]);
  });

  it("that is removed while it looks stale is taken, and was not stale for us", () => {
    symlinkSync(DEAD, path);
    whenAsked(() => {
      unlinkSync(path);
      return noSuchProcess();
    });
    assert.isFalse(LockFile.take(path).wasStale);
    assert.equal(readlinkSync(path), OURS);
  });

  it("that comes back for ever is given up", () => {
    let rounds = 0;
    symlinkSync(DEAD, path);
    whenAsked(() => {
      rounds += 1;
      unlinkSync(path);
      symlinkSync(String(Number(DEAD) + rounds), path); // Each time another one.
      return noSuchProcess();
    });
    assert.throws(() => LockFile.take(path), "it came and went 100 times");
    assert.equal(rounds, 100);
  });

  it("that is none is an error, and stays", () => {
    for (const target of ["elsewhere", "0", "-1", "12 ", "99999999999"]) {
      symlinkSync(target, path);
      assert.throws(() => LockFile.take(path), `expected a process id, got "${target}"`);
      assert.isFalse(isLocked(path));
      assert.equal(readlinkSync(path), target);
      unlinkSync(path);
    }
    writeFileSync(path, OURS);
    assert.throws(() => LockFile.take(path), "EINVAL");
    assert.isFalse(isLocked(path));
    assert.isTrue(lstatSync(path).isFile());
  });

  it("where there is no folder is the system's error", () => {
    assert.throws(() => LockFile.take(join(folder, "no", "lock")), "ENOENT");
    assert.isFalse(isLocked(join(folder, "no", "lock")));
  });

  it("release() leaves what is not ours any more", () => {
    const lock = LockFile.take(path);
    unlinkSync(path);
    lock.release();
    assert.isFalse(existsSync(path));
    symlinkSync(DEAD, path);
    lock.release();
    assert.equal(readlinkSync(path), DEAD);
    unlinkSync(path);
    writeFileSync(path, "");
    lock.release();
    assert.isTrue(existsSync(path));
  });
});

function thrownBy(f: () => unknown): unknown {
  try {
    f();
  } catch (error) {
    return error;
  }
  return undefined;
}
