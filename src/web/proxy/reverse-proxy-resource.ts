/**
 * A part of a site that another server answers.
 *
 *     client ─▶ Site ─▶ ReverseProxyResource ─▶ UpstreamPool ─▶ the server behind
 *
 * After: twisted.web.proxy.ReverseProxyResource. Differs: HTTP/1.1 and connections that are kept;
 * bodies stream both ways, neither side faster than the other; upgrades; deadlines; a failure is
 * told as 502, 503 or 504; the server is told whom it serves.
 *
 * Spec: RFC 9110 §7.6, §7.8, §9.3.8, RFC 7239.
 *
 * @module
 */
import { quote } from "../../core/text.ts";
import type { Deferred } from "../../defer/deferred.ts";
import { AddressRanges } from "../../internet/address-ranges.ts";
import {
  HostnameEndpoint,
  type HostnameEndpointReactor,
} from "../../internet/endpoints/hostname-endpoint.ts";
import type { IStreamClientEndpoint } from "../../internet/interfaces-factory.ts";
import type { IReactorRandom } from "../../internet/interfaces-reactor.ts";
import type { Headers } from "../http/headers.ts";
import { isToken } from "../http/wire/field-names.ts";
import { isAuthority } from "../http/wire/targets.ts";
import { type Answer, NOT_DONE_YET, type RenderResult } from "../server/answer.ts";
import { errorPage } from "../server/error-page.ts";
import type { Request } from "../server/request.ts";
import type { IResource } from "../server/resource-interface.ts";
import { UpstreamPool, type UpstreamPoolOptions } from "../upstream/upstream-pool.ts";
import { forwardedFields, saysWho } from "./forwarded-fields.ts";
import { mappedReference, mappedTarget, mountPoint } from "./mapped-path.ts";
import { lastAnswer, nextMaxForwards } from "./max-forwards.ts";
import { requestFields, wantedUpgrade } from "./passed-fields.ts";
import { Relay } from "./relay.ts";
import { tunnelSeconds } from "./tunnel.ts";
import { hasPassed, madeUpName, viaVersion } from "./via.ts";

/** What a proxy asks of its reactor. */
export type ProxyReactor = HostnameEndpointReactor & IReactorRandom;

/** Options of {@link ReverseProxyResource}; and the bounds of its connections. */
export interface ReverseProxyOptions extends UpstreamPoolOptions {
  readonly reactor: ProxyReactor;
  /** Where the server's part begins that is shown. Default: what the URL says, else `/`. */
  readonly path?: string;
  /** What the server finds in `Host`. Default: what the client sent. */
  readonly host?: string;
  /**
   * Proxies in front of us, as addresses and ranges (see `AddressRanges`): what they say of their
   * clients, in `Forwarded` and `X-Forwarded-*`, is passed on with our own word behind it. What
   * anybody else says there is thrown away. Default: none.
   */
  readonly trusted?: Iterable<string>;
  /** What a connection may be upgraded to. Default: `websocket` alone. */
  readonly upgrades?: readonly string[];
  /** Seconds without a byte on an upgraded connection; 0: for ever. Default: 600. */
  readonly tunnelTimeout?: number;
  /**
   * Change `Location` and `Content-Location`, where they lead to the server behind, so that they
   * lead here. Default: `false`.
   */
  readonly rewriteLocation?: boolean;
  /** Our name in `Via`: a token, and nobody else's on the way. Default: one made up. */
  readonly via?: string;
}

/**
 * See the top of this file.
 *
 * @example
 * ```ts
 * import { Resource, ReverseProxyResource, Site } from "sennit/web";
 * import { MemoryReactor } from "sennit/testing";
 *
 * const reactor = new MemoryReactor(); // In a program: import { reactor } from "sennit/reactor".
 * const shop = new ReverseProxyResource("http://127.0.0.1:8081/v2", { reactor });
 * const site = new Site(new Resource().putChild("shop", shop), { reactor });
 * console.log(site.logPrefix()); // GET /shop/cart asks the server behind for /v2/cart
 * ```
 */
export class ReverseProxyResource implements IResource {
  readonly isLeaf = true;
  readonly #reactor: ProxyReactor;
  readonly #pool: UpstreamPool;
  readonly #destination: string;
  readonly #base: string;
  readonly #authority: string;
  readonly #host: string | undefined;
  readonly #trusted: AddressRanges;
  readonly #upgrades: ReadonlySet<string>;
  readonly #tunnelTimeout: number;
  readonly #rewriteLocation: boolean;
  readonly #name: string;

