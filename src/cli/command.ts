/**
 * What a command of `sennit` is, and what it is given.
 *
 * @module
 */
import type { ServiceReactor } from "../application/service-module.ts";

/** The process, as a command sees it. */
export interface CommandContext {
  /** Takes whole lines. */
  readonly writeOut: (text: string) => unknown;
  readonly writeError: (text: string) => unknown;
  /** The output is a terminal: a person reads it. */
  readonly isTerminal: boolean;
  readonly directory: string;
  readonly reactor: ServiceReactor;
}

/** How the process is to end. */
export interface Ending {
  readonly status: number;
  /** It is to end by this signal, which stopped it, whatever the status. */
  readonly signal?: NodeJS.Signals | undefined;
}

/** One of the words after `sennit`. */
export interface Command {
  readonly name: string;
  /** Half a line for the list of commands. */
  readonly summary: string;
  /** What `--help` prints, with its last line end. */
  readonly help: string;
  /**
   * Do it.
   *
   * @param args What stands after the name of the command.
   * @throws {UsageError} The arguments make no sense.
   */
  run(args: readonly string[], context: CommandContext): Promise<Ending>;
}
