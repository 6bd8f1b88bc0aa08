/**
 * The disk of a simulated host, with the kernel's cache in front of it: it outlives the programs.
 *
 *     program ──▶ SimulatedFiles ──▶ cache ──── sync ────▶ disk
 *     crash("kill")    ✗             stays                 stays
 *     crash("power")   ✗             ✗ each change         stays
 *                                      survives or not
 *
 * It keeps what `IFiles` promises, and nothing beyond it. There are no links, no modes and no
 * users; a path that is not absolute is one from the root.
 *
 * @module
 */
import { posix } from "node:path";
import type { FileFacts, FileOpening } from "../../../internet/interfaces-files.ts";
import { FileError } from "../../base/file-error.ts";
import { bytesOf } from "../../base/files-base.ts";
import type { ChoiceStream } from "../choices.ts";
import { DiskSpace } from "./disk-space.ts";
import { type DiskDelay, type DiskFailure, DiskTroubles } from "./disk-troubles.ts";
import { factsOf, type FileKeeper, OpenDiskFile, resized } from "./open-disk-file.ts";
import { type DirectoryNode, type FileNode, DiskNames, type SimulatedNode } from "./disk-names.ts";

/** The first second of the year 2000. */
const EPOCH = 946_684_800;

/** `kill`: the program ends, and its files are closed. `power`: the kernel ends as well. */
export type CrashKind = "kill" | "power";

/** How a {@link SimulatedDisk} is made. */
export interface SimulatedDiskOptions {
  /** Decides what survives the loss of power; 0 is "all of it". And troubles that have a rate. */
  readonly choices: ChoiceStream;
  /** The host's time of day, in seconds since 1970. Default: always the 1st of January 2000. */
  readonly wallClock?: () => number;
}

/** See the top of this file. */
export class SimulatedDisk {
  /** What it does wrong. For `SimulatedFiles`. */
  readonly troubles: DiskTroubles;
  readonly #choices: ChoiceStream;
  readonly #wallClock: () => number;
  readonly #names: DiskNames;
  readonly #space = new DiskSpace();
  readonly #open = new Set<OpenDiskFile>();
  readonly #keeper: FileKeeper;
  #crashes = 0;
  #temporaries = 0;