  /**
   * @param target `http://host:port/path`; or, for TLS, UNIX sockets and the rest, an endpoint.
   * @throws {TypeError} No such URL, a host that is none, a name that is no token.
   * @throws {RangeError} A bound, a deadline or a range of addresses that is none.
   */
  constructor(target: IStreamClientEndpoint | string, options: ReverseProxyOptions) {
    const { reactor, host, trusted = [], upgrades = ["websocket"], via } = options;
    const place = typeof target === "string" ? readURL(target, reactor) : ofEndpoint(target);
    this.#reactor = reactor;
    this.#pool = new UpstreamPool(reactor, place.endpoint, options);
    this.#destination = place.endpoint.toString();
    this.#base = (options.path ?? place.path).replace(/\/$/u, "");
    this.#authority = place.authority;
    this.#host = host;
    this.#trusted = new AddressRanges(trusted);
    this.#upgrades = new Set(upgrades.map((one) => one.toLowerCase()));
    this.#tunnelTimeout = tunnelSeconds(options.tunnelTimeout);
    this.#rewriteLocation = options.rewriteLocation ?? false;
    this.#name = via ?? madeUpName(reactor);
    checkBase(this.#base);
    if (!isToken(this.#name)) throw cannot("via", "a token", this.#name);
    if (host !== undefined && (host === "" || !isAuthority(host))) {
      throw cannot("host", "a host, and perhaps a port", host);
    }
  }

  getChildWithDefault(): IResource {
    return this;
  }

  /** Pass it on. */
  render(request: Request): RenderResult {
    const refusal = this.#refusal(request) ?? lastAnswer(request);
    if (refusal !== undefined) return refusal;
    const target = mappedTarget(request, this.#base);
    if (target === undefined) return errorPage(400, "This path leads out of what is served here.");
    const upgrade = wantedUpgrade(request, this.#upgrades);
    const host = this.#hostFor(request);
    const relay = new Relay(request, {
      reactor: this.#reactor,
      tunnelTimeout: this.#tunnelTimeout,
      destination: this.#destination,
      rewrite: this.#rewriteLocation ? this.#rewriter(request, host) : undefined,
    });
    const fields = this.#fields(request, host);
    relay.begin(this.#pool, { method: request.method, target, fields, upgrade });
    return NOT_DONE_YET;
  }

  /** Send no more requests. @returns Fires when those under way are over. */
  close(): Deferred<void> {
    return this.#pool.close();
  }

  #refusal(request: Request): Answer | undefined {
    if (request.method === "CONNECT") return errorPage(501, "This is no proxy for tunnels.");
    if (hasPassed(request.getHeader("via"), this.#name)) {
      return errorPage(508, "This request has been here before.");
    }
    if (request.method === "TRACE" && request.content.length !== 0) {
      return errorPage(400, "TRACE has no body.");
    }
    return undefined;
  }

  #hostFor(request: Request): string {
    if (this.#host !== undefined) return this.#host;
    return request.authority === "" ? this.#authority : request.authority;
  }

  #fields(request: Request, host: string): string[] {
    const { requestHeaders, authority } = request;
    const address = request.getClientAddress();
    const isTrusted = this.#trusted.has(address);
    const client = { address, authority, isSecure: request.isSecure(), isTrusted };
    const counted = nextMaxForwards(request);
    return requestFields(requestHeaders, {
      host,
      via: `${viaVersion(request.clientproto)} ${this.#name}`,
      without: (name) =>
        saysWho(name, isTrusted) || (counted.length > 0 && name === "max-forwards"),
      added: [...forwardedFields(client, requestHeaders), ...counted],
    });
  }

  #rewriter(request: Request, host: string): (headers: Headers) => void {
    const hosts = [this.#authority, host].map((one) => one.toLowerCase());
    const place = { hosts, base: this.#base, mount: mountPoint(request) };
    return (headers) => {
      for (const name of ["location", "content-location"]) {
        const reference = headers.get(name);
        if (reference !== undefined) headers.set(name, mappedReference(reference, place));
      }
    };
  }
}

/** Where a proxy leads. */
interface Place {
  readonly endpoint: IStreamClientEndpoint;
  /** As it stands in `Host`. */
  readonly authority: string;
  readonly path: string;
}

function ofEndpoint(endpoint: IStreamClientEndpoint): Place {
  return { endpoint, authority: "localhost", path: "/" };
}

function readURL(text: string, reactor: HostnameEndpointReactor): Place {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isGood = url?.protocol === "http:" && url.username + url.password + url.search === "";
  if (url === undefined || !isGood || url.hash !== "") {
    throw cannot("target", "http://host:port/path, or an endpoint", text);
  }
  const port = url.port === "" ? 80 : Number(url.port);
  const endpoint = new HostnameEndpoint(reactor, url.hostname, port);
  return { endpoint, authority: url.host, path: url.pathname };
}

/** It stands in front of every target. */
function checkBase(base: string): void {
  const isPath = base === "" || (base.startsWith("/") && !/[^!"$->@-~]/u.test(base));
  if (!isPath) throw cannot("path", "a path as it is sent", base);
}

function cannot(what: string, expected: string, got: string): TypeError {
  return new TypeError(`Cannot use a proxy's ${what}: expected ${expected}, got ${quote(got)}`);
}
