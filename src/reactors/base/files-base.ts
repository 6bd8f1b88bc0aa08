/**
 * What all kinds of files share: whole files at once, made of the single operations.
 *
 * @module
 */
import { dirname } from "node:path";
import type {
  FileFacts,
  FileOpening,
  IFileHandle,
  IFiles,
  MakeDirectoryOptions,
  OpenFileOptions,
  WriteFileOptions,
} from "../../internet/interfaces-files.ts";

/** Bytes. What is read of a file first that says that it is empty, as those in /proc do. */
const CHUNK = 65_536;

/** Where bytes begin or end. @throws {RangeError} It is no whole number from 0 to 2⁵³ - 1. */
export function checkedOffset(value: number, what: string): number {
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw new RangeError(`Cannot use ${String(value)} as the ${what} of a file: expected 0 or more`);
}

/** The same bytes, or those of a text in UTF-8. */
export function bytesOf(data: Uint8Array | string): Uint8Array {
  return typeof data === "string" ? Buffer.from(data) : data;
}

/** See the top of this file. */
export abstract class FilesBase implements IFiles {
  abstract facts(path: string): Promise<FileFacts>;
  abstract realPath(path: string): Promise<string>;
  abstract list(path: string): Promise<readonly string[]>;
  abstract open(path: string, how?: FileOpening, options?: OpenFileOptions): Promise<IFileHandle>;
  abstract makeDirectory(path: string, options?: MakeDirectoryOptions): Promise<void>;
  abstract rename(from: string, to: string): Promise<void>;
  abstract remove(path: string): Promise<void>;
  abstract syncDirectory(path: string): Promise<void>;

  /** A name in the directory of `path` that nobody else has, nor had before a crash. */
  protected abstract temporaryName(path: string): string;

  async readFile(path: string): Promise<Buffer> {
    const file = await this.open(path);
    try {
      return await readAll(file);
    } finally {
      await file.close();
    }
  }

  async writeFile(
    path: string,
    bytes: Uint8Array | string,
    options: WriteFileOptions = {},
  ): Promise<void> {
    if (options.durable === true) return this.#replace(path, bytes, options);
    const file = await this.open(path, "replace", options);
    try {
      await file.write(bytes, 0);
    } finally {
      await file.close();
    }
  }

  async #replace(
    path: string,
    bytes: Uint8Array | string,
    options: OpenFileOptions,
  ): Promise<void> {
    const temporary = this.temporaryName(path);
    const file = await this.open(temporary, "create", options);
    try {
      await writeAndClose(file, bytes);
      await this.rename(temporary, path);
    } catch (error) {
      // What went wrong first is what matters.
      await this.remove(temporary).catch(() => undefined);
      throw error;
    }
    await this.syncDirectory(dirname(path));
  }
}

async function writeAndClose(file: IFileHandle, bytes: Uint8Array | string): Promise<void> {
  try {
    await file.write(bytes, 0);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function readAll(file: IFileHandle): Promise<Buffer> {
  const { size } = await file.facts();
  const chunks: Buffer[] = [];
  for (let position = 0; ; ) {
    // One more than there should be: the end shows in the same read, if nobody else writes.
    const chunk = Buffer.alloc(position < size ? size - position + 1 : CHUNK);
    const count = await file.read(chunk, position);
    chunks.push(chunk.subarray(0, count));
    position += count;
    if (count === 0 || (count < chunk.length && position === size)) break;
  }
  return chunks.length === 1 ? (chunks[0] ?? Buffer.alloc(0)) : Buffer.concat(chunks);
}
