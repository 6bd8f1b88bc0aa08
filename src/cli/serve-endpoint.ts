/**
 * Where `sennit serve` listens.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { resolve } from "node:path";
import { quote } from "../core/text.ts";
import { UsageError } from "../application/errors.ts";
import { type IAddress, IPv4Address, IPv6Address } from "../internet/addresses.ts";
import { serverFromString } from "../internet/endpoints/from-string.ts";
import { TCP4ServerEndpoint, TCP6ServerEndpoint } from "../internet/endpoints/tcp-server.ts";
import { SSL4ServerEndpoint } from "../internet/endpoints/tls-endpoints.ts";
import type { IStreamServerEndpoint } from "../internet/interfaces-factory.ts";
import { IReactorSSL } from "../internet/interfaces-tls.ts";
import { CertificateOptions } from "../internet/tls/certificate-options.ts";
import { PrivateCertificate } from "../internet/tls/private-certificate.ts";
import { selfSignedCertificate } from "../internet/tls/self-signed.ts";
import { HTTP_PROTOCOLS } from "../web/server/site.ts";
import type { CommandContext } from "./command.ts";

/** A port of this machine. */
interface Place {
  readonly host: string;
  readonly port: number;
}

/** Files, or a certificate that is made. */
type TLSSettings = "self" | { readonly certificate: string; readonly key: string };

/** What `--listen` and `--tls` say. */
export interface ListenSettings {
  /** A place, or the string of an endpoint. */
  readonly listen: Place | string;
  readonly tls: TLSSettings | undefined;
}

const DEFAULT: Place = { host: "127.0.0.1", port: 8080 };
const PLACE = /^(?:(?<host>[^:[\]]*|\[[\da-f:.]+\]):)?(?<port>\d{1,5})$/iu;

/** @throws {UsageError} */
export function listenSettings(
  listen: string | undefined,
  tls: string | undefined,
): ListenSettings {
  const place = listen === undefined ? DEFAULT : placeFrom(listen);
  const secure = tls === undefined ? undefined : tlsFrom(tls);
  if (secure !== undefined && typeof place === "string") {
    throw new UsageError(
      `Cannot use --tls with --listen ${quote(place)}: expected a port, or an address and a port`,
    );
  }
  return { listen: place, tls: secure };
}

function placeFrom(text: string): Place | string {
  const { host, port } = PLACE.exec(text)?.groups ?? {};
  if (port === undefined) return text;
  if (Number(port) > 65_535) {
    throw new UsageError(`Cannot use --listen ${quote(text)}: expected a port of at most 65535`);
  }
  const address = host?.replaceAll(/[[\]]/gu, "");
  // ":8080" is every address, as in the configuration of other servers.
  return { host: address === "" ? "0.0.0.0" : (address ?? DEFAULT.host), port: Number(port) };
}

function tlsFrom(text: string): TLSSettings {
  if (text === "self") return text;
  const [certificate = "", key = "", more] = text.split(",");
  if (certificate !== "" && key !== "" && more === undefined) return { certificate, key };
  throw new UsageError(`Cannot use --tls ${quote(text)}: expected self, or two files: CERT,KEY`);
}

/** @throws {UsageError} The endpoint or the files make no sense. */
export async function serveEndpoint(
  { listen, tls }: ListenSettings,
  { reactor, directory }: CommandContext,
): Promise<IStreamServerEndpoint> {
  if (typeof listen === "string") return endpointFrom(listen, reactor);
  const { host, port } = listen;
  if (tls !== undefined) {
    if (!reactor.provides(IReactorSSL)) throw new UsageError("Cannot use --tls: no TLS here");
    const certificate = await certificateFrom(tls, directory);
    const options = new CertificateOptions({
      privateKey: certificate,
      certificate: certificate.certificate,
      extraCertChain: certificate.chain,
      acceptableProtocols: HTTP_PROTOCOLS,
    });
    return new SSL4ServerEndpoint(reactor, port, options, { interface: host });
  }
  return host.includes(":")
    ? new TCP6ServerEndpoint(reactor, port, { interface: host })
    : new TCP4ServerEndpoint(reactor, port, { interface: host });
}

function endpointFrom(
  description: string,
  reactor: CommandContext["reactor"],
): IStreamServerEndpoint {
  try {
    return serverFromString(reactor, description);
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof RangeError)) throw error;
    throw new UsageError(error.message, { cause: error });
  }
}

async function certificateFrom(tls: TLSSettings, directory: string): Promise<PrivateCertificate> {
  if (tls === "self") return await selfSignedCertificate();
  try {
    const texts = [tls.key, tls.certificate].map((file) =>
      readFileSync(resolve(directory, file), "utf8"),
    );
    return PrivateCertificate.loadPEM(texts.join("\n"));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new UsageError(`Cannot use --tls: ${why}`, { cause: error });
  }
}

/** What to open in a browser. */
export function urlsOf(address: IAddress, isSecure: boolean): readonly string[] {
  if (!(address instanceof IPv4Address || address instanceof IPv6Address)) {
    return [address.toString()];
  }
  const { host, port } = address;
  const isEverywhere = host === "0.0.0.0" || host === "::";
  const hosts = isEverywhere ? ["127.0.0.1", ...outsideAddresses()] : [host];
  return hosts.map((one) => {
    const name = one.includes(":") ? `[${one}]` : one;
    return `${isSecure ? "https" : "http"}://${name}:${String(port)}/`;
  });
}

/** Where others find this machine. */
function outsideAddresses(): readonly string[] {
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ family, internal }) => family === "IPv4" && !internal)
    .map(({ address }) => address);
}
