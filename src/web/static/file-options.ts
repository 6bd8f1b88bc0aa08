/**
 * How files are served.
 *
 * @module
 */
import type { IFileSystem } from "../../internet/interfaces-files.ts";
import { nodeFileSystem } from "./node-file-system.ts";

/** Options of {@link File}. */
export interface FileOptions {
  /** What stands for a directory: the first of these that is in it. Default: `index.html`. */
  readonly indexNames?: readonly string[];
  /** Show what is in a directory that has no index. Default: `false`, it is not found. */
  readonly directoryListing?: boolean;
  /**
   * Where `app.js` is asked for, send `app.js.br`, `app.js.zst` or `app.js.gz` beside it to a
   * client that takes it. Whoever writes `app.js` writes them too: they are not compared. Default:
   * `false`.
   */
  readonly precompressed?: boolean;
  /**
   * A file, as a path from the root, that answers where nothing is, to a client that asks for
   * `text/html`: the `index.html` of a program that finds its way in the browser. Paths that look
   * like a file of another type (`/gone.js`) stay not found. Default: none.
   */
  readonly fallback?: string;
  /** The fallback answers also for paths that look like files. Default: `false`. */
  readonly fallbackForFiles?: boolean;
  /** Serve names that begin with a dot. Default: `false`, they are not found. */
  readonly dotfiles?: boolean;
  /** Serve what links lead to outside of the root. Default: `false`, it is not found. */
  readonly followSymlinks?: boolean;
  /**
   * Seconds for which a client need not ask again. Default: 0; a client asks each time, and is told
   * that nothing has changed.
   */
  readonly maxAge?: number;
  /** What has this name never changes, as where names hold a hash. Default: `false`. */
  readonly immutable?: boolean;
  /** Media types by extension, without the dot: these come before those of the package `mime`. */
  readonly contentTypes?: Readonly<Record<string, string>>;
  /** The media type of a file whose name says nothing. Default: `application/octet-stream`. */
  readonly defaultType?: string;
  /** Where the files are: `reactor.files`, say. Default: {@link nodeFileSystem}. */
  readonly fileSystem?: IFileSystem;
}

/** Options with their defaults. */
export interface CompleteFileOptions {
  readonly indexNames: readonly string[];
  readonly directoryListing: boolean;
  readonly precompressed: boolean;
  readonly fallback: string | undefined;
  readonly fallbackForFiles: boolean;
  readonly dotfiles: boolean;
  readonly followSymlinks: boolean;
  /** The value of Cache-Control. */
  readonly cacheControl: string;
  readonly contentTypes: ReadonlyMap<string, string>;
  readonly defaultType: string;
  readonly fileSystem: IFileSystem;
}

/** With defaults. @throws {RangeError} `maxAge` is not a whole number of seconds. */
export function completeOptions(options: FileOptions): CompleteFileOptions {
  const { maxAge = 0, immutable = false } = options;
  if (!(Number.isSafeInteger(maxAge) && maxAge >= 0)) {
    throw new RangeError(
      `Cannot serve files: expected maxAge in whole seconds, got ${String(maxAge)}`,
    );
  }
  return {
    indexNames: options.indexNames ?? ["index.html"],
    directoryListing: options.directoryListing ?? false,
    precompressed: options.precompressed ?? false,
    fallback: options.fallback,
    fallbackForFiles: options.fallbackForFiles ?? false,
    dotfiles: options.dotfiles ?? false,
    followSymlinks: options.followSymlinks ?? false,
    cacheControl: `max-age=${String(maxAge)}${immutable ? ", immutable" : ""}`,
    contentTypes: new Map(Object.entries(options.contentTypes ?? {})),
    defaultType: options.defaultType ?? "application/octet-stream",
    fileSystem: options.fileSystem ?? nodeFileSystem,
  };
}
