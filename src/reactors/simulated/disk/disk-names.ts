/**
 * The names of files and directories: as programs see them, and as the disk has them.
 *
 * Each change of names waits until a directory that it touches is synced. When power is lost, it
 * may survive or not, whatever happened to others; but it survives only together with the changes
 * before it that it stands on: of the same name; of the directories that it moves something from
 * and to; and all of them, when it moves or removes a directory. So a rename is always atomic, and
 * no file that was synced under synced names gets lost.
 *
 * @module
 */
import { FileError, type FileErrorCode } from "../../base/file-error.ts";
import type { ChoiceStream } from "../choices.ts";
import { SimulatedContent } from "./simulated-content.ts";

/** Bytes in one name, at most: the file systems of Linux have this bound. */
const NAME_MAX = 255;
/** Changes that may wait. With more of them the older half is written back. */
const CHANGES_MAX = 8192;

/** A file, whatever it is called. */
export interface FileNode {
  readonly kind: "file";
  readonly inode: number;
  readonly content: SimulatedContent;
  /** Seconds since 1970. */
  modified: number;
  /** Has it a name? */
  named: boolean;
  /** How often it is open. */
  handles: number;
}

/** A directory. */
export interface DirectoryNode {
  readonly kind: "directory";
  readonly inode: number;
  /** As programs see them. */
  readonly names: Map<string, SimulatedNode>;
  /** As the disk has them. */
  readonly kept: Map<string, SimulatedNode>;
  /** Seconds since 1970. */
  modified: number;
}

/** What names stand for. */
export type SimulatedNode = FileNode | DirectoryNode;

/** A place for something, and what is there. */
export interface SimulatedPlace {
  /** Where it is, without detours. */
  readonly path: string;
  /** The directory above; undefined for the root alone. */
  readonly parent: DirectoryNode | undefined;
  readonly name: string;
  readonly node: SimulatedNode | undefined;
  /** The path ends in a slash: only a directory will do. */
  readonly slash: boolean;
}

/** From now on, this name in this directory stands for that, or nothing. */
interface Entry {
  readonly directory: DirectoryNode;
  readonly name: string;
  readonly node: SimulatedNode | undefined;
}

/** What happens at once. */
interface Change {
  readonly entries: readonly Entry[];
  /** It moves or removes a directory. */
  readonly standsOnAll: boolean;
}

/** See the top of this file. */
export class DiskNames {
  readonly root: DirectoryNode;
  #inodes = 1;
  #changes: Change[] = [];

  /** @param now Seconds since 1970. */
  constructor(now: number) {
    this.root = this.#directory(now);
  }

  // -- Looking

  /** Where a path leads. @throws {FileError} @throws {TypeError} No path: there is a NUL in it. */
  place(path: string, syscall: string): SimulatedPlace {
    checkPath(path, syscall);
    const trail: { readonly parent: DirectoryNode; readonly name: string }[] = [];
    let node: SimulatedNode | undefined = this.root;
    for (const name of path.split("/")) {
      if (name === "" || name === ".") continue;
      const parent = directoryOf(node, syscall, path);
      if (name === "..") {
        trail.pop();
        const up = trail.at(-1);
        node = up === undefined ? this.root : up.parent.names.get(up.name);
        continue;
      }
      if (Buffer.byteLength(name) > NAME_MAX) throw new FileError("ENAMETOOLONG", syscall, path);
      trail.push({ parent, name });
      node = parent.names.get(name);
    }
    const { parent, name = "" } = trail.at(-1) ?? {};
    const slash = path.endsWith("/");
    if (slash && node?.kind === "file") throw new FileError("ENOTDIR", syscall, path);
    return { path: `/${trail.map((one) => one.name).join("/")}`, parent, name, node, slash };
  }

  /** What is at a path. @throws {FileError} */
  find(path: string, syscall: string): SimulatedNode {
    const { node } = this.place(path, syscall);
    if (node === undefined) throw new FileError("ENOENT", syscall, path);
    return node;
  }

  /** The directory at a path. @throws {FileError} */
  findDirectory(path: string, syscall: string): DirectoryNode {
    return directoryOf(this.find(path, syscall), syscall, path);
  }

  /** All files that can be reached, the oldest first. */
  files(): readonly FileNode[] {
    const files: FileNode[] = [];
    const look = (node: SimulatedNode): void => {
      if (node.kind === "file") files.push(node);
      else node.names.forEach(look);
    };
    look(this.root);
    return files.toSorted((one, other) => one.inode - other.inode);
  }

  // -- Changing

  makeFile(parent: DirectoryNode, name: string, now: number): FileNode {
    this.#inodes += 1;
    const file: FileNode = {
      kind: "file",
      inode: this.#inodes,
      content: new SimulatedContent(),
      modified: now,
      named: true,
      handles: 0,
    };
    this.#change([{ directory: parent, name, node: file }], now);
    return file;
  }

  makeDirectory(parent: DirectoryNode, name: string, now: number): DirectoryNode {
    const made = this.#directory(now);
    this.#change([{ directory: parent, name, node: made }], now);
    return made;
  }

  /** @throws {FileError} */
  remove(path: string, now: number): SimulatedNode {
    const syscall = "unlink";
    const { parent, name, node } = this.place(path, syscall);
    if (parent === undefined) throw new FileError("EBUSY", syscall, path);
    if (node === undefined) throw new FileError("ENOENT", syscall, path);
    if (node.kind === "directory" && node.names.size > 0) {
      throw new FileError("ENOTEMPTY", syscall, path);
    }
    this.#change([{ directory: parent, name, node: undefined }], now, node.kind === "directory");
    return node;
  }

