/**
 * Digest authentication: the password is used, and never sent.
 *
 *     Authorization: Digest username="ada", realm="…", nonce="…", uri="/", qop=auth, nc=00000001,
 *       cnonce="…", response="…", algorithm=SHA-256, opaque="…"
 *
 * Spec: RFC 7616, with qop=auth and without userhash and `-sess`. Differs from Twisted's: SHA-256;
 * the target of the request must be the one that was signed; no count of a nonce is taken twice.
 *
 * @module
 */
import { createHash } from "node:crypto";
import type { IReactorRandom, IReactorTime } from "../../internet/interfaces-reactor.ts";
import type { Challenge } from "../http/authorization.ts";
import type { Request } from "../server/request.ts";
import { checkedRealm, type ICredentialFactory } from "./credential-factory.ts";
import { type ICredentials, UnauthorizedLogin } from "./credentials.ts";
import { decodeUTF8 } from "./decode-utf8.ts";
import { DigestNonces } from "./digest-nonces.ts";
import { equalSecrets } from "./equal-secrets.ts";

/** What a response is a hash of. MD5 is for clients that know nothing better. */
export type DigestAlgorithm = "SHA-256" | "MD5";

const HASHES: Readonly<Record<DigestAlgorithm, string>> = { "SHA-256": "sha256", MD5: "md5" };

/** Options of {@link DigestCredentialFactory}. */
export interface DigestOptions {
  /** Measures the life of nonces, and makes them. */
  readonly reactor: IReactorTime & IReactorRandom;
  /** What the user is asked a password for, in ASCII. */
  readonly realm: string;
  /** Default: `"SHA-256"`. For old clients, a second factory with `"MD5"` behind it. */
  readonly algorithm?: DigestAlgorithm;
  /** Seconds that a nonce is good for. Default: 900. */
  readonly nonceLifetime?: number;
}

/** What a client has signed, and its signature. All as it came: one character is one byte. */
export interface SignedRequest {
  readonly method: string;
  readonly uri: string;
  readonly nonce: string;
  readonly nc: string;
  readonly cnonce: string;
  readonly response: string;
}

/** Credentials of Digest: whoever knows the password can check them, and nobody else. */
export class DigestedCredentials implements ICredentials {
  readonly username: string;
  readonly #realm: string;
  readonly #algorithm: DigestAlgorithm;
  readonly #signed: SignedRequest;
  readonly #use: () => boolean;

  /** @param use They were good: is that for the first time? */
  constructor(
    username: string,
    { realm, algorithm }: { readonly realm: string; readonly algorithm: DigestAlgorithm },
    signed: SignedRequest,
    use: () => boolean,
  ) {
    this.username = username;
    this.#realm = realm;
    this.#algorithm = algorithm;
    this.#signed = signed;
    this.#use = use;
  }

  /** Right passwords are right once: a second look at the same request says no. */
  checkPassword(password: string): boolean {
    const { method, uri, nonce, nc, cnonce, response } = this.#signed;
    const a1 = this.#hash(`${this.username}:${this.#realm}:${password}`, "utf8");
    const a2 = this.#hash(`${method}:${uri}`, "latin1");
    const expected = this.#hash(`${a1}:${nonce}:${nc}:${cnonce}:auth:${a2}`, "latin1");
    return equalSecrets(response.toLowerCase(), expected) && this.#use();
  }

  #hash(text: string, encoding: "utf8" | "latin1"): string {
    return createHash(HASHES[this.#algorithm]).update(text, encoding).digest("hex");
  }
}

/** See the top of this file. Its checker must know plain passwords: {@link PlainPasswords}. */
export class DigestCredentialFactory implements ICredentialFactory {
  readonly #realm: string;
  readonly #algorithm: DigestAlgorithm;
  readonly #nonces: DigestNonces;
  readonly #opaque: string;

