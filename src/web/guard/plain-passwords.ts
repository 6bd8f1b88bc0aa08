/**
 * Users and their passwords, in memory and in plain text.
 *
 * After: InMemoryUsernamePasswordDatabaseDontUse of twisted.cred.checkers.
 *
 * @module
 */
import { type ICredentials, UnauthorizedLogin } from "./credentials.ts";
import type { IChecker } from "./portal.ts";

/**
 * Who reads the program's memory or its configuration has every password: for tests, and for
 * Digest, which cannot do without. For Basic there is {@link HashedPasswords}.
 */
export class PlainPasswords implements IChecker {
  readonly #passwords: ReadonlyMap<string, string>;

  /** @param passwords By user. */
  constructor(passwords: Readonly<Record<string, string>> | ReadonlyMap<string, string>) {
    const pairs = passwords instanceof Map ? passwords : Object.entries(passwords);
    this.#passwords = new Map(pairs);
  }

  requestAvatarId(credentials: ICredentials): string {
    const { username } = credentials;
    const password = this.#passwords.get(username);
    // A user who is not there takes as long: which ones there are is nobody's business.
    const isRight = credentials.checkPassword(password ?? "");
    if (isRight && password !== undefined) return username;
    throw new UnauthorizedLogin("Cannot log in: wrong name or password");
  }
}
