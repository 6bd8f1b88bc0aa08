/**
 * From TLS settings to the objects of `node:tls`.
 *
 * @module
 */
import { constants, createHash, type X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import type { Duplex } from "node:stream";
import {
  checkServerIdentity,
  connect,
  createSecureContext,
  DEFAULT_CIPHERS,
  type PeerCertificate,
  type SecureContext,
  type SecureContextOptions,
  TLSSocket,
  type TLSSocketOptions,
} from "node:tls";
import { Failure } from "../../defer/failure.ts";
import type {
  ITLSClientOptions,
  ITLSServerOptions,
  TLSSettings,
} from "../../internet/interfaces-tls.ts";
import { TLSHandshakeError } from "../../internet/tls/errors.ts";
import { Logger } from "../../logger/logger.ts";

const log = new Logger({ namespace: "sennit.tls" });

/** What OpenSSL takes of {@link sessionContext}. */
const SESSION_CONTEXT_MAX = 32;

/** Settings never change, so that what is made of them can be kept: reading keys is slow. */
const contexts = new WeakMap<TLSSettings, SecureContext>();

/** A session that may be taken up again, and who the server was: it does not show it once more. */
interface KeptSession {
  readonly ticket: Buffer;
  readonly peer: X509Certificate | undefined;
}

/** The last session of each client, for the next connection: its options name the server. */
const sessions = new WeakMap<ITLSClientOptions, KeptSession>();
/** What a client offers to take up again. */
const offered = new WeakMap<TLSSocket, KeptSession>();
/** Who is at the other end. */
const peers = new WeakMap<TLSSocket, X509Certificate>();

/** What OpenSSL needs to know. @throws {Error} OpenSSL's own, for keys that do not fit. */
function contextOf(settings: TLSSettings): SecureContext {
  const known = contexts.get(settings);
  if (known !== undefined) return known;
  const context = createSecureContext(contextOptions(settings));
  contexts.set(settings, context);
  return context;
}

function contextOptions(settings: TLSSettings): SecureContextOptions {
  const { privateKey, certificate, trustRoot, dhParameters } = settings;
  return {
    minVersion: settings.minimum,
    maxVersion: settings.maximum,
    ciphers: ciphersOf(settings),
    honorCipherOrder: true,
    sessionIdContext: sessionContext(settings),
    secureOptions: settings.sessions ? LASTING : LASTING | constants.SSL_OP_NO_TICKET,
    ...(privateKey !== undefined && { key: privateKey }),
    ...(certificate !== undefined && { cert: certificate }),
    // A certificate that is no authority's may be trusted as well: it alone.
    ...(typeof trustRoot === "object" && { ca: [...trustRoot], allowPartialTrustChain: true }),
    ...(dhParameters !== undefined && { dhparam: dhParameters }),
  };
}

/** What was agreed on stays, and nobody has us agree on it again and again (TLS 1.2). */
const LASTING = constants.SSL_OP_NO_RENEGOTIATION;

/**
 * Sessions are resumed without a look at certificates, so only where the same ones are wanted: who
 * may come in by one name may not come in by another.
 */
function sessionContext({ trustRoot, requireCertificate }: TLSSettings): string {
  const wanted = JSON.stringify([trustRoot ?? "nobody", requireCertificate]);
  return createHash("sha256").update(wanted).digest("hex").slice(0, SESSION_CONTEXT_MAX);
}

function ciphersOf({ ciphers = DEFAULT_CIPHERS, minimum }: TLSSettings): string {
  // OpenSSL 3 has no cipher for the versions before TLS 1.2 above security level 0.
  const isOld = minimum === "TLSv1" || minimum === "TLSv1.1";
  return isOld && !ciphers.includes("@SECLEVEL") ? `${ciphers}:@SECLEVEL=0` : ciphers;
}

/** Read the keys now. @throws {Error} OpenSSL's, for keys that do not fit. */
export function checkContext(options: ITLSServerOptions | ITLSClientOptions): void {
  contextOf(options.role === "server" ? defaultSettings(options) : options.settings);
}

/** For clients that do not say what name they want, where there is nothing for them. */
const NO_CERTIFICATE: TLSSettings = Object.freeze({
  trustRoot: undefined,
  requireCertificate: false,
  minimum: "TLSv1.2",
  maximum: "TLSv1.3",
  ciphers: undefined,
  acceptableProtocols: [],
  dhParameters: undefined,
  sessions: true,
});

function defaultSettings(options: ITLSServerOptions): TLSSettings {
  return options.settingsFor("") ?? NO_CERTIFICATE;
}

/** Begin a handshake as the client. */
export function clientSocket(lower: Duplex, options: ITLSClientOptions): TLSSocket {
  const { hostname, settings, verifyHostname } = options;
  const kept = settings.sessions ? sessions.get(options) : undefined;
  const socket = connect({
    socket: lower,
    host: hostname,
    secureContext: contextOf(settings),
    rejectUnauthorized: settings.trustRoot !== undefined,
    checkServerIdentity: verifyHostname ? checkName : () => undefined,
    ...(isIP(hostname) === 0 && { servername: hostname }), // RFC 6066 §3: names only.
    ...(settings.acceptableProtocols.length > 0 && {
      ALPNProtocols: [...settings.acceptableProtocols],
    }),
    ...(kept !== undefined && { session: kept.ticket }),
  });
  if (kept !== undefined) offered.set(socket, kept);
  if (settings.sessions) {
    // Node tells of it when the certificate is verified, not before.
    socket.on("session", (ticket) => {
      sessions.set(options, { ticket, peer: peerCertificateOf(socket) });
    });
  }
  return socket;
}

/** The peer's certificate: in a session that was resumed, the one that it showed in the first. */
export function peerCertificateOf(socket: TLSSocket): X509Certificate | undefined {
  const known = peers.get(socket);
  if (known !== undefined) return known;
  // To a client Node gives it once, and then no more.
  const shown = socket.getPeerX509Certificate();
  const peer = shown ?? (socket.isSessionReused() ? offered.get(socket)?.peer : undefined);
  if (peer !== undefined) peers.set(socket, peer);
  return peer;
}

/** RFC 9525 §2: the common name is none of the names. Node takes it where there are no others. */
function checkName(hostname: string, certificate: PeerCertificate): Error | undefined {
  if (certificate.subjectaltname !== undefined) return checkServerIdentity(hostname, certificate);
  const error = new Error("it has no subject alternative names");
  return Object.assign(error, { code: "ERR_TLS_CERT_ALTNAME_INVALID" });
}

/** What a server settles on for one connection. The name comes after the beginning. */
export class ServerChoice {
  /** For clients that do not say what name they want. */
  readonly #first: TLSSettings;
  readonly #options: ITLSServerOptions;
  #settings: TLSSettings | undefined;
  #name = "";
  /** Why the name is refused. */
  error: TLSHandshakeError | undefined;

  constructor(options: ITLSServerOptions) {
    this.#options = options;
    this.#first = defaultSettings(options);
    this.#settings = this.#first;
  }

  /** Never throws. @returns `undefined`: this name is refused, `error` says why. */
  settingsFor(serverName: string): TLSSettings | undefined {
    if (serverName === this.#name) return this.#settings;
    this.#name = serverName;
    this.#settings = undefined;
    const name = JSON.stringify(serverName);
    try {
      this.#settings = this.#options.settingsFor(serverName);
      if (this.#settings !== undefined) {
        contextOf(this.#settings); // Its keys may not fit.
        return this.#settings;
      }
      this.error = new TLSHandshakeError(`Connection was lost: no settings for ${name}`);
    } catch (error) {
      this.#settings = undefined;
      const failure = Failure.of(error);
      log.failure("Error in settingsFor({name}); the connection is closed", failure, { name });
      const what = `Connection was lost: no settings for ${name}: ${failure.value.message}`;
      this.error = new TLSHandshakeError(what, { cause: failure.value });
    }
    return undefined;
  }

  /**
   * A session that is resumed has passed the first settings' test, when it was made. Is that the
   * same as this one's?
   */
  trustsAlike(settings: TLSSettings): boolean {
    return sessionContext(this.#first) === sessionContext(settings);
  }
}

/** Begin a handshake as the server. @throws {Error} Keys that do not fit. */
export function serverSocket(lower: Duplex, choice: ServerChoice): TLSSocket {
  const settings = choice.settingsFor("") ?? NO_CERTIFICATE;
  const socketOptions: TLSSocketOptions & ALPNOptions = {
    isServer: true,
    secureContext: contextOf(settings),
    requestCert: settings.trustRoot !== undefined,
    rejectUnauthorized: settings.trustRoot !== undefined && settings.requireCertificate,
    SNICallback: (serverName, done) => {
      const chosen = choice.settingsFor(serverName);
      if (chosen === undefined) done(choice.error ?? null);
      else {
        askForCertificate(socket, chosen);
        done(null, contextOf(chosen));
      }
    },
    ...(settings.acceptableProtocols.length > 0 && {
      ALPNCallback: ({ servername, protocols }) => {
        const chosen = choice.settingsFor(servername || "");
        return chosen?.acceptableProtocols.find((one) => protocols.includes(one));
      },
    }),
  };
  const socket = new TLSSocket(lower, socketOptions);
  return socket;
}

/** Whether clients must show one depends on the name. Node settles it before the name is known. */
function askForCertificate(
  socket: TLSSocket,
  { trustRoot, requireCertificate }: TLSSettings,
): void {
  const handle: unknown = Reflect.get(socket, "_handle");
  if (typeof handle !== "object" || handle === null) return;
  const setVerifyMode: unknown = Reflect.get(handle, "setVerifyMode");
  // Not as we know it: a client without a certificate is refused when the handshake is done.
  if (typeof setVerifyMode !== "function") return;
  Reflect.apply(setVerifyMode, handle, [trustRoot !== undefined, requireCertificate]);
}

/** In Node since 20.2; the types of `TLSSocketOptions` do not have it. */
interface ALPNOptions {
  /** `undefined` ends the handshake with the alert no_application_protocol (RFC 7301 §3.2). */
  readonly ALPNCallback?: (offer: {
    readonly servername: string | false;
    readonly protocols: readonly string[];
  }) => string | undefined;
}
