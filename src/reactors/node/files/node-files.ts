/**
 * The files of this machine.
 *
 * With `node:fs` and callbacks: a `FileHandle` costs half as much again in each call.
 *
 * On macOS Node's `fsync` is `F_FULLFSYNC`, which reaches the medium.
 *
 * @module
 */
import { randomBytes } from "node:crypto";
import {
  constants,
  lstat,
  mkdir,
  open,
  readdir,
  realpath,
  rename,
  rmdir,
  type Stats,
  stat,
  unlink,
} from "node:fs";
import type {
  FileFacts,
  FileOpening,
  IFileHandle,
  IFiles,
  MakeDirectoryOptions,
  OpenFileOptions,
} from "../../../internet/interfaces-files.ts";
import { FilesBase } from "../../base/files-base.ts";
import { factsOf } from "./facts-of.ts";
import { NodeFile } from "./node-file.ts";
import { promised, promisedEnd } from "./promised.ts";

const { O_APPEND, O_CREAT, O_DIRECTORY, O_EXCL, O_NONBLOCK, O_RDONLY, O_RDWR, O_TRUNC } = constants;

const FLAGS: Readonly<Record<FileOpening, number>> = {
  read: O_RDONLY,
  write: O_RDWR | O_CREAT,
  create: O_RDWR | O_CREAT | O_EXCL,
  replace: O_RDWR | O_CREAT | O_TRUNC,
  append: O_RDWR | O_CREAT | O_APPEND,
};

/** Who may use a new file, less the umask. */
const MODE = 0o666;

class NodeFiles extends FilesBase {
  async facts(path: string): Promise<FileFacts> {
    return factsOf(await promised<Stats>((callback) => stat(path, callback)));
  }

  realPath(path: string): Promise<string> {
    return promised((callback) => realpath.native(path, callback));
  }

  list(path: string): Promise<readonly string[]> {
    return promised<readonly string[]>((callback) => readdir(path, callback));
  }

  async open(
    path: string,
    how: FileOpening = "read",
    { mode = MODE }: OpenFileOptions = {},
  ): Promise<IFileHandle> {
    // A pipe that nobody writes to would otherwise hold one of libuv's four threads for ever.
    const flags = FLAGS[how] | O_NONBLOCK;
    const descriptor = await promised<number>((callback) => open(path, flags, mode, callback));
    return new NodeFile(descriptor, path, how);
  }

  async makeDirectory(path: string, options: MakeDirectoryOptions = {}): Promise<void> {
    const recursive = options.recursive === true;
    await promisedEnd((callback) => mkdir(path, { recursive }, callback));
  }

  rename(from: string, to: string): Promise<void> {
    return promisedEnd((callback) => rename(from, to, callback));
  }

  async remove(path: string): Promise<void> {
    const there = await promised<Stats>((callback) => lstat(path, callback));
    const remove = there.isDirectory() ? rmdir : unlink;
    await promisedEnd((callback) => remove(path, callback));
  }

  async syncDirectory(path: string): Promise<void> {
    const flags = O_RDONLY | O_DIRECTORY;
    const descriptor = await promised<number>((callback) => open(path, flags, callback));
    const directory = new NodeFile(descriptor, path, "read");
    try {
      await directory.sync();
    } finally {
      await directory.close();
    }
  }

  protected temporaryName(path: string): string {
    return `${path}.${randomBytes(6).toString("hex")}.tmp`;
  }
}

/** See the top of this file. */
export const nodeFiles: IFiles = new NodeFiles();
