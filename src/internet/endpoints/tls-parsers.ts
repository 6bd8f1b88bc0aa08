/**
 * The prefixes `ssl` and `tls`.
 *
 *     ssl:port[:privateKey][:certKey][:extraCertChain][:interface][:backlog]
 *         [:dhParameters][:protocols][:trustRoots]
 *     tls:…               the same; or `tls:port:certificates=directory`, a certificate per name
 *     ssl:host:port[:timeout][:bindAddress][:hostname][:caCertsDir][:certKey][:privateKey]
 *         [:protocols]
 *     tls:host:port[:timeout][:bindAddress][:certificate][:privateKey][:trustRoots][:hostname]
 *         [:protocols][:endpoint]
 *
 * Files are read when the description is. `tls` clients try every address of the name; with
 * `endpoint=` they speak TLS inside of what that description connects.
 *
 * After: twisted.internet.endpoints (_parseSSL, _parseClientSSL, _TLSClientEndpointParser).
 * Differs: a client of `ssl` verifies the name, which is the host's unless `hostname` says
 * otherwise; `sslmethod` is not known, the versions are TLS 1.2 and 1.3; ALPN and clients'
 * certificates.
 *
 * @module
 */
import { UnsupportedError } from "../errors.ts";
import type { IStreamClientEndpoint, IStreamServerEndpoint } from "../interfaces-factory.ts";
import type { IReactorCore } from "../interfaces-reactor.ts";
import { IReactorSSL, type ITLSClientOptions } from "../interfaces-tls.ts";
import { optionsForClientTLS } from "../tls/client-options.ts";
import { CertificateOptions } from "../tls/certificate-options.ts";
import type { PrivateCertificate } from "../tls/private-certificate.ts";
import { SNIDirectory } from "../tls/sni-directory.ts";
import type { TrustRoot } from "../tls/trust-root.ts";
import { type ArgumentSyntax, EndpointArguments } from "./_arguments.ts";
import { certificateFrom, policyFrom, protocolsFrom, trustRootFrom } from "./_tls-files.ts";
import { withNames } from "./host-parser.ts";
import type {
  IStreamClientEndpointStringParser,
  IStreamServerEndpointStringParser,
} from "./interfaces-string-parser.ts";
import { SNIDirectoryServerEndpoint } from "./sni-directory-endpoint.ts";
import { connectOptions, listenOptions } from "./tcp-parsers.ts";
import {
  SSL4ClientEndpoint,
  SSL4ServerEndpoint,
  TLSHostnameEndpoint,
  wrapClientTLS,
} from "./tls-endpoints.ts";

/** Twisted's: key and certificate in one file of the working directory. */
const KEY_FILE = "server.pem";

function withTLS<Reactor extends IReactorCore>(reactor: Reactor): Reactor & IReactorSSL {
  if (reactor.provides(IReactorSSL)) return reactor;
  throw new UnsupportedError(IReactorSSL.label, reactor.constructor.name);
}

// -- Servers

const SERVER_NAMES = [
  "port",
  "privateKey",
  "certKey",
  "extraCertChain",
  "interface",
  "backlog",
  "dhParameters",
  "protocols",
  "trustRoots",
];
const SERVER_FILES = "[:privateKey][:certKey][:extraCertChain][:interface][:backlog]";

function parseServer(reactor: IReactorCore, fields: EndpointArguments): IStreamServerEndpoint {
  const { certificate, chain, privateKey } = certificateFrom(fields, {
    privateKey: fields.optional("privateKey") ?? KEY_FILE,
    certKey: fields.optional("certKey"),
    extraCertChain: fields.optional("extraCertChain"),
  });
  const options = new CertificateOptions({
    ...policyFrom(fields),
    privateKey: { privateKey },
    certificate,
    extraCertChain: chain,
  });
  const port = fields.port("port");
  return new SSL4ServerEndpoint(withTLS(reactor), port, options, listenOptions(fields));
}

/** `ssl:port[:privateKey][:certKey]…` makes an {@link SSL4ServerEndpoint}. */
export const sslServerParser: IStreamServerEndpointStringParser = {
  prefix: "ssl",
  usage: `ssl:port${SERVER_FILES}`,
  parseStreamServer(reactor, positional, keywords) {
    const { usage } = sslServerParser;
    const syntax = { what: "ssl server endpoint", usage, names: SERVER_NAMES };
    return parseServer(reactor, new EndpointArguments(syntax, positional, keywords));
  },
};

