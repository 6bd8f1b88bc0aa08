/**
 * Whose pages may open a WebSocket.
 *
 * A page of any site may open a WebSocket to any server, with the visitor's cookies; the browser
 * says in Origin whose page it is, and the server must look (RFC 6455 §10.2).
 *
 * @module
 */
import { quote } from "../../core/text.ts";
import type { Request } from "../server/request.ts";

/**
 * `"same"`: pages of the host that is asked, and programs that are no browsers. `"any"`: all. Or a
 * list of origins (`https://example.com`), or a question.
 */
export type AllowedOrigins =
  | "same"
  | "any"
  | readonly string[]
  | ((origin: string, request: Request) => boolean);

/** As browsers write one: in lower case, without a path. Pages of no site have `null`. */
const ORIGIN = /^(?:null|[a-z][\d+.a-z-]*:\/\/[^/A-Z]+)$/u;

/** The same. @throws {RangeError} An origin that no browser sends. */
export function checkedOrigins(allowed: AllowedOrigins): AllowedOrigins {
  const wrong = Array.isArray(allowed) ? allowed.find((one) => !ORIGIN.test(one)) : undefined;
  if (wrong === undefined) return allowed;
  throw new RangeError(
    `Cannot allow origin ${quote(wrong)}: expected one as browsers send it, https://example.com`,
  );
}

/** May this request open one? */
export function isAllowedOrigin(request: Request, allowed: AllowedOrigins): boolean {
  const origin = request.getHeader("origin");
  // No browser leaves it out.
  if (origin === undefined || allowed === "any") return true;
  if (typeof allowed === "function") return allowed(origin, request);
  if (allowed === "same") return hostOf(origin) === request.authority.toLowerCase();
  return allowed.includes(origin);
}

function hostOf(origin: string): string | undefined {
  return /^https?:\/\/([^/]+)$/iu.exec(origin)?.[1]?.toLowerCase();
}
