/**
 * Contracts of `IReactorFiles`: what is seen of files while nothing crashes.
 *
 * @module
 */
import { AssertionError } from "../../core/assert.ts";
import { quote } from "../../core/text.ts";
import { fileErrorCode, type IFiles, IReactorFiles } from "../../internet/interfaces-files.ts";
import { IReactorWallClock } from "../../internet/interfaces-reactor.ts";
import { expectEqual } from "./expect.ts";
import type { Contract, Contracts } from "./trial.ts";

/** Seconds. A file may be dated by a coarser clock, and the time of day may be set meanwhile. */
const CLOCKS_DIFFER = 5;
/** Bytes: more than any platform takes or gives at once. */
const LARGE = 3_000_000;
/** Bytes: writing them takes longer than closing a file. */
const VERY_LARGE = 20_000_000;

type Body = (files: IFiles, directory: string) => Promise<void>;

/** A contract made of promises: the reactor works while they wait for it. */
function withFiles(body: Body): Contract {
  return async (trial) => {
    const { files } = trial.needs(IReactorFiles);
    let over = false;
    const outcome = body(files, trial.directory());
    const seen = (): void => {
      over = true;
    };
    outcome.then(seen, seen);
    await trial.settle(() => over);
    await outcome;
  };
}

/** It rejects with that code. */
async function expectCode(code: string, promise: Promise<unknown>, what: string): Promise<void> {
  const found = await promise.then(
    () => "nothing went wrong",
    (error: unknown) => fileErrorCode(error) ?? error,
  );
  expectEqual(found, code, what);
}

async function expectText(files: IFiles, path: string, text: string): Promise<void> {
  expectEqual((await files.readFile(path)).toString(), text, `what is in ${path}`);
}

async function expectNames(files: IFiles, path: string, names: readonly string[]): Promise<void> {
  expectEqual([...(await files.list(path))].toSorted(), names, "the names");
}

