/**
 * A connection that is recorded: the protocol of the transport, and the transport of the protocol.
 *
 *     protocol ◀── RecordingProtocol ◀── transport        in, in-end, handshake, closed
 *         └──▶ RecordingTransport ──▶ transport           out, out-end, start-tls, close, abort
 *
 * Neither side notices: capabilities are those of the other side, as for every `Handover`.
 *
 * @module
 */
import type { Failure } from "../defer/failure.ts";
import {
  type IProxiedTransport,
  providesProxyHeader,
} from "../internet/haproxy/proxied-transport.ts";
import { type ITLSTransport, providesTLS } from "../internet/interfaces-tls.ts";
import {
  type IHalfCloseableProtocol,
  type IProtocol,
  type IStreamTransport,
  providesLoggingContext,
} from "../internet/interfaces-transport.ts";
import { Handover } from "../internet/wrapping/handover.ts";
import { TransportWrapper } from "../internet/wrapping/transport-wrapper.ts";
import type { ConnectionRecording } from "./connection-recording.ts";
import type { Recorder } from "./recorder.ts";
import type { RecordingHeader } from "./wire/recorded-event.ts";

const EMPTY = Buffer.alloc(0);

function nameOf(protocol: IProtocol): string {
  try {
    return providesLoggingContext(protocol) ? protocol.logPrefix() : protocol.constructor.name;
  } catch {
    // A name that cannot be told is no reason for a connection to end.
    return protocol.constructor.name;
  }
}

/** Who is recorded, as far as the one who records knows. */
export type RecordedPlace = Pick<RecordingHeader, "role" | "place">;

/** What the recorded protocol talks to. */
export class RecordingTransport extends TransportWrapper {
  readonly #recording: ConnectionRecording;
  #aborted = false;

  constructor(lower: IStreamTransport, protocol: IProtocol, recording: ConnectionRecording) {
    super(lower, protocol);
    this.#recording = recording;
  }

  /** Recorded is what the transport has taken: not what it has dropped. */
  override write(data: Uint8Array | string): void {
    const before = this.lower.droppedBytes;
    this.lower.write(data);
    if (this.lower.droppedBytes === before) this.#recording.bytes("out", data);
  }

  override writeSequence(data: Iterable<Uint8Array | string>): void {
    for (const one of data) this.write(one);
  }

  override loseWriteConnection(): void {
    if (this.lower.connected && !this.lower.disconnecting) this.#recording.turn("out-end");
    super.loseWriteConnection();
  }

  override stopProducing(): void {
    this.loseConnection();
  }

  override loseConnection(): void {
    if (this.lower.connected && !this.lower.disconnecting) this.#recording.turn("close");
    super.loseConnection();
  }

  override abortConnection(): void {
    if (this.lower.connected && !this.#aborted) this.#recording.turn("abort");
    this.#aborted = true;
    super.abortConnection();
  }

  override get startTLS(): ITLSTransport["startTLS"] | undefined {
    const start = super.startTLS;
    if (start === undefined) return undefined;
    return (options, limits) => {
      start(options, limits);
      this.#recording.tlsStarted();
    };
  }

  /** What a proxy said, where the connection came through one: see `providesProxyHeader`. */
  get proxyHeader(): IProxiedTransport["proxyHeader"] | undefined {
    return providesProxyHeader(this.lower) ? this.lower.proxyHeader : undefined;
  }

  /** A layer begins on top of it that makes a recording of its own. */
  supersede(why: string): void {
    this.#recording.stop(why);
  }
}

/** What the transport talks to. */
export class RecordingProtocol<P extends IProtocol = IProtocol> extends Handover {
  /** The protocol that is recorded. */
  readonly recordedProtocol: P;
  readonly #recorder: Recorder;
  readonly #place: RecordedPlace;
  #recording: ConnectionRecording | undefined;
  #lower: IStreamTransport | undefined;
  #upper: RecordingTransport | undefined;

  constructor(protocol: P, recorder: Recorder, place: RecordedPlace) {
    super(recorder.reactor);
    this.recordedProtocol = protocol;
    this.#recorder = recorder;
    this.#place = place;
  }

  protected override begun(transport: IStreamTransport): void {
    const protocol = this.recordedProtocol;
    const facts = { ...this.#place, protocol: nameOf(protocol) };
    const recording = this.#recorder.begin(transport, facts);
    this.#recording = recording;
    this.#lower = transport;
    this.#upper = new RecordingTransport(transport, protocol, recording);
    this.handOver(protocol, this.#upper, EMPTY);
  }

  /** Never called: it is handed over at once. */
  protected override beginningReceived(): void {}

  /** Never called, for the same reason. */
  protected override endedEarly(): void {}

  /** Recorded before the protocol sees it: its answer comes after. */
  override dataReceived(data: Buffer): void {
    this.#recording?.bytes("in", data);
    super.dataReceived(data);
  }

  override get readConnectionLost(): IHalfCloseableProtocol["readConnectionLost"] | undefined {
    const lost = super.readConnectionLost;
    if (lost === undefined) return undefined;
    return () => {
      this.#recording?.turn("in-end");
      lost();
    };
  }

  /** Recorded with its session. */
  override handshakeCompleted(): void {
    const transport = this.#lower;
    const session = providesTLS(transport) ? transport.tlsSession : undefined;
    if (session !== undefined) this.#recording?.handshakeDone(session);
    super.handshakeCompleted();
  }

  override clearLineBuffer(): Buffer {
    const bytes = super.clearLineBuffer();
    this.#recording?.takenBack(bytes.length);
    return bytes;
  }

  /** The end of the recording, too. */
  override connectionLost(reason: Failure): void {
    this.#recording?.closed(reason);
    super.connectionLost(reason);
  }

  /** Asked from outside, it is the protocol's side that ends the connection all the same. */
  override loseConnection(): void {
    this.#upper?.loseConnection();
  }

  /** The same, at once. */
  override abortConnection(): void {
    this.#upper?.abortConnection();
  }

  override logPrefix(): string {
    const protocol = this.recordedProtocol;
    return providesLoggingContext(protocol) ? protocol.logPrefix() : protocol.constructor.name;
  }
}
