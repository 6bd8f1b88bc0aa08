/**
 * Is the peer who it should be? The verdicts are those of OpenSSL, by name: where several things
 * are wrong, it tells the last one that it finds, and so does this.
 *
 * Differs: there are no public authorities in a simulation, so that whoever trusts those of the
 * platform (`platformTrust()`, the default of clients) trusts nobody. Lengths of paths and
 * constraints of names are not looked at, nor are lists of what was revoked.
 *
 * Spec: RFC 5280 §6, RFC 9525 §6. After: X509_verify_cert of OpenSSL, tls.checkServerIdentity.
 *
 * @module
 */
import { ipFamily } from "../../../internet/ip-family.ts";
import { VerificationError } from "../../../internet/tls/errors.ts";
import type { KnownCertificate } from "./known-certificate.ts";

/** What is asked of a chain of certificates. */
export interface Question {
  /** As the peer has shown it: its own certificate is the first. */
  readonly chain: readonly KnownCertificate[];
  /** Whose signature counts; `"platform"`: the public authorities, of which there are none. */
  readonly trusted: readonly KnownCertificate[] | "platform";
  /** The date, in seconds since 1970. */
  readonly date: number;
  /** What the peer is. */
  readonly role: "server" | "client";
}

/** What is wrong, and in words. */
interface Verdict {
  readonly why: string;
  readonly text: string;
}

const VERDICTS = {
  selfSigned: ["DEPTH_ZERO_SELF_SIGNED_CERT", "self-signed certificate"],
  selfSignedRoot: ["SELF_SIGNED_CERT_IN_CHAIN", "self-signed certificate in certificate chain"],
  noIssuer: ["UNABLE_TO_GET_ISSUER_CERT_LOCALLY", "unable to get local issuer certificate"],
  unverifiable: ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", "unable to verify the first certificate"],
  tooLong: ["CERT_CHAIN_TOO_LONG", "certificate chain too long"],
  noAuthority: ["INVALID_CA", "invalid CA certificate"],
  wrongPurpose: ["INVALID_PURPOSE", "unsuitable certificate purpose"],
  // Node has no name for it.
  unentitled: ["UNSPECIFIED", "key usage does not include certificate signing"],
  early: ["CERT_NOT_YET_VALID", "certificate is not yet valid"],
  late: ["CERT_HAS_EXPIRED", "certificate has expired"],
} as const;

const PURPOSES = { server: "1.3.6.1.5.5.7.3.1", client: "1.3.6.1.5.5.7.3.2" } as const;
/** OpenSSL's. */
const DEPTH_MAX = 100;

/** Is the chain to be trusted? @returns Why not. */
export function chainError(question: Question): VerificationError | undefined {
  const path = pathOf(question);
  const found = [
    ...anchorVerdicts(path),
    ...authorityVerdicts(path, question),
    ...dateVerdicts(path, question),
  ];
  const last = found.at(-1);
  if (last === undefined) return undefined;
  const [why, text] = VERDICTS[last];
  return verificationError({ why, text });
}

type Finding = keyof typeof VERDICTS;

/** From the peer's certificate up to one that is trusted, if that can be. */
interface Path {
  readonly certificates: readonly KnownCertificate[];
  readonly isAnchored: boolean;
}

function pathOf({ chain, trusted }: Question): Path {
  const anchors = trusted === "platform" ? [] : trusted;
  const certificates = chain.slice(0, 1);
  let current = certificates[0];
  while (current !== undefined && certificates.length <= DEPTH_MAX + 1) {
    const one = current;
    if (anchors.includes(one)) return { certificates, isAnchored: true };
    if (one.isSelfSigned) break;
    const others = chain.filter((other) => !certificates.includes(other));
    current = issuerOf(one, anchors) ?? issuerOf(one, others);
    if (current !== undefined) certificates.push(current);
  }
  return { certificates, isAnchored: false };
}

/** One that was entitled to issue it, if there is one. */
function issuerOf(
  one: KnownCertificate,
  others: readonly KnownCertificate[],
): KnownCertificate | undefined {
  const entitled = others.find((other) => one.issuedBy(other) === "yes");
  return entitled ?? others.find((other) => one.issuedBy(other) !== "no");
}

function anchorVerdicts({ certificates, isAnchored }: Path): readonly Finding[] {
  if (isAnchored) return [];
  if (certificates.length > DEPTH_MAX + 1) return ["tooLong"];
  if (certificates.at(-1)?.isSelfSigned !== true) return ["noIssuer"];
  return [certificates.length === 1 ? "selfSigned" : "selfSignedRoot"];
}

function authorityVerdicts({ certificates }: Path, { role }: Question): readonly Finding[] {
  return certificates.flatMap((one, at) => {
    const findings: Finding[] = [];
    if (at > 0 && !one.isAuthority) findings.push("noAuthority");
    if (one.purposes?.includes(PURPOSES[role]) === false) findings.push("wrongPurpose");
    return findings;
  });
}

/** From the top down. Where the platform is trusted, the top must be a root. */
function dateVerdicts(path: Path, { trusted, date }: Question): readonly Finding[] {
  const { certificates, isAnchored } = path;
  const top = certificates.at(-1);
  const isOpen = trusted === "platform" && !isAnchored && top?.isSelfSigned !== true;
  if (isOpen && certificates.length === 1) return ["unverifiable", ...dateVerdict(top, date)];
  const downwards = (isOpen ? certificates.slice(0, -1) : [...certificates]).toReversed();
  return downwards.flatMap((one) => {
    const issuer = certificates[certificates.indexOf(one) + 1];
    const findings: Finding[] = [];
    if (issuer !== undefined && one.issuedBy(issuer) !== "yes") findings.push("unentitled");
    findings.push(...dateVerdict(one, date));
    return findings;
  });
}

function dateVerdict(one: KnownCertificate | undefined, date: number): readonly Finding[] {
  if (one === undefined) return [];
  if (date < one.notBefore) return ["early"];
  return date > one.notAfter ? ["late"] : [];
}

/** Is the certificate for that name or address? @returns Why not. */
export function nameError(
  { x509 }: KnownCertificate,
  hostname: string,
): VerificationError | undefined {
  const isAddress = ipFamily(hostname) !== 0;
  const match = isAddress ? x509.checkIP(hostname) : x509.checkHost(hostname, { subject: "never" });
  if (match !== undefined) return undefined;
  const names = x509.subjectAltName;
  const text =
    names === undefined
      ? "it has no subject alternative names"
      : "Hostname/IP does not match certificate's altnames: " +
        `${isAddress ? "IP" : "Host"}: ${hostname}. is not in the cert's altnames: ${names}`;
  return verificationError({ why: "ERR_TLS_CERT_ALTNAME_INVALID", text });
}

function verificationError({ why, text }: Verdict): VerificationError {
  const cause = Object.assign(new Error(text), { code: why });
  const message = `Connection was lost: the peer's certificate is refused: ${text}`;
  return new VerificationError(message, why, { cause });
}
