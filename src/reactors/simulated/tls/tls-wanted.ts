/**
 * TLS from the first byte on.
 *
 * @module
 */
import type {
  ITLSClientOptions,
  ITLSServerOptions,
  TLSLimits,
} from "../../../internet/interfaces-tls.ts";

/** What is wanted of a connection that speaks TLS. */
export interface TLSWanted {
  readonly options: ITLSServerOptions | ITLSClientOptions;
  readonly limits: TLSLimits;
}
