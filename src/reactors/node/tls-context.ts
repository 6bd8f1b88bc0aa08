/**
 * From TLS settings to the objects of `node:tls`.
 *
 * @module
 */
import { constants } from "node:crypto";
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
import type {
  ITLSClientOptions,
  ITLSServerOptions,
  TLSSettings,
} from "../../internet/interfaces-tls.ts";

/** Sessions of one server are nobody else's (RFC 8446 §4.6.1 leaves it to the server). */
const SESSION_CONTEXT = "sennit";

/** Settings never change, so that what is made of them can be kept: reading keys is slow. */
const contexts = new WeakMap<TLSSettings, SecureContext>();
/** The last session of each client, for the next connection: its options name the server. */
const sessions = new WeakMap<ITLSClientOptions, Buffer>();

/** What OpenSSL needs to know of `settings`. @throws {Error} OpenSSL's, for keys that do not fit. */
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
    sessionIdContext: SESSION_CONTEXT,
    ...(!settings.sessions && { secureOptions: constants.SSL_OP_NO_TICKET }),
    ...(privateKey !== undefined && { key: privateKey }),
    ...(certificate !== undefined && { cert: certificate }),
    // A certificate that is no authority's may be trusted as well: it alone.
    ...(typeof trustRoot === "object" && { ca: [...trustRoot], allowPartialTrustChain: true }),
    ...(dhParameters !== undefined && { dhparam: dhParameters }),
  };
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
  const session = settings.sessions ? sessions.get(options) : undefined;
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
    ...(session !== undefined && { session }),
  });
  if (settings.sessions) socket.on("session", (fresh) => sessions.set(options, fresh));
  return socket;
}

/** RFC 9525 §2: the common name is none of the names. Node takes it where there are no others. */
function checkName(hostname: string, certificate: PeerCertificate): Error | undefined {
  if (certificate.subjectaltname !== undefined) return checkServerIdentity(hostname, certificate);
  const error = new Error("it has no subject alternative names");
  return Object.assign(error, { code: "ERR_TLS_CERT_ALTNAME_INVALID" });
}

/** Begin a handshake as the server. @throws {Error} Keys that do not fit. */
export function serverSocket(lower: Duplex, options: ITLSServerOptions): TLSSocket {
  const settings = defaultSettings(options);
  const socketOptions: TLSSocketOptions & ALPNOptions = {
    isServer: true,
    secureContext: contextOf(settings),
    requestCert: settings.trustRoot !== undefined,
    rejectUnauthorized: settings.trustRoot !== undefined && settings.requireCertificate,
    SNICallback: (serverName, done) => {
      chooseContext(serverName, options, (error, chosen) => {
        if (chosen !== undefined) askForCertificate(socket, chosen);
        done(error, chosen && contextOf(chosen));
      });
    },
    ...(settings.acceptableProtocols.length > 0 && {
      ALPNCallback: ({ servername, protocols }) => {
        const chosen = options.settingsFor(servername || "") ?? settings;
        return chosen.acceptableProtocols.find((one) => protocols.includes(one));
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

function chooseContext(
  serverName: string,
  options: ITLSServerOptions,
  done: (error: Error | null, settings?: TLSSettings) => void,
): void {
  try {
    const settings = options.settingsFor(serverName);
    if (settings === undefined) done(new Error(`no certificate for ${JSON.stringify(serverName)}`));
    else done(null, settings);
  } catch (error) {
    done(error instanceof Error ? error : new Error(String(error)));
  }
}
