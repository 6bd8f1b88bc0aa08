/**
 * Name and password for a proxy.
 *
 *     Proxy-Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==
 *
 * Spec: RFC 9110 §11.7, RFC 7617.
 *
 * @module
 */
import { formatChallenge, parseAuthorization } from "../http/authorization.ts";
import type { Answer } from "../server/answer.ts";
import { errorPage } from "../server/error-page.ts";

/** Who asks, as they say. */
export interface ProxyCredentials {
  readonly username: string;
  readonly password: string;
}

/** What they say; `undefined` if nothing, or nothing that can be read. */
export function proxyCredentials(value: string | undefined): ProxyCredentials | undefined {
  const { scheme, token68 = "" } = parseAuthorization(value ?? "") ?? {};
  const text = Buffer.from(token68, "base64").toString();
  const colon = text.indexOf(":");
  if (scheme !== "basic" || colon < 1) return undefined;
  return { username: text.slice(0, colon), password: text.slice(colon + 1) };
}

/** 407: who are you? */
export function askForCredentials(realm: string): Answer {
  const parameters = new Map([
    ["realm", realm],
    ["charset", "UTF-8"],
  ]);
  const challenge = formatChallenge({ scheme: "Basic", parameters });
  return errorPage(407, "This proxy wants a name and a password.", {
    "proxy-authenticate": challenge,
  });
}
