/**
 * Bodies of JSON, read whole.
 *
 * Spec: RFC 8259 §8.1 (UTF-8). Differs: a byte order mark is allowed; members named `__proto__` are
 * left out, because code that copies an object would give them a meaning.
 *
 * @module
 */
import { quote } from "../../core/text.ts";
import { maybeDeferred } from "../../defer/combinators.ts";
import type { Deferred } from "../../defer/deferred.ts";
import type { MediaType } from "../http/media-type.ts";
import type { ReadOptions } from "../server/request-body.ts";
import type { Request } from "../server/request.ts";
import { checkTextType, decodeBody } from "./body-type.ts";
import { findJSONFault } from "./json-fault.ts";
import { BodyMalformedError } from "./read-errors.ts";
import { type SchemaOutput, type StandardSchema, validate } from "./standard-schema.ts";

/** May a member be named `__proto__`? Escaped, it has a backslash where an underscore would be. */
const PROTO = /__proto__|\\u005f|\\u00[67]/iu;

/**
 * The body of a request, from JSON: `application/json`, or a type that ends in `+json`. With a
 * schema: what that makes of it.
 *
 * Fails with {@link UnsupportedBodyError} (415), {@link BodyMalformedError} (400, with the
 * position), {@link BodyTooLargeError} (413), {@link ValidationError} (422).
 *
 * @example
 * ```ts
 * import { json, readJSON, Router } from "sennit/web";
 *
 * const router = new Router();
 * router.put("/echo", async (request) => json(await readJSON(request, { limit: 10_000 })));
 * ```
 */
export function readJSON<Schema extends StandardSchema>(
  request: Request,
  options: ReadOptions & { readonly schema: Schema },
): Deferred<SchemaOutput<Schema>>;
/** The same, without a schema. */
export function readJSON(request: Request, options?: ReadOptions): Deferred<unknown>;
export function readJSON(
  request: Request,
  options: ReadOptions & { readonly schema?: StandardSchema } = {},
): Deferred<unknown> {
  return maybeDeferred<unknown, []>(() => {
    checkTextType(request, isJSON, "application/json");
    const value = request.content.read(options).addCallback((bytes) => parse(decodeBody(bytes)));
    const { schema } = options;
    return schema === undefined
      ? value
      : value.addCallback((found) => validate(schema, found, "body"));
  });
}

function isJSON({ type, subtype }: MediaType): boolean {
  return (type === "application" && subtype === "json") || subtype.endsWith("+json");
}

function parse(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    if (PROTO.test(text)) leaveOutProto(value);
    return value;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw malformed(text, error);
  }
}

function malformed(text: string, cause: SyntaxError): BodyMalformedError {
  const { position = 0, expected = "JSON" } = findJSONFault(text) ?? {};
  const before = text.slice(0, position);
  const line = before.split("\n").length;
  const column = position - before.lastIndexOf("\n");
  const got = position === text.length ? "the end" : quote(text.charAt(position));
  const place = `line ${String(line)}, column ${String(column)}`;
  const message = `Cannot read the body as JSON: expected ${expected} at ${place}, got ${got}`;
  return new BodyMalformedError(message, { cause, position });
}

/** Not by a reviver of `JSON.parse`, which recurses: what comes in decides how deep. */
function leaveOutProto(root: unknown): void {
  const left = [root];
  while (left.length > 0) {
    const value = left.pop();
    if (typeof value !== "object" || value === null) continue;
    Reflect.deleteProperty(value, "__proto__");
    for (const member of Object.values(value)) left.push(member);
  }
}
