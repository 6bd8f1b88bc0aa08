/**
 * A place to listen for TLS with a directory of certificates, one for each name.
 *
 * After: the `tls:` prefix of serverFromString in later releases of Twisted.
 *
 * @module
 */
import { INSPECT } from "../../core/inspect.ts";
import type { Deferred } from "../../defer/deferred.ts";
import type {
  AbortOptions,
  IListeningPort,
  IProtocolFactory,
  IStreamServerEndpoint,
} from "../interfaces-factory.ts";
import type { ListenTCPOptions } from "../interfaces-reactor.ts";
import type { IReactorSSL, TLSLimits } from "../interfaces-tls.ts";
import type { SNIDirectory } from "../tls/sni-directory.ts";
import { SSL4ServerEndpoint } from "./tls-endpoints.ts";

/** Reads the certificates when it begins to listen, and again whenever it is told to. */
export class SNIDirectoryServerEndpoint implements IStreamServerEndpoint {
  readonly #endpoint: SSL4ServerEndpoint;
  readonly #certificates: SNIDirectory;

  /**
   * @param port 0 to 65535; 0 lets the system choose.
   * @throws {RangeError} No such port.
   */
  constructor(
    reactor: IReactorSSL,
    port: number,
    certificates: SNIDirectory,
    limits: ListenTCPOptions & TLSLimits = {},
  ) {
    this.#certificates = certificates;
    this.#endpoint = new SSL4ServerEndpoint(reactor, port, certificates, limits);
  }

  /** As for TCP; fails with a `CertificateDirectoryError` if the certificates cannot be read. */
  listen(factory: IProtocolFactory, options?: AbortOptions): Deferred<IListeningPort> {
    return this.#certificates.reload().addCallback(() => this.#endpoint.listen(factory, options));
  }

  /** Read the certificates again, while it listens. As `SNIDirectory.reload`. */
  reload(): Deferred<void> {
    return this.#certificates.reload();
  }

  /** `tls:8443`. */
  toString(): string {
    return this.#endpoint.toString().replace(/^ssl/u, "tls");
  }

  [INSPECT](): string {
    return `${this.constructor.name}(${this.toString()}, ${this.#certificates.toString()})`;
  }
}
