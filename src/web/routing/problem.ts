/**
 * Problem details: what went wrong, for a program.
 *
 *     {"type":"about:blank","title":"Not Found","status":404,"detail":"No user has number 7."}
 *
 * Spec: RFC 9457 §3 (`errors` is the extension of its example), RFC 6901 §6 (pointers).
 *
 * @module
 */
import { issuePath, ValidationError } from "../bodies/standard-schema.ts";
import { preferredMediaType } from "../http/negotiation.ts";
import { phraseOf } from "../http/status.ts";
import { type Answer, type AnswerInit, json } from "../server/answer.ts";
import { errorPage } from "../server/error-page.ts";
import type { Request } from "../server/request.ts";
import { addVary } from "./vary.ts";

/** More about a problem: members of its own, and those of RFC 9457 §3.1 that are not plain. */
export interface ProblemMembers {
  /** A URL that names the kind of problem. Default: `about:blank`, the status says it all. */
  readonly type?: string;
  /** The kind in words. Default: the phrase of the status. */
  readonly title?: string;
  /** A URL that names this very occurrence. */
  readonly instance?: string;
  readonly [member: string]: unknown;
}

const JSON_TYPES = ["application/problem+json", "application/json"];

/**
 * An answer of `application/problem+json`.
 *
 * @example
 * ```ts
 * import { problem, Router } from "sennit/web";
 *
 * const router = new Router();
 * router.get("/users/:id", (_request, { id }) => problem(404, `No user has number ${id}.`));
 * ```
 */
export function problem(
  status: number,
  detail: string,
  members: ProblemMembers = {},
  init: Omit<AnswerInit, "code"> = {},
): Answer {
  const { type = "about:blank", title = phraseOf(status), ...others } = members;
  const answer = json({ type, title, status, detail, ...others }, { ...init, code: status });
  answer.headers.set("content-type", "application/problem+json");
  return answer;
}

/** A problem for programs, a page for people: whichever the client prefers. */
export function refusal(request: Request, status: number, detail: string, error?: unknown): Answer {
  const accept = request.getHeader("accept");
  const isForPeople = preferredMediaType(accept, [...JSON_TYPES, "text/html"]) === "text/html";
  const answer = isForPeople
    ? errorPage(status, detail)
    : problem(status, detail, error instanceof ValidationError ? { errors: errorsOf(error) } : {});
  addVary(answer.headers, "Accept");
  return answer;
}

/** The answer to an error that says it is the client's fault; `undefined` to others. */
export function refusalOf(request: Request, error: unknown): Answer | undefined {
  if (request.startedWriting || request.disconnected) return undefined;
  const status = clientStatus(error);
  if (status === undefined) return undefined;
  return refusal(request, status, error instanceof Error ? error.message : String(error), error);
}

function clientStatus(error: unknown): number | undefined {
  if (error instanceof URIError) return 400;
  if (typeof error !== "object" || error === null || !("status" in error)) return undefined;
  const { status } = error;
  const isStatus = typeof status === "number" && Number.isInteger(status);
  return isStatus && status >= 400 && status <= 499 ? status : undefined;
}

function errorsOf({ part, issues }: ValidationError): object[] {
  return issues.map((issue) => ({
    detail: issue.message,
    in: part,
    pointer: `#${issuePath(issue).map(pointerStep).join("")}`,
  }));
}

function pointerStep(name: string): string {
  // By way of UTF-8: half a character, which a client can send, would be a URIError.
  const whole = Buffer.from(name).toString();
  const escaped = whole.replaceAll("~", "~0").replaceAll("/", "~1");
  return `/${encodeURIComponent(escaped)}`;
}
