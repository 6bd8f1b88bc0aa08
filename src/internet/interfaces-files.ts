/**
 * The contracts of files: reading them, writing them, and what is left of them after a crash.
 *
 * What was written is seen by everybody on this machine at once, and outlives the program, however
 * that ends. The loss of power (or of the kernel, or of a virtual machine) is another matter. It
 * survives what was synced:
 *
 *     handle.write, append, truncate              handle.sync()        bytes and size of the file
 *     open that makes a file, makeDirectory,      syncDirectory(d)     the names in d, and what
 *     rename, remove: of something in d                                they stand for
 *
 * A sync covers what had resolved before it was called. Of everything else
 *
 * - each write may be there wholly, in part, or not at all, whatever was written before or after
 *   it: cut anywhere at a multiple of 512 bytes, with holes, and with zeros where a file has grown;
 * - each name may be as it was, or as it is: a new file may be missing though its bytes were
 *   synced, and a removed one may be back;
 * - a `rename` is atomic: its target is what it was before or what was renamed, never nothing and
 *   never a mixture. But its *bytes* are there only if they were synced before the `rename`.
 *
 * When `sync` rejects, nothing is known about what was written since the last one that resolved,
 * and a second `sync` that resolves does not bring it back: write it again, to another file.
 *
 * So a file that must be old or new, and never anything else, is written beside its place, synced,
 * renamed, and its directory synced: `writeFile(path, bytes, { durable: true })`.
 *
 * After: twisted.python.filepath. Differs: a part of the reactor, asynchronous, with syncing.
 *
 * @module
 */
import { type Capability, capability } from "./capabilities.ts";

/** What is at a path; `other`: a pipe, a device, a socket. */
export type FileKind = "file" | "directory" | "other";

/** What is known of a file without reading it. */
export interface FileFacts {
  readonly kind: FileKind;
  /** Bytes. */
  readonly size: number;
  /** When its content was last changed: seconds since 1970, with what follows the second. */
  readonly modified: number;
  /** With `inode`: which file it is, whatever it is called. */
  readonly device: number;
  readonly inode: number;
}

/** A file that is open for reading. */
export interface IOpenFile {
  /** The facts of this very file, whatever has become of its name. */
  facts(): Promise<FileFacts>;
  /** Read into all of `into`, from byte `position` on. @returns How many there were; 0: the end. */
  read(into: Uint8Array, position: number): Promise<number>;
  /** Called once, and never while a read is under way. */
  close(): Promise<void>;
}

/**
 * What reading files takes: enough to serve them, as `File` does. {@link IFiles} can do that too.
 *
 * Whatever goes wrong rejects with an error that has Node's `code`: `ENOENT`, `EACCES`, `EIO`.
 */
export interface IFileSystem {
  /** Of what is there; links are followed. */
  facts(path: string): Promise<FileFacts>;
  /** The same place as an absolute path without links. */
  realPath(path: string): Promise<string>;
  /** For reading, and without waiting for anybody: not for the writer of a pipe, say. */
  open(path: string): Promise<IOpenFile>;
  /** The names of what is in a directory, in any order, without `.` and `..`. */
  list(path: string): Promise<readonly string[]>;
}

/**
 * How a file is opened.
 *
 * | | a file that is there | none there | what the handle can |
 * |---|---|---|---|
 * | `"read"` | | `ENOENT` | `read` |
 * | `"write"` | is kept | is made | `read`, `write`, `truncate` |
 * | `"create"` | `EEXIST` | is made | the same |
 * | `"replace"` | is emptied | is made | the same |
 * | `"append"` | is kept | is made | `read`, `append`, `truncate` |
 */
export type FileOpening = "read" | "write" | "create" | "replace" | "append";

/** Options of {@link IFiles.open}. */
export interface OpenFileOptions {
  /** Who may use a file that is made, less the umask of the process. Default: `0o666`. */
  readonly mode?: number;
}

/** Options of {@link IFiles.writeFile}. */
export interface WriteFileOptions extends OpenFileOptions {
  /**
   * Whatever happens, have the old content or the new one at that name, and the new one for good
   * when it resolves. Another file takes the place of the old one: so its `mode` is that of a new
   * file, a link is replaced and not followed, and who has the old one open keeps the old one. A
   * crash may leave `<path>.<something>.tmp` behind. Default: `false`, the file is overwritten
   * where it is, and a reader or a crash may find it empty or half written.
   */
  readonly durable?: boolean;
}

