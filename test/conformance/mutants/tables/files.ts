/**
 * Reactors that are wrong about files: over real ones.
 *
 * @module
 */
import type { Mutant } from "../mutant.ts";

const FILES = "reactors/node/files/node-files.ts";
const FILE = "reactors/node/files/node-file.ts";
const BASE = "reactors/base/files-base.ts";
const RENAME = "rename(from, to, callback)";

/** Those that are wrong about handles. */
const handleMutants: readonly Mutant[] = [
  {
    name: "everything is read from the beginning",
    file: FILE,
    find: 'into.length, checkedOffset(position, "position"), callback);',
    replace: "into.length, 0, callback);",
    on: "node",
    kills: ["what was written is read, from any position"],
  },
  {
    name: "whatever was read, it was all that was asked for",
    file: FILE,
    find: 'into.length, checkedOffset(position, "position"), callback);',
    replace: "into.length, position, (error) => callback(error, into.length));",
    on: "node",
    kills: ["read() tells how many bytes there were, and 0 at the end"],
  },
  {
    name: "everything is written where the last write ended",
    file: FILE,
    find: "this.#write(bytesOf(bytes), position, callback)",
    replace: "this.#write(bytesOf(bytes), null, callback)",
    on: "node",
    kills: ["write() leaves what is around it", "write() beyond the end leaves zeros between"],
  },
  {
    name: "a part is written, and the rest forgotten",
    file: FILE,
    find: `bytes.length, position, (error, count) => {
      if (error !== null || count === bytes.length) callback(error);`,
    replace: `Math.min(bytes.length, 65536), position, (error, count) => {
      if (error !== null || count > 0) callback(error);`,
    on: "node",
    kills: ["much is written and read whole"],
  },
  {
    name: "cutting off leaves nothing",
    file: FILE,
    find: "ftruncate(this.#descriptor, size, callback)",
    replace: "ftruncate(this.#descriptor, 0, callback)",
    on: "node",
    kills: ["truncate() cuts off, and fills up with zeros"],
  },
  {
    name: "who appends may write anywhere",
    file: FILE,
    find: 'if (this.#how === "append") throw this.#refusal("write");',
    replace: "",
    on: "node",
    kills: ["append() and write() are for handles that were opened for them"],
  },
  {
    name: "who writes may append where the last write ended",
    file: FILE,
    find: 'if (this.#how !== "append") throw this.#refusal("write");',
    replace: "",
    on: "node",
    kills: ["append() and write() are for handles that were opened for them"],
  },
  {
    name: "the facts of a handle are those of its name",
    file: FILE,
    find: "fstat(this.#descriptor, callback)",
    replace: 'void import("node:fs").then((fs) => fs.stat(this.#path, callback))',
    on: "node",
    kills: ["an open file outlives its removal"],
  },
  {
    name: "a sync is too much to ask for",
    file: FILE,
    find: "fsync(this.#descriptor, callback)",
    replace: "callback(this.#refusal(String(fsync.length)))",
    on: "node",
    kills: ["sync() and syncDirectory() resolve"],
  },
  {
    name: "closing waits for nobody",
    file: FILE,
    find: "if (this.#busy > 0) {",
    replace: "if (this.#busy < 0) {",
    on: "node",
    kills: ["close() waits for what was asked for before"],
  },
  {
    name: "a descriptor is used after it was closed",
    file: FILE,
    find: "if (this.#closed !== undefined) return",
    replace: "if (this.#busy < 0) return",
    on: "node",
    kills: ["a handle that is closed refuses all but closing"],
  },
  {
    name: "leaving a scope leaves the file open",
    file: FILE,
    find: `[Symbol.asyncDispose](): Promise<void> {
    return this.close();`,
    replace: `[Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();`,
    on: "node",
    kills: ["leaving the scope of a handle closes it"],
  },
  {
    name: "offsets are taken as they come",
    file: BASE,
    find: "if (Number.isSafeInteger(value) && value >= 0) return value;",
    replace: "if (value !== null) return value;",
    on: "node",
    kills: ["bad arguments reject, and do nothing"],
  },
];

