/**
 * Plain forms: `application/x-www-form-urlencoded`.
 *
 *     name=Ada&tag=a&tag=b      { name: "Ada", tag: ["a", "b"] }
 *
 * Spec: WHATWG URL §5.1. After: `Request.args` of twisted.web.http, which holds the query too.
 *
 * @module
 */
import { maybeDeferred } from "../../defer/combinators.ts";
import type { Deferred } from "../../defer/deferred.ts";
import { parseQuery, type QueryLimits, QueryTooLargeError } from "../http/query.ts";
import type { ReadOptions } from "../server/request-body.ts";
import type { Request } from "../server/request.ts";
import { checkTextType, decodeBody } from "./body-type.ts";
import { FormLimitError } from "./read-errors.ts";
import { type SchemaOutput, type StandardSchema, validate } from "./standard-schema.ts";

/** Options of {@link readForm}. */
export interface ReadFormOptions extends ReadOptions, QueryLimits {}

/** The values of each name. */
export type FormFields = ReadonlyMap<string, readonly string[]>;

/**
 * The fields of a form. With a schema: what that makes of them as an object, a field that comes
 * once being text, one that comes again a list.
 *
 * Fails with {@link UnsupportedBodyError} (415), {@link BodyTooLargeError} or
 * {@link FormLimitError} (413), {@link ValidationError} (422).
 */
export function readForm<Schema extends StandardSchema>(
  request: Request,
  options: ReadFormOptions & { readonly schema: Schema },
): Deferred<SchemaOutput<Schema>>;
/** The same, without a schema. */
export function readForm(request: Request, options?: ReadFormOptions): Deferred<FormFields>;
export function readForm(
  request: Request,
  options: ReadFormOptions & { readonly schema?: StandardSchema } = {},
): Deferred<unknown> {
  return maybeDeferred<unknown, []>(() => {
    checkTextType(request, isForm, "application/x-www-form-urlencoded");
    const fields = request.content.read(options).addCallback((bytes) => parse(bytes, options));
    const { schema } = options;
    if (schema === undefined) return fields;
    return fields.addCallback((found) => validate(schema, objectOf(found), "body"));
  });
}

function isForm({ type, subtype }: { readonly type: string; readonly subtype: string }): boolean {
  return type === "application" && subtype === "x-www-form-urlencoded";
}

function parse(bytes: Uint8Array, limits: QueryLimits): FormFields {
  try {
    return parseQuery(decodeBody(bytes), limits);
  } catch (error) {
    if (!(error instanceof QueryTooLargeError)) throw error;
    throw new FormLimitError(error.message, { cause: error });
  }
}

/**
 * Names and values as an object, for a schema: text where a name comes once, else a list. It has no
 * prototype, so that no name means anything to it.
 */
export function objectOf(fields: FormFields): Readonly<Record<string, string | readonly string[]>> {
  const object: Record<string, string | readonly string[]> = Object.create(null);
  for (const [name, values] of fields) {
    const [first] = values;
    object[name] = values.length === 1 && first !== undefined ? first : values;
  }
  return object;
}
