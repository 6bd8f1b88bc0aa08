/**
 * Errors of files as Node makes them, for those that do not come from Node.
 *
 * @module
 */

/** What they say, in Node's words. */
const WORDS = {
  EBADF: "bad file descriptor",
  EBUSY: "resource busy or locked",
  EEXIST: "file already exists",
  EINVAL: "invalid argument",
  EIO: "i/o error",
  EISDIR: "illegal operation on a directory",
  ENAMETOOLONG: "name too long",
  ENOENT: "no such file or directory",
  ENOSPC: "no space left on device",
  ENOTDIR: "not a directory",
  ENOTEMPTY: "directory not empty",
  EROFS: "read-only file system",
} as const;

/** Why an operation on files failed. */
export type FileErrorCode = keyof typeof WORDS;

/** `ENOENT: no such file or directory, open '/etc/passwords'`. */
export class FileError extends Error {
  readonly code: FileErrorCode;
  /** What was asked for. */
  readonly syscall: string;
  readonly path: string;

  constructor(code: FileErrorCode, syscall: string, path: string) {
    super(`${code}: ${WORDS[code]}, ${syscall} '${path}'`);
    this.code = code;
    this.syscall = syscall;
    this.path = path;
  }
}
