/**
 * Child processes on `node:child_process`.
 *
 * Spec: fork(2), execve(2), kill(2), setsid(2).
 * After: twisted.internet.process.Process. Differs: pipes are UNIX socket pairs, so that a child
 * cannot open `/dev/stdin` and its like by name (Linux), and may hear ECONNRESET where a pipe would
 * say EPIPE; descriptors that this process was started with, and that its starter did not mark as
 * its own, reach the child; an end by a real-time signal, for which Node has no name, passes for an
 * exit with 0.
 *
 * @module
 */
import { type ChildProcess, spawn } from "node:child_process";
import type { ChildFD, IProcessProtocol } from "../../../internet/interfaces-process.ts";
import { NoAddress } from "../../../internet/addresses.ts";
import type { OpenedPipe } from "../../base/child-pipe.ts";
import { ProcessTransport } from "../../base/process-transport.ts";
import type { ReactorBase } from "../../base/reactor-base.ts";
import type { SpawnOrder } from "../../base/spawn-order.ts";
import { NodeTransport } from "../node-transport.ts";
import { childSocket, discard } from "./child-sockets.ts";
import { PipeConduit } from "./pipe-conduit.ts";
import { sendSignal } from "./send-signal.ts";
import { isSystemError, spawnFailure } from "./spawn-failure.ts";

/** See the top of this file. */
export class NodeProcess extends ProcessTransport {
  readonly #reactor: ReactorBase;
  readonly #order: SpawnOrder;
  #child: ChildProcess | undefined;

  /** Start it. @throws {TypeError} Node refuses an argument. @throws {ReactorNotRunning} */
  constructor(reactor: ReactorBase, protocol: IProcessProtocol, order: SpawnOrder) {
    super(reactor, protocol, order);
    this.#reactor = reactor;
    this.#order = order;
    try {
      this.#begin(start(order));
    } catch (error) {
      if (!isSystemError(error)) throw error;
      this.notStarted(spawnFailure(order, error));
    }
  }

  #begin(child: ChildProcess): void {
    const { pid } = child;
    if (pid === undefined) {
      child.once("error", (error) => this.notStarted(spawnFailure(this.#order, error)));
      // Missing altogether when there was no descriptor left for them.
      const stdio: Iterable<unknown> = child.stdio ?? [];
      for (const stream of stdio) discard(stream);
      return;
    }
    this.#child = child;
    child.once("exit", (code, signal) => {
      this.exited({ exitCode: code ?? undefined, signal: signal ?? undefined });
    });
    this.started(pid, this.#pipes(child, pid));
  }

  *#pipes(child: ChildProcess, pid: number): Iterable<OpenedPipe> {
    const { childFDs, executable } = this.#order;
    const streams: readonly unknown[] = child.stdio;
    for (const [fd, use] of childFDs) {
      if (typeof use === "number") continue;
      const reactor = this.#reactor;
      const conduit = new PipeConduit(reactor, childSocket(streams[fd]));
      const peer = new NoAddress(`${executable}[${String(pid)}],fd ${String(fd)}`);
      const host = new NoAddress("this process");
      const transport = new NodeTransport({ reactor, conduit, peer, host, limits: this.#order });
      yield { fd, use, transport };
    }
  }

  protected kill(signal: string | number, isForGroup: boolean): void {
    const { pid } = this;
    if (pid !== undefined) sendSignal({ pid, isForGroup }, signal);
  }

  protected release(): void {
    this.#child?.unref();
  }

  protected resize(): void {} // There is no terminal.
}

function start(order: SpawnOrder): ChildProcess {
  const { args, path, env, uid, gid } = order;
  const [argv0, ...rest] = args;
  return spawn(order.executable, rest, {
    argv0: argv0 ?? order.executable,
    stdio: stdioOf(order.childFDs),
    detached: order.processGroup,
    windowsHide: true,
    ...(path !== undefined && { cwd: path }),
    ...(env !== undefined && { env }),
    ...(uid !== undefined && { uid }),
    ...(gid !== undefined && { gid }),
  });
}

function stdioOf(fds: ReadonlyMap<number, ChildFD>): ("pipe" | "ignore" | number)[] {
  const length = Math.max(2, ...fds.keys()) + 1;
  return Array.from({ length }, (_, fd) => {
    const use = fds.get(fd) ?? "ignore";
    return use === "r" || use === "w" ? "pipe" : use;
  });
}
