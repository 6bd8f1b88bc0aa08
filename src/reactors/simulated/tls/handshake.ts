/**
 * What the handshakes of both ends have in common: one step after the other, each for the message
 * that may come next.
 *
 *     TLS 1.3                                    TLS 1.2
 *     C  ClientHello                             C  ClientHello
 *     S  ServerHello … Finished                  S  ServerHello … ServerHelloDone
 *     C  Finished, and data                      C  ClientKeyExchange, Finished
 *                                                S  Finished
 *                                                C  data
 *
 * With a session that goes on, TLS 1.2 takes no longer than TLS 1.3.
 *
 * Spec: RFC 8446 §2, RFC 5246 §7.3.
 *
 * @module
 */
import { providesWallClock } from "../../../internet/interfaces-reactor.ts";
import type { RawCertificate, TLSSession } from "../../../internet/interfaces-tls.ts";
import type { SimulatedSystem } from "../system.ts";
import type { Channel } from "./channel.ts";
import type { CipherSuite } from "./cipher-suites.ts";
import type { KnownCertificate } from "./known-certificate.ts";
import { ShownChain, versionName } from "./tls-context.ts";
import { decodeCertificate, decodeFinished, type Message, MessageType } from "./wire/messages.ts";
import { WireVersion } from "./wire/records.ts";
import { Alert, unexpectedMessage, Violation } from "./wire/violation.ts";

/** What happens with the next message. @returns The step after it; `undefined`: it is done. */
export type Step = (message: Message) => Step | undefined;

/** One end's handshake. */
export abstract class Handshake {
  protected readonly system: SimulatedSystem;
  protected readonly channel: Channel;
  #session: TLSSession | undefined;
  #step: Step | undefined;
  /** The digest of all that was said before the message that is looked at. */
  #transcript = 0;

  constructor(system: SimulatedSystem, channel: Channel) {
    this.system = system;
    this.channel = channel;
  }

  /** Say the first word, if it is ours. */
  abstract start(): void;
  /** What comes when it is done. @throws {Violation} */
  protected abstract afterwards(message: Message): void;

  /** What was agreed on, when that is done. */
  get session(): TLSSession | undefined {
    return this.#session;
  }

  /**
   * The peer says something.
   *
   * @throws {Violation} It may not say that now.
   * @throws {ConnectionLost} The peer is refused.
   */
  receive(message: Message): void {
    this.#transcript = this.channel.heard(message);
    if (this.#session !== undefined) this.afterwards(message);
    else if (this.#step === undefined) throw unexpectedMessage();
    else this.#step = this.#step(message);
  }

  /** A record that is no message: from now on the peer protects what it says (RFC 5246 §7.1). */
  cipherChanged(): void {
    const isModern = this.channel.version >= WireVersion.TLS1_3;
    // RFC 8446 §5: there it is nothing, and comes for the sake of old middle boxes.
    if (isModern && this.#session === undefined) return;
    this.receive({ type: MessageType.changeCipherSpec, body: Buffer.alloc(0) });
  }

  protected expect(step: Step): void {
    this.#step = step;
  }

  protected agree(agreed: Agreed): undefined {
    this.#session = new Session(agreed);
  }

  /** In seconds since 1970, as this host has it. */
  protected get date(): number {
    const { system } = this;
    return providesWallClock(system) ? system.wallClock() : system.machine.world.epoch;
  }

  /** The peer has finished, and heard what we have said. @throws {Violation} It has not. */
  protected checkFinished(message: Message): void {
    const heard = decodeFinished(bodyOf(message, MessageType.finished));
    if (heard === this.#transcript) return;
    throw new Violation("DIGEST_CHECK_FAILED", Alert.decryptError);
  }

  /** The chain of that message. Empty: the peer has none. */
  protected chainIn(message: Message): readonly KnownCertificate[] {
    const number = decodeCertificate(bodyOf(message, MessageType.certificate));
    if (number === undefined) return [];
    const shown = this.system.machine.world.registered(number);
    if (shown instanceof ShownChain) return shown.certificates;
    throw new Violation("WRONG_CERTIFICATE_TYPE", Alert.badCertificate);
  }
}

/** The body of a message of that type. @throws {Violation} It is another one. */
export function bodyOf(message: Message, type: number): Buffer {
  if (message.type === type) return message.body;
  throw unexpectedMessage();
}

/** What both ends have agreed on. */
export interface Agreed {
  readonly version: number;
  readonly suite: CipherSuite;
  readonly protocol: string;
  readonly serverName: string;
  readonly resumed: boolean;
  readonly peer: KnownCertificate | undefined;
  readonly host: KnownCertificate | undefined;
}

/** The same, as programs see it. */
class Session implements TLSSession {
  readonly version: string;
  readonly cipher: string;
  readonly negotiatedProtocol: string | undefined;
  readonly serverName: string;
  readonly resumed: boolean;
  readonly #peer: KnownCertificate | undefined;
  readonly #host: KnownCertificate | undefined;

  constructor(agreed: Agreed) {
    this.version = versionName(agreed.version);
    this.cipher = agreed.suite.name;
    this.negotiatedProtocol = agreed.protocol === "" ? undefined : agreed.protocol;
    this.serverName = agreed.serverName;
    this.resumed = agreed.resumed;
    this.#peer = agreed.peer;
    this.#host = agreed.host;
  }

  get peerCertificate(): RawCertificate | undefined {
    return this.#peer === undefined ? undefined : { raw: this.#peer.x509.raw };
  }

  get hostCertificate(): RawCertificate | undefined {
    return this.#host === undefined ? undefined : { raw: this.#host.x509.raw };
  }
}
