/**
 * A request, as a script finds it in its environment.
 *
 *     GET /cgi/find.sh/a/b?q=1      SCRIPT_NAME=/cgi/find.sh PATH_INFO=/a/b QUERY_STRING=q=1
 *     Accept-Language: de           HTTP_ACCEPT_LANGUAGE=de
 *
 * Not there are: `Proxy`, which would become `HTTP_PROXY`, by which programs are told where to send
 * what they ask (httpoxy, CVE-2016-5385); names with anything but letters, digits and dashes, which
 * would be taken for others; passwords and the like; and what is for the connection alone.
 *
 * Spec: RFC 3875 §4.1, §4.1.18.
 *
 * @module
 */
import { IPv4Address, IPv6Address, type IAddress } from "../../internet/addresses.ts";
import { removeHopByHop } from "../http/hop-by-hop.ts";
import { textOfBytes } from "../http/field-text.ts";
import type { Request } from "../server/request.ts";

const LEFT_OUT = new Set(["authorization", "content-length", "content-type", "proxy"]);
const PLAIN = /^[a-z\d-]+$/u;

/** @param script The path of the file. */
export function cgiEnvironment(request: Request, script: string): Record<string, string> {
  const { method, query, uri, clientproto, requestHeaders, prepath, postpath } = request;
  const { length } = request.content;
  const host = ipOf(request.getHost());
  const peer = ipOf(request.getClientAddress());
  const name = request.getRequestHostname();
  const hasLength =
    length !== undefined && (length > 0 || requestHeaders.hasHeader("content-length"));
  return {
    ...fieldVariables(request),
    GATEWAY_INTERFACE: "CGI/1.1",
    SERVER_SOFTWARE: "sennit",
    SERVER_PROTOCOL: clientproto,
    SERVER_NAME: name === "" ? (host?.host ?? "") : name,
    SERVER_PORT: String(host?.port ?? 80),
    REQUEST_METHOD: method,
    REQUEST_URI: uri,
    REQUEST_SCHEME: request.isSecure() ? "https" : "http",
    SCRIPT_NAME: pathOf(prepath),
    SCRIPT_FILENAME: script,
    PATH_INFO: pathOf(postpath),
    QUERY_STRING: query,
    REMOTE_ADDR: peer?.host ?? "",
    REMOTE_HOST: peer?.host ?? "",
    REMOTE_PORT: String(peer?.port ?? 0),
    ...(request.isSecure() && { HTTPS: "on" }),
    ...(hasLength && { CONTENT_LENGTH: String(length) }),
    ...(requestHeaders.hasHeader("content-type") && {
      CONTENT_TYPE: textOfBytes(requestHeaders.get("content-type") ?? ""),
    }),
    // PHP runs nothing without it.
    REDIRECT_STATUS: "200",
  };
}

function fieldVariables({ requestHeaders }: Request): Record<string, string> {
  const variables: Record<string, string> = {};
  const kept = removeHopByHop(requestHeaders.list);
  for (let at = 0; at < kept.length; at += 2) {
    const name = kept[at] ?? "";
    if (LEFT_OUT.has(name) || !PLAIN.test(name)) continue;
    const variable = `HTTP_${name.toUpperCase().replaceAll("-", "_")}`;
    variables[variable] = textOfBytes(requestHeaders.get(name) ?? "");
  }
  return variables;
}

function pathOf(segments: readonly string[]): string {
  return segments.map((segment) => `/${segment}`).join("");
}

function ipOf(address: IAddress): IPv4Address | IPv6Address | undefined {
  return address instanceof IPv4Address || address instanceof IPv6Address ? address : undefined;
}
