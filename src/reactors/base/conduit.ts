/**
 * What moves a transport's bytes: a socket, TLS on top of one, a pair of streams. A transport has
 * one at a time; `startTLS` puts another on top of it, and nothing else changes.
 *
 *     StreamTransport      the contract: queue, producers, closing, the protocol
 *       └─ Conduit         moves bytes
 *            └─ Conduit    … over another one, where it is a layer
 *
 * @module
 */

import type {
  ITLSClientOptions,
  ITLSServerOptions,
  TLSLimits,
  TLSSession,
} from "../../internet/interfaces-tls.ts";
import type { ReactorBase } from "./reactor-base.ts";

/** Whom a conduit tells. A transport, or the conduit above. */
export interface ConduitOwner {
  /** Bytes have come, and are the owner's. */
  bytesReceived(data: Buffer): void;
  /** No more will come. */
  endReceived(): void;
  /** It is gone; whatever was in it is lost. */
  connectionFailed(error: Error): void;
  /** What {@link Conduit.send} was given is with the platform now. */
  bytesSent(): void;
  /** TLS is agreed on. Only a conduit that speaks it says so. */
  handshakeDone(): void;
}

/** See the top of this file. Nothing is told before `startReading` or a `send`, but failures. */
export interface Conduit {
  /** Who is told; set before anything can happen. */
  owner: ConduitOwner | undefined;
  /** Send all of `chunks`, in order; `false`: `bytesSent` will say when they are taken. */
  send(chunks: readonly Uint8Array[]): boolean;
  /** Let bytes come. */
  startReading(): void;
  /** No `bytesReceived` and no `endReceived` from now on. */
  stopReading(): void;
  /** Everything is sent: tell the peer that no more comes. */
  shutdown(): void;
  /** Everything is sent: close in good order. */
  close(): void;
  /** Close at once; with a reset, where there is such a thing. */
  reset(): void;
  /** Close at once, without a reset where that can be. */
  drop(): void;
}

/** A conduit that speaks TLS over another one. */
export interface SecureConduit extends Conduit {
  /** What was agreed on; `undefined` before that. */
  readonly session: TLSSession | undefined;
}

/** What a {@link SecureConduit} is made of. */
export interface SecureParts {
  readonly reactor: ReactorBase;
  /** What it sits on, and owns from now on. */
  readonly lower: Conduit;
  readonly options: ITLSServerOptions | ITLSClientOptions;
  readonly limits: TLSLimits;
  /** The peer's first bytes, received before TLS was started. */
  readonly unprocessed?: Uint8Array | undefined;
}

/** Does it speak TLS? */
export function isSecure(conduit: Conduit): conduit is SecureConduit {
  return "session" in conduit;
}
