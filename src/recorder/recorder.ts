/**
 * A flight recorder: it makes a recording of each connection that is led past it.
 *
 *     recordFactory  recordEndpoint  recordReactor ──▶ Recorder ──▶ store: files, or memory
 *
 * The connection comes first. A store that fails, a full disk, a hook that throws end the recording
 * of that connection with one line in the log; what is lost is counted, and the bytes go on.
 *
 * @module
 */
import { succeed } from "../defer/combinators.ts";
import { Deferred } from "../defer/deferred.ts";
import { Failure } from "../defer/failure.ts";
import { type IReactorTime, providesWallClock } from "../internet/interfaces-reactor.ts";
import { providesTLS } from "../internet/interfaces-tls.ts";
import type { IStreamTransport } from "../internet/interfaces-transport.ts";
import { Logger } from "../logger/logger.ts";
import { checkWhole } from "./check-whole.ts";
import { ConnectionRecording, type Redact } from "./connection-recording.ts";
import { addressToText } from "./recorded-address.ts";
import type { IRecordingSink, IRecordingStore } from "./recording-store.ts";
import type { RecordingHeader } from "./wire/recorded-event.ts";

const log = new Logger({ namespace: "sennit.recorder" });

/** Ours: an hour of a chat, some seconds of a download. */
const RECORDING_BYTES = 16 * 1024 * 1024;

/** What every recorder can be told. */
export interface RecordingOptions {
  /**
   * Sees each event before it is kept: return it, another one in its place, or `undefined` to leave
   * it out. Its bytes are a copy, and come as the network cut them: a secret may be in two pieces.
   * If it throws, the recording of that connection ends. What is changed here is not the same when
   * it is replayed. Default: all is kept as it is, **passwords too**.
   */
  readonly redact?: Redact;
  /**
   * Keep only the newest events of a connection, so many bytes of lines, in memory; they are
   * written when it ends. For connections that last: what came before is counted, and cannot be
   * replayed. Default: everything is written as it happens.
   */
  readonly ringBytes?: number;
  /** Bytes of lines after which a recording without a ring ends. Default: 16 MiB. */
  readonly maxBytes?: number;
}

/** Options of {@link Recorder}. */
export interface RecorderOptions extends RecordingOptions {
  /** Measures the time; tells the time of day, if it knows it. */
  readonly reactor: IReactorTime;
  /** Where recordings go. */
  readonly store: IRecordingStore;
}

/** What a recording's header says that the transport does not know. */
export type ConnectionFacts = Pick<RecordingHeader, "role" | "place" | "protocol">;

/** See the top of this file. {@link recordTo} makes one that writes files. */
export class Recorder {
  /** Measures the time of all recordings. */
  readonly reactor: IReactorTime;
  readonly #store: IRecordingStore;
  readonly #options: RecordingOptions;
  readonly #open = new Set<ConnectionRecording>();
  #lostEvents = 0;
  #lostBytes = 0;
  #failure: Failure | undefined;
  #closing: Deferred<void> | undefined;

  /** @throws {RangeError} A bound that is not a whole number above 0. */
  constructor({ reactor, store, ...options }: RecorderOptions) {
    checkWhole("ringBytes", options.ringBytes);
    checkWhole("maxBytes", options.maxBytes);
    this.reactor = reactor;
    this.#store = store;
    this.#options = options;
  }

  /** Events that should have been recorded and are not. */
  get lostEvents(): number {
    return this.#lostEvents + this.#store.lostLines;
  }

  /** The bytes of connections in those of them that never got to the store. */
  get lostBytes(): number {
    return this.#lostBytes;
  }

  /** The first thing that went wrong, if something did. It has been logged. */
  get failure(): Failure | undefined {
    return this.#failure;
  }

  /** Begin the recording of a connection that has just been made. Never throws. */
  begin(transport: IStreamTransport, facts: ConnectionFacts): ConnectionRecording {
    const { redact, ringBytes, maxBytes = RECORDING_BYTES } = this.#options;
    const recording = new ConnectionRecording({
      reactor: this.reactor,
      sink: this.#openSink(),
      redact,
      ringBytes,
      maxBytes,
      broken: (error) => this.#broken(error),
      lost: (events, bytes) => {
        if (this.#closing !== undefined) return;
        this.#lostEvents += events;
        this.#lostBytes += bytes;
      },
      over: (one) => void this.#open.delete(one),
    });
    this.#open.add(recording);
    recording.began(this.#headerOf(transport, facts));
    return recording;
  }

  #openSink(): IRecordingSink | undefined {
    if (this.#closing !== undefined) return undefined;
    try {
      return this.#store.open();
    } catch (error) {
      this.#broken(error);
      return undefined;
    }
  }

  #headerOf(transport: IStreamTransport, facts: ConnectionFacts): RecordingHeader {
    const time = providesWallClock(this.reactor) ? this.reactor.wallClock() : undefined;
    const isTLS = providesTLS(transport);
    return {
      ...facts,
      time,
      date: time === undefined ? undefined : new Date(time * 1000).toISOString(),
      host: addressToText(transport.getHost()),
      peer: addressToText(transport.getPeer()),
      tls: isTLS ? (transport.secure ? "begun" : "possible") : "none",
    };
  }

  /** Once is enough: a full disk would have a line for each connection. */
  #broken(error: unknown): void {
    if (this.#failure !== undefined) return;
    this.#failure = Failure.of(error);
    log.warn(
      "A connection is recorded no further, and goes on: {reason}. This is said once; " +
        "lostEvents of the recorder counts",
      { reason: this.#failure.getBriefTraceback() },
    );
  }

  /**
   * End all recordings, and write what waits; connections go on. What comes afterwards is not
   * recorded.
   *
   * @returns Fires when all is written, or cannot be: it does not fail, see
   * {@link Recorder.failure}.
   */
  close(): Deferred<void> {
    if (this.#closing === undefined) {
      this.#stop("the recorder was closed");
      this.#closing = this.#store.close().addErrback((failure) => this.#broken(failure));
    }
    const closed = new Deferred<void>();
    void this.#closing.addBoth(() => closed.callback());
    return closed;
  }

  /**
   * The same, before it returns, as far as that can be: for `process.once("exit", …)`, so that a
   * crash leaves all of what came before it, and what rings have kept.
   */
  closeNow(): void {
    this.#stop("the process ends");
    this.#store.closeNow();
    this.#closing ??= succeed(undefined);
  }

  #stop(why: string): void {
    for (const recording of this.#open) recording.stop(why);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
