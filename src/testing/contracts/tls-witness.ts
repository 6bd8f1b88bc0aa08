/**
 * Witnesses that want to know when they may trust the peer.
 *
 * @module
 */
import { AssertionError } from "../../core/assert.ts";
import {
  type IHandshakeListener,
  type ITLSTransport,
  providesTLS,
  type TLSSession,
} from "../../internet/interfaces-tls.ts";
import { DoesNotApply } from "./trial.ts";
import { Witness, type WitnessHooks } from "./witness.ts";

/** What such a witness does besides writing down. */
export interface TLSHooks extends WitnessHooks {
  readonly handshake?: (witness: TLSWitness) => void;
}

/** Writes down `handshakeCompleted` as well. */
export class TLSWitness extends Witness implements IHandshakeListener {
  readonly #handshake: TLSHooks["handshake"];

  constructor(hooks: TLSHooks = {}) {
    super(hooks);
    this.#handshake = hooks.handshake;
  }

  /** The transport. @throws {DoesNotApply} It does not speak TLS. */
  get tls(): ITLSTransport {
    const { transport } = this;
    if (providesTLS(transport)) return transport;
    throw new DoesNotApply(`${transport.constructor.name} has no startTLS()`);
  }

  /** What was agreed on. @throws {AssertionError} Nothing. */
  get session(): TLSSession {
    const session = this.tls.tlsSession;
    if (session === undefined) throw new AssertionError("Expected a session, found none");
    return session;
  }

  /** How often has `handshakeCompleted` been called? */
  get handshakes(): number {
    return this.calls.filter((one) => one === "handshakeCompleted").length;
  }

  handshakeCompleted(): void {
    this.called("handshakeCompleted", () => this.#handshake?.(this));
  }
}

/** One that lives on when one direction has ended. */
export class TLSHalfCloseWitness extends TLSWitness {
  readConnectionLost(): void {
    this.called("readConnectionLost", () => this.hooks.readLost?.(this));
  }

  writeConnectionLost(): void {
    this.called("writeConnectionLost", () => this.hooks.writeLost?.(this));
  }
}
