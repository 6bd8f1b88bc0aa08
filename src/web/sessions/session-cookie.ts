/**
 * The cookie that says whose request it is.
 *
 *     Set-Cookie: SENNIT_SESSION=…; Path=/; HttpOnly; SameSite=Lax
 *     Set-Cookie: __Host-SENNIT_SESSION=…; Path=/; Secure; HttpOnly; SameSite=Lax
 *
 * Over TLS its name has the prefix `__Host-`: a browser takes such a cookie from this host over TLS
 * and from nobody else, so that no neighbour below the same domain can plant one.
 *
 * Spec: RFC 6265; RFC 6265bis §4.1.3.2 (the prefix). Differs from Twisted's: HttpOnly and SameSite.
 *
 * @module
 */
import type { SetCookieOptions } from "../http/cookie.ts";

const NAME = "SENNIT_SESSION";

/** What a session needs of the request that it is for. A {@link Request} is one. */
export interface CookieCarrier {
  /** Did it come encrypted? */
  isSecure(): boolean;
  /** A cookie that came with it. */
  getCookie(name: string): string | undefined;
  /** A cookie for the answer. @throws {Error} The answer has begun. */
  addCookie(name: string, value: string, options?: SetCookieOptions): void;
}

/** The id of the session that a request says it belongs to. */
export function readSessionCookie(carrier: CookieCarrier, isSecure: boolean): string | undefined {
  return carrier.getCookie(isSecure ? `__Host-${NAME}` : NAME);
}

/** Tell the client the id of its session. @throws {Error} The answer has begun. */
export function setSessionCookie(carrier: CookieCarrier, uid: string, isSecure: boolean): void {
  const options = { path: "/", secure: isSecure, httpOnly: true, sameSite: "lax" } as const;
  carrier.addCookie(isSecure ? `__Host-${NAME}` : NAME, uid, options);
}
