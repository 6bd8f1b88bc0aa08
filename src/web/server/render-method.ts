/**
 * Which method of a resource answers.
 *
 * @module
 */
import { Answer, type Eventually, type RenderResult } from "./answer.ts";
import { errorPage } from "./error-page.ts";
import type { Request } from "./request.ts";

/** Methods that a server knows; one that nobody knows is 501 (RFC 9110 §9.1). */
const KNOWN = new Set(["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"]);

type Method = (request: Request) => Eventually<RenderResult>;

/** Call `render_<METHOD>` of it; GET's for HEAD. */
export function renderMethod(resource: object, request: Request): Eventually<RenderResult> {
  const { method } = request;
  const render =
    methodOf(resource, method) ?? (method === "HEAD" ? methodOf(resource, "GET") : undefined);
  if (render !== undefined) return render.call(resource, request);
  const allow = allowedMethods(resource).join(", ");
  if (method === "OPTIONS") return new Answer("", { code: 204, headers: { allow } });
  if (!KNOWN.has(method)) return errorPage(501, `This server knows no method ${method}.`);
  return errorPage(405, `${method} is not possible here; possible: ${allow}.`, { allow });
}

function methodOf(resource: object, method: string): Method | undefined {
  const render: unknown = Reflect.get(resource, `render_${method}`);
  return isMethod(render) ? render : undefined;
}

function isMethod(value: unknown): value is Method {
  return typeof value === "function";
}

/** Those that a resource has, for Allow. */
function allowedMethods(resource: object): string[] {
  const own = new Set<string>(["OPTIONS"]);
  for (let at: unknown = resource; isObject(at); at = Reflect.getPrototypeOf(at)) {
    for (const name of Reflect.ownKeys(at)) {
      if (typeof name === "string" && name.startsWith("render_")) own.add(name.slice(7));
    }
  }
  if (own.has("GET")) own.add("HEAD");
  return [...own].toSorted();
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
