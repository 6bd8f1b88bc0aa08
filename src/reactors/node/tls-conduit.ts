/**
 * TLS on top of another conduit.
 *
 *     ConduitTransport ─▶ TLSConduit ─▶ TLSSocket ─▶ the socket's handle     (no byte crosses here)
 *                                           └──────▶ TLSBridge ─▶ Conduit    (anything else)
 *
 * Spec: RFC 8446 §6.1, RFC 5246 §7.2.1: a stream that ends without close_notify may have been cut
 * by an attacker, and is lost, not done. Who closes sends close_notify and need not wait for the
 * peer's. Differs from both: half-closing works, with TLS 1.2 too, where the peer allows it.
 *
 * @module
 */
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { TLSSocket } from "node:tls";
import { getSystemErrorName } from "node:util";
import type { X509Certificate } from "node:crypto";
import { ConnectionClosed, ConnectionLost, ConnectionTimedOut } from "../../internet/errors.ts";
import type { IDelayedCall } from "../../internet/interfaces-reactor.ts";
import type {
  ITLSClientOptions,
  ITLSServerOptions,
  RawCertificate,
  TLSLimits,
  TLSSession,
} from "../../internet/interfaces-tls.ts";
import { VerificationError } from "../../internet/tls/errors.ts";
import { checkedDelay } from "../base/delayed-calls.ts";
import type { ReactorBase } from "../base/reactor-base.ts";
import type { Conduit, ConduitOwner, SecureConduit, SecureParts } from "../base/conduit.ts";
import { Linger } from "./linger.ts";
import { resetSocket, SocketConduit } from "./socket-conduit.ts";
import { TLSBridge } from "./tls-bridge.ts";
import {
  checkContext,
  clientSocket,
  peerCertificateOf,
  ServerChoice,
  serverSocket,
} from "./tls-context.ts";
import { tlsError, verificationError } from "./tls-errors.ts";

/** Ours: as long as a connection may take to come about. */
const HANDSHAKE_TIMEOUT = 30;

/** The most that one record holds (RFC 8446 §5.1): small writes of a turn share one. */
const RECORD_BYTES = 16_384;

/** What differs between TLS on a socket's handle and on anything else. */
interface Ground {
  readonly socket: TLSSocket;
  /** A server's. */
  readonly choice: ServerChoice | undefined;
  /** Asked when the stream ends: was there a close_notify? */
  readonly endedInGoodOrder: () => boolean;
  readonly closing: () => void;
  readonly reset: () => void;
}

/** TLS from the first byte on. */
export interface TLSWanted {
  readonly options: ITLSServerOptions | ITLSClientOptions;
  readonly limits: TLSLimits;
}

/** `lower`, with TLS on top if it is wanted. @throws {Error} Keys that do not fit. */
export function secured(reactor: ReactorBase, lower: Conduit, tls: TLSWanted | undefined): Conduit {
  return tls === undefined ? lower : new TLSConduit({ reactor, lower, ...tls });
}

/** @throws {RangeError} A timeout that is none. @throws {Error} Keys that do not fit. */
export function checkTLS(options: ITLSServerOptions | ITLSClientOptions, limits: TLSLimits): void {
  checkedDelay(limits.handshakeTimeout ?? HANDSHAKE_TIMEOUT);
  checkContext(options);
}

/** See the top of this file. */
export class TLSConduit implements SecureConduit {
  owner: ConduitOwner | undefined;
  readonly #reactor: ReactorBase;
  readonly #ground: Ground;
  readonly #socket: TLSSocket;
  #session: TLSSession | undefined;
  #deadline: IDelayedCall | undefined;
  #flowing = false;
  #reading = false;
  #heldEnd = false;
  /** The peer's half has ended; with close_notify. */
  #endedWell = false;
  #failed = false;
  #canEnd = false;
  #endWanted = false;
  #writes = 0;
  #owed = false;

