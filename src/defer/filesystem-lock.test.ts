import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { afterEach, assert, beforeEach, describe, expectTypeOf, it, vi } from "vitest";
import { Clock } from "../testing/clock.ts";
import { assertNoResult, failureResultOf, successResultOf } from "../testing/results.ts";
import { Deferred } from "./deferred.ts";
import { CancelledError, TimeoutError } from "./errors.ts";
import { AlreadyTryingToLockError, DeferredFilesystemLock } from "./filesystem-lock.ts";
import { NotAcquiredError } from "./hold.ts";
import { openLedger } from "./unhandled.ts";

let folder: string;
let path: string;
let clock: Clock;
const hasProc = existsSync("/proc/self/stat");

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sennit-lock-"));
  path = join(folder, "the.lock");
  clock = new Clock();
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true, force: true });
});

function make(): DeferredFilesystemLock {
  return new DeferredFilesystemLock(path, { clock });
}

/** The lock of a process that has ended. */
function leaveStale(): void {
  const { pid } = spawnSync(process.execPath, ["--version"]);
  mkdirSync(path);
  writeFileSync(join(path, `${String(pid)}-1-abcdef`), "");
}

/** Run `f` when the lock asks whether a process lives: between its look and its next step. */
function whileItLooks(f: () => void): void {
  const kill = process.kill.bind(process);
  let asked = false;
  vi.spyOn(process, "kill").mockImplementation((pid, signal) => {
    if (!asked) {
      asked = true;
      f();
    }
    return kill(pid, signal);
  });
}

describe("DeferredFilesystemLock: lock() and unlock()", () => {
  it("one has it, the others do not", () => {
    const [a, b] = [make(), make()];
    assert.isTrue(a.lock());
    assert.isTrue(a.locked);
    assert.isTrue(a.clean);
    assert.isFalse(b.lock());
    assert.isFalse(b.locked);
    assert.isFalse(a.lock());
    a.unlock();
    assert.isFalse(a.locked);
    assert.isTrue(b.lock());
    b.unlock();
    assert.deepEqual(readdirSync(folder), []);
  });

  it("tells who has it, on the disk, and leaves nothing else there", () => {
    const lock = make();
    assert.isTrue(lock.lock());
    assert.deepEqual(readdirSync(folder), ["the.lock"]);
    const [entry, ...more] = readdirSync(path);
    assert.deepEqual(more, []);
    assert.match(entry ?? "", new RegExp(`^${String(process.pid)}-\\d+-\\w{6}$`, "u"));
    assert.equal(lock.path, path);
  });

  it("unlock() refuses what is not held, or not any more", () => {
    const lock = make();
    assert.throws(() => lock.unlock(), NotAcquiredError, "expected it to be held by this object");
    assert.isTrue(lock.lock());
    assert.throws(() => make().unlock(), NotAcquiredError);
    rmSync(path, { recursive: true });
    assert.throws(() => lock.unlock(), NotAcquiredError);
    assert.isFalse(lock.locked);
    assert.isTrue(lock.lock());
  });

  it("what the system refuses comes as its error", () => {
    const nowhere = new DeferredFilesystemLock(join(folder, "no", "such.lock"), { clock });
    assert.throws(() => nowhere.lock(), "ENOENT");
    writeFileSync(path, "a file");
    assert.throws(() => make().lock(), "ENOTDIR");
  });

  it("an entry that is no process's is left alone", () => {
    mkdirSync(path);
    writeFileSync(join(path, "README"), "");
    assert.isFalse(make().lock());
    assert.deepEqual(readdirSync(path), ["README"]);
    rmSync(path, { recursive: true });
    leaveStale();
    writeFileSync(join(path, "README"), "");
    assert.isFalse(make().lock());
  });

  it("an empty directory, from one who died while unlocking, is nobody's", () => {
    mkdirSync(path);
    const lock = make();
    assert.isTrue(lock.lock());
    assert.isTrue(lock.clean);
  });
});

describe("DeferredFilesystemLock: the lock of a dead process", () => {
  it("is taken over, and clean says so", () => {
    leaveStale();
    const lock = make();
    assert.isTrue(lock.lock());
    assert.isFalse(lock.clean);
    lock.unlock();
    assert.isTrue(lock.lock());
    assert.isTrue(lock.clean);
    assert.lengthOf(readdirSync(path), 1);
  });

  it("is taken by one only, when another takes it over between a look and the next step", () => {
    leaveStale();
    const [slow, quick] = [make(), make()];
    whileItLooks(() => assert.isTrue(quick.lock()));
    assert.isFalse(slow.lock());
    assert.isTrue(quick.locked);
    assert.isFalse(make().lock());
    quick.unlock();
    assert.isTrue(slow.lock());
  });

  it("can be taken when another has taken it over and released it between two steps", () => {
    leaveStale();
    const [slow, quick] = [make(), make()];
    whileItLooks(() => {
      assert.isTrue(quick.lock());
      quick.unlock();
    });
    assert.isTrue(slow.lock());
    assert.deepEqual(readdirSync(folder), ["the.lock"]);
  });

  it("is not taken over while somebody may live who is not ours to ask", () => {
    leaveStale();
    vi.spyOn(process, "kill").mockImplementation(() => {
      throw Object.assign(new Error("not permitted"), { code: "EPERM" });
    });
    assert.isFalse(make().lock());
  });

  it.runIf(hasProc)("is known although a new process has its number", () => {
    mkdirSync(path);
    writeFileSync(join(path, `${String(process.pid)}-1-abcdef`), "");
    const lock = make();
    assert.isTrue(lock.lock());
    assert.isFalse(lock.clean);
  });

  it("counts as alive when only its number is known, and a process has it", () => {
    mkdirSync(path);
    writeFileSync(join(path, `${String(process.pid)}-0-abcdef`), "");
    assert.isFalse(make().lock());
  });
});

