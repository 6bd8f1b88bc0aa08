/**
 * Contracts over TLS: on TCP, and as a layer inside of UNIX sockets.
 *
 * @module
 */
import type { ConnectionLimits, IReactorTCP } from "../../src/internet/interfaces-reactor.ts";
import type {
  IReactorSSL,
  ITLSClientOptions,
  ITLSServerOptions,
} from "../../src/internet/interfaces-tls.ts";
import type { IReactorUNIX } from "../../src/internet/interfaces-unix.ts";
import { optionsForClientTLS } from "../../src/internet/tls/client-options.ts";
import { TLSMemoryBIOFactory } from "../../src/internet/tls/memory-bio.ts";
import { selfSignedCertificate } from "../../src/internet/tls/self-signed.ts";
import type { TLSTuning } from "../../src/internet/tls/tls-tuning.ts";
import { trustRootFromCertificates } from "../../src/internet/tls/trust-root.ts";
import { type Network, portNumber } from "../../src/testing/contracts/network.ts";
import { unixNetwork } from "./unix-network.ts";

const certificate = selfSignedCertificate({ names: ["localhost"] }).toPromise();

/** A server's options and those of a client that trusts it. */
export interface BothOptions {
  readonly server: ITLSServerOptions;
  readonly client: ITLSClientOptions;
}

/** Options that fit each other. */
export async function bothOptions(tuning: TLSTuning = {}): Promise<BothOptions> {
  const shown = await certificate;
  const trustRoot = trustRootFromCertificates([shown]);
  return {
    server: shown.options(),
    client: optionsForClientTLS("localhost", { trustRoot, extraCertificateOptions: tuning }),
  };
}

/** `listenSSL` and `connectSSL`. */
export function sslNetwork(
  reactor: IReactorTCP & IReactorSSL,
  host: string,
  { server, client }: BothOptions,
): Network {
  return {
    listen: (factory, options, place = 0) =>
      reactor.listenSSL(Number(place), factory, server, { interface: host, ...options }),
    connect: (place, factory, options) =>
      reactor.connectSSL(host, Number(place), factory, client, options),
    placeOf: portNumber,
  };
}

/** The handshake and the records need more room below than what is in them. */
const ROOM = 10_000;

/** `TLSMemoryBIOFactory` on both ends of a UNIX socket. */
export function layeredNetwork(
  reactor: IReactorUNIX & IReactorSSL,
  freePath: () => string,
  { server, client }: BothOptions,
): Network {
  const unix = unixNetwork(reactor, freePath, true);
  return {
    ...unix,
    listen: (factory, limits, place) =>
      unix.listen(
        new TLSMemoryBIOFactory(factory, { reactor, options: server, limits }),
        below(limits),
        place,
      ),
    connect: (place, factory, limits) =>
      unix.connect(
        place,
        new TLSMemoryBIOFactory(factory, { reactor, options: client, limits }),
        below(limits),
      ),
  };
}

function below<L extends ConnectionLimits>(limits: L): L {
  const { maxBufferedBytes } = limits;
  if (maxBufferedBytes === undefined) return limits;
  return { ...limits, maxBufferedBytes: maxBufferedBytes * ROOM };
}
