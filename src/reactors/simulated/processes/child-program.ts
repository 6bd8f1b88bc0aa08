/**
 * What a scenario plays in place of a program that another one starts.
 *
 *     host.programs.set("/usr/bin/sort", async (child) => {
 *       const lines = (await child.stdin.text()).trimEnd().split("\n");
 *       child.stdout.write(`${lines.sort().join("\n")}\n`);
 *     });
 *
 * @module
 */

/** One descriptor of a {@link SimulatedChild}, from the child's end. */
export interface ChildStream extends AsyncIterable<Buffer> {
  // Reading. Nothing is read before somebody asks: the parent's bytes pile up, as they would.

  /** Call `f` with each piece from now on. The bytes are yours. */
  onData(f: (data: Buffer) => void): void;
  /** Call `f` when no more comes. Heard only while it is read. */
  onEnd(f: () => void): void;
  /** Stop reading. */
  pause(): void;
  /** Go on. */
  resume(): void;
  /** Read to the end. */
  all(): Promise<Buffer>;
  /** The same, as text. */
  text(): Promise<string>;

  // Writing. To a parent that has gone it is SIGPIPE.

  /**
   * Write. @returns Has the pipe taken it? If not, a real program would stand still here: await
   * {@link ChildStream.drained}.
   */
  write(data: Uint8Array | string): boolean;
  /** Resolves when there is room. Rejects with `EPIPE` when the parent has gone. */
  drained(): Promise<void>;
  /** Close it, when all that was written is taken. */
  close(): void;
}

/**
 * A child process, as whoever plays it sees it. When it has ended nothing of this does anything any
 * more, and no promise of it settles.
 */
export interface SimulatedChild {
  readonly pid: number;
  /** With its own name first. */
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Its working directory. */
  readonly cwd: string;
  /** The size of its terminal, if it has one. 0, 1 and 2 are the same stream then. */
  readonly windowSize: { readonly columns: number; readonly rows: number } | undefined;
  /** Has it neither exited nor been killed? */
  readonly alive: boolean;
  /** Descriptor 0; at its end at once if the parent gave it none. */
  readonly stdin: ChildStream;
  /** Descriptor 1; for nobody if the parent gave it none. */
  readonly stdout: ChildStream;
  /** Descriptor 2; for nobody if the parent gave it none. */
  readonly stderr: ChildStream;
  /** Any descriptor. @throws {RangeError} The parent gave it none of that number. */
  stream(fd: number): ChildStream;
  /**
   * Exit, when all that was written is in the pipes. @param code Default: 0. Of a larger one the
   * low eight bits count.
   */
  exit(code?: number): void;
  /**
   * Call `f` each time that signal comes, and live on. Signals without a handler do what they do to
   * any program (signal(7)).
   *
   * @throws {RangeError} Nobody can catch SIGKILL and SIGSTOP.
   */
  onSignal(signal: NodeJS.Signals, f: (signal: NodeJS.Signals) => void): void;
  /** Call `f` in so many seconds. @returns Takes that back. */
  callLater(seconds: number, f: () => void): () => void;
  /** Wait. */
  sleep(seconds: number): Promise<void>;
}

/**
 * A program, played. One that returns a promise exits when that resolves; one that returns a number
 * exits at once: with that number, or 0. Any other lives until it calls `exit`. What it throws ends
 * the simulation: it is the scenario's bug, not the child's.
 */
export type ChildProgram = (child: SimulatedChild) => unknown;
