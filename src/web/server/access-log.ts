/**
 * One line a request, as web servers have written it since NCSA's.
 *
 *     192.0.2.1 - - [21/Nov/2026:07:00:00 +0000] "GET /a HTTP/1.1" 200 13 "-" "curl/8.5"
 *
 * After: twisted.web.http.combinedLogFormatter.
 *
 * @module
 */
import { IPv4Address, IPv6Address } from "../../internet/addresses.ts";
import type { IReactorWallClock } from "../../internet/interfaces-reactor.ts";
import type { Request } from "./request.ts";

const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");
/** What would break out of a quoted field, or move a terminal's cursor. */
// oxlint-disable-next-line no-control-regex -- they are what is looked for
const UNPRINTABLE = /["\\\u0000-\u001f\u007f-\u009f]/gu;

/**
 * Makes the lines, without their ends, for `accessLog` of a {@link Site}. A client that has gone
 * before the end of its answer is logged with the status 499, as nginx does.
 *
 * @example
 * ```ts
 * import { combinedLogFormatter, Site } from "sennit/web";
 * import { Clock } from "sennit/testing";
 *
 * const reactor = new Clock(); // in a program: import { reactor } from "sennit/reactor"
 * const line = combinedLogFormatter(reactor);
 * const site = new Site(() => "hello", {
 *   reactor,
 *   accessLog: (request) => console.log(line(request)),
 * });
 * console.log(site.logPrefix()); // Site
 * ```
 */
export function combinedLogFormatter(clock: IReactorWallClock): (request: Request) => string {
  let second = -1;
  let stamp = "";
  return (request) => {
    const now = Math.floor(clock.wallClock());
    if (now !== second) {
      second = now;
      stamp = formatStamp(new Date(now * 1000));
    }
    const code = request.disconnected ? 499 : request.code;
    const size = request.sentLength === 0 ? "-" : String(request.sentLength);
    const asked = escapeField(`${request.toString()} ${request.clientproto}`);
    const referer = escapeField(request.getHeader("referer") ?? "-");
    const agent = escapeField(request.getHeader("user-agent") ?? "-");
    const head = `${client(request)} - - [${stamp}] "${asked}" ${String(code)} ${size}`;
    return `${head} "${referer}" "${agent}"`;
  };
}

function client(request: Request): string {
  const address = request.getClientAddress();
  const isInternet = address instanceof IPv4Address || address instanceof IPv6Address;
  return isInternet ? address.host : "-";
}

function formatStamp(date: Date): string {
  const two = (number: number): string => String(number).padStart(2, "0");
  const day = `${two(date.getUTCDate())}/${MONTHS[date.getUTCMonth()] ?? ""}`;
  const parts = [date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()];
  const time = parts.map((part) => two(part)).join(":");
  return `${day}/${String(date.getUTCFullYear())}:${time} +0000`;
}

function escapeField(text: string): string {
  return text.replaceAll(UNPRINTABLE, (one) =>
    one === '"' || one === "\\"
      ? `\\${one}`
      : `\\x${one.charCodeAt(0).toString(16).padStart(2, "0")}`,
  );
}
