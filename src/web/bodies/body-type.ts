/**
 * Is a body of the type that somebody can read?
 *
 * Spec: RFC 9110 §8.3, §8.4, §15.5.16. Differs: a body without a type is none that anybody reads.
 *
 * @module
 */
import { quote } from "../../core/text.ts";
import { type MediaType, parseMediaType } from "../http/media-type.ts";
import type { Request } from "../server/request.ts";
import { BodyMalformedError, UnsupportedBodyError } from "./read-errors.ts";

const UTF_8 = /^utf-?8$/iu;

/**
 * The type of a request's body.
 *
 * @param wanted What is read here, in words.
 * @throws {UnsupportedBodyError} It is another one, or none, or the body is compressed.
 */
export function bodyType(
  request: Request,
  isWanted: (type: MediaType) => boolean,
  wanted: string,
): MediaType {
  const value = request.getHeader("content-type");
  const type = value === undefined ? undefined : parseMediaType(value);
  if (type === undefined || !isWanted(type)) {
    const got = value === undefined ? "no type" : quote(value);
    throw new UnsupportedBodyError(`Cannot read the body: expected ${wanted}, got ${got}`);
  }
  const coding = request.getHeader("content-encoding");
  if (coding !== undefined && coding.toLowerCase() !== "identity") {
    throw new UnsupportedBodyError(
      `Cannot read the body: expected no Content-Encoding, got ${quote(coding)}`,
    );
  }
  return type;
}

/** As {@link bodyType}, for text: of UTF-8 alone. @throws {UnsupportedBodyError} */
export function checkTextType(
  request: Request,
  isWanted: (type: MediaType) => boolean,
  wanted: string,
): void {
  const charset = bodyType(request, isWanted, wanted).parameters.get("charset");
  if (charset === undefined || UTF_8.test(charset)) return;
  throw new UnsupportedBodyError(`Cannot read the body: expected UTF-8, got ${quote(charset)}`);
}

/** Bytes as text; a byte order mark is left out. @throws {BodyMalformedError} They are no UTF-8. */
export function decodeBody(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new BodyMalformedError("Cannot read the body: expected UTF-8", { cause: error });
  }
}
