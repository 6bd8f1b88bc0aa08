/**
 * Basic authentication: name and password with each request, readable by who can read it.
 *
 *     Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==
 *
 * Spec: RFC 7617; names and passwords are UTF-8, as the challenge says (§2.1).
 *
 * @module
 */
import { Logger } from "../../logger/logger.ts";
import type { Challenge } from "../http/authorization.ts";
import type { Request } from "../server/request.ts";
import { checkedRealm, type ICredentialFactory } from "./credential-factory.ts";
import { UnauthorizedLogin, UsernamePassword } from "./credentials.ts";
import { decodeUTF8 } from "./decode-utf8.ts";

const log = new Logger({ namespace: "sennit.web" });

/** `user-id ":" password`, neither with control characters (RFC 7617 §2). */
// oxlint-disable-next-line no-control-regex -- It is what must not be there.
const USER_PASS = /^(?<username>[^:\x00-\x1f\x7f]+):(?<password>[^\x00-\x1f\x7f]*)$/u;

/** See the top of this file. Use it over TLS. */
export class BasicCredentialFactory implements ICredentialFactory {
  readonly #realm: string;
  #warned = false;

  /** @throws {TypeError} A realm that is not ASCII. */
  constructor(realm: string) {
    this.#realm = checkedRealm(realm);
  }

  getChallenge(): Challenge {
    const parameters = new Map([
      ["realm", this.#realm],
      ["charset", "UTF-8"],
    ]);
    return { scheme: "Basic", parameters };
  }

  decode({ scheme, token68 }: Challenge, request: Request): UsernamePassword | undefined {
    if (scheme !== "basic") return undefined;
    if (!request.isSecure()) this.#warn();
    const text = decodeUTF8(Buffer.from(token68 ?? "", "base64"));
    const { username = "", password = "" } = USER_PASS.exec(text ?? "")?.groups ?? {};
    if (username !== "") return new UsernamePassword(username, password);
    throw new UnauthorizedLogin("Cannot read credentials: expected name:password in Base64");
  }

  #warn(): void {
    if (this.#warned) return;
    this.#warned = true;
    log.warn("{realm}: passwords come without TLS; who is on the way can read them", {
      realm: this.#realm,
    });
  }
}