/** As `ssl`; `tls:port:certificates=directory` makes an {@link SNIDirectoryServerEndpoint}. */
export const tlsServerParser: IStreamServerEndpointStringParser = {
  prefix: "tls",
  usage: `tls:port:certificates=directory, or tls:port${SERVER_FILES}`,
  parseStreamServer(reactor, positional, keywords) {
    const { usage } = tlsServerParser;
    const names = [...SERVER_NAMES, "certificates"];
    const syntax = { what: "tls server endpoint", usage, names };
    const fields = new EndpointArguments(syntax, positional, keywords);
    const directory = fields.optional("certificates");
    if (directory === undefined) return parseServer(reactor, fields);
    for (const name of ["privateKey", "certKey", "extraCertChain"]) {
      if (fields.optional(name) !== undefined) fields.refuse(`${name} and certificates`);
    }
    const certificates = new SNIDirectory(directory, policyFrom(fields));
    const port = fields.port("port");
    return new SNIDirectoryServerEndpoint(
      withTLS(reactor),
      port,
      certificates,
      listenOptions(fields),
    );
  },
};

// -- Clients

/** What a client's description says of certificates, under the names that its prefix has. */
interface ClientFiles {
  readonly host: string;
  readonly trustRoot: TrustRoot | undefined;
  readonly clientCertificate: PrivateCertificate | undefined;
}

function clientOptions(fields: EndpointArguments, files: ClientFiles): ITLSClientOptions {
  const { host, trustRoot, clientCertificate } = files;
  const hostname = fields.optional("hostname") ?? host;
  const acceptableProtocols = protocolsFrom(fields);
  try {
    return optionsForClientTLS(hostname, {
      ...(trustRoot !== undefined && { trustRoot }),
      ...(clientCertificate !== undefined && { clientCertificate }),
      ...(acceptableProtocols.length > 0 && { acceptableProtocols }),
    });
  } catch (error) {
    return fields.refuse(error instanceof Error ? error.message : String(error), error);
  }
}

/** The client's own certificate: in one file with its key, or in two. */
function clientCertificate(
  fields: EndpointArguments,
  certificateName: string,
): PrivateCertificate | undefined {
  const certificate = fields.optional(certificateName);
  const privateKey = fields.optional("privateKey") ?? certificate;
  if (privateKey === undefined) return undefined;
  const certKey = certificate === privateKey ? undefined : certificate;
  return certificateFrom(fields, { privateKey, certKey, extraCertChain: undefined });
}

const SSL_CLIENT: ArgumentSyntax = {
  what: "ssl client endpoint",
  usage: "ssl:host:port[:timeout][:bindAddress][:hostname][:caCertsDir][:certKey][:privateKey]",
  names: [
    "host",
    "port",
    "timeout",
    "bindAddress",
    "hostname",
    "caCertsDir",
    "certKey",
    "privateKey",
    "protocols",
  ],
};

/** `ssl:host:port…` makes an {@link SSL4ClientEndpoint}. */
export const sslClientParser: IStreamClientEndpointStringParser = {
  prefix: "ssl",
  usage: SSL_CLIENT.usage,
  parseStreamClient(reactor, positional, keywords) {
    const fields = new EndpointArguments(SSL_CLIENT, positional, keywords);
    const host = fields.required("host");
    const options = clientOptions(fields, {
      host,
      trustRoot: trustRootFrom(fields, "caCertsDir"),
      clientCertificate: clientCertificate(fields, "certKey"),
    });
    const port = fields.port("port");
    return new SSL4ClientEndpoint(withTLS(reactor), host, port, options, connectOptions(fields));
  },
};

const TLS_CLIENT: ArgumentSyntax = {
  what: "tls client endpoint",
  usage:
    "tls:host:port[:timeout][:bindAddress][:certificate][:privateKey][:trustRoots]" +
    "[:endpoint=inner description]",
  names: [
    "host",
    "port",
    "timeout",
    "bindAddress",
    "certificate",
    "privateKey",
    "trustRoots",
    "hostname",
    "protocols",
    "endpoint",
  ],
};

/** `tls:host:port…` makes a {@link TLSHostnameEndpoint}, or wraps what `endpoint` describes. */
export const tlsClientParser: IStreamClientEndpointStringParser = {
  prefix: "tls",
  usage: TLS_CLIENT.usage,
  parseStreamClient(reactor, positional, keywords, inner) {
    const fields = new EndpointArguments(TLS_CLIENT, positional, keywords);
    const host = fields.required("host");
    const options = clientOptions(fields, {
      host,
      trustRoot: trustRootFrom(fields, "trustRoots"),
      clientCertificate: clientCertificate(fields, "certificate"),
    });
    const wrapped = fields.optional("endpoint");
    if (wrapped !== undefined) return wrap(reactor, options, inner(wrapped));
    const port = fields.port("port");
    const named = withNames(withTLS(reactor));
    return new TLSHostnameEndpoint(named, host, port, options, connectOptions(fields));
  },
};

function wrap(
  reactor: IReactorCore,
  options: ITLSClientOptions,
  endpoint: IStreamClientEndpoint,
): IStreamClientEndpoint {
  return wrapClientTLS(withTLS(reactor), options, endpoint);
}
