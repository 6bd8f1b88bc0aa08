/**
 * The library that encodes X.509, loaded when something is to be encoded.
 *
 * Not before: it needs `reflect-metadata`, which adds to the global `Reflect`, and it takes its
 * time. Who only reads certificates, or serves them, never loads either.
 *
 * @module
 */
import { type KeyObject, webcrypto } from "node:crypto";
import type * as X509 from "@peculiar/x509";
import { publicKeyDER } from "./_private-key.ts";
import { CertificateError } from "./errors.ts";

/** What is behind `@peculiar/x509`. */
export type X509Library = typeof X509;

let loading: Promise<X509Library> | undefined;

/** The library. */
export function x509Library(): Promise<X509Library> {
  loading ??= load();
  return loading;
}

async function load(): Promise<X509Library> {
  await import("reflect-metadata");
  return import("@peculiar/x509");
}

/** How a key signs, in the words of WebCrypto. */
export interface SigningAlgorithm {
  readonly name: string;
  readonly namedCurve?: string;
  readonly hash?: string;
}

const CURVES: ReadonlyMap<string, SigningAlgorithm> = new Map([
  ["prime256v1", { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" }],
  ["secp384r1", { name: "ECDSA", namedCurve: "P-384", hash: "SHA-384" }],
  ["secp521r1", { name: "ECDSA", namedCurve: "P-521", hash: "SHA-512" }],
]);
const KINDS: ReadonlyMap<string, SigningAlgorithm> = new Map([
  ["rsa", { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" }],
  ["ed25519", { name: "Ed25519" }],
]);

/** How `key` signs. @throws {CertificateError} `unsupported`. */
export function signingAlgorithm(key: KeyObject): SigningAlgorithm {
  const kind = key.asymmetricKeyType ?? "none";
  const curve = key.asymmetricKeyDetails?.namedCurve;
  const algorithm = curve === undefined ? KINDS.get(kind) : CURVES.get(curve);
  if (algorithm !== undefined) return algorithm;
  throw new CertificateError(
    "Cannot sign: expected a key of kind rsa, ed25519 or ec on curve P-256, P-384 or P-521, " +
      `got ${[kind, curve].filter((one) => one !== undefined).join(" on ")}`,
    "unsupported",
  );
}

/** Both halves, as the library wants them. @throws {CertificateError} `unsupported`. */
export async function signingKeys(privateKey: KeyObject): Promise<webcrypto.CryptoKeyPair> {
  const algorithm = signingAlgorithm(privateKey);
  const { subtle } = webcrypto;
  const pkcs8 = privateKey.export({ type: "pkcs8", format: "der" });
  return {
    privateKey: await subtle.importKey("pkcs8", pkcs8, algorithm, false, ["sign"]),
    publicKey: await subtle.importKey("spki", publicKeyDER(privateKey), algorithm, true, [
      "verify",
    ]),
  };
}
