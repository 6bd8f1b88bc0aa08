/**
 * A resource that is seen after a login: what is below it is the user's own.
 *
 *     no credentials, or bad ones ─▶ 401, and a challenge of each factory
 *     good ones ─▶ the avatar's resource, and its logout when the request is over
 *
 * Spec: RFC 9110 §11. After: twisted.web.guard.HTTPAuthSessionWrapper. Differs: nobody is let in
 * without credentials, as there by an anonymous login.
 *
 * @module
 */
import { Logger } from "../../logger/logger.ts";
import { formatChallenge, parseAuthorization } from "../http/authorization.ts";
import type { Answer, RenderResult } from "../server/answer.ts";
import { errorPage } from "../server/error-page.ts";
import type { Request } from "../server/request.ts";
import type { IResource } from "../server/resource-interface.ts";
import type { ICredentialFactory } from "./credential-factory.ts";
import { type ICredentials, UnauthorizedLogin } from "./credentials.ts";
import type { IAvatar, Portal } from "./portal.ts";

const log = new Logger({ namespace: "sennit.web" });

/**
 * See the top of this file.
 *
 * @example
 * ```ts
 * import {
 *   BasicCredentialFactory,
 *   HTTPAuthSessionWrapper,
 *   PlainPasswords,
 *   Portal,
 *   Resource,
 * } from "sennit/web";
 *
 * const realm = { requestAvatar: () => ({ resource: new Resource() }) };
 * const portal = new Portal(realm, [new PlainPasswords({ ada: "lovelace" })]);
 * const guarded = new HTTPAuthSessionWrapper(portal, [new BasicCredentialFactory("hall")]);
 * const root = new Resource().putChild("hall", guarded);
 * ```
 */
export class HTTPAuthSessionWrapper implements IResource {
  readonly isLeaf = false;
  readonly #portal: Portal;
  readonly #factories: readonly ICredentialFactory[];

  /**
   * @param factories The best first: a client takes the first that it knows.
   * @throws {TypeError} There are none: nobody could come in.
   */
  constructor(portal: Portal, factories: readonly ICredentialFactory[]) {
    if (factories.length === 0) {
      throw new TypeError("Cannot guard a resource: expected a credential factory or more");
    }
    this.#portal = portal;
    this.#factories = [...factories];
  }

  /** The user's own resource, which is asked for this child next. */
  async getChildWithDefault(name: string, request: Request): Promise<IResource> {
    request.prepath.pop();
    request.postpath.unshift(name);
    return await this.#resourceFor(request);
  }

  async render(request: Request): Promise<RenderResult> {
    const resource = await this.#resourceFor(request);
    return await resource.render(request);
  }

  async #resourceFor(request: Request): Promise<IResource> {
    try {
      const credentials = this.#decode(request);
      if (credentials === undefined) return this.#refusal(false);
      const avatar = await this.#portal.login(credentials);
      logOutAtTheEnd(avatar, request);
      return avatar.resource;
    } catch (error) {
      if (error instanceof UnauthorizedLogin) return this.#refusal(error.isStale);
      throw error;
    }
  }

  #decode(request: Request): ICredentials | undefined {
    const sent = parseAuthorization(request.getHeader("authorization") ?? "");
    if (sent === undefined) return undefined;
    for (const factory of this.#factories) {
      const credentials = factory.decode(sent, request);
      if (credentials !== undefined) return credentials;
    }
    return undefined;
  }

  #refusal(isStale: boolean): IResource {
    const refusal: IResource = {
      isLeaf: true,
      getChildWithDefault: () => refusal,
      render: (request) => this.#refuse(request, isStale),
    };
    return refusal;
  }

  #refuse(request: Request, isStale: boolean): Answer {
    const challenges = this.#factories.map((factory) =>
      formatChallenge(factory.getChallenge(request, isStale)),
    );
    return errorPage(401, "You must log in to see this.", { "www-authenticate": challenges });
  }
}

function logOutAtTheEnd(avatar: IAvatar, request: Request): void {
  if (avatar.logout === undefined) return;
  void request
    .notifyFinish()
    .addBoth(() => avatar.logout?.())
    .addErrback((failure) => log.failure("{request}: error in logout", failure, { request }));
}
