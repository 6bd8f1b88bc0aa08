/**
 * A file of a simulated disk that is open, as the kernel does things with it: at once.
 *
 * @module
 */
import type { FileFacts, FileOpening } from "../../../internet/interfaces-files.ts";
import { FileError, type FileErrorCode } from "../../base/file-error.ts";
import type { DiskSpace } from "./disk-space.ts";
import type { FileNode, SimulatedNode } from "./disk-names.ts";

/** What a file needs of its disk. */
export interface FileKeeper {
  readonly space: DiskSpace;
  /** Seconds since 1970. */
  now(): number;
  syncNode(node: SimulatedNode): void;
  released(file: OpenDiskFile): void;
}

/** How one was opened. */
export interface FileOrigin {
  readonly path: string;
  readonly how: FileOpening;
}

/** What is known of a node. */
export function factsOf(node: SimulatedNode): FileFacts {
  const { kind, inode, modified } = node;
  return { kind, size: node.kind === "file" ? node.content.size : 0, modified, device: 1, inode };
}

/** Make a file larger or smaller. @returns Was there room? */
export function resized({ content }: FileNode, size: number, space: DiskSpace): boolean {
  const growth = size - content.size;
  if (growth > 0) {
    const taken = space.take(growth);
    if (taken < growth) {
      space.giveBack(taken);
      return false;
    }
  } else space.giveBack(-growth);
  content.resize(size);
  return true;
}

/** See the top of this file. */
export class OpenDiskFile {
  readonly node: SimulatedNode;
  readonly path: string;
  readonly #how: FileOpening;
  readonly #keeper: FileKeeper;

  constructor(keeper: FileKeeper, node: SimulatedNode, { path, how }: FileOrigin) {
    this.#keeper = keeper;
    this.node = node;
    this.path = path;
    this.#how = how;
  }

  facts(): FileFacts {
    return factsOf(this.node);
  }

  read(into: Uint8Array, position: number): number {
    return this.#file("read").content.read(into, position);
  }

  write(bytes: Uint8Array, position: number): void {
    if (this.#how === "read" || this.#how === "append") throw this.#failure("EBADF", "write");
    this.#write(bytes, position);
  }

  append(bytes: Uint8Array): void {
    if (this.#how !== "append") throw this.#failure("EBADF", "write");
    this.#write(bytes, this.#file("write").content.size);
  }

  /** What there is room for is written, and then it fails. */
  #write(bytes: Uint8Array, position: number): void {
    const { space } = this.#keeper;
    const file = this.#file("write");
    const growth = bytes.length === 0 ? 0 : position + bytes.length - file.content.size;
    const missing = growth > 0 ? growth - space.take(growth) : 0;
    const fitting = Math.max(0, bytes.length - missing);
    // A hole that nothing can be written behind is not made.
    if (fitting === 0) space.giveBack(Math.max(0, growth - missing));
    file.content.write(bytes.subarray(0, fitting), position);
    file.modified = this.#keeper.now();
    if (missing > 0) throw this.#failure("ENOSPC", "write");
  }

  truncate(size: number): void {
    if (this.#how === "read") throw this.#failure("EBADF", "ftruncate");
    const file = this.#file("ftruncate");
    if (!resized(file, size, this.#keeper.space)) throw this.#failure("ENOSPC", "ftruncate");
    file.modified = this.#keeper.now();
  }

  sync(): void {
    this.#keeper.syncNode(this.node);
  }

  /** A sync has failed. */
  syncFailed(): void {
    if (this.node.kind === "file") this.node.content.giveUp();
  }

  close(): void {
    this.#keeper.released(this);
  }

  #file(syscall: string): FileNode {
    if (this.node.kind === "file") return this.node;
    throw this.#failure("EISDIR", syscall);
  }

  #failure(code: FileErrorCode, syscall: string): FileError {
    return new FileError(code, syscall, this.path);
  }
}
