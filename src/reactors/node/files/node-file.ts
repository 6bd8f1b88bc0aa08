/**
 * A file that is open.
 *
 * @module
 */
import { close, fstat, fsync, ftruncate, read, type Stats, write } from "node:fs";
import type { FileFacts, FileOpening, IFileHandle } from "../../../internet/interfaces-files.ts";
import { FileError } from "../../base/file-error.ts";
import { bytesOf, checkedOffset } from "../../base/files-base.ts";
import { factsOf } from "./facts-of.ts";
import { type EndCallback, promisedEnd, promised, type ResultCallback } from "./promised.ts";

/** See the top of this file. */
export class NodeFile implements IFileHandle {
  readonly #descriptor: number;
  readonly #path: string;
  readonly #how: FileOpening;
  /** Calls under way: the number of a descriptor that is closed may at once be another file's. */
  #busy = 0;
  #closed: Promise<void> | undefined;
  #idle: (() => void) | undefined;

  constructor(descriptor: number, path: string, how: FileOpening) {
    this.#descriptor = descriptor;
    this.#path = path;
    this.#how = how;
  }

  async facts(): Promise<FileFacts> {
    return factsOf(
      await this.#ask<Stats>("fstat", (callback) => fstat(this.#descriptor, callback)),
    );
  }

  read(into: Uint8Array, position: number): Promise<number> {
    return this.#ask("read", (callback) => {
      read(this.#descriptor, into, 0, into.length, checkedOffset(position, "position"), callback);
    });
  }

  async write(bytes: Uint8Array | string, position: number): Promise<void> {
    checkedOffset(position, "position");
    // On Linux a write with a position would append all the same.
    if (this.#how === "append") throw this.#refusal("write");
    await this.#askEnd("write", (callback) => this.#write(bytesOf(bytes), position, callback));
  }

  async append(bytes: Uint8Array | string): Promise<void> {
    if (this.#how !== "append") throw this.#refusal("write");
    await this.#askEnd("write", (callback) => this.#write(bytesOf(bytes), null, callback));
  }

  /** The platform may take a part at a time. @param position `null`: at the end. */
  #write(bytes: Uint8Array, position: number | null, callback: EndCallback): void {
    write(this.#descriptor, bytes, 0, bytes.length, position, (error, count) => {
      if (error !== null || count === bytes.length) callback(error);
      else if (count === 0) callback(new FileError("EIO", "write", this.#path));
      else
        this.#write(bytes.subarray(count), position === null ? null : position + count, callback);
    });
  }

  async truncate(size: number): Promise<void> {
    checkedOffset(size, "size");
    // The system would call it EINVAL.
    if (this.#how === "read") throw this.#refusal("ftruncate");
    await this.#askEnd("ftruncate", (callback) => ftruncate(this.#descriptor, size, callback));
  }

  sync(): Promise<void> {
    return this.#askEnd("fsync", (callback) => fsync(this.#descriptor, callback));
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    if (this.#busy > 0) {
      await new Promise<void>((resolve) => {
        this.#idle = resolve;
      });
    }
    await promisedEnd((callback) => close(this.#descriptor, callback));
  }

  #refusal(operation: string): FileError {
    return new FileError("EBADF", operation, this.#path);
  }

  #askEnd(operation: string, begin: (callback: EndCallback) => void): Promise<void> {
    return this.#ask(operation, (callback) => {
      begin((error) => callback(error ?? null, undefined));
    });
  }

  #ask<T>(operation: string, begin: (callback: ResultCallback<T>) => void): Promise<T> {
    if (this.#closed !== undefined) return Promise.reject(this.#refusal(operation));
    return promised((callback) => {
      begin((error, result) => {
        this.#busy -= 1;
        if (this.#busy === 0) this.#idle?.();
        callback(error, result);
      });
      this.#busy += 1;
    });
  }
}
