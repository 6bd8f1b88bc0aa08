/**
 * Entity tags for answers, and 304 where the client has the answer already.
 *
 *     200 ETag: "…"     If-None-Match: "…" ─▶ 304
 *
 * What is hashed is the body of an answer to GET or HEAD that is there whole: text or bytes. A tag
 * that the handler has set stays. Streams are passed as they are.
 *
 * It saves the way, not the work: the handler has made the answer by then.
 *
 * Spec: RFC 9110 §8.8.3, §13.1.1, §13.1.2, §13.2, §15.4.5. Differs: dates are not looked at; who
 * knows when something was changed knows it before making an answer.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { andThen } from "../server/and-then.ts";
import { evaluateConditions } from "../http/conditional.ts";
import { parseEntityTag } from "../http/entity-tag.ts";
import { Answer, type RenderResult } from "../server/answer.ts";
import type { Request } from "../server/request.ts";
import { refusal } from "./problem.ts";
import { answerOf, fieldOf, type Wrapper } from "./wrapper.ts";

/** Half of SHA-256: what nobody meets by chance, or finds. */
const HASH_CHARACTERS = 22;
const TAG_CONDITIONS = new Set(["if-match", "if-none-match"]);

/**
 * A wrapper that gives answers entity tags. See the top of this file.
 *
 * Inside {@link compressed}, not around it: a tag of compressed bytes would differ for each client.
 *
 * @example
 * ```ts
 * import { etagged, json, Router } from "sennit/web";
 *
 * const router = new Router();
 * router.use(etagged());
 * router.get("/prices", () => json({ tea: 3 }));
 * ```
 */
export function etagged(): Wrapper {
  return (request, next) => {
    const { method } = request;
    if (method !== "GET" && method !== "HEAD") return next(request);
    return andThen(next(request), (result) => tagged(request, result));
  };
}

function tagged(request: Request, result: RenderResult): RenderResult {
  const answer = answerOf(request, result);
  if (answer?.code !== 200) return answer ?? result;
  const { body } = answer;
  if (typeof body !== "string" && !(body instanceof Uint8Array)) return answer;
  const etag = fieldOf(request, answer, "etag") ?? `"${hashOf(body)}"`;
  const headers = answer.headers.copy();
  headers.set("etag", etag);
  const found = outcome(request, etag);
  if (found === "failed") return refusal(request, 412, "This is not what it was.");
  if (found === "proceed") return new Answer(body, { headers });
  return new Answer("", { code: 304, headers: unchanged(headers) });
}

function outcome(request: Request, etag: string): ReturnType<typeof evaluateConditions> {
  const tag = parseEntityTag(etag);
  const selected = { exists: true, ...(tag !== undefined && { etag: tag }) };
  const conditions = {
    method: request.method,
    field: (name: string) => (TAG_CONDITIONS.has(name) ? request.getHeader(name) : undefined),
  };
  return evaluateConditions(conditions, selected, 0);
}

/** Without what is said of the body that is not sent (RFC 9110 §15.4.5). */
function unchanged(headers: Answer["headers"]): Answer["headers"] {
  for (const name of ["content-type", "content-length", "content-encoding", "content-language"]) {
    headers.removeHeader(name);
  }
  return headers;
}

function hashOf(body: Uint8Array | string): string {
  return createHash("sha256").update(body).digest("base64url").slice(0, HASH_CHARACTERS);
}
