/**
 * How an HTTP connection becomes a WebSocket: what each side sends, and what it makes of what the
 * other sent.
 *
 *     GET /chat HTTP/1.1                       HTTP/1.1 101 Switching Protocols
 *     Upgrade: websocket                       Upgrade: websocket
 *     Connection: Upgrade                      Connection: Upgrade
 *     Sec-WebSocket-Version: 13                Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=
 *     Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==
 *
 * HTTP itself, Host, Origin and the hash that makes `accept` of `key` are for the caller.
 *
 * Spec: RFC 6455 §4.1 (client), §4.2 (server), §4.4 (versions), RFC 9110 §7.8 (Upgrade). Differs:
 * a server that takes none of the protocols that were offered is refused, as browsers do; the RFC
 * leaves that to the client.
 *
 * @module
 */
import { quote } from "../../../core/text.ts";
import { isToken } from "../../http/wire/field-names.ts";
import type { FieldList } from "../../http/wire/fields.ts";
import { DEFLATE_OFFER, readDeflateAnswer, type DeflateAgreement } from "./deflate-parameters.ts";
import { WebSocketAnswerError, WebSocketRequestError } from "./errors.ts";
import { parseExtensions, type Extension } from "./extensions.ts";

/** The value of a field, by its name in lower case; several of a name are joined with commas. */
export type FieldGetter = (name: string) => string | undefined;

/** What is looked at in a client's request. */
export interface HandshakeRequest {
  readonly method: string;
  /** Of HTTP: `1.1`, `1.0`. */
  readonly version: string;
  readonly field: FieldGetter;
}

/** What a client's request asks for. */
export interface HandshakeOffer {
  /** What the server's `accept` is made of. */
  readonly key: string;
  /** Subprotocols, the dearest first; often none. */
  readonly protocols: readonly string[];
  /** In the order of the client's preference. */
  readonly extensions: readonly Extension[];
}

/** What a server answers. */
export interface HandshakeChoice {
  /** Made of the client's key. */
  readonly accept: string;
  /** One of the offered; `undefined` for none. */
  readonly protocol?: string | undefined;
  /** The extension that was agreed on, as it is written; `undefined` for none. */
  readonly extension?: string | undefined;
}

/** What a client asks for. */
export interface HandshakeQuestion {
  /** 16 random bytes in base64, new ones for each connection. */
  readonly key: string;
  /** Subprotocols, the dearest first. Default: none. */
  readonly protocols?: readonly string[];
  /** Is permessage-deflate offered? Default: `false`. */
  readonly deflate?: boolean;
}

/** What is looked at in a server's answer. */
export interface HandshakeAnswer {
  readonly status: number;
  readonly field: FieldGetter;
}

/** What was agreed on. */
export interface HandshakeResult {
  readonly protocol: string | undefined;
  readonly deflate: DeflateAgreement | undefined;
}

const VERSION = "13";
/** 16 bytes in base64 (§4.2.1). */
const KEY = /^[A-Za-z0-9+/]{22}==$/u;
const UPGRADE: FieldList = ["upgrade", "websocket", "connection", "Upgrade"];

/**
 * A server's look at a request.
 *
 * @throws {WebSocketRequestError} It opens no WebSocket; the error says how to answer.
 */
export function readHandshakeRequest({ method, version, field }: HandshakeRequest): HandshakeOffer {
  if (method !== "GET") {
    throw new WebSocketRequestError(`expected GET, got ${quote(method)}`, 405, ["allow", "GET"]);
  }
  const upgrade = field("upgrade") ?? "";
  // An Upgrade in HTTP/1.0 is ignored (RFC 9110 §7.8).
  if (version !== "1.1" || !hasMember(upgrade, "websocket")) {
    throw new WebSocketRequestError("expected HTTP/1.1 and Upgrade: websocket", 426, UPGRADE);
  }
  if (!hasMember(field("connection") ?? "", "upgrade")) {
    throw new WebSocketRequestError("expected Connection: Upgrade");
  }
  const spoken = field("sec-websocket-version") ?? "";
  if (spoken !== VERSION) {
    throw new WebSocketRequestError(`expected version ${VERSION}, got ${quote(spoken)}`, 426, [
      ...UPGRADE,
      "sec-websocket-version",
      VERSION,
    ]);
  }
  const key = field("sec-websocket-key") ?? "";
  if (!KEY.test(key)) {
    throw new WebSocketRequestError(`expected a key of 16 bytes in base64, got ${quote(key)}`);
  }
  return { key, protocols: readProtocols(field), extensions: readOffers(field) };
}

/**
 * The fields of a server's answer, whose status is 101.
 *
 * @throws {RangeError} The protocol was not offered.
 */
