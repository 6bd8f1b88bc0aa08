/**
 * The messages of a handshake. They have the types of real ones, and about their sizes: those that
 * OpenSSL 3 sends with certificates of EC keys. Keys, signatures and certificates are not in them,
 * but numbers that stand for them: real ones are of another size each time.
 *
 *     type  length  body
 *      1      3
 *
 * Spec: RFC 8446 §4, RFC 5246 §7.4, RFC 5077 §3.3.
 *
 * @module
 */
import { FieldReader, FieldWriter } from "./fields.ts";
import { WireVersion } from "./records.ts";
import { Alert, Violation } from "./violation.ts";

/** What a message is (RFC 8446 §4). The last one has no message, but a record of its own. */
export const MessageType = {
  clientHello: 1,
  serverHello: 2,
  newSessionTicket: 4,
  encryptedExtensions: 8,
  certificate: 11,
  serverKeyExchange: 12,
  certificateRequest: 13,
  serverHelloDone: 14,
  certificateVerify: 15,
  clientKeyExchange: 16,
  finished: 20,
  changeCipherSpec: 256,
} as const;

/** A message of a handshake. */
export interface Message {
  readonly type: number;
  readonly body: Buffer;
}

const HEADER = 4;
/** What OpenSSL allows for the largest of them. */
const MESSAGE_MAX = 131_396;

/** A message as it goes into records. */
export function encodeMessage(type: number, body: Uint8Array): Buffer {
  const message = Buffer.alloc(HEADER + body.length);
  message.writeUInt8(type, 0);
  message.writeUIntBE(body.length, 1, 3);
  message.set(body, HEADER);
  return message;
}

/** Puts messages together that come in any number of records. */
export class MessageReader {
  #bytes: Buffer = Buffer.alloc(0);

  /** What was in a record. */
  push(data: Buffer): void {
    this.#bytes = this.#bytes.length === 0 ? data : Buffer.concat([this.#bytes, data]);
  }

