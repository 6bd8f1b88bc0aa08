/**
 * `connectProcess`, on any reactor that can start a process.
 *
 * @module
 */
import { Failure } from "../../defer/failure.ts";
import { type IAddress, NoAddress } from "../../internet/addresses.ts";
import type { IClientFactory } from "../../internet/interfaces-factory.ts";
import type {
  ConnectProcessOptions,
  IProcessProtocol,
  IProcessTransport,
  IReactorProcess,
  StandardErrorBehavior,
} from "../../internet/interfaces-process.ts";
import { Logger } from "../../logger/logger.ts";
import { type Attempt, Connector } from "./connector.ts";
import { ProcessConnection } from "./process-connection.ts";
import type { ReactorBase } from "./reactor-base.ts";
import { spawnOrder } from "./spawn-order.ts";

const log = new Logger({ namespace: "sennit.process" });

/** Characters of one piece of standard error that are logged; the rest is cut off. */
const LOGGED_MAX = 4096;

/** What a {@link ProcessConnector} is made of. */
export interface ProcessConnectorPlace {
  readonly executable: string;
  readonly factory: IClientFactory;
  readonly options: ConnectProcessOptions;
}

/** See the top of this file. */
export class ProcessConnector extends Connector {
  readonly #reactor: ReactorBase & IReactorProcess;
  readonly #executable: string;
  readonly #options: ConnectProcessOptions;

  /** @throws {TypeError} @throws {RangeError} What `spawnProcess` would refuse. */
  constructor(
    reactor: ReactorBase & IReactorProcess,
    { executable, factory, options }: ProcessConnectorPlace,
  ) {
    super(reactor, factory);
    spawnOrder(executable, options);
    this.#reactor = reactor;
    this.#executable = executable;
    this.#options = options;
  }

  getDestination(): IAddress {
    return new NoAddress(`process ${this.#executable}`);
  }

  protected attempt(): Attempt {
    const { standardError = "log", ...options } = this.#options;
    const speaker = new Speaker(standardError, {
      begun: (process) => this.#begun(process, speaker),
      failed: (error) => this.failed(error),
    });
    try {
      const wanted = { ...options, endAtStop: true };
      speaker.process = this.#reactor.spawnProcess(speaker, this.#executable, wanted);
    } catch (error) {
      const { value } = Failure.of(error);
      this.#reactor.soon(() => speaker.fail(value));
    }
    return { cancel: () => speaker.abandon() };
  }

  #begun(process: IProcessTransport, speaker: Speaker): void {
    this.succeeded(
      process.getPeer(),
      (ended) => {
        const outputs = speaker.standardError === "merge" ? [1, 2] : [1];
        const isGroup = this.#options.processGroup ?? false;
        const parts = { process, outputs, isGroup, limits: this.#options, ended };
        speaker.connection = new ProcessConnection(this.#reactor, parts);
        return speaker.connection;
      },
      () => speaker.abandon(),
    );
  }
}

/** Who is told how the start went. */
interface Starter {
  readonly begun: (process: IProcessTransport) => void;
  readonly failed: (error: Error) => void;
}

/** The protocol of the process: hands everything to its connection. */
class Speaker implements IProcessProtocol {
  readonly standardError: StandardErrorBehavior;
  readonly #starter: Starter;
  process: IProcessTransport | undefined;
  connection: ProcessConnection | undefined;
  #isAbandoned = false;

  constructor(standardError: StandardErrorBehavior, starter: Starter) {
    this.standardError = standardError;
    this.#starter = starter;
  }

  makeConnection(process: IProcessTransport): void {
    this.process = process;
    if (!this.#isAbandoned) this.#starter.begun(process);
  }

  fail(error: Error): void {
    if (!this.#isAbandoned) this.#starter.failed(error);
  }

  /** Nobody wants it. */
  abandon(): void {
    this.#isAbandoned = true;
    this.process?.loseConnection();
    void this.process?.terminate().addErrback((failure) => {
      log.failure("A process that nobody wants cannot be ended", failure);
    });
  }

  childDataReceived(childFD: number, data: Buffer): void {
    if (this.connection?.output(childFD, data) === true) return;
    if (childFD !== 2 || this.standardError !== "log") return;
    log.warn("{process} wrote to its standard error: {text}", {
      process: this.process?.getPeer().toString(),
      text: data.toString("utf8", 0, LOGGED_MAX).trimEnd(),
    });
  }

  childConnectionLost(childFD: number, reason: Failure): void {
    this.connection?.pipeLost(childFD, reason);
  }

  processExited(reason: Failure): void {
    if (this.process?.pid === undefined) this.fail(reason.value);
    else this.connection?.exited(reason);
  }

  processEnded(): void {}

  logPrefix(): string {
    return "ProcessConnection";
  }
}