  constructor({ choices, wallClock = () => EPOCH }: SimulatedDiskOptions) {
    this.#choices = choices;
    this.#wallClock = wallClock;
    this.troubles = new DiskTroubles(choices);
    this.#names = new DiskNames(wallClock());
    this.#keeper = {
      space: this.#space,
      now: wallClock,
      syncNode: (node) => this.#sync(node),
      released: (file) => this.#release(file),
    };
  }

  // -- What happens to it

  /** The program that uses it is gone, with its open files; maybe the power as well. */
  crash(kind: CrashKind): void {
    this.#crashes += 1;
    for (const { node } of this.#open) if (node.kind === "file") node.handles = 0;
    this.#open.clear();
    if (kind === "power") this.#names.lose(this.#choices);
    const files = this.#names.files();
    for (const file of files) {
      file.named = true;
      if (kind === "power") file.content.lose(this.#choices);
    }
    this.#space.used = files.reduce((sum, { content }) => sum + content.size, 0);
  }

  /** How often it has crashed: who has begun before the last time is dead. */
  get crashes(): number {
    return this.#crashes;
  }

  /** Bytes in files, at most; writing more is `ENOSPC`. Default: 1 GiB. May be set at any time. */
  get capacity(): number {
    return this.#space.capacity;
  }

  set capacity(bytes: number) {
    this.#space.capacity = bytes;
  }

  /** Bytes in files, holes included. */
  get used(): number {
    return this.#space.used;
  }

  /**
   * Have operations fail. Nothing of them takes place; but a `sync` that fails gives up what it was
   * to sync, as kernels do.
   *
   * @returns Ends it.
   */
  fail(failure: DiskFailure = {}): () => void {
    return this.troubles.fail(failure);
  }

  /** Have operations take longer. @returns Ends it. */
  slow(delay: DiskDelay): () => void {
    return this.troubles.slow(delay);
  }

  // -- For tests: at once, and without troubles

  /** Is there something? */
  has(path: string): boolean {
    try {
      return this.#names.place(path, "stat").node !== undefined;
    } catch (error) {
      if (error instanceof FileError) return false;
      throw error;
    }
  }

  /** What programs see in a file. @throws {FileError} There is none. */
  read(path: string): Buffer {
    return this.#file(path, "open").content.toBuffer();
  }

  /** The same as text. */
  text(path: string): string {
    return this.read(path).toString();
  }

  /** The same as JSON. @throws {SyntaxError} It is none. */
  json(path: string): unknown {
    return JSON.parse(this.text(path));
  }

  /** Have just these bytes in a file, synced, with its name and the directories above it. */
  write(path: string, bytes: Uint8Array | string): void {
    this.makeDirectories(posix.dirname(posix.resolve("/", path)));
    const file = this.open(path, "replace");
    try {
      file.write(bytesOf(bytes), 0);
      file.sync();
    } finally {
      file.close();
    }
    this.#syncNames(path);
  }

  /** The paths of the files that are open, as they were opened. */
  get openFiles(): readonly string[] {
    return [...this.#open].map(({ path }) => path);
  }

  // -- For the files of programs: at once

  /** @throws {FileError} */
  open(path: string, how: FileOpening): OpenDiskFile {
    const node = this.#opened(path, how);
    const file = new OpenDiskFile(this.#keeper, node, { path, how });
    this.#open.add(file);
    if (node.kind === "file") node.handles += 1;
    return file;
  }

  /** What is opened; it may have to be made. */
  #opened(path: string, how: FileOpening): SimulatedNode {
    const fail = (code: "EEXIST" | "EISDIR" | "ENOENT"): FileError =>
      new FileError(code, "open", path);
    const { parent, name, node, slash } = this.#names.place(path, "open");
    if (node === undefined) {
      if (how === "read" || parent === undefined) throw fail("ENOENT");
      if (slash) throw fail("EISDIR");
      return this.#names.makeFile(parent, name, this.#wallClock());
    }
    if (how === "create") throw fail("EEXIST");
    if (node.kind === "directory" && how !== "read") throw fail("EISDIR");
    if (node.kind === "file" && how === "replace") {
      resized(node, 0, this.#space);
      node.modified = this.#wallClock();
    }
    return node;
  }

  /** @throws {FileError} */
  facts(path: string): FileFacts {
    return factsOf(this.#names.find(path, "stat"));
  }

  /** @throws {FileError} */
  realPath(path: string): string {
    this.#names.find(path, "realpath");
    return this.#names.place(path, "realpath").path;
  }

  /** @throws {FileError} */
  list(path: string): readonly string[] {
    return [...this.#names.findDirectory(path, "scandir").names.keys()];
  }

  /** @throws {FileError} */
  makeDirectory(path: string): void {
    const { parent, name, node } = this.#names.place(path, "mkdir");
    if (node !== undefined || parent === undefined) throw existing(path);
    this.#names.makeDirectory(parent, name, this.#wallClock());
  }

  /** Those above it as well, as far as they are missing. @throws {FileError} */
  makeDirectories(path: string): void {
    const names = posix.resolve("/", path).split("/").slice(1);
    for (const at of names.keys()) {
      const one = `/${names.slice(0, at + 1).join("/")}`;
      const { node } = this.#names.place(one, "mkdir");
      if (node?.kind === "file" && at === names.length - 1) throw existing(path);
      if (node === undefined) this.makeDirectory(one);
    }
  }

  /** @throws {FileError} */
  rename(from: string, to: string): void {
    this.#unnamed(this.#names.rename(from, to, this.#wallClock()));
  }

  /** @throws {FileError} */
  remove(path: string): void {
    this.#unnamed(this.#names.remove(path, this.#wallClock()));
  }

  /** @throws {FileError} */
  syncDirectory(path: string): void {
    this.#names.sync(this.#names.findDirectory(path, "open"));
  }

  /** A number that this disk has never given before. */
  temporary(): number {
    this.#temporaries += 1;
    return this.#temporaries;
  }

  // -- Inside

  #file(path: string, syscall: string): FileNode {
    const node = this.#names.find(path, syscall);
    if (node.kind === "file") return node;
    throw new FileError("EISDIR", syscall, path);
  }

  #sync(node: SimulatedNode): void {
    if (node.kind === "file") node.content.sync();
    else this.#names.sync(node);
  }

  /** The name of something, and those of the directories that it is in. */
  #syncNames(path: string): void {
    const names = posix.resolve("/", path).split("/").slice(1);
    let directory: DirectoryNode = this.#names.root;
    for (const name of names) {
      this.#names.sync(directory, name);
      const node = directory.names.get(name);
      if (node?.kind !== "directory") return;
      directory = node;
    }
  }

  #unnamed(node: SimulatedNode | undefined): void {
    if (node?.kind !== "file") return;
    node.named = false;
    this.#free(node);
  }

  #release(file: OpenDiskFile): void {
    if (!this.#open.delete(file) || file.node.kind !== "file") return;
    file.node.handles -= 1;
    this.#free(file.node);
  }

  /** Nobody can get at it any more. */
  #free({ named, handles, content }: FileNode): void {
    if (!named && handles === 0) this.#space.giveBack(content.size);
  }
}

function existing(path: string): FileError {
  return new FileError("EEXIST", "mkdir", path);
}
