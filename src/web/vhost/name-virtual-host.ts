/**
 * Many sites at one address: the host that is asked for decides.
 *
 *     addHost("example.com", …)       example.com, EXAMPLE.com:8080, example.com.
 *     addHost("*.example.com", …)     a.example.com, a.b.example.com, and not example.com
 *
 * A host that is named counts before a pattern, a longer pattern before a shorter one.
 *
 * After: twisted.web.vhost.NameVirtualHost. Differs: patterns; names are compared as names are,
 * without regard to case and to a dot at the end.
 *
 * Spec: RFC 9110 §7.2, RFC 4343. Names are as they are sent: `xn--bcher-kva.example`.
 *
 * @module
 */
import { quote } from "../../core/text.ts";
import { isAuthority } from "../http/wire/targets.ts";
import { childInPlaceOf } from "../rewrite/in-place-of.ts";
import type { Eventually, RenderResult } from "../server/answer.ts";
import { NotFound } from "../server/not-found.ts";
import type { Request } from "../server/request.ts";
import type { IResource } from "../server/resource-interface.ts";

const NOT_FOUND = new NotFound();

/**
 * See the top of this file.
 *
 * @example
 * ```ts
 * import { NameVirtualHost, Resource, Site } from "sennit/web";
 * import { Clock } from "sennit/testing";
 *
 * const hosts = new NameVirtualHost()
 *   .addHost("example.com", new Resource())
 *   .addHost("*.example.com", new Resource());
 * const site = new Site(hosts, { reactor: new Clock() }); // Other hosts: 404.
 * console.log(site.logPrefix());
 * ```
 */
export class NameVirtualHost implements IResource {
  readonly isLeaf = false;
  /** Answers for hosts that are not known, and requests without one. Default: 404. */
  default: IResource | undefined;
  readonly #hosts = new Map<string, IResource>();

  /**
   * Answer a host with a resource, its root; it replaces the one before.
   *
   * @param name A name or an address, or `*.` and a name. A port behind it counts for nothing.
   * @throws {TypeError} It is none.
   */
  addHost(name: string, resource: IResource): this {
    this.#hosts.set(hostName(name), resource);
    return this;
  }

  /** Answer it no more. Nothing happens if it is not known. @throws {TypeError} It is no host. */
  removeHost(name: string): this {
    this.#hosts.delete(hostName(name));
    return this;
  }

  getChildWithDefault(name: string, request: Request): Eventually<IResource> {
    return childInPlaceOf(this.#resourceFor(request), name, request);
  }

  render(request: Request): Eventually<RenderResult> {
    return this.#resourceFor(request).render(request);
  }

  #resourceFor(request: Request): IResource {
    return this.#find(withoutDot(request.getRequestHostname())) ?? this.default ?? NOT_FOUND;
  }

  #find(host: string): IResource | undefined {
    const named = host.startsWith("*") ? undefined : this.#hosts.get(host);
    for (let found = named, dot = host.indexOf("."); ; dot = host.indexOf(".", dot + 1)) {
      if (found !== undefined || dot === -1) return found;
      found = this.#hosts.get(`*${host.slice(dot)}`);
    }
  }
}

/** As it is compared. */
function hostName(name: string): string {
  const plain = name.startsWith("*.") ? name.slice(2) : name;
  if (plain === "" || plain.includes("*") || !isAuthority(plain)) {
    throw new TypeError(
      `Cannot serve ${quote(name)}: expected a host, or "*." and a name; if it is not ASCII, as ` +
        "it is sent: xn--…",
    );
  }
  return withoutDot(name.replace(/:\d*$/u, "").toLowerCase());
}

function withoutDot(host: string): string {
  return host.endsWith(".") ? host.slice(0, -1) : host;
}
