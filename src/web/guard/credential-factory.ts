/**
 * A scheme of HTTP authentication: its challenge, and the credentials that answer it.
 *
 * After: twisted.web.iweb.ICredentialFactory. Differs: it says itself whether it was meant.
 *
 * @module
 */
import type { Challenge } from "../http/authorization.ts";
import type { Request } from "../server/request.ts";
import type { ICredentials } from "./credentials.ts";

/** See the top of this file. */
export interface ICredentialFactory {
  /**
   * What a client is told that has no credentials, or none that are good.
   *
   * @param isStale They would have been good with a younger nonce.
   */
  getChallenge(request: Request, isStale: boolean): Challenge;
  /**
   * Credentials of what the client has sent; `undefined`: it was meant for another factory.
   *
   * @throws {UnauthorizedLogin} It cannot be read, or it is used up.
   */
  decode(sent: Challenge, request: Request): ICredentials | undefined;
}

/** The name of a protected space; @throws {TypeError} it is not ASCII, which old clients need. */
export function checkedRealm(realm: string): string {
  if (/^[\x20-\x7e]*$/u.test(realm)) return realm;
  throw new TypeError("Cannot protect a realm: expected a name in ASCII");
}
