/**
 * Recordings in files, one for each connection: `flight.jsonl`, `flight-2.jsonl`, `flight-3.jsonl`.
 *
 *     append ─▶ lines that wait ─▶ one file after the other: open, write at its end, close
 *
 * Nothing waits for the disk but lines, and those are bounded. However many connections are open,
 * one file is. Together the files are bounded as well: the oldest of connections that are over are
 * deleted, also those of earlier runs. No file is ever overwritten.
 *
 * @module
 */
import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { open, unlink, writeFile } from "node:fs/promises";
import { basename, dirname, extname, join } from "node:path";
import { LocalProtocolError } from "../core/errors.ts";
import { Deferred } from "../defer/deferred.ts";
import { checkWhole } from "./check-whole.ts";
import type { IRecordingSink, IRecordingStore } from "./recording-store.ts";

/** Ours: some days of what a small service says. */
const TOTAL_BYTES = 256 * 1024 * 1024;
/** Ours: what a disk that hangs for a second or two does not lose. */
const WAITING_BYTES = 8 * 1024 * 1024;
/** Ours: what a folder and a person can take. */
const FILES = 10_000;
const EMPTY = Buffer.alloc(0);
/** For their owner: there are passwords in recordings. */
const MODE = 0o600;

/** Options of {@link RecordingFiles}. */
export interface RecordingFilesOptions {
  /**
   * Bytes of all files together, with those of earlier runs; beyond that the oldest are deleted.
   * The files of connections that are open are never: when they alone are more, the one that grows
   * is ended. Default: 256 MiB.
   */
  readonly maxTotalBytes?: number;
  /** Files, with those of earlier runs; in the same way. Default: 10,000. */
  readonly maxFiles?: number;
  /** Bytes that may wait for the disk; beyond that recordings are ended. Default: 8 MiB. */
  readonly maxWaitingBytes?: number;
}

/** A recording would have taken more room than there may be. */
export class RecordingRoomError extends LocalProtocolError {
  readonly code = "ERR_RECORDING_ROOM";
}

/** A file that counts. */
interface KnownFile {
  readonly path: string;
  bytes: number;
  /** While it is being written. */
  sink: FileSink | undefined;
}

/** One file; none before the first lines are written. */
class FileSink implements IRecordingSink {
  readonly #changed: (sink: FileSink) => void;
  readonly #mayWait: (bytes: number) => void;
  #waiting: string[] = [];
  #closed = false;
  /** What went wrong when it was written. */
  error: unknown;
  file: KnownFile | undefined;

  constructor(changed: (sink: FileSink) => void, mayWait: (bytes: number) => void) {
    this.#changed = changed;
    this.#mayWait = mayWait;
  }

  append(line: string): void {
    if (this.error !== undefined) throw this.error;
    this.#mayWait(Buffer.byteLength(line));
    this.#waiting.push(line);
    this.#changed(this);
  }

  close(): void {
    this.#closed = true;
    this.#changed(this);
  }

  /** The lines that wait; they do no more. */
  take(): readonly string[] {
    const lines = this.#waiting;
    this.#waiting = [];
    return lines;
  }

  /** Nothing more will be written. */
  get over(): boolean {
    return (this.#closed && this.#waiting.length === 0) || this.error !== undefined;
  }
}

/** See the top of this file. */
export class RecordingFiles implements IRecordingStore {
  readonly #directory: string;
  readonly #stem: string;
  readonly #ending: string;
  readonly #totalMax: number;
  readonly #filesMax: number;
  readonly #waitingMax: number;
  /** Oldest first. */
  #files: KnownFile[];
  #total = 0;
  #next: number;
  #waitingBytes = 0;
  readonly #changed = new Set<FileSink>();
  #writing: Promise<void> | undefined;
  /** What is on its way to the disk, and the file that is being made for it. */
  #flying: { readonly sink: FileSink; readonly text: Buffer; path?: string } | undefined;
  #lostLines = 0;
  #error: unknown;

