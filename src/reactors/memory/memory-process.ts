/**
 * The processes of a memory reactor: no program runs, the test plays it.
 *
 * Each pipe is a wire, of which the child's end writes down what it reads. Nothing happens by
 * itself, but that a signal ends a child that does not ignore it.
 *
 * After: the IReactorProcess of twisted.internet.testing.MemoryReactor, and the mocks of
 * twisted.test.test_process.
 *
 * @module
 */
import type { Failure } from "../../defer/failure.ts";
import { NoAddress } from "../../internet/addresses.ts";
import type {
  IProcessProtocol,
  IProcessTransport,
  SpawnProcessOptions,
} from "../../internet/interfaces-process.ts";
import type { IProtocol } from "../../internet/interfaces-transport.ts";
import { Protocol } from "../../internet/protocol.ts";
import {
  ProcessExitedAlready,
  type ProcessTermination,
  SpawnError,
} from "../../internet/process-errors.ts";
import type { OpenedPipe } from "../base/child-pipe.ts";
import { ProcessTransport } from "../base/process-transport.ts";
import type { ReactorBase } from "../base/reactor-base.ts";
import { type SpawnOrder, spawnOrder } from "../base/spawn-order.ts";
import type { MemoryNetwork } from "./memory-network.ts";
import { MemoryWire } from "./memory-wire.ts";

/** The child's end of one pipe. */
class ChildEnd extends Protocol {
  readonly pieces: Buffer[] = [];
  isClosed = false;
  player: IProtocol | undefined;

  override dataReceived(data: Buffer): void {
    this.pieces.push(data);
    this.player?.dataReceived(data);
  }

  override connectionLost(reason: Failure): void {
    this.isClosed = true;
    this.player?.connectionLost(reason);
  }
}

/** Signals that do not end a process that has no handler for them. */
const HARMLESS = new Set(["SIGCHLD", "SIGCONT", "SIGSTOP", "SIGTSTP", "SIGURG", "SIGWINCH"]);

/**
 * What the test does in place of a program. Run the reactor (`flush`) after it, for the parent to
 * hear of it.
 */
export class MemoryChild {
  /** Each signal that came, to it or to its group, in order: `SIGTERM`, or a number. */
  readonly signals: (string | number)[] = [];
  /** Signals that it has a handler for, and lives on. KILL is not among them, whatever it says. */
  readonly ignores: Set<string | number> = new Set();
  /** Called with each signal that comes, before that ends it. */
  onSignal: ((signal: string | number) => void) | undefined;
  /** The size of its terminal, if it has one. */
  windowSize: { readonly columns: number; readonly rows: number } | undefined;
  readonly #ends: ReadonlyMap<number, ChildEnd>;
  readonly #exited: (how: ProcessTermination) => void;
  #isAlive = true;

  constructor(ends: ReadonlyMap<number, ChildEnd>, exited: (how: ProcessTermination) => void) {
    this.#ends = ends;
    this.#exited = exited;
  }

  /** Has it neither exited nor been killed? */
  get isAlive(): boolean {
    return this.#isAlive;
  }

  /** It writes to a descriptor that its parent reads. @throws {RangeError} It has none such. */
  write(fd: number, data: Uint8Array | string): void {
    this.#end(fd).transport.write(data);
  }

  /** All that it has read from a descriptor that its parent writes. @throws {RangeError} */
  received(fd = 0): Buffer {
    return Buffer.concat(this.#end(fd).pieces);
  }

  /** It reads no more, for now: what its parent writes waits there. @throws {RangeError} */
  pause(fd = 0): void {
    this.#end(fd).transport.pauseProducing();
  }

  /** It reads again. @throws {RangeError} */
  resume(fd = 0): void {
    this.#end(fd).transport.resumeProducing();
  }

  /** It closes a descriptor. @throws {RangeError} It has none such. */
  closeFD(fd: number): void {
    this.#end(fd).transport.loseConnection();
  }

  /**
   * Let a protocol play one descriptor: it gets the child's end of the pipe as its transport, and
   * hears what comes. @throws {RangeError} It has none such.
   */
  attach(fd: number, protocol: IProtocol): void {
    const end = this.#end(fd);
    end.player = protocol;
    protocol.makeConnection(end.transport);
  }

  /** Is it closed, by it or by its parent? @throws {RangeError} */
  isClosed(fd: number): boolean {
    return this.#end(fd).isClosed;
  }

  /**
   * It exits, and its descriptors are closed, except those in `holding`, which others that it has
   * started hold: close them with {@link MemoryChild.closeFD}.
   */
  exit(exitCode: number, holding: readonly number[] = []): void {
    this.#die({ exitCode }, holding);
  }

  /** A signal ends it. */
  die(signal: NodeJS.Signals, holding: readonly number[] = []): void {
    this.#die({ signal }, holding);
  }

  #die(how: ProcessTermination, holding: readonly number[]): void {
    if (!this.#isAlive) return;
    this.#isAlive = false;
    for (const [fd, end] of this.#ends) {
      if (!holding.includes(fd)) end.transport.loseConnection();
    }
    this.#exited(how);
  }

  /** Its parent signals it. @throws {ProcessExitedAlready} It is dead. */
  signalled(signal: string | number): void {
    if (!this.#isAlive) throw new ProcessExitedAlready("Cannot signal a process: it has exited");
    if (signal === 0) return;
    this.signals.push(signal);
    this.onSignal?.(signal);
    if (signal === "SIGKILL") this.die("SIGKILL");
    else if (isSignal(signal) && !this.ignores.has(signal) && !HARMLESS.has(signal)) {
      this.die(signal);
    }
  }

  #end(fd: number): ChildEnd {
    const end = this.#ends.get(fd);
    if (end !== undefined) return end;
    throw new RangeError(`Cannot use descriptor ${String(fd)} of a child: it has no such pipe`);
  }
}

function isSignal(signal: string | number): signal is NodeJS.Signals {
  return typeof signal === "string" && signal.startsWith("SIG");
}

/** What a {@link MemoryProcess} is made of. */
interface MemoryProcessPlace {
  readonly network: MemoryNetwork;
  readonly protocol: IProcessProtocol;
  readonly order: SpawnOrder;
  /** Its number; `undefined` if there is no such program. */
  readonly pid: number | undefined;
}

/** What a child has written stays in its pipes when it is gone, as in a kernel. */
const CHILD_LIMITS = { closeTimeout: Number.MAX_SAFE_INTEGER };

class MemoryProcess extends ProcessTransport {
  /** The program, which the test plays. */
  readonly child: MemoryChild;
  readonly #reactor: ReactorBase;
  readonly #network: MemoryNetwork;
  readonly #order: SpawnOrder;

