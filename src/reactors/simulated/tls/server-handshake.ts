/**
 * A handshake, as the server sees it.
 *
 * Differs from RFC 8446: a client whose certificate is not to be trusted, or that asks for a name
 * which is not served, is dropped without a word, as Node's servers do.
 *
 * Spec: RFC 8446 §4, RFC 5246 §7.3, RFC 6066 §3, RFC 7301 §3.2.
 *
 * @module
 */
import type { ITLSServerOptions } from "../../../internet/interfaces-tls.ts";
import { VerificationError } from "../../../internet/tls/errors.ts";
import type { SimulatedSystem } from "../system.ts";
import type { Channel } from "./channel.ts";
import type { CipherSuite } from "./cipher-suites.ts";
import { bodyOf, Handshake, type Step } from "./handshake.ts";
import type { KnownCertificate } from "./known-certificate.ts";
import { firstContext, namedContext } from "./server-choice.ts";
import { Ticket } from "./tickets.ts";
import type { TLSContext } from "./tls-context.ts";
import { chainError } from "./verification.ts";
import {
  type ClientHello,
  decodeClientHello,
  encodeCertificate,
  encodeEncryptedExtensions,
  encodeServerHello,
  encodeTicket,
  type Message,
  MessageType,
} from "./wire/messages.ts";
import { type RecordKeys, WireVersion } from "./wire/records.ts";
import { Alert, unexpectedMessage, Violation } from "./wire/violation.ts";

/** Of TLS 1.3: OpenSSL's. */
const TICKETS = 2;

/** What was settled with the first message. */
interface Settled {
  readonly hello: ClientHello;
  readonly version: number;
  readonly suite: CipherSuite;
  readonly protocol: string;
  readonly serverName: string;
  readonly context: TLSContext;
  readonly ticket: Ticket | undefined;
}

/** See the top of this file. */
export class ServerHandshake extends Handshake {
  readonly #options: ITLSServerOptions;
  /** For clients that do not say what name they want. */
  readonly #first: TLSContext;
  readonly #number: number;
  #chain: readonly KnownCertificate[] = [];

  /** @throws {Error} Keys that do not fit; what `settingsFor` throws. */
  constructor(system: SimulatedSystem, channel: Channel, options: ITLSServerOptions) {
    super(system, channel);
    this.#options = options;
    this.#first = firstContext(options);
    this.#number = system.machine.world.register(options);
  }

  start(): void {
    this.expect((message) => {
      const settled = this.#settle(decodeClientHello(bodyOf(message, MessageType.clientHello)));
      this.channel.settle(settled.version);
      return settled.version >= WireVersion.TLS1_3
        ? this.#answerModern(settled)
        : this.#answerOld(settled);
    });
  }

  // -- What to do with this client

  #settle(hello: ClientHello): Settled {
    const version = Math.min(hello.newest, this.#first.newest);
    if (version < hello.oldest || version < this.#first.oldest) {
      throw new Violation("UNSUPPORTED_PROTOCOL", Alert.protocolVersion);
    }
    const ticket = this.#ticketOf(hello, version);
    // A session of TLS 1.2 goes on before anybody has looked at the name.
    const isNamed = ticket === undefined || version >= WireVersion.TLS1_3;
    const serverName = isNamed ? hello.serverName : "";
    const context = serverName === "" ? this.#first : namedContext(this.#options, serverName);
    const suite = suiteFor({ hello, version, context, ticket });
    const protocol = this.#protocolFor(hello, context);
    return { hello, version, suite, protocol, serverName, context, ticket };
  }

