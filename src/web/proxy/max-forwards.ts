/**
 * A request that has been passed on often enough is answered by the one who has it.
 *
 * Spec: RFC 9110 §7.6.2 (Max-Forwards), §9.3.7 (OPTIONS), §9.3.8 (TRACE: fields that may hold
 * secrets are left out of what is sent back).
 *
 * @module
 */
import { formatFields } from "../http/wire/head-writer.ts";
import { Answer } from "../server/answer.ts";
import type { Request } from "../server/request.ts";
import { forwardsLeft } from "./via.ts";

const SECRETS = new Set(["authorization", "cookie", "proxy-authorization"]);
/** For other methods the field means nothing. */
const COUNTED = new Set(["OPTIONS", "TRACE"]);

/** The answer, if the request goes no further. */
export function lastAnswer(request: Request): Answer | undefined {
  const { method } = request;
  if (!COUNTED.has(method) || forwardsLeft(request.getHeader("max-forwards")) !== 0) {
    return undefined;
  }
  return method === "TRACE" ? echo(request) : new Answer("", { code: 204 });
}

function echo({ method, uri, clientproto, requestHeaders }: Request): Answer {
  const shown = [...requestHeaders].filter(([name]) => !SECRETS.has(name)).flat();
  const text = `${method} ${uri} ${clientproto}\r\n${formatFields(shown)}\r\n`;
  const headers = { "content-type": "message/http" };
  return new Answer(Buffer.from(text, "latin1"), { headers });
}

/** The field, for the next one; nothing if it does not count. */
export function nextMaxForwards({ method, requestHeaders }: Request): readonly string[] {
  const left = forwardsLeft(requestHeaders.get("max-forwards"));
  if (left === undefined || !COUNTED.has(method)) return [];
  return ["max-forwards", String(left - 1)];
}
