/**
 * Keys, certificates and roots that a description names as files.
 *
 * @module
 */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { quote } from "../../core/text.ts";
import type { ServerTLSPolicy } from "../tls/certificate-options.ts";
import { DiffieHellmanParameters } from "../tls/diffie-hellman-parameters.ts";
import { PrivateCertificate } from "../tls/private-certificate.ts";
import { type TrustRoot, trustRootFromCertificates } from "../tls/trust-root.ts";
import type { EndpointArguments } from "./_arguments.ts";

/** Read what `name` names, and make something of it; every failure is the description's. */
function reading<T>(fields: EndpointArguments, name: string, path: string, make: () => T): T {
  try {
    return make();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return fields.refuse(`cannot use ${quote(path)} as ${name}: ${why}`, error);
  }
}

/** What stands in the files `privateKey`, `certKey` and `extraCertChain`. */
export interface KeyFiles {
  /** A file with the key, and the certificate unless `certKey` has it. */
  readonly privateKey: string;
  readonly certKey: string | undefined;
  readonly extraCertChain: string | undefined;
}

/** The certificate in these files. @throws {EndpointDescriptionError} */
export function certificateFrom(fields: EndpointArguments, files: KeyFiles): PrivateCertificate {
  const { privateKey, certKey, extraCertChain } = files;
  const texts = [privateKey, certKey, extraCertChain]
    .filter((path) => path !== undefined)
    .map((path) => reading(fields, "a key or certificate", path, () => readFileSync(path, "utf8")));
  return reading(fields, "certificate", certKey ?? privateKey, () =>
    PrivateCertificate.loadPEM(texts.join("\n")),
  );
}

/** The roots under the name `name`: a file, or a directory of files `*.pem`. */
export function trustRootFrom(fields: EndpointArguments, name: string): TrustRoot | undefined {
  const path = fields.optional(name);
  if (path === undefined) return undefined;
  return reading(fields, name, path, () => trustRootFromCertificates(textsIn(path)));
}

function textsIn(path: string): readonly string[] {
  if (!statSync(path).isDirectory()) return [readFileSync(path, "utf8")];
  const files = readdirSync(path).filter((file) => file.endsWith(".pem"));
  return files.toSorted().map((file) => readFileSync(join(path, file), "utf8"));
}

/** What a server's description says beside its certificate. */
export function policyFrom(fields: EndpointArguments): ServerTLSPolicy {
  const trustRoot = trustRootFrom(fields, "trustRoots");
  const parameters = fields.optional("dhParameters");
  const dhParameters =
    parameters === undefined
      ? undefined
      : reading(fields, "dhParameters", parameters, () =>
          DiffieHellmanParameters.fromFile(parameters),
        );
  const acceptableProtocols = protocolsFrom(fields);
  return {
    ...(trustRoot !== undefined && { trustRoot }),
    ...(dhParameters !== undefined && { dhParameters }),
    ...(acceptableProtocols.length > 0 && { acceptableProtocols }),
  };
}

/** ALPN: `protocols=h2,http/1.1`. */
export function protocolsFrom(fields: EndpointArguments): readonly string[] {
  return fields.optional("protocols")?.split(",") ?? [];
}
