/**
 * Lets scripts of other sites read answers (CORS).
 *
 *     OPTIONS, Origin, Access-Control-Request-Method ─▶ 204: what is allowed; nobody else is asked
 *     GET, Origin                                    ─▶ the answer, Access-Control-Allow-Origin
 *
 * It keeps nobody from asking: a browser sends plain requests of any site, and only keeps the
 * answer from the script. A page of 500 has no such fields: to scripts it is a network error.
 *
 * Spec: Fetch §3.3 (CORS protocol), §3.3.5 (with credentials nothing is `*`); RFC 9110 §12.5.5.
 *
 * @module
 */
import { quote } from "../../core/text.ts";
import { isToken } from "../http/wire/field-names.ts";
import { Answer } from "../server/answer.ts";
import type { Request } from "../server/request.ts";
import { addVary } from "./vary.ts";
import type { Wrapper } from "./wrapper.ts";

/** Options of {@link cors}. */
export interface CorsOptions {
  /**
   * Sites that may read: `*` for all, a list of origins as browsers send them
   * (`https://example.com`, no slash), or a function that says.
   */
  readonly origins: "*" | readonly string[] | ((origin: string) => boolean);
  /** May they send cookies and the like, and read what comes of it? Default: `false`. */
  readonly credentials?: boolean;
  /** Default: GET, HEAD, POST, PUT, PATCH, DELETE. */
  readonly methods?: readonly string[];
  /** Fields that they may send beside those that any page may. Default: Content-Type. */
  readonly headers?: readonly string[];
  /** Fields that they may read beside the plain ones. Default: none. */
  readonly exposedHeaders?: readonly string[];
  /** For how many seconds browsers may remember what is allowed. Default: 600. */
  readonly maxAge?: number;
}

const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];
const HEADERS = ["Content-Type"];

/** What is said, made once. */
interface Policy {
  readonly allows: (origin: string) => boolean;
  readonly isForAll: boolean;
  readonly credentials: boolean;
  readonly methods: string;
  readonly headers: string;
  readonly exposed: string;
  readonly maxAge: string;
}

/**
 * A wrapper that answers preflights, and tells browsers who may read.
 *
 * @throws {TypeError} Credentials for all origins; or a method or field's name that is none (`*`
 * among them: with credentials it would be taken for a name).
 * @throws {RangeError} A negative `maxAge`.
 *
 * @example
 * ```ts
 * import { cors, Router } from "sennit/web";
 *
 * const router = new Router();
 * router.use(cors({ origins: ["https://app.example.com"], credentials: true }));
 * ```
 */
export function cors(options: CorsOptions): Wrapper {
  const policy = policyOf(options);
  return (request, next) => {
    const origin = request.getHeader("origin");
    if (!policy.isForAll) addVary(request.responseHeaders, "Origin");
    const isAllowed = origin !== undefined && policy.allows(origin);
    if (isAllowed) allow(request, policy, origin);
    if (!isPreflight(request, origin)) return next(request);
    if (isAllowed) allowPreflight(request, policy);
    return new Answer("", { code: 204 });
  };
}

function policyOf(options: CorsOptions): Policy {
  const { origins, credentials = false, maxAge = 600 } = options;
  const isForAll = origins === "*";
  if (isForAll && credentials) {
    throw new TypeError("Cannot allow credentials to all origins: expected a list, or a function");
  }
  if (!(maxAge >= 0)) {
    throw new RangeError(`Cannot set maxAge: expected 0 or more seconds, got ${String(maxAge)}`);
  }
  return {
    allows: isForAll ? () => true : allowing(origins),
    isForAll,
    credentials,
    methods: listOf(options.methods ?? METHODS),
    headers: listOf(options.headers ?? HEADERS),
    exposed: listOf(options.exposedHeaders ?? []),
    maxAge: String(Math.floor(maxAge)),
  };
}

function allowing(
  origins: readonly string[] | ((origin: string) => boolean),
): (origin: string) => boolean {
  if (typeof origins === "function") return origins;
  const known = new Set(origins);
  return (origin) => known.has(origin);
}

function listOf(names: readonly string[]): string {
  const wrong = names.find((name) => !isToken(name) || name === "*");
  if (wrong !== undefined) {
    throw new TypeError(`Cannot list ${quote(wrong)} for CORS: expected the name of it`);
  }
  return names.join(", ");
}

/** Fetch §3.3.2. */
function isPreflight(request: Request, origin: string | undefined): boolean {
  return (
    request.method === "OPTIONS" &&
    origin !== undefined &&
    request.requestHeaders.hasHeader("access-control-request-method")
  );
}

function allow(request: Request, policy: Policy, origin: string): void {
  request.setHeader("access-control-allow-origin", policy.isForAll ? "*" : origin);
  if (policy.credentials) request.setHeader("access-control-allow-credentials", "true");
  if (policy.exposed !== "") request.setHeader("access-control-expose-headers", policy.exposed);
}

function allowPreflight(request: Request, policy: Policy): void {
  request.responseHeaders.removeHeader("access-control-expose-headers");
  request.setHeader("access-control-allow-methods", policy.methods);
  if (policy.headers !== "") request.setHeader("access-control-allow-headers", policy.headers);
  request.setHeader("access-control-max-age", policy.maxAge);
}
