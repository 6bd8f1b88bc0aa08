/**
 * One program's way to a simulated disk: each operation takes place at a later time.
 *
 * @module
 */
import { FileError } from "../../base/file-error.ts";
import type { DiskOperation } from "./disk-troubles.ts";
import type { SimulatedDisk } from "./simulated-disk.ts";

/** How a program gets at a disk. */
export interface DiskAccessOptions {
  readonly disk: SimulatedDisk;
  /** How long an operation takes, in seconds. @param bytes That are read or written. */
  latency(operation: DiskOperation, bytes: number): number;
  /** Call `f` in so many seconds, as long as the program lives. */
  later(seconds: number, f: () => void): void;
}

/** What is to be done. */
export interface DiskTask<T> {
  readonly operation: DiskOperation;
  /** That are read or written. Default: 0. */
  readonly bytes?: number;
  /** Do it. */
  readonly run: () => T;
  /** The disk fails instead. */
  readonly failed?: () => void;
}

/** See the top of this file. */
export class DiskAccess {
  readonly disk: SimulatedDisk;
  readonly #options: DiskAccessOptions;
  readonly #crashes: number;

  constructor(options: DiskAccessOptions) {
    this.disk = options.disk;
    this.#options = options;
    this.#crashes = options.disk.crashes;
  }

  /**
   * Do something, all of it at one moment.
   *
   * @param ended Called then, before it settles.
   * @returns Never settles when the program has ended by then.
   */
  do<T>(task: DiskTask<T>, path: string, ended?: () => void): Promise<T> {
    const { operation, bytes = 0 } = task;
    const delay = this.disk.troubles.delay(operation, path);
    return new Promise((resolve, reject) => {
      this.#options.later(this.#options.latency(operation, bytes) + delay, () => {
        if (this.disk.crashes !== this.#crashes) return;
        ended?.();
        try {
          resolve(this.#run(task, path));
        } catch (error) {
          reject(error);
        }
      });
    });
  }

  #run<T>(task: DiskTask<T>, path: string): T {
    const code = this.disk.troubles.failure(task.operation, path);
    if (code === undefined) return task.run();
    task.failed?.();
    throw new FileError(code, task.operation, path);
  }
}
