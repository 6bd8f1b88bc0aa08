/**
 * Users and the scrypt hashes of their passwords, as in a file.
 *
 *     # comment
 *     ada:$scrypt$ln=15,r=8,p=3$<salt>$<hash>        both in Base64
 *
 * Spec: RFC 7914 (scrypt); the form of a hash is PHC's string format. The cost is one of those that
 * OWASP recommends: 32 MiB, and more than a tenth of a second of one core.
 *
 * After: FilePasswordDB of twisted.cred.checkers. Differs: nothing in plain text, ever.
 *
 * @module
 */
import { createHmac, scrypt } from "node:crypto";
import { DeferredSemaphore } from "../../defer/deferred-semaphore.ts";
import type { IReactorRandom } from "../../internet/interfaces-reactor.ts";
import {
  type ICredentials,
  UnauthorizedLogin,
  UnhandledCredentials,
  UsernamePassword,
} from "./credentials.ts";
import { equalSecrets } from "./equal-secrets.ts";
import type { IChecker } from "./portal.ts";

interface Cost {
  /** The binary logarithm of N. */
  readonly ln: number;
  readonly r: number;
  readonly p: number;
}

interface PasswordHash extends Cost {
  readonly salt: Buffer;
  readonly hash: Buffer;
}

const COST: Cost = { ln: 15, r: 8, p: 3 };
const SALT_BYTES = 16;
const HASH_BYTES = 32;
/** So many at once: each takes one of Node's four threads, which files and names need as well. */
const AT_ONCE = 2;
const LINE = new RegExp(
  String.raw`^(?<name>[^:]+):\$scrypt\$ln=(?<ln>\d\d?),r=(?<r>\d\d?),p=(?<p>\d\d?)` +
    String.raw`\$(?<salt>[A-Za-z\d+/]{16,}=*)\$(?<hash>[A-Za-z\d+/]{22,}=*)$`,
  "u",
);

/** What stands behind `name:` in the file, for this password. */
export async function hashPassword(reactor: IReactorRandom, password: string): Promise<string> {
  const salt = reactor.randomBytes(SALT_BYTES);
  const hash = await derive(password, { ...COST, salt }, HASH_BYTES);
  const { ln, r, p } = COST;
  const cost = `ln=${String(ln)},r=${String(r)},p=${String(p)}`;
  return `$scrypt$${cost}$${salt.toString("base64")}$${hash.toString("base64")}`;
}

/**
 * See the top of this file. It judges {@link UsernamePassword}: Digest needs the plain password.
 *
 * A password that was right is known again for the life of this object, by a keyed hash: browsers
 * send it with each request.
 *
 * @example
 * ```ts
 * import { hashPassword, HashedPasswords, UsernamePassword } from "sennit/web";
 * import { MemoryReactor } from "sennit/testing";
 *
 * const reactor = new MemoryReactor(); // in a program: import { reactor } from "sennit/reactor"
 * const file = `ada:${await hashPassword(reactor, "lovelace")}\n`; // readFileSync("users", "utf8")
 * const users = new HashedPasswords(reactor, file);
 * console.log(await users.requestAvatarId(new UsernamePassword("ada", "lovelace"))); // ada
 * ```
 */
export class HashedPasswords implements IChecker {
  readonly #hashes: ReadonlyMap<string, PasswordHash>;
  readonly #turns = new DeferredSemaphore(AT_ONCE);
  readonly #key: Buffer;
  /** Of each user, the keyed hash of the password that was right. */
  readonly #seen = new Map<string, Buffer>();
  /** Users who are not there are compared with it: it takes as long, and nothing fits. */
  readonly #nobody: PasswordHash;

  /**
   * @param text What the file holds. Read it anew, into a new object, when it has changed.
   * @throws {TypeError} A line is none of the file's kind, or a name comes twice.
   */
  constructor(reactor: IReactorRandom, text: string) {
    this.#hashes = parse(text);
    this.#key = reactor.randomBytes(HASH_BYTES);
    const [salt, hash] = [reactor.randomBytes(SALT_BYTES), reactor.randomBytes(HASH_BYTES)];
    this.#nobody = { ...COST, salt, hash };
  }

  /** See {@link IChecker}. */
  async requestAvatarId(credentials: ICredentials): Promise<string> {
    if (!(credentials instanceof UsernamePassword)) {
      throw new UnhandledCredentials("Cannot check hashed passwords: expected a UsernamePassword");
    }
    const { username, password } = credentials;
    const keyed = createHmac("sha256", this.#key).update(password).digest();
    const seen = this.#seen.get(username);
    if (seen !== undefined && equalSecrets(seen, keyed)) return username;
    if (!(await this.#turns.run(async () => await this.#isRight(username, password)))) {
      throw new UnauthorizedLogin("Cannot log in: wrong name or password");
    }
    this.#seen.set(username, keyed);
    return username;
  }

  async #isRight(username: string, password: string): Promise<boolean> {
    const known = this.#hashes.get(username) ?? this.#nobody;
    return equalSecrets(await derive(password, known, known.hash.length), known.hash);
  }
}

function derive(
  password: string,
  { ln, r, p, salt }: Cost & { readonly salt: Buffer },
  bytes: number,
): Promise<Buffer> {
  const N = 2 ** ln;
  return new Promise((resolve, reject) => {
    scrypt(password, salt, bytes, { N, r, p, maxmem: 256 * N * r * p }, (error, hash) => {
      if (error === null) resolve(hash);
      else reject(error);
    });
  });
}

function parse(text: string): ReadonlyMap<string, PasswordHash> {
  const hashes = new Map<string, PasswordHash>();
  for (const [at, line] of text.split(/\r?\n/u).entries()) {
    if (line === "" || line.startsWith("#")) continue;
    const { name = "", ln, r, p, salt = "", hash = "" } = LINE.exec(line)?.groups ?? {};
    if (name === "" || hashes.has(name)) {
      const expected = name === "" ? "name:$scrypt$…" : "each name once";
      throw new TypeError(`Cannot read users: expected ${expected}, on line ${String(at + 1)}`);
    }
    hashes.set(name, {
      ln: Number(ln),
      r: Number(r),
      p: Number(p),
      salt: Buffer.from(salt, "base64"),
      hash: Buffer.from(hash, "base64"),
    });
  }
  return hashes;
}
