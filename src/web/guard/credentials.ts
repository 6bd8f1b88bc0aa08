/**
 * Who somebody says they are, and how they show it.
 *
 * After: twisted.cred.credentials, twisted.cred.error.
 *
 * @module
 */
import { SennitError } from "../../core/errors.ts";
import { equalSecrets } from "./equal-secrets.ts";

/** A name, and a way to find out whether its bearer knows a password. */
export interface ICredentials {
  /** Not empty. */
  readonly username: string;
  /** Does the bearer know this password? It takes the same time, wherever the two differ. */
  checkPassword(password: string): boolean;
}

/** A name and a password, as Basic has them. */
export class UsernamePassword implements ICredentials {
  readonly username: string;
  /** In plain text: do not log it. */
  readonly password: string;

  constructor(username: string, password: string) {
    this.username = username;
    this.password = password;
  }

  checkPassword(password: string): boolean {
    return equalSecrets(this.password, password);
  }
}

/** These credentials let nobody in. A server answers 401. */
export class UnauthorizedLogin extends SennitError {
  readonly code = "ERR_UNAUTHORIZED_LOGIN";
  /** They would have been good with a younger nonce: no reason to ask the user again. */
  readonly isStale: boolean;

  constructor(message: string, isStale = false) {
    super(message);
    this.isStale = isStale;
  }
}

/** A checker cannot judge credentials of this kind: the next one may. */
export class UnhandledCredentials extends SennitError {
  readonly code = "ERR_UNHANDLED_CREDENTIALS";
}