describe("DeferredFilesystemLock: deferUntilLocked()", () => {
  it("fires at once when nobody has it", () => {
    const lock = make();
    const d = lock.deferUntilLocked();
    expectTypeOf(d).toEqualTypeOf<Deferred<void>>();
    successResultOf(d);
    assert.isTrue(lock.locked);
    assert.lengthOf(clock.getDelayedCalls(), 0);
  });

  it("tries again after each interval", () => {
    const [other, lock] = [make(), new DeferredFilesystemLock(path, { clock, interval: 0.5 })];
    other.lock();
    const d = lock.deferUntilLocked();
    clock.pump([0.5, 0.5, 0.25]);
    other.unlock();
    assertNoResult(d);
    clock.advance(0.25);
    successResultOf(d);
    assert.isTrue(lock.locked);
    assert.lengthOf(clock.getDelayedCalls(), 0);
  });

  it("gives up after the timeout, with one last try", () => {
    const [other, lock] = [make(), make()];
    other.lock();
    const late = lock.deferUntilLocked(2.5);
    clock.pump([1, 1, 0.5]);
    const { value } = failureResultOf(late, TimeoutError);
    assert.include(value.message, "another has held it for 2.5 seconds");
    assert.lengthOf(clock.getDelayedCalls(), 0);
    const last = lock.deferUntilLocked(2.5);
    clock.pump([1, 1]);
    other.unlock();
    clock.advance(0.5);
    successResultOf(last);
    assert.lengthOf(clock.getDelayedCalls(), 0);
  });

  it("a cancel ends it without another try", () => {
    const [other, lock] = [make(), make()];
    other.lock();
    const d = lock.deferUntilLocked(10);
    other.unlock();
    d.cancel();
    failureResultOf(d, CancelledError);
    assert.isFalse(lock.locked);
    assert.lengthOf(clock.getDelayedCalls(), 0);
    successResultOf(lock.deferUntilLocked());
  });

  it("can be under way once only", () => {
    const [other, lock] = [make(), make()];
    other.lock();
    const d = lock.deferUntilLocked();
    failureResultOf(lock.deferUntilLocked(), AlreadyTryingToLockError);
    other.unlock();
    clock.advance(1);
    successResultOf(d);
  });

  it("waits for its own unlock as for that of others", () => {
    const lock = make();
    lock.lock();
    const d = lock.deferUntilLocked();
    clock.advance(1);
    assertNoResult(d);
    lock.unlock();
    clock.advance(1);
    successResultOf(d);
    assert.isTrue(lock.locked);
  });

  it("fails with what the system says, at the first try or a later one", () => {
    const nowhere = new DeferredFilesystemLock(join(folder, "no.lock", "x"), { clock });
    assert.include(failureResultOf(nowhere.deferUntilLocked()).getErrorMessage(), "ENOENT");
    const [other, lock] = [make(), make()];
    other.lock();
    const d = lock.deferUntilLocked(10);
    other.unlock();
    writeFileSync(path, "a file");
    clock.advance(1);
    assert.include(failureResultOf(d).getErrorMessage(), "ENOTDIR");
    assert.lengthOf(clock.getDelayedCalls(), 0);
  });

  it("wants an interval above 0", () => {
    for (const interval of [0, -1, NaN]) {
      assert.throws(() => new DeferredFilesystemLock(path, { clock, interval }), RangeError);
    }
  });
});

describe("DeferredFilesystemLock: run() and hold()", () => {
  it("run() holds the lock until the function is through", () => {
    using ledger = openLedger();
    const [other, lock] = [make(), make()];
    other.lock();
    const working = new Deferred<number>();
    const d = lock.run((n: number) => working.addCallback((m) => n + m), 40);
    expectTypeOf(d).toEqualTypeOf<Deferred<number>>();
    other.unlock();
    clock.advance(1);
    assert.isFalse(other.lock());
    working.callback(2);
    assert.equal(successResultOf(d), 42);
    assert.isTrue(other.lock());
    other.unlock();
    const thrown = lock.run(() => {
      throw new RangeError();
    });
    failureResultOf(thrown, RangeError);
    assert.isFalse(lock.locked);
    assert.deepEqual(ledger.failures(), []);
  });

  it("hold() unlocks at the end of the block", async () => {
    const lock = make();
    {
      await using held = await lock.hold(5);
      assert.isTrue(held.held);
      assert.isTrue(lock.locked);
    }
    assert.isFalse(lock.locked);
    assert.isFalse(existsSync(path));
    assert.throws(() => rmdirSync(path));
  });
});