  /**
   * @param file The first one; its folder is made.
   * @throws {Error} The system's, if that cannot be.
   * @throws {RangeError} A bound that is not a whole number above 0.
   */
  constructor(file: string, options: RecordingFilesOptions = {}) {
    for (const name of ["maxTotalBytes", "maxFiles", "maxWaitingBytes"] as const) {
      checkWhole(name, options[name]);
    }
    this.#directory = dirname(file);
    this.#ending = extname(file);
    this.#stem = basename(file, this.#ending);
    this.#totalMax = options.maxTotalBytes ?? TOTAL_BYTES;
    this.#filesMax = options.maxFiles ?? FILES;
    this.#waitingMax = options.maxWaitingBytes ?? WAITING_BYTES;
    mkdirSync(this.#directory, { recursive: true });
    const known = this.#knownNumbers();
    this.#next = (known.at(-1) ?? 0) + 1;
    this.#files = known.map((number) => {
      const path = this.#pathOf(number);
      const bytes = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
      this.#total += bytes;
      return { path, bytes, sink: undefined };
    });
  }

  get lostLines(): number {
    return this.#lostLines;
  }

  open(): IRecordingSink {
    return new FileSink(
      (sink) => {
        this.#changed.add(sink);
        this.#writing ??= this.#write();
      },
      (bytes) => this.#wait(bytes),
    );
  }

  close(): Deferred<void> {
    const written = async (): Promise<void> => {
      while (this.#writing !== undefined) await this.#writing;
      if (this.#error !== undefined) throw this.#error;
    };
    return Deferred.fromPromise(written());
  }

  /** The numbers of files that are there, in order. */
  #knownNumbers(): readonly number[] {
    return readdirSync(this.#directory)
      .flatMap((name) => this.#numberOf(name) ?? [])
      .toSorted((one, other) => one - other);
  }

  #numberOf(name: string): number | undefined {
    if (!name.startsWith(this.#stem) || !name.endsWith(this.#ending)) return undefined;
    const middle = name.slice(this.#stem.length, name.length - this.#ending.length);
    if (middle === "") return 1;
    return /^-[1-9]\d{0,14}$/u.test(middle) ? Number(middle.slice(1)) : undefined;
  }

  #pathOf(number: number): string {
    const middle = number === 1 ? "" : `-${String(number)}`;
    return join(this.#directory, `${this.#stem}${middle}${this.#ending}`);
  }

  #wait(bytes: number): void {
    if (this.#waitingBytes + bytes > this.#waitingMax) {
      throw new RecordingRoomError(
        `Cannot record more: ${String(this.#waitingBytes)} bytes wait for the disk already, ` +
          `expected at most ${String(this.#waitingMax)}`,
      );
    }
    this.#waitingBytes += bytes;
  }

  // -- Writing, one file at a time

  async #write(): Promise<void> {
    // In a later turn: what is recorded in one goes to the disk together.
    await Promise.resolve();
    for (const sink of this.#changed) {
      this.#changed.delete(sink);
      const lines = sink.take();
      if (lines.length > 0) await this.#writeLines(sink, lines);
      if (sink.over && sink.file !== undefined) sink.file.sink = undefined;
      await this.#makeRoom(sink);
    }
    this.#writing = undefined;
  }

  async #writeLines(sink: FileSink, lines: readonly string[]): Promise<void> {
    const text = Buffer.from(lines.join(""));
    this.#waitingBytes -= text.length;
    this.#flying = { sink, text };
    try {
      if (sink.error !== undefined) throw sink.error;
      if (sink.file === undefined) await this.#create(text, sink);
      else await extend(sink.file, text);
      this.#total += text.length;
    } catch (error) {
      this.#lostLines += lines.length;
      this.#error ??= error;
      sink.error ??= error;
    }
    this.#flying = undefined;
  }

  async #create(text: Buffer, sink: FileSink): Promise<void> {
    for (;;) {
      const path = this.#nextPath();
      if (this.#flying !== undefined) this.#flying.path = path;
      try {
        await writeFile(path, text, { flag: "wx", mode: MODE });
        this.#created(path, text, sink);
        return;
      } catch (error) {
        if (!isCode(error, "EEXIST")) throw error;
        // Made meanwhile, with more in it, by who could not wait.
        if (sink.file !== undefined) return;
        // Another process records to the same place: the next number is free, or the one after.
      }
    }
  }

  #nextPath(): string {
    const path = this.#pathOf(this.#next);
    this.#next += 1;
    return path;
  }

  #created(path: string, text: Buffer, sink: FileSink): void {
    sink.file = { path, bytes: text.length, sink };
    this.#files.push(sink.file);
  }