  #ticketOf({ ticket: number, suites }: ClientHello, version: number): Ticket | undefined {
    if (number === undefined || !this.#first.settings.sessions) return undefined;
    const ticket = this.system.machine.world.registered(number);
    if (!(ticket instanceof Ticket) || ticket.version !== version) return undefined;
    if (!suites.includes(ticket.suite)) return undefined;
    return ticket.isFor(this.system, this.#first, this.date) ? ticket : undefined;
  }

  /** Whether it is used at all is settled before the name is known. */
  #protocolFor({ protocols }: ClientHello, { settings }: TLSContext): string {
    if (protocols.length === 0 || this.#first.settings.acceptableProtocols.length === 0) return "";
    const chosen = settings.acceptableProtocols.find((one) => protocols.includes(one));
    if (chosen !== undefined) return chosen;
    throw new Violation("NO_APPLICATION_PROTOCOL", Alert.noApplicationProtocol);
  }

  #keys({ version, hello }: Settled): RecordKeys {
    return { version, client: hello.number, server: this.#number };
  }

  #greet(settled: Settled, ticketFollows: boolean): void {
    const { version, suite, ticket } = settled;
    const protocol = version >= WireVersion.TLS1_3 ? "" : settled.protocol;
    const resumed = ticket !== undefined;
    const parts = { number: this.#number, version, suite: suite.id, resumed, ticketFollows };
    this.channel.message(MessageType.serverHello, encodeServerHello({ ...parts, protocol }));
  }

  #show({ context }: Settled): void {
    const number = context.shownNumber(this.system.machine.world);
    const length = context.shown?.certificates.length ?? 0;
    this.channel.message(MessageType.certificate, encodeCertificate(number, length));
  }

  // -- TLS 1.3

  #answerModern(settled: Settled): Step {
    const { channel } = this;
    const isAsked = settled.ticket === undefined && settled.context.trusted !== undefined;
    this.#greet(settled, false);
    channel.changeCipherSpec();
    channel.protect(this.#keys(settled));
    const extensions = encodeEncryptedExtensions(settled.protocol);
    channel.message(MessageType.encryptedExtensions, extensions);
    if (isAsked) channel.message(MessageType.certificateRequest);
    if (settled.ticket === undefined) {
      this.#show(settled);
      channel.message(MessageType.certificateVerify);
    }
    channel.finished();
    channel.flush();
    const finished = this.#finishedModern(settled);
    if (!isAsked) return finished;
    return (message) => this.#shown(settled, message, proven(finished), finished);
  }

