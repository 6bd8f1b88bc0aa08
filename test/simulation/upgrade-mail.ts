/**
 * Both ends of the scenario of upgrading: a protocol of lines that begins in plain text and goes on
 * over TLS, as mail does.
 *
 *     EHLO x ─▶ 250 …   STARTTLS ─▶ 220 … go ahead   (TLS)   MAIL 0 ─▶ 250 0   …   QUIT ─▶ 221 bye
 *
 * Spec: RFC 3207.
 *
 * @module
 */
import type { Failure } from "../../src/defer/failure.ts";
import type { IDelayedCall } from "../../src/internet/interfaces-reactor.ts";
import {
  type ITLSClientOptions,
  type ITLSServerOptions,
  providesTLS,
} from "../../src/internet/interfaces-tls.ts";
import { LineReceiver } from "../../src/protocols/line-receiver.ts";
import type { SimulatedReactor } from "../../src/reactors/simulated/simulated-reactor.ts";

/** Seconds that a handshake may take. */
export const HANDSHAKE_TIMEOUT = 5;
/** Seconds without a line after which an end gives up. */
export const PATIENCE = 8;

/** What both ends have in common. */
abstract class Talker extends LineReceiver {
  readonly #reactor: SimulatedReactor;
  readonly #options: ITLSServerOptions | ITLSClientOptions;
  /** When TLS was begun. */
  begun: number | undefined;
  /** Is the handshake done? */
  secure = false;
  /** Seconds from the beginning of TLS to the end, if there was no handshake until then. */
  failedAfter: number | undefined;
  reason: Error | undefined;
  #patience: IDelayedCall | undefined;

  constructor(reactor: SimulatedReactor, options: ITLSServerOptions | ITLSClientOptions) {
    super();
    this.#reactor = reactor;
    this.#options = options;
  }

  /** Has everything been said? */
  abstract readonly isComplete: boolean;
  /** A line, in plain text or over TLS: {@link Talker.secure} says which. */
  protected abstract heard(line: string): void;

  override connectionMade(): void {
    this.#wait();
  }

  override lineReceived(line: Buffer): void {
    if (this.begun !== undefined && !this.secure)
      throw new Error(`Plain in TLS: ${line.toString()}`);
    this.#wait();
    this.heard(line.toString());
  }

  protected upgrade(): void {
    const { transport } = this;
    if (!providesTLS(transport)) throw new Error("There is no TLS");
    this.begun = this.#reactor.seconds();
    transport.startTLS(this.#options, { handshakeTimeout: HANDSHAKE_TIMEOUT });
  }

  handshakeCompleted(): void {
    if (this.secure || this.begun === undefined) throw new Error("One handshake too many");
    this.secure = true;
    this.#wait();
  }

  override connectionLost({ value }: Failure): void {
    this.reason = value;
    this.#stopWaiting();
    if (this.begun === undefined || this.secure) return;
    this.failedAfter = this.#reactor.seconds() - this.begun;
  }

  #wait(): void {
    this.#stopWaiting();
    this.#patience = this.#reactor.callLater(PATIENCE, () => this.transport.abortConnection());
  }

  #stopWaiting(): void {
    if (this.#patience?.active === true) this.#patience.cancel();
  }
}

/** The server's end. */
export class MailServer extends Talker {
  /** What was handed in. */
  readonly mails: string[] = [];
  isComplete = false;
  readonly #courtesy: number;

  /** @param courtesy Bytes in the last plain line: more than a narrow way takes at once. */
  constructor(reactor: SimulatedReactor, options: ITLSServerOptions, courtesy: number) {
    super(reactor, options);
    this.#courtesy = courtesy;
  }

  protected override heard(line: string): void {
    const [command, rest = ""] = line.split(" ");
    if (command === "EHLO") this.sendLine("250 STARTTLS");
    else if (command === "STARTTLS") {
      this.sendLine(`220 ${"-".repeat(this.#courtesy)} go ahead`);
      this.upgrade();
      this.sendLine("250 now we are alone"); // Not before we are.
    } else if (!this.secure) this.sendLine("530 first STARTTLS");
    else if (command === "MAIL") {
      this.mails.push(rest);
      this.sendLine(`250 ${rest}`);
    } else if (command === "QUIT") {
      this.isComplete = true;
      this.sendLine("221 bye");
      this.transport.loseConnection();
    }
  }
}

/** The client's end: hands in its mails, one after the other. */
export class MailClient extends Talker {
  readonly accepted: string[] = [];
  readonly #mails: readonly string[];
  isComplete = false;

  constructor(reactor: SimulatedReactor, options: ITLSClientOptions, mails: readonly string[]) {
    super(reactor, options);
    this.#mails = mails;
  }

  override connectionMade(): void {
    super.connectionMade();
    this.sendLine("EHLO client");
  }

  protected override heard(line: string): void {
    if (line === "250 STARTTLS") this.sendLine("STARTTLS");
    else if (line.endsWith(" go ahead")) this.upgrade();
    else if (line === "250 now we are alone") this.#handIn();
    else if (line === "221 bye") {
      this.isComplete = true;
      this.transport.loseConnection();
    } else {
      const mail = this.#mails[this.accepted.length];
      if (line !== `250 ${mail ?? ""}`) throw new Error(`Heard ${line}`);
      this.accepted.push(mail ?? "");
      this.#handIn();
    }
  }

  #handIn(): void {
    if (!this.secure) throw new Error("We are not alone");
    const mail = this.#mails[this.accepted.length];
    this.sendLine(mail === undefined ? "QUIT" : `MAIL ${mail}`);
  }
}
