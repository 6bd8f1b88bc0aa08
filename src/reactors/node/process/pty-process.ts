/**
 * A child process on a terminal of its own.
 *
 * Spec: pty(7), forkpty(3).
 * After: twisted.internet.process.PTYProcess. Differs: through an optional package, so that the
 * program's own name in `argv` is always that of the executable.
 *
 * @module
 */
import { Failure } from "../../../defer/failure.ts";
import { NoAddress } from "../../../internet/addresses.ts";
import type { IProcessProtocol } from "../../../internet/interfaces-process.ts";
import { ProcessFeatureError, SpawnError } from "../../../internet/process-errors.ts";
import { ProcessTransport } from "../../base/process-transport.ts";
import type { ReactorBase } from "../../base/reactor-base.ts";
import type { SpawnOrder, Terminal } from "../../base/spawn-order.ts";
import { NodeTransport } from "../node-transport.ts";
import { PTYConduit } from "./pty-conduit.ts";
import { openPTY, type OpenedPTY, ptyLibrary } from "./pty-library.ts";
import { sendSignal, signalName } from "./send-signal.ts";
import { foreseeFailure } from "./spawn-failure.ts";

/** See the top of this file. */
export class PTYProcess extends ProcessTransport {
  readonly #reactor: ReactorBase;
  readonly #order: SpawnOrder;
  #pty: OpenedPTY | undefined;

  /** Start it. @throws {OptionalPackageError} @throws {ProcessFeatureError} */
  constructor(
    reactor: ReactorBase,
    protocol: IProcessProtocol,
    { order, size }: { readonly order: SpawnOrder; readonly size: Terminal },
  ) {
    super(reactor, protocol, order);
    this.#reactor = reactor;
    this.#order = order;
    const library = ptyLibrary();
    // Once it has forked, a failure would be no more than an exit code and a line of text.
    const failure = foreseeFailure(order, (order.env ?? process.env)["PATH"] ?? "/bin:/usr/bin");
    if (failure === undefined) this.#begin(library, size);
    else this.notStarted(failure);
  }

  #begin(library: object, size: Terminal): void {
    try {
      this.#started(openPTY(library, this.#order, size));
    } catch (error) {
      if (error instanceof ProcessFeatureError) throw error;
      const { executable } = this.#order;
      const { message } = Failure.of(error).value;
      this.notStarted(new SpawnError(executable, "EPTY", message, { cause: error }));
    }
  }

  #started(pty: OpenedPTY): void {
    this.#pty = pty;
    const reactor = this.#reactor;
    const conduit = new PTYConduit(reactor, pty);
    const peer = new NoAddress(`${this.#order.executable}[${String(pty.pid)}],terminal`);
    const host = new NoAddress("this process");
    const transport = new NodeTransport({ reactor, conduit, peer, host, limits: this.#order });
    pty.onExit((code, signal) => {
      conduit.exited();
      const name = signalName(signal);
      if (name !== undefined) this.exited({ signal: name });
      // Of a signal without a name, such as a real-time one, the shell's way of telling is left.
      else this.exited({ exitCode: signal === 0 ? code : 128 + signal });
    });
    this.started(pty.pid, [{ fd: 1, use: "rw", transport }]);
  }

  protected kill(signal: string | number, isForGroup: boolean): void {
    const { pid } = this;
    if (pid !== undefined) sendSignal({ pid, isForGroup }, signal);
  }

  protected release(): void {} // The package keeps nothing open for a process but its terminal.

  protected resize(columns: number, rows: number): void {
    this.#pty?.resize(columns, rows);
  }
}
