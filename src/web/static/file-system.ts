/**
 * What static files need of a file system. The default is {@link nodeFileSystem}; a test or a
 * simulator brings its own.
 *
 * Whatever goes wrong rejects with an error that has Node's `code`: `ENOENT`, `EACCES`, `EIO`.
 *
 * @module
 */

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

/** See the top of this file. */
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
