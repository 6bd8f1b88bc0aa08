/**
 * A file that a simulated program has open.
 *
 * @module
 */
import type { FileFacts, IFileHandle } from "../../../internet/interfaces-files.ts";
import { FileError } from "../../base/file-error.ts";
import { bytesOf, checkedOffset } from "../../base/files-base.ts";
import type { DiskAccess, DiskTask } from "./disk-access.ts";
import type { OpenDiskFile } from "./open-disk-file.ts";

/** See the top of this file. */
export class SimulatedFileHandle implements IFileHandle {
  readonly #access: DiskAccess;
  readonly #file: OpenDiskFile;
  #busy = 0;
  #closed: Promise<void> | undefined;
  #idle: (() => void) | undefined;

  constructor(access: DiskAccess, file: OpenDiskFile) {
    this.#access = access;
    this.#file = file;
  }

  facts(): Promise<FileFacts> {
    return this.#do({ operation: "facts", run: () => this.#file.facts() });
  }

  read(into: Uint8Array, position: number): Promise<number> {
    const run = (): number => this.#file.read(into, checkedOffset(position, "position"));
    return this.#do({ operation: "read", bytes: into.length, run });
  }

  write(bytes: Uint8Array | string, position: number): Promise<void> {
    const all = bytesOf(bytes);
    const run = (): void => this.#file.write(all, checkedOffset(position, "position"));
    return this.#do({ operation: "write", bytes: all.length, run });
  }

  append(bytes: Uint8Array | string): Promise<void> {
    const all = bytesOf(bytes);
    const run = (): void => this.#file.append(all);
    return this.#do({ operation: "write", bytes: all.length, run });
  }

  truncate(size: number): Promise<void> {
    const run = (): void => this.#file.truncate(checkedOffset(size, "size"));
    return this.#do({ operation: "truncate", run });
  }

  sync(): Promise<void> {
    return this.#do({
      operation: "sync",
      run: () => this.#file.sync(),
      failed: () => this.#file.syncFailed(),
    });
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
    const run = (): void => this.#file.close();
    // A file is closed even if that fails.
    await this.#access.do({ operation: "close", run, failed: run }, this.#file.path);
  }

  #do<T>(task: DiskTask<T>): Promise<T> {
    if (this.#closed !== undefined) {
      return Promise.reject(new FileError("EBADF", task.operation, this.#file.path));
    }
    this.#busy += 1;
    return this.#access.do(task, this.#file.path, this.#ended);
  }

  readonly #ended = (): void => {
    this.#busy -= 1;
    if (this.#busy === 0) this.#idle?.();
  };
}
