/**
 * Standard input and output as a transport, and as a port.
 *
 * After: twisted.internet.stdio, twisted.internet._posixstdio.
 *
 * @module
 */
import { Failure } from "../../defer/failure.ts";
import { type IAddress, NoAddress } from "../../internet/addresses.ts";
import { CannotListenError } from "../../internet/errors.ts";
import type { IProtocolFactory } from "../../internet/interfaces-factory.ts";
import { checkedDescriptor } from "../../internet/interfaces-socket.ts";
import type { StdioOptions } from "../../internet/interfaces-stdio.ts";
import type { IProtocol, IStreamTransport } from "../../internet/interfaces-transport.ts";
import { checkedLimits } from "../base/limits.ts";
import { ListeningPort } from "../base/listening-port.ts";
import type { ReactorBase } from "../base/reactor-base.ts";
import type { Ended } from "../base/stream-transport.ts";
import { NodeTransport } from "./node-transport.ts";
import { DuplexConduit } from "./duplex-conduit.ts";
import { openStandardStreams, type StandardStreams } from "./stdio-streams.ts";

const ADDRESS = new NoAddress("stdio");

/** See `IReactorStdio.openStdio`. */
export function openStdio(
  reactor: ReactorBase,
  protocol: IProtocol,
  options: StdioOptions,
): IStreamTransport {
  const transport = transportOn(reactor, open(checkedStdio(options)), options);
  transport.begin(protocol);
  return transport;
}

/** @throws {RangeError} Not two descriptors, or no such limit. */
function checkedStdio(options: StdioOptions): StdioOptions {
  const { stdin = 0, stdout = 1 } = checkedLimits(options);
  if (checkedDescriptor(stdin) === checkedDescriptor(stdout)) {
    throw new RangeError(`Cannot open standard I/O: ${String(stdin)} is given for both`);
  }
  return options;
}

function open({ stdin = 0, stdout = 1 }: StdioOptions): StandardStreams {
  return openStandardStreams(stdin, stdout);
}

function transportOn(
  reactor: ReactorBase,
  streams: StandardStreams,
  limits: StdioOptions,
  ended?: Ended,
): NodeTransport {
  // Nobody else has them: what is read and written is not copied.
  const conduit = new DuplexConduit({ reactor, shared: false, ...streams });
  const parts = { reactor, conduit, peer: ADDRESS, host: ADDRESS, limits };
  return new NodeTransport(ended === undefined ? parts : { ...parts, ended });
}

/** See `IReactorStdio.listenStdio`. */
export class StandardIOPort extends ListeningPort {
  readonly #reactor: ReactorBase;
  readonly #options: StdioOptions;

  constructor(reactor: ReactorBase, factory: IProtocolFactory, options: StdioOptions) {
    super(reactor, factory);
    this.#reactor = reactor;
    this.#options = checkedStdio(options);
  }

  getHost(): IAddress {
    return ADDRESS;
  }

  protected bind(): void {
    this.#reactor.soon(() => {
      let streams: StandardStreams;
      try {
        streams = open(this.#options);
      } catch (error) {
        this.bindFailed(new CannotListenError("", "stdio", Failure.of(error).value));
        return;
      }
      this.bound();
      this.#accept(streams);
    });
  }

  #accept(streams: StandardStreams): void {
    this.accepted(
      ADDRESS,
      (ended) => transportOn(this.#reactor, streams, this.#options, ended),
      () => {
        for (const stream of [streams.readable, streams.writable]) {
          stream.on("error", () => {}); // Nobody is left to be told.
          stream.destroy();
        }
      },
    );
  }

  protected unbind(): void {
    this.#reactor.soon(() => this.unbound());
  }
}
