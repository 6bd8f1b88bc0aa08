/**
 * A handshake, as the client sees it.
 *
 * Differs from RFC 8446: a client that refuses the server's certificate says no word, as Node's do.
 *
 * Spec: RFC 8446 §4, RFC 5246 §7.3.
 *
 * @module
 */
import type { ITLSClientOptions } from "../../../internet/interfaces-tls.ts";
import { ipFamily } from "../../../internet/ip-family.ts";
import type { SimulatedSystem } from "../system.ts";
import type { Channel } from "./channel.ts";
import type { CipherSuite } from "./cipher-suites.ts";
import { bodyOf, Handshake, type Step } from "./handshake.ts";
import type { KnownCertificate } from "./known-certificate.ts";
import { keepSession, type KeptSession, keptSession } from "./tickets.ts";
import { contextOf, type TLSContext } from "./tls-context.ts";
import { chainError, nameError } from "./verification.ts";
import {
  decodeEncryptedExtensions,
  decodeServerHello,
  decodeTicket,
  encodeCertificate,
  encodeClientHello,
  type Message,
  MessageType,
  type ServerHello,
} from "./wire/messages.ts";
import { type RecordKeys, WireVersion } from "./wire/records.ts";
import { Alert, Violation } from "./wire/violation.ts";

/** See the top of this file. */
export class ClientHandshake extends Handshake {
  readonly #options: ITLSClientOptions;
  readonly #context: TLSContext;
  readonly #kept: KeptSession | undefined;
  readonly #number: number;
  #hello: ServerHello | undefined;
  #suite: CipherSuite | undefined;
  #protocol = "";
  #peer: KnownCertificate | undefined;
  #chain: readonly KnownCertificate[] = [];
  #isAsked = false;
  /** Of TLS 1.2: kept when the server is verified. */
  #ticket: number | undefined;

  /** @throws {Error} Keys that do not fit. */
  constructor(system: SimulatedSystem, channel: Channel, options: ITLSClientOptions) {
    super(system, channel);
    this.#options = options;
    this.#context = contextOf(options.settings);
    this.#kept = options.settings.sessions ? keptSession(system, options) : undefined;
    this.#number = system.machine.world.register(options);
  }