export function handshakeAnswerFields(offer: HandshakeOffer, choice: HandshakeChoice): FieldList {
  const { accept, protocol, extension } = choice;
  if (protocol !== undefined && !offer.protocols.includes(protocol)) {
    throw new RangeError(
      `Cannot choose WebSocket protocol ${quote(protocol)}: expected one of ` +
        quote(offer.protocols.join(", ")),
    );
  }
  return [
    ...UPGRADE,
    "sec-websocket-accept",
    accept,
    ...(protocol === undefined ? [] : ["sec-websocket-protocol", protocol]),
    ...(extension === undefined ? [] : ["sec-websocket-extensions", extension]),
  ];
}

/**
 * The fields of a client's request, which is a GET; Host is to be added.
 *
 * @throws {TypeError} A key that is none, or a protocol that is no token or is named twice.
 */
export function handshakeRequestFields(question: HandshakeQuestion): FieldList {
  const { key, protocols = [], deflate = false } = question;
  if (!KEY.test(key)) {
    throw new TypeError("Cannot open a WebSocket: expected a key of 16 bytes in base64");
  }
  if (!areProtocols(protocols)) {
    throw new TypeError(
      "Cannot open a WebSocket: expected protocols that are tokens, each named once, got " +
        quote(protocols.join(", ")),
    );
  }
  return [
    ...UPGRADE,
    "sec-websocket-version",
    VERSION,
    "sec-websocket-key",
    key,
    ...(protocols.length === 0 ? [] : ["sec-websocket-protocol", protocols.join(", ")]),
    ...(deflate ? ["sec-websocket-extensions", DEFLATE_OFFER] : []),
  ];
}

/**
 * A client's look at the answer.
 *
 * @param accept What the server must have made of the key.
 * @throws {WebSocketAnswerError} It opens no WebSocket, or another one than was asked for.
 */
export function readHandshakeAnswer(
  { status, field }: HandshakeAnswer,
  question: HandshakeQuestion,
  accept: string,
): HandshakeResult {
  if (status !== 101) throw new WebSocketAnswerError(`expected status 101, got ${String(status)}`);
  const upgrade = field("upgrade") ?? "";
  if (upgrade.toLowerCase() !== "websocket" || !hasMember(field("connection") ?? "", "upgrade")) {
    throw new WebSocketAnswerError("expected Upgrade: websocket and Connection: Upgrade");
  }
  if (field("sec-websocket-accept") !== accept) {
    throw new WebSocketAnswerError("expected Sec-WebSocket-Accept to be made of the key we sent");
  }
  return { protocol: agreedProtocol(field, question), deflate: agreedDeflate(field, question) };
}

function agreedProtocol(field: FieldGetter, question: HandshakeQuestion): string | undefined {
  const { protocols = [] } = question;
  const protocol = field("sec-websocket-protocol");
  if (protocol === undefined ? protocols.length === 0 : protocols.includes(protocol)) {
    return protocol;
  }
  const offered = protocols.length === 0 ? "no protocol" : `one of ${quote(protocols.join(", "))}`;
  throw new WebSocketAnswerError(`expected ${offered}, got ${quote(protocol ?? "none")}`);
}

function agreedDeflate(
  field: FieldGetter,
  question: HandshakeQuestion,
): DeflateAgreement | undefined {
  const value = field("sec-websocket-extensions");
  if (value === undefined) return undefined;
  const [extension, ...others] = parseExtensions(value) ?? [];
  if (question.deflate === true && extension !== undefined && others.length === 0) {
    const agreed = readDeflateAnswer(extension);
    if (agreed !== undefined) return agreed;
  }
  throw new WebSocketAnswerError(`expected no extension but those offered, got ${quote(value)}`);
}

function readProtocols(field: FieldGetter): readonly string[] {
  const value = field("sec-websocket-protocol");
  if (value === undefined) return [];
  const protocols = members(value);
  if (areProtocols(protocols)) return protocols;
  throw new WebSocketRequestError(
    `expected protocols that are tokens, each named once, got ${quote(value)}`,
  );
}

function readOffers(field: FieldGetter): readonly Extension[] {
  const value = field("sec-websocket-extensions");
  const offers = value === undefined ? [] : parseExtensions(value);
  if (offers !== undefined) return offers;
  throw new WebSocketRequestError(`expected a list of extensions, got ${quote(value)}`);
}

function areProtocols(protocols: readonly string[]): boolean {
  return new Set(protocols).size === protocols.length && protocols.every(isToken);
}

function members(list: string): readonly string[] {
  return list.split(",").map((member) => member.trim());
}

function hasMember(list: string, member: string): boolean {
  return members(list.toLowerCase()).includes(member);
}
