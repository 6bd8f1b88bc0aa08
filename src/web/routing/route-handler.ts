/**
 * What answers a route, and what it is handed: parameters, and what schemas made of the request.
 *
 * @module
 */
import { andThen } from "../server/and-then.ts";
import { objectOf } from "../bodies/read-form.ts";
import { readJSON } from "../bodies/read-json.ts";
import { type SchemaOutput, type StandardSchema, validate } from "../bodies/standard-schema.ts";
import type { Eventually, RenderResult } from "../server/answer.ts";
import type { Request } from "../server/request.ts";
import type { PathParams } from "./pattern.ts";
import type { FoundParams } from "./route-tree.ts";

/**
 * Answers a route. `params` are segments of the path, decoded: they may hold anything, also `/`
 * and `..`.
 */
export type RouteHandler<Pattern extends string = string> = (
  request: Request,
  params: PathParams<Pattern>,
) => Eventually<RenderResult>;

/** What is asked of a request before a handler is called. What does not fit is a 422. */
export interface RouteSchemas {
  /** Of the parameters, an object of texts. */
  readonly params?: StandardSchema;
  /** Of the query, an object: text where a name comes once, a list where it comes again. */
  readonly query?: StandardSchema;
  /** Of the body, which is read as JSON. */
  readonly body?: StandardSchema;
  /** Bytes of the body, at most. Default: 1 MiB. */
  readonly limit?: number;
}

/** What schemas have made of the query and of the body; only of what has a schema. */
export type CheckedInputs<Schemas extends RouteSchemas> = {
  readonly [Part in keyof Schemas & ("query" | "body")]: SchemaOutput<
    Extract<Schemas[Part], StandardSchema>
  >;
};

/** What a schema has made of the parameters; they themselves, if there is none. */
export type CheckedParams<Pattern extends string, Schemas extends RouteSchemas> = Schemas extends {
  readonly params: StandardSchema;
}
  ? SchemaOutput<Schemas["params"]>
  : PathParams<Pattern>;

/** Answers a route that has schemas. */
export type CheckedHandler<Pattern extends string, Schemas extends RouteSchemas> = (
  request: Request,
  params: CheckedParams<Pattern, Schemas>,
  inputs: CheckedInputs<Schemas>,
) => Eventually<RenderResult>;

/** A handler of any route with schemas, for those who do not know which. */
export type AnyCheckedHandler = (
  request: Request,
  params: unknown,
  inputs: { readonly query: unknown; readonly body: unknown },
) => Eventually<RenderResult>;

/** Schemas before a handler: parameters, query, body, in this order. */
export function checking(
  schemas: RouteSchemas,
  handler: AnyCheckedHandler,
): (request: Request, params: FoundParams) => Eventually<RenderResult> {
  return (request, found) =>
    andThen(checkedParams(schemas, found), (params) =>
      andThen(checkedQuery(schemas, request), (query) =>
        andThen(checkedBody(schemas, request), (body) => handler(request, params, { query, body })),
      ),
    );
}

function checkedParams({ params }: RouteSchemas, found: FoundParams): Eventually<unknown> {
  return params === undefined ? found : validate(params, found, "params");
}

function checkedQuery({ query }: RouteSchemas, request: Request): Eventually<unknown> {
  return query === undefined ? undefined : validate(query, objectOf(request.args), "query");
}

function checkedBody({ body, limit }: RouteSchemas, request: Request): Eventually<unknown> {
  if (body === undefined) return undefined;
  return readJSON(request, { schema: body, ...(limit !== undefined && { limit }) });
}
