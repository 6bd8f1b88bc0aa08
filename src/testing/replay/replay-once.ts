/**
 * One replay: a reactor, a wire, a protocol, and the steps of a script at their times.
 *
 * @module
 */
import type { Eventual } from "../../defer/deferred.ts";
import { NoProtocol } from "../../internet/errors.ts";
import type { IProtocolFactory } from "../../internet/interfaces-factory.ts";
import { MemoryReactor } from "../../reactors/memory/memory-reactor.ts";
import { nextTurn } from "../../reactors/simulated/drain.ts";
import { MemoryRecordings } from "../../recorder/memory-recordings.ts";
import { addressFromText } from "../../recorder/recorded-address.ts";
import { Recorder } from "../../recorder/recorder.ts";
import { RecordingProtocol } from "../../recorder/recording-protocol.ts";
import type { Recording } from "../../recorder/wire/recorded-event.ts";
import { readRecording } from "../../recorder/wire/recording-reader.ts";
import { connect } from "../connect.ts";
import type { ReplayStep } from "./replay-script.ts";
import { ReplayPeer, ReplayStage } from "./replay-stage.ts";

/** Turns of Node's loop without anything to do that promises get to bring something. */
const IDLE_TURNS = 2;
/** Passes at one time without an end are a bug of what is replayed; this many are taken as one. */
const PASSES_MAX = 10_000;
/** Seconds: more than what a sum of times may be wrong by. */
const ROUNDING = 1e-9;

/**
 * Makes the factory that is tried, once for each replay, with the reactor whose time its protocols
 * live in. A factory alone will do where protocols have no clock and one replay leaves nothing
 * behind for the next.
 */
export type ReplayFactory =
  | IProtocolFactory
  | ((reactor: MemoryReactor) => Eventual<IProtocolFactory>);

/** Has the time of day of the recording. */
class ReplayReactor extends MemoryReactor {
  readonly #begin: number | undefined;

  constructor(begin: number | undefined) {
    super();
    this.#begin = begin;
  }

  override wallClock(): number {
    return this.#begin === undefined ? super.wallClock() : this.#begin + this.seconds();
  }
}

/** @returns What was recorded of it. */
export async function replayOnce(
  recording: Recording,
  script: readonly ReplayStep[],
  factory: ReplayFactory,
): Promise<Recording> {
  const { header, events } = recording;
  const reactor = new ReplayReactor(header.time);
  const made = typeof factory === "function" ? await factory(reactor) : factory;
  const peer = addressFromText(header.peer);
  made.doStart();
  const protocol = made.buildProtocol(peer);
  if (protocol === undefined) {
    const message = `Cannot replay: the factory made no protocol for ${peer.toString()}`;
    throw new NoProtocol(message, peer);
  }
  const store = new MemoryRecordings();
  const recorder = new Recorder({ reactor, store, maxBytes: Number.MAX_SAFE_INTEGER });
  const recorded = new RecordingProtocol(protocol, recorder, header);
  const play = new Play(reactor, new ReplayStage(reactor, recorded, header));
  await play.all(script, events.at(-1)?.time ?? 0);
  await recorder.close();
  await play.end();
  made.doStop();
  return readRecording(store.texts[0] ?? "");
}

/** The hands of the clock, and of the peer. */
class Play {
  readonly #reactor: MemoryReactor;
  readonly #stage: ReplayStage;
  readonly #peer = new ReplayPeer();

  constructor(reactor: MemoryReactor, stage: ReplayStage) {
    this.#reactor = reactor;
    this.#stage = stage;
    connect(this.#peer, stage, { reactor });
  }

  async all(script: readonly ReplayStep[], end: number): Promise<void> {
    await this.#rest();
    for (const step of script) {
      await this.#until(step.time);
      this.#take(step);
      await this.#rest();
    }
    await this.#until(end);
  }

  /** Nothing of it stays. */
  async end(): Promise<void> {
    this.#peer.transport.abortConnection();
    await this.#rest();
  }

  #take(step: ReplayStep): void {
    const { transport } = this.#peer;
    if (step.type === "in") transport.write(step.data);
    else if (step.type === "handshake") this.#stage.handshake(step.session);
    else if (step.type === "in-end") transport.loseWriteConnection();
    else transport.abortConnection();
  }

  /** From one call that is due to the next, with time for promises after each. */
  async #until(time: number): Promise<void> {
    const reactor = this.#reactor;
    for (;;) {
      const now = reactor.seconds();
      const times = reactor.getDelayedCalls().map((call) => call.getTime());
      const next = Math.min(...times);
      if (next > time) break;
      const step = Math.max(0, next - now);
      reactor.advance(now + step < next ? step + ROUNDING : step);
      await this.#rest();
    }
    reactor.advance(Math.max(0, time - reactor.seconds()));
    await this.#rest();
  }

  /** Until there is nothing left to do at this time. */
  async #rest(): Promise<void> {
    let idle = 0;
    for (let passes = 0; idle < IDLE_TURNS; passes += 1) {
      if (passes === PASSES_MAX) {
        const when = `${String(this.#reactor.seconds())} s`;
        throw new Error(`Cannot replay: at ${when} the protocol never comes to rest`);
      }
      idle = this.#reactor.turn() ? 0 : idle + 1;
      await nextTurn();
    }
  }
}