/** Options of {@link IFiles.makeDirectory}. */
export interface MakeDirectoryOptions {
  /**
   * Make those above it as well, and take a directory that is there already for made. Each one that
   * was made is a name in the one above it, to be synced there. Default: `false`.
   */
  readonly recursive?: boolean;
}

/**
 * A file that is open. It stays this very file when its name is renamed, removed or given to
 * another one.
 *
 * What was asked for and not awaited may take place in any order. What the handle is not opened for
 * rejects with `EBADF`.
 */
export interface IFileHandle extends IOpenFile, AsyncDisposable {
  /**
   * Write all of it, from byte `position` on. Beyond the end, what lies between becomes zeros. The
   * bytes must not be changed before it resolves. When it rejects, part of it may be written.
   */
  write(bytes: Uint8Array | string, position: number): Promise<void>;
  /**
   * Write all of it at the end, wherever the end is by then: several handles and programs that
   * append do not overwrite each other. Else as `write`.
   */
  append(bytes: Uint8Array | string): Promise<void>;
  /** Cut it off, or fill it up with zeros. */
  truncate(size: number): Promise<void>;
  /** Have bytes and size survive the loss of power. See the top of this file: not the name. */
  sync(): Promise<void>;
  /**
   * Waits for what was asked for before, and refuses with `EBADF` what is asked for afterwards.
   * Syncs nothing. Closing again does nothing.
   */
  close(): Promise<void>;
}

/**
 * Files and directories.
 *
 * Nothing here throws. Whatever goes wrong rejects with an error that has Node's `code`, which
 * `fileErrorCode` reads: `ENOENT`, `EEXIST`, `ENOSPC`, `EIO`. A bad argument rejects as well, with
 * a `TypeError` or `RangeError`.
 *
 * @example
 * ```ts
 * import { dirname } from "node:path";
 * import type { IReactorFiles } from "sennit/internet";
 *
 * // A journal: what `record` has resolved for is there after any crash.
 * async function openJournal({ files }: IReactorFiles, path: string) {
 *   const journal = await files.open(path, "append");
 *   await files.syncDirectory(dirname(path)); // It may just have been made.
 *   return async function record(line: string): Promise<void> {
 *     await journal.append(`${line}\n`);
 *     await journal.sync();
 *   };
 * }
 * ```
 */
export interface IFiles extends IFileSystem {
  /** Open a file. Without waiting for anybody, as above. @param how Default: `"read"`. */
  open(path: string, how?: FileOpening, options?: OpenFileOptions): Promise<IFileHandle>;
  /** Make a directory. `EEXIST` if something is there. */
  makeDirectory(path: string, options?: MakeDirectoryOptions): Promise<void>;
  /**
   * Give it another name, maybe in another directory, and take the place of a file, or of an empty
   * directory, that is there. Atomic: whoever looks at `to` finds the one or the other. To keep it
   * for good, sync the directory of `to`.
   */
  rename(from: string, to: string): Promise<void>;
  /** Remove a file, a link, or a directory that is empty; else `ENOTEMPTY`. */
  remove(path: string): Promise<void>;
  /** Have the names in a directory survive the loss of power. See the top of this file. */
  syncDirectory(path: string): Promise<void>;
  /** All that is in a file, in memory at once. */
  readFile(path: string): Promise<Buffer>;
  /** Have just these bytes in a file. */
  writeFile(path: string, bytes: Uint8Array | string, options?: WriteFileOptions): Promise<void>;
}

/** Files. */
export interface IReactorFiles {
  /** Those of the machine that the reactor runs on. The same one every time. */
  readonly files: IFiles;
}
/** Asks whether a reactor provides files. */
export const IReactorFiles: Capability<IReactorFiles> = capability("IReactorFiles");

/** The `code` of an error of files, such as `ENOENT`; `undefined` if it is something else. */
export function fileErrorCode(error: unknown): string | undefined {
  const code: unknown = error instanceof Error ? Reflect.get(error, "code") : undefined;
  return typeof code === "string" ? code : undefined;
}
