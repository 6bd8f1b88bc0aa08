/**
 * The programs of a simulated host: what can be started there, and what goes wrong with it.
 *
 * @module
 */
import { posix } from "node:path";
import { quote } from "../../../core/text.ts";
import type { SpawnOrder } from "../../base/spawn-order.ts";
import type { ChoiceStream } from "../choices.ts";
import { Delay } from "../delay.ts";
import { Link, type LinkOptions, type Range } from "../link.ts";
import type { NetworkNode, World } from "../world.ts";
import type { ChildProgram } from "./child-program.ts";

/** How children fare. */
export interface SimulatedProgramsOptions {
  /** Seconds from `spawnProcess` to the program's first step. Default: a millisecond. */
  readonly start?: Range;
  /** Seconds from a child's end until its parent learns of it. Default: 10 µs. */
  readonly reaping?: Range;
  /**
   * How often the kernel, out of memory, kills a child at one of its steps: its start, a piece that
   * it reads, a piece that it writes, of which only a part gets out then. From 0 to 1. Default: 0.
   */
  readonly outOfMemory?: number;
  /** How pipes treat what they carry: latency, segmentation, window. Default: 10 µs, whole. */
  readonly pipes?: LinkOptions;
}

const START = 0.001;
const REAPING = 0.000_01;
const PIPE_LATENCY = 0.000_01;
/** Beyond the numbers that Linux gives out (proc_pid(5)): one that escapes is nobody's. */
const PID_FIRST = 4_194_305;
/** Where a shell would look (environ(7)). */
const PATH = "/usr/local/bin:/usr/bin:/bin";

/** See the top of this file. They stay when the host's own program ends. */
export class SimulatedPrograms {
  /** What a child finds in its environment if its parent says nothing. Default: a `PATH`. */
  environment: Readonly<Record<string, string>> = { PATH };
  /** From parents to children. */
  readonly toChildren: Link;
  /** From children to parents. */
  readonly fromChildren: Link;
  readonly #world: World;
  readonly #host: NetworkNode;
  readonly #programs = new Map<string, ChildProgram>();
  readonly #start = new Delay(START);
  readonly #reaping = new Delay(REAPING);
  #outOfMemory = 0;
  #nextPid = PID_FIRST;

  constructor(world: World, host: NetworkNode) {
    this.#world = world;
    this.#host = host;
    const { name, id, ipv4, ipv6 } = host;
    const children = { name: `${name}/children`, id, ipv4, ipv6 };
    this.toChildren = new Link(world, host, children);
    this.fromChildren = new Link(world, children, host);
    this.configure({ pipes: { latency: PIPE_LATENCY } });
  }

  /** Change how children fare; what is not named stays. */
  configure(options: SimulatedProgramsOptions): void {
    if (options.start !== undefined) this.#start.set(options.start);
    if (options.reaping !== undefined) this.#reaping.set(options.reaping);
    this.#outOfMemory = options.outOfMemory ?? this.#outOfMemory;
    if (options.pipes === undefined) return;
    this.toChildren.set(options.pipes);
    this.fromChildren.set(options.pipes);
  }

  // -- Which there are

  /** Install a program, in place of what was there. @throws {TypeError} No absolute path. */
  set(path: string, program: ChildProgram): void {
    if (!posix.isAbsolute(path)) {
      throw new TypeError(
        `Cannot install a program: expected an absolute path, got ${quote(path)}`,
      );
    }
    this.#programs.set(posix.normalize(path), program);
  }

  /** Take one away. Those that run go on. @returns Was it there? */
  delete(path: string): boolean {
    return this.#programs.delete(posix.normalize(path));
  }

  /** What an order would start: execvp(3). */
  find({ executable, path = "/", env = this.environment }: SpawnOrder): ChildProgram | undefined {
    const folders = executable.includes("/") ? [""] : (env["PATH"] ?? PATH).split(":");
    for (const folder of folders) {
      const program = this.#programs.get(posix.resolve("/", path, folder, executable));
      if (program !== undefined) return program;
    }
    return undefined;
  }

  // -- For children

  /** The number of the next one. */
  nextPid(): number {
    this.#nextPid += 1;
    return this.#nextPid - 1;
  }

  /** What children decide by chance. */
  get choices(): ChoiceStream {
    return this.#world.choices.stream(`process:${this.#host.name}`);
  }

  /** Seconds until the next one begins. */
  startDelay(): number {
    return this.#start.draw(this.choices);
  }

  /** Seconds until the parent of the next one that ends hears of it. */
  reapingDelay(): number {
    return this.#reaping.draw(this.choices);
  }

  /** Is this step of a child its last? */
  runsOut(): boolean {
    return this.#outOfMemory > 0 && this.choices.happens(this.#outOfMemory);
  }
}
