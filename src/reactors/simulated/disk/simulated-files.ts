/**
 * The files of a simulated host, as one program on it has them: from its start to its end.
 *
 * Each operation takes place whole, at one moment between the asking and the answer; of two that
 * are under way either may be first. A program that has ended gets no answers.
 *
 * @module
 */
import type {
  FileFacts,
  FileOpening,
  IFileHandle,
  MakeDirectoryOptions,
} from "../../../internet/interfaces-files.ts";
import { FilesBase } from "../../base/files-base.ts";
import { DiskAccess, type DiskAccessOptions } from "./disk-access.ts";
import { SimulatedFileHandle } from "./simulated-file-handle.ts";

/** See the top of this file. */
export class SimulatedFiles extends FilesBase {
  readonly #access: DiskAccess;

  constructor(options: DiskAccessOptions) {
    super();
    this.#access = new DiskAccess(options);
  }

  facts(path: string): Promise<FileFacts> {
    const run = (): FileFacts => this.#access.disk.facts(path);
    return this.#access.do({ operation: "facts", run }, path);
  }

  realPath(path: string): Promise<string> {
    const run = (): string => this.#access.disk.realPath(path);
    return this.#access.do({ operation: "realPath", run }, path);
  }

  list(path: string): Promise<readonly string[]> {
    const run = (): readonly string[] => this.#access.disk.list(path);
    return this.#access.do({ operation: "list", run }, path);
  }

  async open(path: string, how: FileOpening = "read"): Promise<IFileHandle> {
    const { disk } = this.#access;
    const run = (): IFileHandle => new SimulatedFileHandle(this.#access, disk.open(path, how));
    return this.#access.do({ operation: "open", run }, path);
  }

  makeDirectory(path: string, options: MakeDirectoryOptions = {}): Promise<void> {
    const { disk } = this.#access;
    const run = (): void => {
      if (options.recursive === true) disk.makeDirectories(path);
      else disk.makeDirectory(path);
    };
    return this.#access.do({ operation: "makeDirectory", run }, path);
  }

  rename(from: string, to: string): Promise<void> {
    const run = (): void => this.#access.disk.rename(from, to);
    return this.#access.do({ operation: "rename", run }, from);
  }

  remove(path: string): Promise<void> {
    const run = (): void => this.#access.disk.remove(path);
    return this.#access.do({ operation: "remove", run }, path);
  }

  syncDirectory(path: string): Promise<void> {
    const run = (): void => this.#access.disk.syncDirectory(path);
    return this.#access.do({ operation: "syncDirectory", run }, path);
  }

  protected temporaryName(path: string): string {
    return `${path}.${String(this.#access.disk.temporary())}.tmp`;
  }
}