/** By name. */
export const fileContracts: Contracts = {
  "what was written is read, from any position": withFiles(async (files, directory) => {
    await using file = await files.open(`${directory}/a`, "create");
    await file.write("hello, ", 0);
    await file.write(Buffer.from("world"), 7);
    const into = Buffer.alloc(5);
    expectEqual(await file.read(into, 4), 5, "how many bytes");
    expectEqual(into.toString(), "o, wo");
    await expectText(files, `${directory}/a`, "hello, world");
  }),

  "read() tells how many bytes there were, and 0 at the end": withFiles(
    async (files, directory) => {
      await files.writeFile(`${directory}/a`, "0123456789");
      await using file = await files.open(`${directory}/a`);
      const into = Buffer.from("----");
      expectEqual(await file.read(into, 7), 3, "how many bytes");
      expectEqual(into.toString(), "789-");
      expectEqual([await file.read(into, 10), await file.read(into, 1000)], [0, 0]);
      expectEqual(into.toString(), "789-");
    },
  ),

  "write() leaves what is around it": withFiles(async (files, directory) => {
    await files.writeFile(`${directory}/a`, "0123456789");
    await using file = await files.open(`${directory}/a`, "write");
    await file.write("xyz", 4);
    await file.write("", 5);
    await expectText(files, `${directory}/a`, "0123xyz789");
  }),

  "write() beyond the end leaves zeros between": withFiles(async (files, directory) => {
    await using file = await files.open(`${directory}/a`, "create");
    await file.write("a", 0);
    await file.write("b", 5);
    await expectText(files, `${directory}/a`, "a\0\0\0\0b");
  }),

  "much is written and read whole": withFiles(async (files, directory) => {
    const bytes = Buffer.alloc(LARGE, "as much as that, 19");
    await files.writeFile(`${directory}/a`, bytes);
    const read = await files.readFile(`${directory}/a`);
    expectEqual([read.length, read.equals(bytes)], [LARGE, true]);
  }),

  "truncate() cuts off, and fills up with zeros": withFiles(async (files, directory) => {
    await files.writeFile(`${directory}/a`, "0123456789");
    await using file = await files.open(`${directory}/a`, "write");
    await file.truncate(3);
    await expectText(files, `${directory}/a`, "012");
    await file.truncate(5);
    await expectText(files, `${directory}/a`, "012\0\0");
  }),

  '"read" wants a file that is there, and cannot write': withFiles(async (files, directory) => {
    await expectCode("ENOENT", files.open(`${directory}/a`), "opening");
    await files.writeFile(`${directory}/a`, "as it is");
    await using file = await files.open(`${directory}/a`, "read");
    await expectCode("EBADF", file.write("b", 0), "writing");
    await expectCode("EBADF", file.append("b"), "appending");
    await expectCode("EBADF", file.truncate(0), "cutting");
    await expectText(files, `${directory}/a`, "as it is");
  }),

  '"write" keeps what is there, or makes it': withFiles(async (files, directory) => {
    for (const [text, position] of [
      ["ab", 0],
      ["c", 2],
    ] as const) {
      await using file = await files.open(`${directory}/a`, "write");
      await file.write(text, position);
    }
    await expectText(files, `${directory}/a`, "abc");
  }),

  '"create" refuses what is there': withFiles(async (files, directory) => {
    await using file = await files.open(`${directory}/a`, "create");
    await file.write("first", 0);
    await expectCode("EEXIST", files.open(`${directory}/a`, "create"), "opening it again");
    await expectCode("EEXIST", files.open(directory, "create"), "opening a directory");
    await expectText(files, `${directory}/a`, "first");
  }),

  '"replace" empties what is there': withFiles(async (files, directory) => {
    for (const text of ["longer", "short"]) {
      await using file = await files.open(`${directory}/a`, "replace");
      expectEqual((await file.facts()).size, 0, "bytes");
      await file.write(text, 0);
      await expectText(files, `${directory}/a`, text);
    }
  }),

  '"append" adds at the end, wherever that is': withFiles(async (files, directory) => {
    await using one = await files.open(`${directory}/a`, "append");
    await using other = await files.open(`${directory}/a`, "append");
    await one.append("1, ");
    await other.append("two, ");
    await one.append(Buffer.from("3"));
    await expectText(files, `${directory}/a`, "1, two, 3");
    const into = Buffer.alloc(3);
    expectEqual([await one.read(into, 3), into.toString()], [3, "two"]);
  }),

  "append() and write() are for handles that were opened for them": withFiles(
    async (files, directory) => {
      await files.writeFile(`${directory}/a`, "as it is");
      await using appending = await files.open(`${directory}/a`, "append");
      await expectCode("EBADF", appending.write("b", 0), "writing");
      await using writing = await files.open(`${directory}/a`, "write");
      await expectCode("EBADF", writing.append("b"), "appending");
      await expectText(files, `${directory}/a`, "as it is");
    },
  ),

  "facts() tells what it is, how large, and which": withFiles(async (files, directory) => {
    await files.writeFile(`${directory}/a`, "12345");
    await files.writeFile(`${directory}/b`, "12345");
    const [a, b] = [await files.facts(`${directory}/a`), await files.facts(`${directory}/b`)];
    expectEqual([a.kind, a.size], ["file", 5]);
    expectEqual((await files.facts(directory)).kind, "directory");
    await using file = await files.open(`${directory}/a`);
    const { kind, size, modified, device, inode } = await file.facts();
    expectEqual([kind, size, modified, device, inode], Object.values(a), "the facts of a handle");
    expectEqual(a.device === b.device && a.inode === b.inode, false, "whether they are the same");
    await expectCode("ENOENT", files.facts(`${directory}/c`), "facts of nothing");
  }),

  "facts() tells when it was changed, by the time of day": async (trial) => {
    const reactor = trial.needs(IReactorWallClock);
    await withFiles(async (files, directory) => {
      await files.writeFile(`${directory}/a`, "1");
      const { modified } = await files.facts(`${directory}/a`);
      const away = Math.abs(modified - reactor.wallClock());
      expectEqual(away < CLOCKS_DIFFER, true, `whether ${String(away)} seconds are near`);
    })(trial);
  },

  "an open file outlives its removal": withFiles(async (files, directory) => {
    await using file = await files.open(`${directory}/a`, "create");
    await file.write("still ", 0);
    await files.remove(`${directory}/a`);
    await expectNames(files, directory, []);
    await file.write("here", 6);
    const into = Buffer.alloc(10);
    expectEqual([await file.read(into, 0), into.toString()], [10, "still here"]);
    await files.writeFile(`${directory}/a`, "another");
    expectEqual((await file.facts()).size, 10, "bytes");
  }),

  "an open file keeps being itself when its name is given to another": withFiles(
    async (files, directory) => {
      await files.writeFile(`${directory}/a`, "old");
      await files.writeFile(`${directory}/b`, "newer");
      await using old = await files.open(`${directory}/a`, "write");
      await using newer = await files.open(`${directory}/b`, "write");
      await files.rename(`${directory}/b`, `${directory}/a`);
      await old.write("OLD", 0);
      await newer.write("NEW", 0);
      await expectText(files, `${directory}/a`, "NEWer");
      const into = Buffer.alloc(3);
      expectEqual([await old.read(into, 0), into.toString()], [3, "OLD"]);
    },
  ),

  "rename() moves a file, and takes the place of what is there": withFiles(
    async (files, directory) => {
      await files.makeDirectory(`${directory}/d`);
      await files.writeFile(`${directory}/a`, "a");
      await files.writeFile(`${directory}/d/b`, "b");
      await files.rename(`${directory}/a`, `${directory}/d/b`);
      await expectNames(files, directory, ["d"]);
      await expectNames(files, `${directory}/d`, ["b"]);
      await expectText(files, `${directory}/d/b`, "a");
      await expectCode("ENOENT", files.rename(`${directory}/a`, `${directory}/d/b`), "renaming");
      await expectText(files, `${directory}/d/b`, "a");
    },
  ),

  "rename() moves a directory, but not onto one with something in it": withFiles(
    async (files, directory) => {
      for (const name of ["d", "e", "f"]) await files.makeDirectory(`${directory}/${name}`);
      await files.writeFile(`${directory}/d/a`, "a");
      await files.writeFile(`${directory}/f/b`, "b");
      await files.rename(`${directory}/d`, `${directory}/e`);
      await expectText(files, `${directory}/e/a`, "a");
      await expectNames(files, directory, ["e", "f"]);
      await expectCode("ENOTEMPTY", files.rename(`${directory}/e`, `${directory}/f`), "renaming");
      await expectCode("EISDIR", files.rename(`${directory}/f/b`, `${directory}/e`), "a file");
      await expectCode("EINVAL", files.rename(`${directory}/e`, `${directory}/e/e`), "into itself");
      await expectNames(files, `${directory}/e`, ["a"]);
    },
  ),

  "makeDirectory() makes one, in one that is there": withFiles(async (files, directory) => {
    await expectCode("ENOENT", files.makeDirectory(`${directory}/d/e`), "without the one above");
    await files.makeDirectory(`${directory}/d`);
    await files.makeDirectory(`${directory}/d/e`);
    await expectNames(files, `${directory}/d`, ["e"]);
    await expectNames(files, `${directory}/d/e`, []);
    await expectCode("EEXIST", files.makeDirectory(`${directory}/d`), "again");
  }),

  "makeDirectory() makes those above it when told so": withFiles(async (files, directory) => {
    await files.makeDirectory(`${directory}/d/e/f`, { recursive: true });
    await files.makeDirectory(`${directory}/d/e/f`, { recursive: true });
    await expectNames(files, `${directory}/d/e`, ["f"]);
    await files.writeFile(`${directory}/a`, "");
    const onto = files.makeDirectory(`${directory}/a`, { recursive: true });
    await expectCode("EEXIST", onto, "in the place of a file");
  }),

  "list() tells names, and nothing of what is below": withFiles(async (files, directory) => {
    await expectNames(files, directory, []);
    await files.makeDirectory(`${directory}/d`);
    for (const name of ["c", "a", "d/b"]) await files.writeFile(`${directory}/${name}`, "");
    await expectNames(files, directory, ["a", "c", "d"]);
    await expectCode("ENOTDIR", files.list(`${directory}/a`), "listing a file");
    await expectCode("ENOENT", files.list(`${directory}/e`), "listing nothing");
  }),

  "remove() removes files, and directories that are empty": withFiles(async (files, directory) => {
    await files.makeDirectory(`${directory}/d`);
    await files.writeFile(`${directory}/d/a`, "");
    await expectCode("ENOTEMPTY", files.remove(`${directory}/d`), "with something in it");
    await files.remove(`${directory}/d/a`);
    await expectCode("ENOENT", files.remove(`${directory}/d/a`), "again");
    await files.remove(`${directory}/d`);
    await expectNames(files, directory, []);
  }),

  "files and directories are not taken for one another": withFiles(async (files, directory) => {
    await files.writeFile(`${directory}/a`, "");
    await expectCode("ENOTDIR", files.open(`${directory}/a/b`, "create"), "opening below a file");
    await expectCode("ENOTDIR", files.facts(`${directory}/a/`), "a file with a slash");
    await expectCode("EISDIR", files.open(directory, "write"), "opening a directory for writing");
    await expectCode("EISDIR", files.readFile(directory), "reading a directory");
    await expectCode("ENOTDIR", files.syncDirectory(`${directory}/a`), "syncing a file as one");
  }),

  "realPath() is where it is, without detours": withFiles(async (files, directory) => {
    await files.makeDirectory(`${directory}/d`);
    const real = await files.realPath(directory);
    expectEqual(await files.realPath(`${directory}/./d/../d//`), `${real}/d`);
    await expectCode("ENOENT", files.realPath(`${directory}/e/../d`), "by way of nothing");
  }),

  "readFile() and writeFile() take all that is there": withFiles(async (files, directory) => {
    const path = `${directory}/a`;
    await expectCode("ENOENT", files.readFile(path), "reading nothing");
    for (const text of ["long enough, ä", "short", ""]) {
      await files.writeFile(path, text);
      await expectText(files, path, text);
    }
    await files.writeFile(path, Uint8Array.of(0, 255, 128));
    expectEqual([...(await files.readFile(path))], [0, 255, 128]);
    await expectCode("ENOENT", files.writeFile(`${directory}/d/a`, ""), "in no directory");
  }),

  "writeFile() overwrites the file; durable, it puts another in its place": withFiles(
    async (files, directory) => {
      const path = `${directory}/a`;
      await files.writeFile(path, "first", { durable: true });
      await using file = await files.open(path);
      const into = Buffer.alloc(6);
      await files.writeFile(path, "second");
      expectEqual([await file.read(into, 0), into.toString()], [6, "second"]);
      await files.writeFile(path, "third", { durable: true });
      expectEqual([await file.read(into, 0), into.toString()], [6, "second"]);
      await expectText(files, path, "third");
      await expectNames(files, directory, ["a"]);
    },
  ),

  "writeFile() that is durable leaves nothing behind when it fails": withFiles(
    async (files, directory) => {
      await files.makeDirectory(`${directory}/a`);
      const writing = files.writeFile(`${directory}/a`, "not a directory", { durable: true });
      await expectCode("EISDIR", writing, "in the place of a directory");
      await expectNames(files, directory, ["a"]);
    },
  ),

  "sync() and syncDirectory() resolve": withFiles(async (files, directory) => {
    await using file = await files.open(`${directory}/a`, "append");
    await file.append("line");
    await file.sync();
    await files.syncDirectory(directory);
    await using reading = await files.open(`${directory}/a`);
    await reading.sync();
    await expectCode("ENOENT", files.syncDirectory(`${directory}/d`), "of nothing");
  }),

  "close() waits for what was asked for before": withFiles(async (files, directory) => {
    const file = await files.open(`${directory}/a`, "create");
    let written = false;
    const writing = file.write(Buffer.alloc(VERY_LARGE), 0).then(() => {
      written = true;
    });
    await file.close();
    expectEqual(written, true, "whether the write had resolved");
    await writing;
    expectEqual((await files.facts(`${directory}/a`)).size, VERY_LARGE, "bytes");
  }),

  "a handle that is closed refuses all but closing": withFiles(async (files, directory) => {
    const file = await files.open(`${directory}/a`, "create");
    const closed = file.close();
    await expectCode("EBADF", file.facts(), "facts");
    await closed;
    await file.close();
    await using another = await files.open(`${directory}/b`, "create");
    await expectCode("EBADF", file.write("b", 0), "writing");
    await expectCode("EBADF", file.read(Buffer.alloc(1), 0), "reading");
    await expectCode("EBADF", file.truncate(0), "cutting");
    await expectCode("EBADF", file.sync(), "syncing");
    expectEqual((await another.facts()).size, 0, "bytes in another file");
  }),

  "leaving the scope of a handle closes it": withFiles(async (files, directory) => {
    let left: { facts(): Promise<unknown> };
    {
      await using file = await files.open(`${directory}/a`, "append");
      left = file;
    }
    await expectCode("EBADF", left.facts(), "facts");
  }),

  "errors tell the path": withFiles(async (files, directory) => {
    const path = `${directory}/missing`;
    const asked = [files.open(path), files.facts(path), files.remove(path)];
    for (const error of await Promise.all(asked.map(reasonOf))) {
      if (!(error instanceof Error)) throw new AssertionError(`Expected an error: ${quote(error)}`);
      expectEqual(Reflect.get(error, "path"), path);
      expectEqual(error.message.includes(path), true, "whether the message has it");
    }
    const long = files.writeFile(`${directory}/${"x".repeat(300)}`, "");
    await expectCode("ENAMETOOLONG", long, "a long name");
  }),

  "bad arguments reject, and do nothing": withFiles(async (files, directory) => {
    await using file = await files.open(`${directory}/a`, "create");
    await file.write("as it is", 0);
    for (const value of [-1, 0.5, Number.NaN, 2 ** 53]) {
      const found = [
        await classOf(file.write("b", value)),
        await classOf(file.read(Buffer.alloc(1), value)),
        await classOf(file.truncate(value)),
      ];
      expectEqual(found, [RangeError, RangeError, RangeError], `what ${String(value)} leads to`);
    }
    expectEqual(await classOf(files.open(`${directory}/a\0`)), TypeError, "what a NUL leads to");
    await expectText(files, `${directory}/a`, "as it is");
  }),
};

/** What it rejects with. */
async function reasonOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
}

/** The class of what it rejects with: one of JavaScript's own. */
async function classOf(promise: Promise<unknown>): Promise<unknown> {
  const error = await reasonOf(promise);
  return [RangeError, TypeError].find((one) => error instanceof one);
}
