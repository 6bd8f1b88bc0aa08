/**
 * From credentials to what their bearer may see: checkers say who it is, a realm what they get.
 *
 *     credentials ─▶ checker ─▶ "ada" ─▶ realm ─▶ Ada's resource, and what to call at the end
 *
 * After: twisted.cred.portal, cut to what a web site needs: one kind of avatar, no mind.
 *
 * @module
 */
import { ensureDeferred } from "../../defer/combinators.ts";
import type { Deferred, Eventual } from "../../defer/deferred.ts";
import type { IResource } from "../server/resource-interface.ts";
import { type ICredentials, UnhandledCredentials } from "./credentials.ts";

/** Judges credentials. */
export interface IChecker {
  /**
   * The id of whom these are.
   *
   * @throws {UnauthorizedLogin} They are not good.
   * @throws {UnhandledCredentials} It cannot judge this kind: the next checker is asked.
   */
  requestAvatarId(credentials: ICredentials): Eventual<string>;
}

/** What somebody gets who has logged in. */
export interface IAvatar {
  /** What the requests of this user are answered by. */
  readonly resource: IResource;
  /** Called once, when the request is over; for one that was upgraded, when that has happened. */
  logout?(): void;
}

/** Knows what each user gets. */
export interface IRealm {
  /** `avatarId` is what a checker has said. */
  requestAvatar(avatarId: string): Eventual<IAvatar>;
}

/**
 * See the top of this file.
 *
 * @example
 * ```ts
 * import { PlainPasswords, Portal, Resource, UsernamePassword } from "sennit/web";
 *
 * const realm = { requestAvatar: (name: string) => ({ resource: new Resource(), name }) };
 * const portal = new Portal(realm, [new PlainPasswords({ ada: "lovelace" })]);
 * const { resource } = await portal.login(new UsernamePassword("ada", "lovelace"));
 * console.log(resource.isLeaf); // false
 * ```
 */
export class Portal {
  readonly #realm: IRealm;
  readonly #checkers: readonly IChecker[];

  constructor(realm: IRealm, checkers: readonly IChecker[]) {
    this.#realm = realm;
    this.#checkers = [...checkers];
  }

  /**
   * Let somebody in. Fails with {@link UnauthorizedLogin} as soon as a checker says so, and with
   * {@link UnhandledCredentials} when none can judge. Call the avatar's `logout` at the end.
   */
  login(credentials: ICredentials): Deferred<IAvatar> {
    return ensureDeferred(async () => {
      const avatarId = await this.#avatarId(credentials);
      return await this.#realm.requestAvatar(avatarId);
    });
  }

  async #avatarId(credentials: ICredentials): Promise<string> {
    for (const checker of this.#checkers) {
      try {
        return await checker.requestAvatarId(credentials);
      } catch (error) {
        if (!(error instanceof UnhandledCredentials)) throw error;
      }
    }
    const kind = credentials.constructor.name;
    throw new UnhandledCredentials(`Cannot log in: expected a checker that can judge ${kind}`);
  }
}