  /**
   * @throws {TypeError} A realm that is not ASCII, or an unknown algorithm.
   * @throws {RangeError} A lifetime that is not above 0.
   */
  constructor({ reactor, realm, algorithm = "SHA-256", nonceLifetime = 900 }: DigestOptions) {
    if (!Object.hasOwn(HASHES, algorithm)) {
      throw new TypeError("Cannot use Digest: expected the algorithm SHA-256 or MD5");
    }
    if (!(nonceLifetime > 0)) {
      throw new RangeError(`Cannot use nonces for ${String(nonceLifetime)} s: expected above 0`);
    }
    this.#realm = checkedRealm(realm);
    this.#algorithm = algorithm;
    this.#nonces = new DigestNonces(reactor, nonceLifetime);
    this.#opaque = reactor.randomBytes(16).toString("hex");
  }

  getChallenge(request: Request, isStale: boolean): Challenge {
    const parameters = new Map([
      ["realm", this.#realm],
      ["qop", "auth"],
      ["algorithm", this.#algorithm],
      ["nonce", this.#nonces.make(hostOf(request))],
      ["opaque", this.#opaque],
      ["charset", "UTF-8"],
    ]);
    if (isStale) parameters.set("stale", "true");
    return { scheme: "Digest", parameters };
  }

  decode({ scheme, parameters }: Challenge, request: Request): DigestedCredentials | undefined {
    if (scheme !== "digest" || !this.#isMeant(parameters)) return undefined;
    const username = usernameOf(parameters);
    const signed = signedBy(parameters, request);
    if (username === undefined || signed === undefined) {
      throw new UnauthorizedLogin("Cannot read credentials: expected Digest with qop=auth");
    }
    const { nonce, nc } = signed;
    const count = Number.parseInt(nc, 16);
    if (!this.#nonces.isGood(nonce, hostOf(request), count)) {
      throw new UnauthorizedLogin("Cannot log in: the nonce is used up", true);
    }
    const space = { realm: this.#realm, algorithm: this.#algorithm };
    return new DigestedCredentials(username, space, signed, () => this.#nonces.use(nonce, count));
  }

  #isMeant(parameters: ReadonlyMap<string, string>): boolean {
    const algorithm = parameters.get("algorithm") ?? "MD5"; // RFC 7616 §3.4.
    return (
      algorithm.toUpperCase() === this.#algorithm &&
      parameters.get("realm") === this.#realm &&
      parameters.get("opaque") === this.#opaque
    );
  }
}

/** The client's address without its port: each connection comes from another one. */
function hostOf(request: Request): string {
  const address = request.getClientAddress();
  return "host" in address ? String(address.host) : String(address);
}

function usernameOf(parameters: ReadonlyMap<string, string>): string | undefined {
  const name = parameters.get("username");
  const extended = parameters.get("username*");
  if (parameters.get("userhash")?.toLowerCase() === "true") return undefined;
  if ((name === undefined) === (extended === undefined)) return undefined; // RFC 7616 §3.4.
  const plain =
    name === undefined ? decodeExtended(extended) : decodeUTF8(Buffer.from(name, "latin1"));
  return plain === "" ? undefined : plain;
}

/** `UTF-8''J%C3%A4s%C3%B8n` (RFC 8187). */
function decodeExtended(value = ""): string | undefined {
  const encoded = /^utf-8'[^']*'(?<encoded>.*)$/iu.exec(value)?.groups?.["encoded"];
  try {
    return encoded === undefined ? undefined : decodeURIComponent(encoded);
  } catch {
    // It is the client's, and the caller says so.
    return undefined;
  }
}

/** What was signed; `undefined` if that is not this request, or not all is there. */
function signedBy(
  parameters: ReadonlyMap<string, string>,
  { method, uri: target, path, query }: Request,
): SignedRequest | undefined {
  const [uri, nonce, nc, cnonce, response] = ["uri", "nonce", "nc", "cnonce", "response"].map(
    (name) => parameters.get(name),
  );
  const isComplete =
    uri !== undefined && nonce !== undefined && cnonce !== undefined && response !== undefined;
  if (!isComplete || parameters.get("qop") !== "auth") return undefined;
  if (nc === undefined || !/^(?!0{8})[\da-f]{8}$/iu.test(nc)) return undefined;
  // Another uri than the request's: the signature would be for something else (RFC 7616 §3.4.6).
  if (uri !== target && uri !== (query === "" ? path : `${path}?${query}`)) return undefined;
  return { method, uri, nonce, nc, cnonce, response };
}
