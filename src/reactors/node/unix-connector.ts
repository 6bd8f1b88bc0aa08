/**
 * A client of a UNIX socket, on `node:net`.
 *
 * After: twisted.internet.unix.Connector. Differs: to look at a lock is not to remove it; nobody
 * listens there (also: there is no such file) is always `ConnectionRefusedError`.
 *
 * @module
 */
import { Failure } from "../../defer/failure.ts";
import { UNIXAddress } from "../../internet/addresses.ts";
import type { IClientFactory } from "../../internet/interfaces-factory.ts";
import type { IDelayedCall } from "../../internet/interfaces-reactor.ts";
import type { ConnectUNIXOptions } from "../../internet/interfaces-unix.ts";
import { BadFileError } from "../../internet/unix-errors.ts";
import { checkedUNIXName, isAbstract } from "../../internet/unix-names.ts";
import { type Attempt, Connector } from "../base/connector.ts";
import { checkedLimits } from "../base/limits.ts";
import type { ReactorBase } from "../base/reactor-base.ts";
import { connectError } from "../base/connect-errors.ts";
import { dial } from "./dial.ts";
import { isLocked } from "./lock-file.ts";
import { systemName } from "./unix-system-name.ts";
import { UNIXTransport } from "./unix-transport.ts";

/** Seconds until the next try where the server's queue is full: no event tells of room in it. */
const RETRY = 0.02;
const UNNAMED = new UNIXAddress("");

/** What a {@link UNIXConnector} is made of. */
export interface UNIXConnectorPlace {
  readonly address: string;
  readonly factory: IClientFactory;
  readonly options: ConnectUNIXOptions;
}

/** See the top of this file. */
export class UNIXConnector extends Connector {
  readonly #reactor: ReactorBase;
  readonly #destination: UNIXAddress;
  readonly #options: ConnectUNIXOptions;

  constructor(reactor: ReactorBase, { address, factory, options }: UNIXConnectorPlace) {
    super(reactor, factory, checkedLimits(options).timeout);
    this.#reactor = reactor;
    this.#destination = new UNIXAddress(checkedUNIXName(address));
    this.#options = options;
  }

  getDestination(): UNIXAddress {
    return this.#destination;
  }

  protected attempt(): Attempt {
    const path = this.#path();
    if (typeof path !== "string") return this.#failLater(path);
    let giveUp = this.#dial(path, (retry) => {
      giveUp = retry;
    });
    return { cancel: () => giveUp() };
  }

  #path(): string | BadFileError {
    const { name } = this.#destination;
    let path: string;
    try {
      path = systemName(name);
    } catch (error) {
      const { value } = Failure.of(error);
      return this.#badFile(value.message, value);
    }
    if (this.#options.checkPID !== true || isAbstract(name)) return path;
    const lock = `${path}.lock`;
    return isLocked(lock) ? path : this.#badFile(`no process that is alive holds ${lock}`);
  }

  #badFile(why: string, cause?: Error): BadFileError {
    const options = cause === undefined ? {} : { cause };
    const message = `Cannot connect to ${this.#destination.toString()}: ${why}`;
    return new BadFileError(message, this.#destination, options);
  }

  #failLater(error: BadFileError): Attempt {
    let wanted = true;
    this.#reactor.soon(() => {
      if (wanted) this.failed(error);
    });
    return {
      cancel: () => {
        wanted = false;
      },
    };
  }

  /** @param renewed Told how to give up instead, whenever that changes. @returns Gives up. */
  #dial(path: string, renewed: (giveUp: () => void) => void): () => void {
    return dial(
      { path },
      {
        failed: (error: NodeJS.ErrnoException) => {
          if (error.code === "EAGAIN") {
            const call = this.#reactor.callLater(RETRY, () => renewed(this.#dial(path, renewed)));
            renewed(() => cancel(call));
          } else this.failed(connectError(this.#destination, error));
        },
        connected: (connection, refuse) => {
          const peer = this.#destination;
          const parts = { reactor: this.#reactor, peer, host: UNNAMED, limits: this.#options };
          this.succeeded(
            peer,
            (ended) => new UNIXTransport(connection, { ...parts, ended }),
            refuse,
          );
        },
      },
    );
  }
}

function cancel(call: IDelayedCall): void {
  if (call.active) call.cancel();
}
