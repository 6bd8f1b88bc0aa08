/**
 * One connection that begins with a PROXY header: its transport's own protocol.
 *
 *     connected ─▶ header whole ─▶ buildProtocol(the client) ─▶ all goes on to that protocol
 *         └─▶ no header, a broken one, too late ─▶ aborted, and the reason told
 *
 * After: twisted.protocols.haproxy._wrapper.HAProxyProtocolWrapper.
 *
 * @module
 */
import type { Failure } from "../../defer/failure.ts";
import { Logger } from "../../logger/logger.ts";
import { ConnectionDone, ConnectionTimedOut } from "../errors.ts";
import type { IAddress } from "../addresses.ts";
import type { IProtocolFactory } from "../interfaces-factory.ts";
import type { IDelayedCall, IReactorTime } from "../interfaces-reactor.ts";
import { providesTLS } from "../interfaces-tls.ts";
import type { IProtocol, IStreamTransport } from "../interfaces-transport.ts";
import { Handover } from "../wrapping/handover.ts";
import type { UntrustedProxyError } from "./errors.ts";
import { endsOf, ProxiedTransport } from "./proxied-transport.ts";
import { ProxyHeaderError } from "./wire/errors.ts";
import { ProxyHeaderReader } from "./wire/proxy-header-reader.ts";

const log = new Logger({ namespace: "sennit.haproxy" });

/** Why a connection did not come as far as a protocol. */
export type HAProxyRefusal = ProxyHeaderError | UntrustedProxyError | ConnectionTimedOut;

/** What a connection needs of its factory. */
export interface HAProxyProtocolParts {
  readonly reactor: IReactorTime;
  /** Makes the protocols behind the headers. */
  readonly factory: IProtocolFactory;
  readonly maxHeaderBytes: number;
  readonly headerTimeout: number;
  readonly refused: (reason: HAProxyRefusal, peer: IAddress) => void;
}

/** See the top of this file. */
export class HAProxyProtocol extends Handover {
  readonly #parts: HAProxyProtocolParts;
  /** There as long as the header is awaited. */
  #reader: ProxyHeaderReader | undefined;
  #alarm: IDelayedCall | undefined;
  /** Whom the header tells of. */
  #client: IAddress | undefined;

  constructor(parts: HAProxyProtocolParts) {
    super(parts.reactor);
    this.#parts = parts;
    this.#reader = new ProxyHeaderReader({ maxHeaderBytes: parts.maxHeaderBytes });
  }

  protected override begun(transport: IStreamTransport): void {
    // A handshake that goes on has a deadline of its own.
    const isShakingHands =
      providesTLS(transport) && transport.secure && transport.tlsSession === undefined;
    if (!isShakingHands) this.#expectHeader(transport);
  }

  protected override handshakeCompletedEarly(transport: IStreamTransport): void {
    this.#expectHeader(transport);
  }

  #expectHeader(transport: IStreamTransport): void {
    const { reactor, headerTimeout } = this.#parts;
    if (headerTimeout === Number.POSITIVE_INFINITY || this.#alarm !== undefined) return;
    this.#alarm = reactor.callLater(headerTimeout, () => {
      this.#refuse(new ConnectionTimedOut("proxy header", headerTimeout), transport);
    });
  }

  protected override beginningReceived(data: Buffer, transport: IStreamTransport): void {
    let received: ReturnType<ProxyHeaderReader["receive"]>;
    try {
      received = this.#reader?.receive(data);
    } catch (error) {
      if (!(error instanceof ProxyHeaderError)) throw error;
      this.#refuse(error, transport);
      return;
    }
    if (received === undefined) return;
    this.#settle();
    const { header, rest } = received;
    const ends = endsOf(header, transport);
    this.#client = ends.peer;
    const protocol = this.#build(ends.peer);
    if (protocol === undefined) transport.loseConnection();
    else {
      const parts = { lower: transport, protocol, control: this, header, ends };
      this.handOver(protocol, new ProxiedTransport(parts), rest);
    }
  }

  #build(peer: IAddress): IProtocol | undefined {
    try {
      return this.#parts.factory.buildProtocol(peer);
    } catch (error) {
      log.failure("Error in buildProtocol for {peer}; the connection is closed", error, {
        peer: peer.toString(),
      });
      return undefined;
    }
  }

  protected override endedEarly(reason: Failure, transport: IStreamTransport): void {
    const reader = this.#reader;
    this.#settle();
    // A reset, or a reactor that stops, says nothing of what the peer meant to send.
    if (reader === undefined || reason.check(ConnectionDone) === undefined) return;
    try {
      reader.receiveEnd();
    } catch (error) {
      if (!(error instanceof ProxyHeaderError)) throw error;
      this.#parts.refused(error, transport.getPeer());
    }
  }

  #refuse(reason: HAProxyRefusal, transport: IStreamTransport): void {
    this.#settle();
    transport.abortConnection();
    this.#parts.refused(reason, transport.getPeer());
  }

  /** Asked for by us: what is missing of a header is not the peer's fault. */
  override loseConnection(): void {
    this.#settle();
    super.loseConnection();
  }

  /** The header is awaited no longer. */
  #settle(): void {
    this.#reader = undefined;
    if (this.#alarm?.active === true) this.#alarm.cancel();
    this.#alarm = undefined;
  }

  /** Who has the connection, and for whom: the transport itself knows only the proxy. */
  override logPrefix(): string {
    if (this.wrappedProtocol === undefined) return "(no PROXY header)";
    return `${super.logPrefix()} (PROXY ${String(this.#client)})`;
  }
}
