/**
 * What a proxy tells the server behind it about the client: `Forwarded`, and the fields that were
 * there before it.
 *
 *     Forwarded: for=192.0.2.7;host=example.com;proto=https
 *     X-Forwarded-For: 192.0.2.7     X-Forwarded-Host: example.com     X-Forwarded-Proto: https
 *
 * Anybody can send such fields, and the server behind us believes them because they come from us.
 * So what a client says is thrown away, unless it is a proxy that we trust.
 *
 * Spec: RFC 7239 §4.
 *
 * @module
 */
import { type IAddress, IPv4Address, IPv6Address } from "../../internet/addresses.ts";
import { formatForwarded, parseForwarded } from "../http/forwarded.ts";
import type { Headers } from "../http/headers.ts";
import type { FieldList } from "../http/wire/fields.ts";

/** Whom a request comes from, and how. */
export interface ForwardedClient {
  readonly address: IAddress;
  /** As it was asked for; may be empty. */
  readonly authority: string;
  readonly isSecure: boolean;
  /** It is a proxy, and what it says of its own client is passed on. */
  readonly isTrusted: boolean;
}

const OURS = new Set(["forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto"]);

/**
 * Is it a field by which proxies say whom they speak for, and that is not passed on as it is? An
 * underline is a dash to CGI and its descendants.
 *
 * @param isTrusted The client is a proxy that we trust: only those are meant that we write anew.
 */
export function saysWho(name: string, isTrusted: boolean): boolean {
  if (isTrusted) return OURS.has(name);
  const dashed = name.replaceAll("_", "-");
  return dashed === "forwarded" || dashed === "x-real-ip" || dashed.startsWith("x-forwarded-");
}

/** The fields to send in the place of those that say who, which are not sent. */
export function forwardedFields(client: ForwardedClient, sent: Headers): FieldList {
  const { address, isTrusted } = client;
  const name = hostOf(address) ?? "unknown";
  const proto = client.isSecure ? "https" : "http";
  // A port may be missing behind its colon: in Host, but not here.
  const host = client.authority.replace(/:$/u, "");
  const said = (field: string): string | undefined => (isTrusted ? sent.get(field) : undefined);
  const element = formatForwarded([
    { for: { name }, proto, ...(host !== "" && isWritable(host) && { host }) },
  ]);
  const before = said("forwarded");
  const chain = before !== undefined && parseForwarded(before) !== undefined ? `${before}, ` : "";
  const peers = said("x-forwarded-for");
  const fields = ["forwarded", chain + element];
  fields.push("x-forwarded-for", peers === undefined ? name : `${peers}, ${name}`);
  fields.push("x-forwarded-proto", said("x-forwarded-proto") ?? proto);
  const askedHost = said("x-forwarded-host") ?? host;
  if (askedHost !== "") fields.push("x-forwarded-host", askedHost);
  return fields;
}

function hostOf(address: IAddress): string | undefined {
  const isIP = address instanceof IPv4Address || address instanceof IPv6Address;
  return isIP ? address.host : undefined;
}

/** A host as HTTP has it may be more than RFC 7239 lets stand. */
function isWritable(host: string): boolean {
  return parseForwarded(`host="${host}"`) !== undefined;
}