  #finishedModern(settled: Settled): Step {
    return (message) => {
      this.checkFinished(message);
      this.#verify(settled);
      if (this.#first.settings.sessions && settled.ticket === undefined) {
        for (let sent = 0; sent < TICKETS; sent += 1) this.#giveTicket(settled);
        this.channel.flush();
      }
      return this.#done(settled);
    };
  }

  // -- Before it

  #answerOld(settled: Settled): Step {
    const { channel } = this;
    const takesTicket = this.#first.settings.sessions && settled.hello.takesTickets;
    const ticketFollows = takesTicket && settled.ticket === undefined;
    this.#greet(settled, ticketFollows);
    if (settled.ticket !== undefined) {
      this.#finish(settled, false);
      return this.#changed(settled, () => this.#done(settled));
    }
    const isAsked = settled.context.trusted !== undefined;
    this.#show(settled);
    if (!settled.suite.words.has("kRSA")) channel.message(MessageType.serverKeyExchange);
    if (isAsked) channel.message(MessageType.certificateRequest);
    channel.message(MessageType.serverHelloDone);
    channel.flush();
    const changed = this.#changed(settled, () => {
      this.#verify(settled);
      this.#finish(settled, ticketFollows);
      return this.#done(settled);
    });
    const exchanged = keyExchanged(changed);
    if (!isAsked) return exchanged;
    return (message) => this.#shown(settled, message, keyExchanged(proven(changed)), exchanged);
  }

  #changed(settled: Settled, finished: () => undefined): Step {
    return (message) => {
      bodyOf(message, MessageType.changeCipherSpec);
      this.channel.reader.protect(this.#keys(settled));
      return (last) => {
        this.checkFinished(last);
        return finished();
      };
    };
  }

  #finish(settled: Settled, ticketFollows: boolean): void {
    const { channel } = this;
    if (ticketFollows) this.#giveTicket(settled);
    channel.changeCipherSpec();
    channel.writer.protect(this.#keys(settled));
    channel.finished();
    channel.flush();
  }

  // -- Who the client is

  /** @param having What comes if it shows one. @param without … if it does not. */
  #shown({ context, version }: Settled, message: Message, having: Step, without: Step): Step {
    this.#chain = this.chainIn(message);
    if (this.#chain.length > 0) return having;
    if (!context.settings.requireCertificate) return without;
    const alert =
      version >= WireVersion.TLS1_3 ? Alert.certificateRequired : Alert.handshakeFailure;
    throw new Violation("PEER_DID_NOT_RETURN_A_CERTIFICATE", alert);
  }

  /** @throws {VerificationError} */
  #verify({ context, ticket }: Settled): void {
    const { trusted, settings } = context;
    if (ticket !== undefined) {
      if (context.demand === this.#first.demand) return;
      const what = "Connection was lost: the client's session was not made for this name";
      throw new VerificationError(what, "OTHER_SESSION");
    }
    if (trusted === undefined) return;
    if (this.#chain.length === 0) {
      if (!settings.requireCertificate) return;
      throw new VerificationError("The client has no certificate", "NO_PEER_CERTIFICATE");
    }
    const question = { chain: this.#chain, trusted, date: this.date, role: "client" } as const;
    const error = chainError(question);
    if (error !== undefined) throw error;
  }

  // -- The end

  #giveTicket({ version, suite, context }: Settled): void {
    const { system } = this;
    const [peer] = this.#chain;
    const { demand } = context;
    const content = { system, first: this.#first, demand, version, suite: suite.id, peer };
    const ticket = system.machine.world.register(new Ticket({ ...content, made: this.date }));
    this.channel.message(MessageType.newSessionTicket, encodeTicket(ticket, version));
  }

  #done({ version, suite, protocol, serverName, context, ticket }: Settled): undefined {
    const resumed = ticket !== undefined;
    const peer = ticket === undefined ? this.#chain[0] : ticket.peer;
    const host = context.shown?.certificates[0];
    this.agree({ version, suite, protocol, serverName, resumed, peer, host });
  }

  /** A client has nothing more to say to a handshake. */
  protected afterwards(): void {
    throw unexpectedMessage();
  }
}

function proven(next: Step): Step {
  return (message) => {
    bodyOf(message, MessageType.certificateVerify);
    return next;
  };
}

function keyExchanged(next: Step): Step {
  return (message) => {
    bodyOf(message, MessageType.clientKeyExchange);
    return next;
  };
}

/** The server's first that the client knows, too, and that fits the key. @throws {Violation} */
function suiteFor({
  hello,
  version,
  context,
  ticket,
}: Pick<Settled, "hello" | "version" | "context" | "ticket">): CipherSuite {
  const known = context.suites.filter(({ id }) => hello.suites.includes(id));
  const kept = known.find(({ id }) => id === ticket?.suite);
  if (kept !== undefined) return kept;
  if (version >= WireVersion.TLS1_3) return modernSuite(known, context);
  const suite = known.find((one) => one.since <= version && fits(one, context));
  if (suite !== undefined) return suite;
  throw new Violation("NO_SHARED_CIPHER", Alert.handshakeFailure);
}

function modernSuite(known: readonly CipherSuite[], { shown }: TLSContext): CipherSuite {
  const suite = known.find(({ since }) => since >= WireVersion.TLS1_3);
  if (suite === undefined) throw new Violation("NO_SHARED_CIPHER", Alert.handshakeFailure);
  if (shown !== undefined) return suite;
  throw new Violation("NO_SUITABLE_SIGNATURE_ALGORITHM", Alert.handshakeFailure);
}

/** Does it go with our key, and with the parameters that we have? */
function fits({ since, words }: CipherSuite, { shown, settings }: TLSContext): boolean {
  const [own] = shown?.certificates ?? [];
  if (own === undefined || since >= WireVersion.TLS1_3) return false;
  if (words.has("DHE") && settings.dhParameters === undefined) return false;
  return words.has(own.publicKey.asymmetricKeyType === "rsa" ? "aRSA" : "aECDSA");
}
