/**
 * The one way in which a PROXY header is refused.
 *
 * After: twisted.protocols.haproxy (InvalidProxyHeader, InvalidNetworkProtocol,
 * MissingAddressData). Differs: one class, whose message says what was found.
 *
 * @module
 */
import { RemoteProtocolError } from "../../../core/errors.ts";

/** What came is no PROXY header, or a broken one. There is no way to go on: abort. */
export class ProxyHeaderError extends RemoteProtocolError {
  readonly code = "ERR_PROXY_HEADER";

  constructor(problem: string, options?: ErrorOptions) {
    super(`Cannot read a PROXY header: ${problem}`, options);
  }
}