  /** The next message; `undefined` until more comes. @throws {Violation} It would be too large. */
  next(): Message | undefined {
    if (this.#bytes.length < HEADER) return undefined;
    const length = this.#bytes.readUIntBE(1, 3);
    if (length > MESSAGE_MAX) {
      throw new Violation("EXCESSIVE_MESSAGE_SIZE", Alert.illegalParameter);
    }
    if (this.#bytes.length < HEADER + length) return undefined;
    const type = this.#bytes.readUInt8(0);
    const body = this.#bytes.subarray(HEADER, HEADER + length);
    this.#bytes = this.#bytes.subarray(HEADER + length);
    return { type, body };
  }
}

/** What a client offers. */
export interface ClientHello {
  /** Drawn for this connection. */
  readonly number: number;
  /** The oldest version that it speaks, and the newest. */
  readonly oldest: number;
  readonly newest: number;
  readonly suites: readonly number[];
  /** Empty: it does not say. */
  readonly serverName: string;
  /** For ALPN. */
  readonly protocols: readonly string[];
  /** Does it want tickets? */
  readonly takesTickets: boolean;
  /** The number of the session that it would take up again. */
  readonly ticket: number | undefined;
}

/** A ClientHello's extensions: what they take beside what is in them. */
const NAME_EXTENSION = 9;
const ALPN_EXTENSION = 10;
const CLIENT_HELLO = 336;
const TICKET_MODERN = 303;
const TICKET_OLD = 208;

/** The body of a ClientHello. */
export function encodeClientHello(hello: ClientHello): Buffer {
  const { serverName, protocols, ticket } = hello;
  const name = serverName === "" ? 0 : NAME_EXTENSION + serverName.length;
  const names = protocols.reduce((sum, one) => sum + 1 + one.length, 0);
  const alpn = protocols.length === 0 ? 0 : ALPN_EXTENSION + names;
  const ticketBytes = hello.newest >= WireVersion.TLS1_3 ? TICKET_MODERN : TICKET_OLD;
  return new FieldWriter()
    .number(hello.number, 4)
    .number(hello.oldest, 2)
    .number(hello.newest, 2)
    .number(hello.takesTickets ? 1 : 0, 1)
    .number(numbered(ticket), 4)
    .numbers(hello.suites)
    .text(serverName)
    .texts(protocols)
    .sized(CLIENT_HELLO + name + alpn + (ticket === undefined ? 0 : ticketBytes));
}

/** @throws {Violation} It is none. */
export function decodeClientHello(body: Buffer): ClientHello {
  const fields = new FieldReader(body);
  return {
    number: fields.number(4),
    oldest: fields.number(2),
    newest: fields.number(2),
    takesTickets: fields.number(1) === 1,
    ticket: denumbered(fields.number(4)),
    suites: fields.numbers(),
    serverName: fields.text(),
    protocols: fields.texts(),
  };
}

/** What a server chooses. */
export interface ServerHello {
  /** Drawn for this connection. */
  readonly number: number;
  readonly version: number;
  readonly suite: number;
  /** The session that the client has offered goes on. */
  readonly resumed: boolean;
  /** A ticket follows (before TLS 1.3). */
  readonly ticketFollows: boolean;
  /** By ALPN; empty: none. Since TLS 1.3 it is in the EncryptedExtensions. */
  readonly protocol: string;
}

const SERVER_HELLO_MODERN = 118;
const SERVER_HELLO_OLD = 70;

/** The body of a ServerHello. */
export function encodeServerHello(hello: ServerHello): Buffer {
  return new FieldWriter()
    .number(hello.number, 4)
    .number(hello.version, 2)
    .number(hello.suite, 2)
    .number(hello.resumed ? 1 : 0, 1)
    .number(hello.ticketFollows ? 1 : 0, 1)
    .text(hello.protocol)
    .sized(hello.version >= WireVersion.TLS1_3 ? SERVER_HELLO_MODERN : SERVER_HELLO_OLD);
}

/** @throws {Violation} It is none. */
export function decodeServerHello(body: Buffer): ServerHello {
  const fields = new FieldReader(body);
  return {
    number: fields.number(4),
    version: fields.number(2),
    suite: fields.number(2),
    resumed: fields.number(1) === 1,
    ticketFollows: fields.number(1) === 1,
    protocol: fields.text(),
  };
}

/** The body of EncryptedExtensions: what ALPN has led to; empty: nothing. */
export function encodeEncryptedExtensions(protocol: string): Buffer {
  return new FieldWriter().text(protocol).sized(protocol === "" ? 2 : 9 + protocol.length);
}

/** @throws {Violation} It is none. */
export function decodeEncryptedExtensions(body: Buffer): string {
  return new FieldReader(body).text();
}

const CERTIFICATE = 8;
const EACH_CERTIFICATE = 450;

/** The body of a Certificate: the number that stands for a chain, if there is one. */
export function encodeCertificate(chain: number | undefined, certificates: number): Buffer {
  return new FieldWriter()
    .number(numbered(chain), 4)
    .sized(CERTIFICATE + EACH_CERTIFICATE * certificates);
}

/** @throws {Violation} It is none. */
export function decodeCertificate(body: Buffer): number | undefined {
  return denumbered(new FieldReader(body).number(4));
}

const TICKET_SIZES = { modern: 261, old: 214 } as const;

/** The body of a NewSessionTicket: the number that stands for the session. */
export function encodeTicket(ticket: number, version: number): Buffer {
  return new FieldWriter()
    .number(ticket, 4)
    .sized(version >= WireVersion.TLS1_3 ? TICKET_SIZES.modern : TICKET_SIZES.old);
}

/** @throws {Violation} It is none. */
export function decodeTicket(body: Buffer): number {
  return new FieldReader(body).number(4);
}

const FIXED: ReadonlyMap<number, readonly [modern: number, old: number]> = new Map([
  [MessageType.certificateRequest, [41, 48]],
  [MessageType.certificateVerify, [75, 75]],
  [MessageType.serverKeyExchange, [112, 112]],
  [MessageType.serverHelloDone, [0, 0]],
  [MessageType.clientKeyExchange, [33, 33]],
]);

/** The body of a message that says nothing but that it has come. */
export function emptyBody(type: number, version: number): Buffer {
  const [modern, old] = FIXED.get(type) ?? [0, 0];
  return Buffer.alloc(version >= WireVersion.TLS1_3 ? modern : old);
}

const FINISHED = { modern: 48, old: 12 } as const;

/** The body of a Finished: the digest of all that was said before. */
export function encodeFinished(transcript: number, version: number): Buffer {
  return new FieldWriter()
    .number(transcript, 4)
    .sized(version >= WireVersion.TLS1_3 ? FINISHED.modern : FINISHED.old);
}

/** @throws {Violation} It is none. */
export function decodeFinished(body: Buffer): number {
  return new FieldReader(body).number(4);
}

/** 0 is none. */
function numbered(number: number | undefined): number {
  return number === undefined ? 0 : number + 1;
}

function denumbered(field: number): number | undefined {
  return field === 0 ? undefined : field - 1;
}
