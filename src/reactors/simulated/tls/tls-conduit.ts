/**
 * TLS on top of another conduit, without any cryptography: the same round trips, records and ends.
 * OpenSSL's own bytes are never twice the same, and a simulation must be.
 *
 *     ConduitTransport ─▶ SimulatedTLSConduit ─▶ Conduit     (TCP, another TLS, any transport)
 *                          ├─ Handshake         who are you, and how do we talk?
 *                          └─ Channel           records
 *
 * Spec: RFC 8446 §6.1, RFC 5246 §7.2.1: a stream that ends without close_notify may have been cut
 * by an attacker, and is lost, not done. Who closes sends close_notify and need not wait for the
 * peer's. Differs: as the Node reactor's does.
 *
 * @module
 */
import { ConnectionClosed, ConnectionTimedOut } from "../../../internet/errors.ts";
import type { IDelayedCall } from "../../../internet/interfaces-reactor.ts";
import type {
  ITLSClientOptions,
  ITLSServerOptions,
  TLSLimits,
  TLSSession,
} from "../../../internet/interfaces-tls.ts";
import { VerificationError } from "../../../internet/tls/errors.ts";
import type { Conduit, ConduitOwner, SecureConduit, SecureParts } from "../../base/conduit.ts";
import { checkedDelay } from "../../base/delayed-calls.ts";
import type { ReactorBase } from "../../base/reactor-base.ts";
import { SimulatedSystem } from "../system.ts";
import { Channel } from "./channel.ts";
import { ClientHandshake } from "./client-handshake.ts";
import type { Handshake } from "./handshake.ts";
import { LastWord } from "./last-word.ts";
import { firstContext } from "./server-choice.ts";
import { ServerHandshake } from "./server-handshake.ts";
import { contextOf } from "./tls-context.ts";
import { cutOff, lostBelow, violated } from "./tls-errors.ts";
import { RecordType, type TLSRecord } from "./wire/records.ts";
import { Alert, alertReceived, unexpectedMessage, Violation } from "./wire/violation.ts";

/** Ours: as long as a connection may take to come about. */
const HANDSHAKE_TIMEOUT = 30;
/** Levels of alerts (RFC 8446 §6). */
const WARNING = 1;
const FATAL = 2;

/** @throws {RangeError} A timeout that is none. @throws {Error} Keys that do not fit. */
export function checkSimulatedTLS(
  options: ITLSServerOptions | ITLSClientOptions,
  limits: TLSLimits,
): void {
  checkedDelay(limits.handshakeTimeout ?? HANDSHAKE_TIMEOUT);
  if (options.role === "server") firstContext(options);
  else contextOf(options.settings);
}

/** See the top of this file. */
export class SimulatedTLSConduit implements SecureConduit, ConduitOwner {
  owner: ConduitOwner | undefined;
  readonly #system: SimulatedSystem;
  readonly #lower: Conduit;
  readonly #channel: Channel;
  readonly #handshake: Handshake;
  #deadline: IDelayedCall | undefined;
  /** Bytes may come in the turn in which it was made: its owner is not ready by then. */
  #begun = false;
  /** What was agreed on has been told. */
  #secure = false;
  /** Nobody is told anything any more, and nothing is sent. */
  #gone = false;
  #reading = false;
  #working = false;
  /** What was written before the handshake was done. */
  #held: Uint8Array[] = [];
  #owed = false;
  /** The peer's half has ended, with close_notify. */
  #peerEnded = false;
  #lowerEnded = false;
  /** What is to be said when the handshake is done. */
  #endWanted: "half" | "whole" | undefined;
  #closeNotified = false;
  #lastWord: LastWord | undefined;