  /**
   * Write what waits before this returns: for the end of the process, which waits for nothing. What
   * is on its way is written once more, to the same place.
   */
  closeNow(): void {
    const flying = this.#flying;
    const sinks = flying === undefined ? [] : [flying.sink];
    for (const sink of new Set([...sinks, ...this.#changed])) {
      const lines = sink.take();
      const before = sink === flying?.sink ? flying.text : EMPTY;
      const text = Buffer.concat([before, Buffer.from(lines.join(""))]);
      if (text.length === 0) continue;
      try {
        if (sink.error !== undefined) throw sink.error;
        if (sink.file === undefined) this.#createNow(text, sink, flying?.path);
        else extendNow(sink.file, text);
      } catch (error) {
        this.#lostLines += lines.length;
        this.#error ??= error;
      }
    }
    this.#changed.clear();
  }

  /** @param begun The file that is being made for it, if one is. */
  #createNow(text: Buffer, sink: FileSink, begun?: string): void {
    let path = begun ?? this.#nextPath();
    while (!makeNow(path, text, path === begun)) path = this.#nextPath();
    this.#created(path, text, sink);
  }

  /** @param writer Who has grown last. */
  async #makeRoom(writer: FileSink): Promise<void> {
    while (this.#total > this.#totalMax || this.#files.length > this.#filesMax) {
      const oldest = this.#files.find(({ sink }) => sink === undefined);
      if (oldest === undefined) {
        const taken = `${String(this.#files.length)} files with ${String(this.#total)} bytes`;
        const message = `Cannot record more: open connections have ${taken}`;
        writer.error ??= new RecordingRoomError(message);
        return;
      }
      this.#files = this.#files.filter((file) => file !== oldest);
      this.#total -= oldest.bytes;
      try {
        await unlink(oldest.path);
      } catch {
        // Somebody else has deleted it, or keeps us from it: it is not ours to count any more.
      }
    }
  }
}

/** A file that somebody has deleted is not made again: it would have no beginning. */
async function extend(file: KnownFile, text: Buffer): Promise<void> {
  const begin = file.bytes;
  const handle = await open(file.path, "r+");
  try {
    for (let written = 0; written < text.length; ) {
      const { bytesWritten } = await handle.write(text, written, undefined, begin + written);
      written += bytesWritten;
    }
  } finally {
    await handle.close();
  }
  // Unless it was written meanwhile, with more behind it, by who could not wait.
  file.bytes = Math.max(file.bytes, begin + text.length);
}

function extendNow(file: KnownFile, text: Buffer): void {
  const descriptor = openSync(file.path, "r+");
  try {
    for (let written = 0; written < text.length; ) {
      written += writeSync(descriptor, text, written, undefined, file.bytes + written);
    }
  } finally {
    closeSync(descriptor);
  }
  file.bytes += text.length;
}

/**
 * @param begun It is being made by a thread, which may do so before us or after us.
 * @returns Whether it is made; otherwise somebody else's is there.
 */
function makeNow(path: string, text: Buffer, begun: boolean): boolean {
  try {
    writeFileSync(path, text, { flag: "wx", mode: MODE });
    return true;
  } catch (error) {
    if (!isCode(error, "EEXIST")) throw error;
    if (!begun || !isBeginning(path, text)) return false;
    writeFileSync(path, text, { mode: MODE });
    return true;
  }
}

/** Was this file to become that one? */
function isBeginning(path: string, text: Buffer): boolean {
  try {
    const begun = readFileSync(path);
    return begun.length <= text.length && begun.equals(text.subarray(0, begun.length));
  } catch {
    // None that we may read: it is not ours.
    return false;
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