  /** @throws {RangeError} A timeout that is none. @throws {Error} Keys that do not fit. */
  constructor(parts: SecureParts) {
    const { reactor, limits } = parts;
    const seconds = checkedDelay(limits.handshakeTimeout ?? HANDSHAKE_TIMEOUT);
    this.#reactor = reactor;
    this.#ground = groundOf(parts);
    this.#socket = this.#ground.socket;
    this.#listen();
    this.#deadline = reactor.callLater(seconds, () => {
      this.#fail(new ConnectionTimedOut("handshake", seconds));
    });
  }

  #listen(): void {
    const socket = this.#socket;
    // Node keeps errors to itself until somebody has taken the socket over, as tls.Server does.
    const release: unknown = Reflect.get(socket, "_releaseControl");
    if (typeof release === "function") Reflect.apply(release, socket, []);
    const push = socket.push.bind(socket);
    socket.push = (chunk: unknown, encoding?: BufferEncoding): boolean => {
      if (chunk === null) this.#streamEnds();
      return push(chunk, encoding);
    };
    // The protocols of a name that is refused are refused as well: that is not the point.
    socket.on("error", (error) => this.#fail(this.#ground.choice?.error ?? error));
    socket.on("close", () => this.#closed());
    socket.on("end", () => this.#ended());
    // The client's "secure" comes before the certificate is verified.
    const { choice } = this.#ground;
    socket.once(choice === undefined ? "secureConnect" : "secure", () => this.#secure());
  }

  /** What was agreed on. */
  get session(): TLSSession | undefined {
    return this.#session;
  }

  // -- From below

  #secure(): void {
    const { choice } = this.#ground;
    const error = choice === undefined ? undefined : this.#clientError(choice);
    if (error !== undefined) {
      this.#fail(error);
      return;
    }
    this.#stopDeadline();
    this.#session = new Session(this.#socket);
    this.owner?.handshakeDone();
    // Till the end of this pass OpenSSL is at work on the handshake, and sends no close_notify.
    this.#reactor.later(() => {
      this.#canEnd = true;
      if (this.#endWanted) this.#socket.end();
    });
  }

  /** Node verifies what servers show; what clients show is verified, and not acted upon. */
  #clientError(choice: ServerChoice): Error | undefined {
    const socket = this.#socket;
    const settings = choice.settingsFor(serverNameOf(socket));
    if (settings === undefined) return choice.error; // In a resumed session nobody has asked yet.
    if (socket.isSessionReused() && !choice.trustsAlike(settings)) {
      const what = "Connection was lost: the client's session was not made for this name";
      return new VerificationError(what, "OTHER_SESSION");
    }
    if (settings.trustRoot === undefined) return undefined;
    if (peerCertificateOf(socket) === undefined) {
      return settings.requireCertificate
        ? new VerificationError("The client has no certificate", "NO_PEER_CERTIFICATE")
        : undefined;
    }
    const handle: unknown = Reflect.get(socket, "_handle");
    return verificationError(handle);
  }

  /** Node is about to say that the stream ends; only now can be told how it did. */
  #streamEnds(): void {
    this.#endedWell = this.#ground.endedInGoodOrder();
    if (this.#session !== undefined || this.#failed) return;
    this.#fail(new ConnectionLost("Connection was lost: the peer ended it in the TLS handshake"));
  }

  #ended(): void {
    if (this.#reading) this.#tellEnd();
    else this.#heldEnd = true;
  }

  #tellEnd(): void {
    this.#heldEnd = false;
    if (this.#endedWell) this.owner?.endReceived();
    else {
      const what = "Connection was lost: it ended without close_notify, and may have been cut";
      this.#fail(new ConnectionLost(what));
    }
  }

  #fail(error: Error): void {
    if (this.#failed) return;
    this.#failed = true;
    this.#stopDeadline();
    const reason =
      error instanceof ConnectionClosed ? error : tlsError(error, this.#session !== undefined);
    this.owner?.connectionFailed(reason);
    this.#socket.destroy();
  }

  #closed(): void {
    this.#stopDeadline();
    if (!this.#heldEnd) this.owner?.connectionFailed(new Error("the socket was closed"));
  }

  #stopDeadline(): void {
    if (this.#deadline?.active === true) this.#deadline.cancel();
    this.#deadline = undefined;
  }

  // -- From above

  startReading(): void {
    this.#reading = true;
    if (this.#heldEnd) {
      this.#reactor.soon(() => {
        if (this.#heldEnd && this.#reading) this.#tellEnd();
      });
    }
    if (!this.#flowing) {
      this.#flowing = true;
      this.#socket.on("data", this.#deliver);
    }
    this.#socket.resume();
  }

  readonly #deliver = (data: Buffer): void => {
    this.owner?.bytesReceived(data);
  };

  stopReading(): void {
    this.#reading = false;
    this.#socket.pause();
  }

  send(chunks: readonly Uint8Array[]): boolean {
    const bytes = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
    if (chunks.length > 1 && bytes <= RECORD_BYTES) this.#send([Buffer.concat(chunks, bytes)]);
    else this.#send(chunks);
    if (this.#socket.writableLength === 0 && this.#socket.errored === null) return true;
    this.#owed = true;
    return false;
  }

  /** Together: what they fill is joined below. */
  #send(chunks: readonly Uint8Array[]): void {
    this.#socket.cork();
    for (const chunk of chunks) {
      this.#writes += 1;
      this.#socket.write(chunk, this.#written);
    }
    this.#socket.uncork();
  }

  readonly #written = (error?: Error | null): void => {
    if (error) return;
    this.#writes -= 1;
    if (!this.#owed || this.#writes > 0) return;
    this.#owed = false;
    this.owner?.bytesSent();
  };

  shutdown(): void {
    // Before the handshake is done there is no way to say so: the peer would see a broken one.
    if (this.#canEnd) this.#socket.end();
    else this.#endWanted = true;
  }

  close(): void {
    const socket = this.#socket;
    this.#stopDeadline();
    this.#ground.closing();
    socket.off("data", this.#deliver);
    this.shutdown();
    socket.resume();
    // With the peer's end known, its socket may still have no room for our close_notify.
    if (!socket.closed) new Linger(this.#reactor, socket).start();
  }

  /**
   * Not `destroy()` as well: with its socket gone, Node frees the TLS state at once, and this may
   * have been called from inside of it. The TLS socket goes when the one below has closed.
   */
  reset(): void {
    this.#failed = true;
    this.#stopDeadline();
    this.#ground.reset();
  }

  drop(): void {
    this.#stopDeadline();
    this.#socket.destroy();
  }
}

function groundOf(parts: SecureParts): Ground {
  const { lower } = parts;
  return lower instanceof SocketConduit && knowsItsEnd(lower)
    ? onSocket(lower, parts)
    : onBridge(parts);
}

function onSocket(lower: SocketConduit, parts: SecureParts): Ground {
  const { reactor, options, unprocessed } = parts;
  const raw = lower.release();
  if (unprocessed !== undefined && !raw.readableEnded) raw.unshift(Buffer.from(unprocessed));
  // At the end of a stream libuv has stopped, and Node has not noted that: TLS would never hear.
  if (Reflect.get(handleOf(lower) ?? {}, "reading") === true) isStillReading(raw);
  const { socket, choice } = begin(raw, options);
  return {
    socket,
    choice,
    endedInGoodOrder: () => isStillReading(raw),
    closing: () => {},
    reset: () => resetBelow(reactor, raw, socket),
  };
}

function begin(
  lower: Duplex,
  options: ITLSServerOptions | ITLSClientOptions,
): Pick<Ground, "socket" | "choice"> {
  if (options.role === "client") return { socket: clientSocket(lower, options), choice: undefined };
  const choice = new ServerChoice(options);
  return { socket: serverSocket(lower, choice), choice };
}

function resetBelow(reactor: ReactorBase, raw: Socket, socket: TLSSocket): void {
  if (!socket.writableEnded || socket.writableFinished) {
    resetSocket(raw);
    return;
  }
  // As in resetSocket; here it is TLS that shuts the socket down.
  socket.once("finish", () => resetSocket(raw));
  new Linger(reactor, raw).start();
}

function onBridge({ lower, options, unprocessed }: SecureParts): Ground {
  const bridge = new TLSBridge(lower);
  if (unprocessed !== undefined && unprocessed.length > 0) bridge.push(Buffer.from(unprocessed));
  return {
    ...begin(bridge, options),
    endedInGoodOrder: () => !bridge.readableEnded,
    closing: () => bridge.closeAtEnd(),
    reset: () => {
      lower.reset();
      bridge.destroy();
    },
  };
}

// -- Is the end that TLS reports the peer's close_notify, or that of the socket below?
// Node does not say. libuv does: it stops reading at the end of a socket, and at nothing else that
// we have not asked for.

function handleOf({ socket }: Pick<SocketConduit, "socket">): object | undefined {
  const handle: unknown = Reflect.get(socket, "_handle");
  return typeof handle === "object" && handle !== null ? handle : undefined;
}

function knowsItsEnd(lower: SocketConduit): boolean {
  const handle = handleOf(lower);
  return handle !== undefined && typeof Reflect.get(handle, "readStart") === "function";
}

function isStillReading(socket: SocketConduit["socket"]): boolean {
  const handle = handleOf({ socket });
  if (handle === undefined) return false;
  if (Reflect.get(handle, "reading") === false) return true; // We have stopped it ourselves.
  const readStart: unknown = Reflect.get(handle, "readStart");
  if (typeof readStart !== "function") return false;
  const status: unknown = Reflect.apply(readStart, handle, []);
  return typeof status === "number" && status < 0 && getSystemErrorName(status) === "EALREADY";
}

function serverNameOf(socket: TLSSocket): string {
  const name: unknown = Reflect.get(socket, "servername");
  return typeof name === "string" ? name : "";
}

/** What was agreed on; certificates are turned into bytes when somebody asks. */
class Session implements TLSSession {
  readonly version: string;
  readonly cipher: string;
  readonly negotiatedProtocol: string | undefined;
  readonly serverName: string;
  readonly resumed: boolean;
  readonly #peer: X509Certificate | undefined;
  readonly #host: X509Certificate | undefined;

  constructor(socket: TLSSocket) {
    this.version = socket.getProtocol() ?? "unknown";
    this.cipher = socket.getCipher().standardName;
    this.negotiatedProtocol = socket.alpnProtocol || undefined;
    this.serverName = serverNameOf(socket);
    this.resumed = socket.isSessionReused();
    this.#peer = peerCertificateOf(socket);
    this.#host = socket.getX509Certificate();
  }

  get peerCertificate(): RawCertificate | undefined {
    return this.#peer === undefined ? undefined : { raw: this.#peer.raw };
  }

  get hostCertificate(): RawCertificate | undefined {
    return this.#host === undefined ? undefined : { raw: this.#host.raw };
  }
}