  /** @throws {RangeError} A timeout that is none. @throws {Error} Keys that do not fit. */
  constructor({ reactor, lower, options, limits, unprocessed }: SecureParts) {
    const seconds = checkedDelay(limits.handshakeTimeout ?? HANDSHAKE_TIMEOUT);
    const system = systemOf(reactor);
    this.#system = system;
    this.#lower = lower;
    this.#channel = new Channel(options.role, (records) => {
      lower.send(records);
    });
    this.#handshake =
      options.role === "client"
        ? new ClientHandshake(system, this.#channel, options)
        : new ServerHandshake(system, this.#channel, options);
    lower.owner = this;
    if (unprocessed !== undefined) this.#channel.reader.push(Buffer.from(unprocessed));
    this.#deadline = system.callLater(seconds, () => {
      this.#fail(new ConnectionTimedOut("handshake", seconds));
    });
    system.soon(() => this.#begin());
  }

  #begin(): void {
    if (this.#gone) return;
    this.#begun = true;
    this.#handshake.start();
    this.#lower.startReading();
    this.#work();
  }

  /** What was agreed on. */
  get session(): TLSSession | undefined {
    return this.#secure ? this.#handshake.session : undefined;
  }

  // -- From below

  bytesReceived(data: Buffer): void {
    if (this.#gone) return;
    this.#channel.reader.push(data);
    this.#work();
  }

  endReceived(): void {
    this.#lowerEnded = true;
    this.#work();
  }

  connectionFailed(error: Error): void {
    if (this.#gone) return;
    this.#end();
    this.owner?.connectionFailed(lostBelow(error, this.#secure));
  }

  bytesSent(): void {
    if (!this.#owed || this.#gone) return;
    this.#owed = false;
    this.owner?.bytesSent();
  }

  /** That of the TLS below, if it is one. */
  handshakeDone(): void {}

  /** Is somebody there for the next record? Before the handshake is done, we are. */
  get #isWanted(): boolean {
    if (!this.#begun || this.#gone || this.#peerEnded) return false;
    return this.#reading || !this.#secure;
  }

  #work(): void {
    if (this.#working) return; // What is called from inside of it will be seen by it.
    this.#working = true;
    try {
      while (this.#isWanted) {
        const record = this.#channel.reader.next();
        if (record === undefined) break;
        this.#take(record);
      }
      if (this.#lowerEnded && this.#isWanted) this.#fail(cutOff(this.#secure));
    } catch (error) {
      this.#broken(error);
    } finally {
      this.#working = false;
    }
  }

  #broken(error: unknown): void {
    if (error instanceof Violation) {
      if (error.alert !== undefined) this.#alert(FATAL, error.alert);
      this.#fail(violated(error, this.#secure));
    } else if (error instanceof ConnectionClosed) this.#fail(error);
    else throw error;
  }

  #take({ type, data }: TLSRecord): void {
    switch (type) {
      case RecordType.handshake:
        this.#hear(data);
        break;
      case RecordType.changeCipherSpec:
        if (data.length !== 1 || data[0] !== 1) throw unexpectedMessage();
        this.#handshake.cipherChanged();
        break;
      case RecordType.alert:
        this.#alerted(data);
        break;
      case RecordType.applicationData:
        if (!this.#secure) throw unexpectedMessage();
        if (data.length > 0) this.owner?.bytesReceived(data);
        break;
      default:
        throw unexpectedMessage();
    }
  }

  #hear(data: Buffer): void {
    const { messages } = this.#channel;
    messages.push(data);
    for (let next = messages.next(); next !== undefined && !this.#gone; next = messages.next()) {
      this.#handshake.receive(next);
      if (!this.#secure && this.#handshake.session !== undefined) {
        this.#agreed(this.#handshake.session);
      }
    }
  }

  #agreed(session: TLSSession): void {
    this.#secure = true;
    this.#stopDeadline();
    this.#note(describe(session));
    if (!this.#reading) this.#lower.stopReading();
    this.owner?.handshakeDone();
    if (this.#gone) return;
    this.#sendHeld();
    if (this.#endWanted === "half") this.shutdown();
    if (this.#endWanted === "whole") this.#closeNow();
  }

  #sendHeld(): void {
    const held = this.#held;
    if (held.length === 0) return;
    this.#held = [];
    if (this.send(held)) this.owner?.bytesSent();
  }

  /** RFC 8446 §6: whatever its level, it is the end, but for two of them. */
  #alerted(data: Buffer): void {
    const [level, description] = data;
    if (data.length !== 2 || level === undefined || description === undefined) {
      throw new Violation("BAD_LENGTH", Alert.decodeError);
    }
    // Not even a client has said its first word.
    if (this.#channel.reader.version === undefined && this.#isServer) throw unexpectedMessage();
    if (description === Alert.closeNotify) this.#peerEnds();
    else if (description !== Alert.userCanceled) throw alertReceived(description);
  }

  get #isServer(): boolean {
    return this.#handshake instanceof ServerHandshake;
  }

  #peerEnds(): void {
    if (!this.#secure) {
      this.#fail(cutOff(false));
      return;
    }
    this.#peerEnded = true;
    this.owner?.endReceived();
  }

  #fail(error: Error): void {
    if (this.#gone) return;
    this.#end();
    this.#note(error instanceof VerificationError ? error.why : error.message);
    this.owner?.connectionFailed(error);
    this.#lower.drop();
  }

  #end(): void {
    this.#gone = true;
    this.#stopDeadline();
    this.#lastWord?.end();
    this.#held = [];
  }

  #stopDeadline(): void {
    if (this.#deadline?.active === true) this.#deadline.cancel();
    this.#deadline = undefined;
  }

  #note(text: string): void {
    const { machine } = this.#system;
    machine.world.trace.note("TLS", machine, { text });
  }

  // -- From above

  startReading(): void {
    if (this.#gone) return;
    this.#reading = true;
    this.#lower.startReading();
    this.#system.soon(() => this.#work()); // What was read from below and not taken.
  }

  stopReading(): void {
    this.#reading = false;
    if (this.#secure && !this.#gone) this.#lower.stopReading();
  }

  send(chunks: readonly Uint8Array[]): boolean {
    if (this.#gone) return true;
    if (!this.#secure) {
      this.#held.push(...chunks);
      this.#owed = true;
      return false;
    }
    const [first] = chunks;
    const bytes = chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks);
    const records = this.#channel.writer.seal(RecordType.applicationData, bytes);
    this.#owed = !this.#lower.send([records]);
    return !this.#owed;
  }

  /** Before the handshake is done there is no way to say so: the peer would see a broken one. */
  shutdown(): void {
    if (this.#gone) return;
    if (!this.#secure) {
      this.#endWanted ??= "half";
      return;
    }
    this.#notifyClose();
    this.#lower.shutdown();
  }

  close(): void {
    if (this.#gone) return;
    this.owner = undefined;
    this.#stopDeadline();
    if (this.#secure) this.#closeNow();
    else {
      this.#endWanted = "whole";
      this.#lastWord = new LastWord(this.#system, () => this.drop());
    }
  }

  #closeNow(): void {
    this.#notifyClose();
    this.#end();
    this.#lower.close();
  }

  #notifyClose(): void {
    if (this.#closeNotified) return;
    this.#closeNotified = true;
    this.#alert(WARNING, Alert.closeNotify);
  }

  #alert(level: number, description: number): void {
    const { writer } = this.#channel;
    this.#lower.send([writer.seal(RecordType.alert, Buffer.of(level, description))]);
  }

  reset(): void {
    if (this.#gone) return;
    this.#end();
    this.#lower.reset();
  }

  drop(): void {
    if (this.#gone) return;
    this.#end();
    this.#lower.drop();
  }
}

/** @throws {TypeError} The reactor is none of a simulation. */
function systemOf(reactor: ReactorBase): SimulatedSystem {
  if (reactor instanceof SimulatedSystem) return reactor;
  throw new TypeError(
    `Cannot simulate TLS: expected a simulated reactor, got ${reactor.constructor.name}`,
  );
}

/** For people, and without anything that differs between two runs. */
function describe(session: TLSSession): string {
  const { version, cipher, serverName, negotiatedProtocol = "", resumed } = session;
  const facts = [version, cipher, serverName, negotiatedProtocol, resumed ? "resumed" : ""];
  return facts.filter((fact) => fact !== "").join(" ");
}