/** Those that are wrong about opening. */
const openingMutants: readonly Mutant[] = [
  {
    name: "reading makes a file, and may write to it",
    file: FILES,
    find: "read: O_RDONLY,",
    replace: "read: O_RDWR | O_CREAT,",
    on: "node",
    kills: ['"read" wants a file that is there, and cannot write'],
  },
  {
    name: "writing empties the file",
    file: FILES,
    find: "write: O_RDWR | O_CREAT,",
    replace: "write: O_RDWR | O_CREAT | O_TRUNC,",
    on: "node",
    kills: ['"write" keeps what is there, or makes it', "write() leaves what is around it"],
  },
  {
    name: "creating takes what is there",
    file: FILES,
    find: "create: O_RDWR | O_CREAT | O_EXCL,",
    replace: "create: O_RDWR | O_CREAT,",
    on: "node",
    kills: ['"create" refuses what is there'],
  },
  {
    name: "replacing keeps what is there",
    file: FILES,
    find: "replace: O_RDWR | O_CREAT | O_TRUNC,",
    replace: "replace: O_RDWR | O_CREAT,",
    on: "node",
    kills: ['"replace" empties what is there', "readFile() and writeFile() take all that is there"],
  },
  {
    name: "each handle appends after what it has appended itself",
    file: FILES,
    find: "append: O_RDWR | O_CREAT | O_APPEND,",
    replace: "append: O_RDWR | O_CREAT,",
    on: "node",
    kills: ['"append" adds at the end, wherever that is'],
  },
  {
    name: "any file can be synced as a directory",
    file: FILES,
    find: "const flags = O_RDONLY | O_DIRECTORY;",
    replace: "const flags = O_RDONLY;",
    on: "node",
    kills: ["files and directories are not taken for one another"],
  },
];

/** Those that are wrong about names. */
const nameMutants: readonly Mutant[] = [
  {
    name: "everything is a file",
    file: "reactors/node/files/facts-of.ts",
    find: 'if (stats.isFile()) return "file";',
    replace: 'if (stats.size >= 0) return "file";',
    on: "node",
    kills: ["facts() tells what it is, how large, and which"],
  },
  {
    name: "times are in milliseconds",
    file: "reactors/node/files/facts-of.ts",
    find: "mtimeMs / 1000",
    replace: "mtimeMs",
    on: "node",
    kills: ["facts() tells when it was changed, by the time of day"],
  },
  {
    name: "renaming copies what is in the file",
    file: FILES,
    find: RENAME,
    replace: `{
      void import("node:fs").then((fs) => {
        fs.copyFile(from, to, (error) => (error ? callback(error) : fs.unlink(from, callback)));
      });
    }`,
    on: "node",
    kills: [
      "an open file keeps being itself when its name is given to another",
      "rename() moves a directory, but not onto one with something in it",
    ],
  },
  {
    name: "renaming gives a second name",
    file: FILES,
    find: RENAME,
    replace: 'void import("node:fs").then((fs) => fs.copyFile(from, to, callback))',
    on: "node",
    kills: ["rename() moves a file, and takes the place of what is there"],
  },
  {
    name: "directories are always made with those above",
    file: FILES,
    find: "const recursive = options.recursive === true;",
    replace: "const recursive = options.recursive !== false;",
    on: "node",
    kills: ["makeDirectory() makes one, in one that is there"],
  },
  {
    name: "directories are never made with those above",
    file: FILES,
    find: "const recursive = options.recursive === true;",
    replace: "const recursive = options.recursive === undefined;",
    on: "node",
    kills: ["makeDirectory() makes those above it when told so"],
  },
  {
    name: "what is below is listed as well",
    file: FILES,
    find: "readdir(path, callback)",
    replace: "readdir(path, { recursive: true }, callback)",
    on: "node",
    kills: ["list() tells names, and nothing of what is below"],
  },
  {
    name: "directories are removed with what is in them",
    file: FILES,
    find: "const remove = there.isDirectory() ? rmdir : unlink;",
    replace: `const fs = await import("node:fs");
    const recursive = there.isDirectory();
    const remove = (_path, callback) => fs.rm(path, { recursive }, callback);`,
    on: "node",
    kills: ["remove() removes files, and directories that are empty"],
  },
  {
    name: "every path is real",
    file: FILES,
    find: "realpath.native(path, callback)",
    replace: "lstat(path, (error) => callback(error, path))",
    on: "node",
    kills: ["realPath() is where it is, without detours"],
  },
  {
    name: "errors do not say where",
    file: "reactors/node/files/promised.ts",
    find: "else reject(error);",
    replace: "else reject(Object.assign(new Error(error.code), { code: error.code }));",
    on: "node",
    kills: ["errors tell the path"],
  },
];

/** Those that are wrong about whole files. */
const wholeMutants: readonly Mutant[] = [
  {
    name: "what was longer stays longer",
    file: BASE,
    find: 'this.open(path, "replace", options)',
    replace: 'this.open(path, "write", options)',
    on: "node",
    kills: ["readFile() and writeFile() take all that is there"],
  },
  {
    name: "durable is as good as not",
    file: BASE,
    find: "if (options.durable === true)",
    replace: "if (options.durable === 1)",
    on: "node",
    kills: ["writeFile() overwrites the file; durable, it puts another in its place"],
  },
  {
    name: "what was written beside the place stays there",
    file: BASE,
    find: "await this.remove(temporary).catch(() => undefined);",
    replace: "",
    on: "node",
    kills: ["writeFile() that is durable leaves nothing behind when it fails"],
  },
];

/** For `files`. */
export const fileMutants: readonly Mutant[] = [
  ...handleMutants,
  ...openingMutants,
  ...nameMutants,
  ...wholeMutants,
];
