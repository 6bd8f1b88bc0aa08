/**
 * TLS as a layer: to be written.
 *
 * @module
 */
import type { Conduit, ConduitOwner, SecureConduit, SecureParts } from "../../base/conduit.ts";
import type {
  ITLSClientOptions,
  ITLSServerOptions,
  TLSLimits,
  TLSSession,
} from "../../../internet/interfaces-tls.ts";

/** TODO. */
export function checkSimulatedTLS(
  _options: ITLSServerOptions | ITLSClientOptions,
  _limits: TLSLimits,
): void {}

/** TODO. */
export class SimulatedTLSConduit implements SecureConduit {
  owner: ConduitOwner | undefined;
  readonly session: TLSSession | undefined = undefined;
  readonly #lower: Conduit;
  constructor(parts: SecureParts) {
    this.#lower = parts.lower;
  }
  send(chunks: readonly Uint8Array[]): boolean {
    return this.#lower.send(chunks);
  }
  startReading(): void {}
  stopReading(): void {}
  shutdown(): void {}
  close(): void {}
  reset(): void {}
  drop(): void {}
}