  constructor(reactor: ReactorBase, { network, protocol, order, pid }: MemoryProcessPlace) {
    super(reactor, protocol, order);
    this.#reactor = reactor;
    this.#network = network;
    this.#order = order;
    const ends = new Map<number, ChildEnd>();
    this.child = new MemoryChild(ends, (how) => reactor.later(() => this.exited(how)));
    this.child.windowSize = order.terminal;
    if (pid !== undefined) this.started(pid, this.#pipes(ends));
    else this.notStarted(new SpawnError(order.executable, "ENOENT", "there is no such program"));
  }

  *#pipes(ends: Map<number, ChildEnd>): Iterable<OpenedPipe> {
    if (this.isTerminal) {
      yield this.#pipe(1, "rw", ends);
      return;
    }
    for (const [fd, use] of this.#order.childFDs) {
      if (typeof use === "string") yield this.#pipe(fd, use, ends);
    }
  }

  #pipe(fd: number, use: "r" | "w" | "rw", ends: Map<number, ChildEnd>): OpenedPipe {
    const reactor = this.#reactor;
    const { executable } = this.#order;
    const wire = new MemoryWire(
      { address: new NoAddress("this process"), reactor, limits: this.#order },
      { address: new NoAddress(`${executable},fd ${String(fd)}`), reactor, limits: CHILD_LIMITS },
    );
    this.#network.addWire(wire);
    const end = new ChildEnd();
    ends.set(fd, end);
    wire.server.begin(end);
    return { fd, use, transport: wire.client };
  }

  protected kill(signal: string | number): void {
    this.child.signalled(signal);
  }

  protected release(): void {}

  protected resize(columns: number, rows: number): void {
    this.child.windowSize = { columns, rows };
  }
}

/** One call of `spawnProcess`, or of what calls it. */
export interface RecordedSpawn {
  readonly processProtocol: IProcessProtocol;
  readonly executable: string;
  readonly options: SpawnProcessOptions;
  readonly transport: IProcessTransport;
  /** The program: play it. */
  readonly child: MemoryChild;
}

/** Beyond the numbers that Linux gives out (proc_pid(5)): a signal to it reaches nobody. */
const PID_FIRST = 4_194_305;

/** The processes of a memory reactor. */
export class MemoryProcesses {
  /** Each that was started, or could not be, in order. */
  readonly spawned: RecordedSpawn[] = [];
  /** Programs that are not there: to start one is a `SpawnError` with `ENOENT`. */
  readonly missing: Set<string> = new Set();
  readonly #reactor: ReactorBase;
  readonly #network: MemoryNetwork;
  #nextPid = PID_FIRST;

  constructor(reactor: ReactorBase, network: MemoryNetwork) {
    this.#reactor = reactor;
    this.#network = network;
  }

  /** See `IReactorProcess.spawnProcess`. */
  spawn(
    processProtocol: IProcessProtocol,
    executable: string,
    options: SpawnProcessOptions,
  ): IProcessTransport {
    const pid = this.missing.has(executable) ? undefined : this.#nextPid;
    const transport = new MemoryProcess(this.#reactor, {
      network: this.#network,
      protocol: processProtocol,
      order: spawnOrder(executable, options),
      pid,
    });
    if (pid !== undefined) this.#nextPid += 1;
    const { child } = transport;
    this.spawned.push({ processProtocol, executable, options, transport, child });
    return transport;
  }
}