  /** RFC 6066 §3: names only. */
  get #serverName(): string {
    const { hostname } = this.#options;
    return ipFamily(hostname) === 0 ? hostname : "";
  }

  start(): void {
    const { oldest, newest, suites, settings } = this.#context;
    const hello = encodeClientHello({
      number: this.#number,
      oldest,
      newest,
      suites: suites.filter(({ since }) => since <= newest).map(({ id }) => id),
      serverName: this.#serverName,
      protocols: settings.acceptableProtocols,
      takesTickets: settings.sessions,
      ticket: this.#kept?.ticket,
    });
    this.channel.message(MessageType.clientHello, hello);
    this.channel.flush();
    this.expect(this.#answered);
  }

  // -- The server's first flight

  readonly #answered: Step = (message) => {
    const hello = decodeServerHello(bodyOf(message, MessageType.serverHello));
    const { version } = hello;
    if (version < this.#context.oldest || version > this.#context.newest) {
      throw new Violation("UNSUPPORTED_PROTOCOL", Alert.protocolVersion);
    }
    this.#suite = this.#context.suites.find(({ id }) => id === hello.suite);
    if (this.#suite === undefined) {
      throw new Violation("WRONG_CIPHER_RETURNED", Alert.illegalParameter);
    }
    this.#hello = hello;
    this.channel.settle(version);
    if (hello.resumed) this.#peer = this.#kept?.peer;
    if (version >= WireVersion.TLS1_3) {
      this.channel.protect(this.#keys(hello));
      return this.#extended;
    }
    this.#protocol = hello.protocol;
    if (!hello.resumed) return this.#shown;
    return hello.ticketFollows ? this.#ticketed : this.#cipherIsChanged;
  };

  #keys({ version, number }: ServerHello): RecordKeys {
    return { version, client: this.#number, server: number };
  }

  readonly #extended: Step = (message) => {
    this.#protocol = decodeEncryptedExtensions(bodyOf(message, MessageType.encryptedExtensions));
    return this.#hello?.resumed === true ? this.#finishedModern : this.#askedOrShown;
  };

  readonly #askedOrShown: Step = (message) => {
    if (message.type !== MessageType.certificateRequest) return this.#shown(message);
    this.#isAsked = true;
    return this.#shown;
  };

  readonly #shown: Step = (message) => {
    this.#chain = this.chainIn(message);
    const [own] = this.#chain;
    if (own === undefined) throw new Violation("LENGTH_MISMATCH", Alert.decodeError);
    this.#peer = own;
    return this.channel.version >= WireVersion.TLS1_3 ? this.#proven : this.#exchanged;
  };

  readonly #proven: Step = (message) => {
    bodyOf(message, MessageType.certificateVerify);
    return this.#finishedModern;
  };

  // -- TLS 1.3

  readonly #finishedModern: Step = (message) => {
    this.checkFinished(message);
    this.#verify();
    const { channel } = this;
    channel.changeCipherSpec();
    if (this.#isAsked) this.#show(true);
    channel.finished();
    channel.flush();
    return this.#done();
  };

  /** @param isProven Is the proof of the key to go out with it? */
  #show(isProven: boolean): void {
    const { shown } = this.#context;
    const number = this.#context.shownNumber(this.system.machine.world);
    const body = encodeCertificate(number, shown?.certificates.length ?? 0);
    this.channel.message(MessageType.certificate, body);
    if (isProven && shown !== undefined) this.channel.message(MessageType.certificateVerify);
  }

  // -- Before it

  readonly #exchanged: Step = (message) => {
    // With RSA the key is agreed on without it.
    if (message.type !== MessageType.serverKeyExchange) return this.#askedOrDone(message);
    return this.#askedOrDone;
  };

  readonly #askedOrDone: Step = (message) => {
    if (message.type === MessageType.certificateRequest) {
      this.#isAsked = true;
      return this.#flightEnded;
    }
    return this.#flightEnded(message);
  };

  readonly #flightEnded: Step = (message) => {
    bodyOf(message, MessageType.serverHelloDone);
    const { channel } = this;
    if (this.#isAsked) this.#show(false);
    channel.message(MessageType.clientKeyExchange);
    if (this.#isAsked && this.#context.shown !== undefined) {
      channel.message(MessageType.certificateVerify);
    }
    this.#finish();
    return this.#hello?.ticketFollows === true ? this.#ticketed : this.#cipherIsChanged;
  };

  #finish(): void {
    const { channel } = this;
    channel.changeCipherSpec();
    if (this.#hello !== undefined) channel.writer.protect(this.#keys(this.#hello));
    channel.finished();
    channel.flush();
  }

  readonly #ticketed: Step = (message) => {
    this.#ticket = decodeTicket(bodyOf(message, MessageType.newSessionTicket));
    return this.#cipherIsChanged;
  };

  readonly #cipherIsChanged: Step = (message) => {
    bodyOf(message, MessageType.changeCipherSpec);
    if (this.#hello !== undefined) this.channel.reader.protect(this.#keys(this.#hello));
    return this.#finishedOld;
  };

  readonly #finishedOld: Step = (message) => {
    this.checkFinished(message);
    this.#verify();
    if (this.#hello?.resumed === true) this.#finish();
    return this.#done();
  };

  // -- The end

  /** Not again for a session that goes on. @throws {VerificationError} */
  #verify(): void {
    const { hostname, verifyHostname } = this.#options;
    const { trusted } = this.#context;
    const [own] = this.#chain;
    if (trusted === undefined || own === undefined) return;
    const question = { chain: this.#chain, trusted, date: this.date, role: "server" } as const;
    const error = chainError(question) ?? (verifyHostname ? nameError(own, hostname) : undefined);
    if (error !== undefined) throw error;
  }

  #done(): undefined {
    const suite = this.#suite;
    if (suite === undefined || this.#hello === undefined) return;
    this.agree({
      version: this.channel.version,
      suite,
      protocol: this.#protocol,
      serverName: this.#serverName,
      resumed: this.#hello.resumed,
      peer: this.#peer,
      host: this.#context.shown?.certificates[0],
    });
    if (this.#ticket !== undefined) this.#keep(this.#ticket);
  }

  #keep(ticket: number): void {
    if (!this.#options.settings.sessions) return;
    const session = { ticket, version: this.channel.version, peer: this.#peer };
    keepSession(this.system, this.#options, session);
  }

  /** Tickets. TLS 1.3 sends them behind the handshake. */
  protected afterwards(message: Message): void {
    this.#keep(decodeTicket(bodyOf(message, MessageType.newSessionTicket)));
  }
}
