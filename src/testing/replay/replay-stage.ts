/**
 * What a protocol sees of a connection that is only played: the addresses of the recorded one, and
 * its TLS, of which nothing is spoken.
 *
 * @module
 */
import type { Failure } from "../../defer/failure.ts";
import type { IAddress } from "../../internet/addresses.ts";
import {
  type ITLSTransport,
  providesUnprocessed,
  type TLSSession,
} from "../../internet/interfaces-tls.ts";
import type { IReactorTime } from "../../internet/interfaces-reactor.ts";
import type { IProtocol, IStreamTransport } from "../../internet/interfaces-transport.ts";
import { Protocol } from "../../internet/protocol.ts";
import { Handover } from "../../internet/wrapping/handover.ts";
import { TransportWrapper } from "../../internet/wrapping/transport-wrapper.ts";
import { addressFromText } from "../../recorder/recorded-address.ts";
import type { RecordedTLSSession, RecordingHeader } from "../../recorder/wire/recorded-event.ts";

const EMPTY = Buffer.alloc(0);

/** Looks like the recorded one. */
class ReplayTransport extends TransportWrapper {
  readonly #header: RecordingHeader;
  #secure: boolean;
  #session: TLSSession | undefined;

  constructor(lower: IStreamTransport, protocol: IProtocol, header: RecordingHeader) {
    super(lower, protocol);
    this.#header = header;
    this.#secure = header.tls === "begun";
  }

  override getPeer(): IAddress {
    return addressFromText(this.#header.peer);
  }

  override getHost(): IAddress {
    return addressFromText(this.#header.host);
  }

  override get startTLS(): ITLSTransport["startTLS"] | undefined {
    if (this.#header.tls === "none") return undefined;
    return () => {
      if (providesUnprocessed(this.protocol)) this.protocol.clearLineBuffer();
      this.#secure = true;
      this.#session = undefined;
    };
  }

  override get getPeerCertificate(): ITLSTransport["getPeerCertificate"] | undefined {
    return this.#header.tls === "none" ? undefined : () => this.#session?.peerCertificate;
  }

  override get secure(): boolean {
    return this.#secure;
  }

  override get tlsSession(): TLSSession | undefined {
    return this.#session;
  }

  /** Is there somebody who waits for a handshake? Then it is done. */
  agree({ peerCertificate, ...session }: RecordedTLSSession): boolean {
    if (!this.#secure) return false;
    this.#session = {
      ...session,
      peerCertificate: peerCertificate && { raw: peerCertificate },
      hostCertificate: undefined,
    };
    return true;
  }
}

/** Stands between the wire in memory and the protocol. */
export class ReplayStage extends Handover {
  readonly #protocol: IProtocol;
  readonly #header: RecordingHeader;
  #upper: ReplayTransport | undefined;

  constructor(reactor: IReactorTime, protocol: IProtocol, header: RecordingHeader) {
    super(reactor);
    this.#protocol = protocol;
    this.#header = header;
  }

  protected override begun(transport: IStreamTransport): void {
    this.#upper = new ReplayTransport(transport, this.#protocol, this.#header);
    this.handOver(this.#protocol, this.#upper, EMPTY);
  }

  /** Never called: it is handed over at once. */
  protected override beginningReceived(): void {}

  /** Never called, for the same reason. */
  protected override endedEarly(): void {}

  /** The recorded handshake. */
  handshake(session: RecordedTLSSession): void {
    if (this.#upper?.agree(session) === true) this.handshakeCompleted();
  }
}

/** The peer: it says what it is told to, and goes on when it is told that there is no more. */
export class ReplayPeer extends Protocol {
  lost: Failure | undefined;

  readConnectionLost(): void {}

  writeConnectionLost(): void {}

  override connectionLost(reason: Failure): void {
    this.lost = reason;
  }
}
