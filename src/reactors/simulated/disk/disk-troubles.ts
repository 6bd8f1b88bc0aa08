/**
 * What a disk is told to do wrong: to fail, and to be slow.
 *
 * @module
 */
import { posix } from "node:path";
import type { FileErrorCode } from "../../base/file-error.ts";
import type { ChoiceStream } from "../choices.ts";

/** What a program can ask of files. `write` is appending as well. */
export type DiskOperation =
  | "open"
  | "facts"
  | "realPath"
  | "list"
  | "read"
  | "write"
  | "truncate"
  | "sync"
  | "close"
  | "makeDirectory"
  | "rename"
  | "remove"
  | "syncDirectory";

/** What is hit by a trouble, and how often. */
interface DiskTrouble {
  /** Default: all but `close`. */
  readonly operations?: readonly DiskOperation[];
  /**
   * An absolute path: of the file that was opened by it, or of what is in that directory or below
   * it. A `rename` is of the path it leads from. Default: of everything.
   */
  readonly path?: string;
  /** So many times, and then no more. Default: for ever. */
  readonly times?: number;
  /** In this share of all cases, from 0 to 1, by choice. Default: always, without one. */
  readonly rate?: number;
}

/** Operations that fail. */
export interface DiskFailure extends DiskTrouble {
  /** Default: `EIO`. */
  readonly code?: FileErrorCode;
}

/** Operations that take longer. */
export interface DiskDelay extends DiskTrouble {
  /** In addition to what they take anyway. */
  readonly seconds: number;
}

/** A trouble, and how often it may still come. */
class Counted<T extends DiskTrouble> {
  readonly trouble: T;
  readonly #choices: ChoiceStream;
  #left: number;

  constructor(trouble: T, choices: ChoiceStream) {
    this.trouble = trouble;
    this.#choices = choices;
    this.#left = trouble.times ?? Number.POSITIVE_INFINITY;
  }

  /** Does it come now? */
  comes(operation: DiskOperation, on: string): boolean {
    const { operations, path, rate } = this.trouble;
    if (this.#left <= 0) return false;
    if (!(operations?.includes(operation) ?? operation !== "close")) return false;
    if (path !== undefined && !isWithin(path, posix.resolve("/", on))) return false;
    if (rate !== undefined && !this.#choices.happens(rate)) return false;
    this.#left -= 1;
    return true;
  }
}

function isWithin(outer: string, path: string): boolean {
  return path === outer || path.startsWith(outer.endsWith("/") ? outer : `${outer}/`);
}

/** See the top of this file. */
export class DiskTroubles {
  readonly #choices: ChoiceStream;
  readonly #failures = new Set<Counted<DiskFailure>>();
  readonly #delays = new Set<Counted<DiskDelay>>();

  constructor(choices: ChoiceStream) {
    this.#choices = choices;
  }

  /** @returns Ends it. */
  fail(failure: DiskFailure): () => void {
    return added(this.#failures, new Counted(failure, this.#choices));
  }

  /** @returns Ends it. */
  slow(delay: DiskDelay): () => void {
    return added(this.#delays, new Counted(delay, this.#choices));
  }

  /** How it fails, if it does. */
  failure(operation: DiskOperation, path: string): FileErrorCode | undefined {
    for (const failure of this.#failures) {
      if (failure.comes(operation, path)) return failure.trouble.code ?? "EIO";
    }
    return undefined;
  }

  /** How much longer it takes, in seconds. */
  delay(operation: DiskOperation, path: string): number {
    let seconds = 0;
    for (const delay of this.#delays) {
      if (delay.comes(operation, path)) seconds += delay.trouble.seconds;
    }
    return seconds;
  }
}

function added<T>(to: Set<T>, one: T): () => void {
  to.add(one);
  return () => {
    to.delete(one);
  };
}