  /** @returns What was there. @throws {FileError} */
  rename(from: string, to: string, now: number): SimulatedNode | undefined {
    const fail = (code: FileErrorCode): FileError => new FileError(code, "rename", from);
    const source = this.place(from, "rename");
    const target = this.place(to, "rename");
    const { node } = source;
    if (node === undefined) throw fail("ENOENT");
    if (source.parent === undefined || target.parent === undefined) throw fail("EBUSY");
    if (node === target.node) return undefined;
    if (target.path.startsWith(`${source.path}/`)) throw fail("EINVAL");
    checkReplacing(node, target, fail);
    const entries = [
      { directory: source.parent, name: source.name, node: undefined },
      { directory: target.parent, name: target.name, node },
    ];
    this.#change(entries, now, node.kind === "directory");
    return target.node;
  }

  #directory(now: number): DirectoryNode {
    this.#inodes += 1;
    const [names, kept] = [new Map<string, SimulatedNode>(), new Map<string, SimulatedNode>()];
    return { kind: "directory", inode: this.#inodes, names, kept, modified: now };
  }

  #change(entries: readonly Entry[], now: number, standsOnAll = false): void {
    for (const { directory, name, node } of entries) {
      set(directory.names, name, node);
      directory.modified = now;
    }
    this.#changes.push({ entries, standsOnAll });
    if (this.#changes.length <= CHANGES_MAX) return;
    this.#changes.splice(0, CHANGES_MAX / 2).forEach(keep);
  }

  // -- Surviving

  /** The names in a directory survive; or just one of them. */
  sync(directory: DirectoryNode, name?: string): void {
    const isTouched = ({ entries }: Change): boolean =>
      entries.some((entry) => entry.directory === directory && (name ?? entry.name) === entry.name);
    const survives = survivors(this.#changes, this.#changes.map(isTouched));
    // Those that stay have no name in common with a later one that goes.
    const staying = this.#changes.filter((_change, at) => survives[at] !== true);
    this.#changes.filter((_change, at) => survives[at] === true).forEach(keep);
    this.#changes = staying;
  }

  /** Power is lost. What was not synced has happened or not. */
  lose(choices: ChoiceStream): void {
    const chosen = this.#changes.map(() => choices.pick(2) === 0);
    const survives = survivors(this.#changes, chosen);
    this.#changes.filter((_change, at) => survives[at] === true).forEach(keep);
    this.#changes = [];
    this.#restore(this.root);
  }

  /** Show what the disk has. */
  #restore(directory: DirectoryNode): void {
    directory.names.clear();
    for (const [name, node] of directory.kept) {
      directory.names.set(name, node);
      if (node.kind === "directory") this.#restore(node);
    }
  }
}

function checkPath(path: string, syscall: string): void {
  if (path.includes("\0")) {
    throw new TypeError(`Cannot use ${JSON.stringify(path)} as a path: expected no NUL in it`);
  }
  if (path === "") throw new FileError("ENOENT", syscall, path);
}

function directoryOf(
  node: SimulatedNode | undefined,
  syscall: string,
  path: string,
): DirectoryNode {
  if (node === undefined) throw new FileError("ENOENT", syscall, path);
  if (node.kind === "file") throw new FileError("ENOTDIR", syscall, path);
  return node;
}

function checkReplacing(
  node: SimulatedNode,
  { node: there, slash }: SimulatedPlace,
  fail: (code: FileErrorCode) => FileError,
): void {
  if (node.kind === "directory") {
    if (there?.kind === "file") throw fail("ENOTDIR");
    if (there !== undefined && there.names.size > 0) throw fail("ENOTEMPTY");
  } else if (there?.kind === "directory") throw fail("EISDIR");
  else if (slash) throw fail("ENOTDIR");
}

function set(
  names: Map<string, SimulatedNode>,
  name: string,
  node: SimulatedNode | undefined,
): void {
  if (node === undefined) names.delete(name);
  else names.set(name, node);
}

function keep({ entries }: Change): void {
  for (const { directory, name, node } of entries) set(directory.kept, name, node);
}

/** Those that were chosen, and those that they stand on. */
function survivors(changes: readonly Change[], chosen: readonly boolean[]): readonly boolean[] {
  const needs = new Needs();
  return changes
    .map((change, at) => ({ change, isChosen: chosen[at] === true }))
    .toReversed()
    .map(({ change, isChosen }) => {
      const survives = isChosen || needs.includes(change);
      if (survives) needs.add(change);
      return survives;
    })
    .toReversed();
}

/** What later changes that survive stand on. */
class Needs {
  /** A directory and a name in it. */
  readonly #names = new Set<string>();
  /** Those that must be where they are. */
  readonly #directories = new Set<DirectoryNode>();
  #all = false;

  includes(change: Change): boolean {
    if (this.#all || this.#isPlacing(change)) return true;
    return change.entries.some((entry) => this.#names.has(keyOf(entry)));
  }

  add(change: Change): void {
    const { entries, standsOnAll } = change;
    const moves = entries[0]?.directory !== entries.at(-1)?.directory;
    const isPlacing = this.#isPlacing(change);
    this.#all ||= standsOnAll;
    for (const entry of entries) {
      this.#names.add(keyOf(entry));
      if (moves || isPlacing) this.#directories.add(entry.directory);
    }
  }

  /** Does it put a directory where it must be? */
  #isPlacing({ entries }: Change): boolean {
    return entries.some(({ node }) => node?.kind === "directory" && this.#directories.has(node));
  }
}

function keyOf({ directory, name }: Entry): string {
  return `${String(directory.inode)}/${name}`;
}
