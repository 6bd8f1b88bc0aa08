/**
 * A transport of the Node reactor: its TLS is OpenSSL's.
 *
 * @module
 */
import type {
  ITLSClientOptions,
  ITLSServerOptions,
  TLSLimits,
} from "../../internet/interfaces-tls.ts";
import type { SecureConduit, SecureParts } from "../base/conduit.ts";
import { ConduitTransport } from "../base/conduit-transport.ts";
import { checkTLS, TLSConduit } from "./tls-conduit.ts";

/** See the top of this file. */
export class NodeTransport extends ConduitTransport {
  protected checkTLS(options: ITLSServerOptions | ITLSClientOptions, limits: TLSLimits): void {
    checkTLS(options, limits);
  }

  protected makeTLS(parts: SecureParts): SecureConduit {
    return new TLSConduit(parts);
  }
}
