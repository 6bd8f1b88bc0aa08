/**
 * The body of an answer, as stretches of a file with text between them.
 *
 *     one range          its bytes
 *     several            --boundary  fields  bytes   --boundary  fields  bytes   --boundary--
 *
 * Spec: RFC 9110 §14.6 (`multipart/byteranges`), RFC 2046 §5.1.
 *
 * @module
 */
import { formatContentRange } from "../http/range.ts";
import type { FilePlan } from "./file-plan.ts";

/** Text, and then bytes of the file: from `position` to before `end`, at least one. */
export interface BodyPart {
  readonly before: string;
  readonly position: number;
  readonly end: number;
}

/** What is sent of a file. */
export interface FileBody {
  readonly parts: readonly BodyPart[];
  readonly after: string;
  /** Bytes, in all. */
  readonly length: number;
}

/** A body, and the fields that it brings with it. */
export interface DescribedBody {
  readonly body: FileBody;
  readonly contentType: string;
  readonly contentRange?: string;
}

/** The body of a 200 or 206. @param contentType Of the file. */
export function bodyFor(plan: FilePlan, contentType: string): DescribedBody {
  const { size, ranges } = plan;
  if (plan.code !== 206) return { body: stretch(0, size), contentType };
  const [range] = ranges;
  if (range !== undefined && ranges.length === 1) {
    const body = stretch(range.first, range.last + 1);
    return { body, contentType, contentRange: formatContentRange({ range, size }) };
  }
  return severalRanges(plan, contentType);
}

function stretch(position: number, end: number): FileBody {
  const parts = end > position ? [{ before: "", position, end }] : [];
  return { parts, after: "", length: end - position };
}

function severalRanges({ ranges, size, validators }: FilePlan, contentType: string): DescribedBody {
  // Who could write this into the file would have to know when it will have been written.
  const boundary = `sennit-${validators.etag.tag}`;
  const parts = ranges.map((range, at) => {
    const fields =
      `Content-Type: ${contentType}\r\n` +
      `Content-Range: ${formatContentRange({ range, size })}\r\n\r\n`;
    const before = `${at === 0 ? "" : "\r\n"}--${boundary}\r\n${fields}`;
    return { before, position: range.first, end: range.last + 1 };
  });
  const after = `\r\n--${boundary}--\r\n`;
  const length = parts.reduce(
    (sum, { before, position, end }) => sum + Buffer.byteLength(before) + end - position,
    after.length,
  );
  const body = { parts, after, length };
  return { body, contentType: `multipart/byteranges; boundary=${boundary}` };
}
