/**
 * Answers with a file that was found.
 *
 * Spec: RFC 9110 §15.4.5 (fields of a 304), §8.6 (Content-Length to HEAD), §12.5.5 (`Vary`).
 *
 * @module
 */
import type { FileFacts } from "../../internet/interfaces-files.ts";
import { formatContentRange } from "../http/range.ts";
import { type Answer, NOT_DONE_YET, type RenderResult } from "../server/answer.ts";
import { errorPage } from "../server/error-page.ts";
import type { Request } from "../server/request.ts";
import type { ChunkPool } from "./chunk-pool.ts";
import { withCharset } from "./content-type.ts";
import { bodyFor, type FileBody } from "./file-body.ts";
import { type FoundFile, openFound } from "./file-finder.ts";
import type { CompleteFileOptions } from "./file-options.ts";
import { type FilePlan, planFor } from "./file-plan.ts";
import { type Absence, absenceOf } from "./file-problems.ts";
import { closeFile, sendFile } from "./file-sender.ts";

/** What all answers of a resource have in common. */
export interface FileSettings {
  readonly options: CompleteFileOptions;
  readonly pool: ChunkPool;
}

/** The answer where nothing is to be sent. */
export function absencePage(absence: Absence): Answer {
  return absence === "missing"
    ? errorPage(404, "There is nothing at this address.")
    : errorPage(403, "What is at this address is not for you.");
}

/**
 * See the top of this file.
 *
 * @returns `undefined`: there is another file of this name by now, which must be found first.
 */
export async function answerWithFile(
  request: Request,
  found: FoundFile,
  { options, pool }: FileSettings,
): Promise<RenderResult | undefined> {
  const plan = planFor(request, found.facts);
  if (!hasBody(request, plan)) return answerWithoutBody(request, found, plan, options);
  const opened = await openFound(options, found).catch(absenceOf);
  if (typeof opened === "string") return absencePage(opened);
  if (opened === undefined) return undefined;
  const { file, facts } = opened;
  let body: FileBody;
  try {
    // A log, say, may have grown since it was looked at.
    const current = isSame(facts, found.facts) ? plan : planFor(request, facts);
    if (request.disconnected || !hasBody(request, current)) {
      closeFile(file);
      return answerWithoutBody(request, found, current, options);
    }
    body = setFields(request, found, current, options);
  } catch (error) {
    closeFile(file);
    throw error;
  }
  await sendFile({ request, file, body, pool });
  return NOT_DONE_YET;
}

function hasBody({ method }: Request, { code }: FilePlan): boolean {
  return method !== "HEAD" && (code === 200 || code === 206);
}

function isSame(one: FileFacts, other: FileFacts): boolean {
  return one.size === other.size && one.modified === other.modified;
}

function answerWithoutBody(
  request: Request,
  found: FoundFile,
  plan: FilePlan,
  options: CompleteFileOptions,
): RenderResult {
  switch (plan.code) {
    case 412:
      return errorPage(412, "The file is not, or not any more, as the client expects it to be.");
    case 416:
      return errorPage(416, "The file has no such bytes.", {
        "content-range": formatContentRange({ size: plan.size }),
      });
    case 304:
      request.setResponseCode(304);
      setCacheFields(request, found, plan, options);
      break;
    default:
      setFields(request, found, plan, options);
  }
  request.finishWith("");
  return NOT_DONE_YET;
}

/** All fields of a 200 or 206. @returns The body that they describe. */
function setFields(
  request: Request,
  found: FoundFile,
  plan: FilePlan,
  options: CompleteFileOptions,
): FileBody {
  const { body, contentType, contentRange } = bodyFor(plan, withCharset(found.type));
  request.setResponseCode(plan.code);
  request.setHeader("content-type", contentType);
  request.setHeader("content-length", body.length);
  if (found.encoding !== undefined) request.setHeader("content-encoding", found.encoding);
  if (contentRange !== undefined) request.setHeader("content-range", contentRange);
  request.setHeader("accept-ranges", "bytes");
  setCacheFields(request, found, plan, options);
  return body;
}

/** What a cache wants to know. */
function setCacheFields(
  request: Request,
  found: FoundFile,
  { validators }: FilePlan,
  { cacheControl, precompressed }: CompleteFileOptions,
): void {
  request.setHeader("etag", validators.etagField);
  const { lastModifiedField } = validators;
  if (lastModifiedField !== undefined) request.setHeader("last-modified", lastModifiedField);
  if (!request.responseHeaders.hasHeader("cache-control")) {
    // Where nothing is now there may be something tomorrow.
    request.setHeader("cache-control", found.isFallback ? "max-age=0" : cacheControl);
  }
  if (precompressed) request.addHeader("vary", "Accept-Encoding");
  if (found.isFallback) request.addHeader("vary", "Accept");
}
