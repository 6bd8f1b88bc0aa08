/**
 * The files of this machine, to be served when nobody says otherwise.
 *
 * @module
 */
import type { IFileSystem } from "../../internet/interfaces-files.ts";
import { nodeFiles } from "../../reactors/node/files/node-files.ts";

/** See the top of this file. `reactor.files` are the same, with writing. */
export const nodeFileSystem: IFileSystem = nodeFiles;
