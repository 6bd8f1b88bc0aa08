/**
 * A proxy for clients that are told to use it: requests for any server, and tunnels.
 *
 *     GET http://example.com/path HTTP/1.1     ─▶ GET /path, to example.com:80
 *     CONNECT example.com:443 HTTP/1.1         ─▶ bytes, both ways
 *
 * It connects to public addresses and the ports of the web only, unless `allow` says otherwise.
 *
 * After: twisted.web.proxy.Proxy. Differs: CONNECT; HTTP/1.1; bodies stream; where it connects to
 * is restricted; a resource, so that a Site does the rest. (And `Proxy` is a name that JavaScript
 * has already.) Each request has a connection of its own behind it: connections are not kept.
 *
 * Spec: RFC 9110 §7.6, §9.3.6, §11.7, RFC 9112 §3.2.2.
 *
 * @module
 */
import { quote } from "../../core/text.ts";
import { Failure } from "../../defer/failure.ts";
import { connectProtocol } from "../../internet/endpoints/connect-protocol.ts";
import { ConnectionTimedOut } from "../../internet/errors.ts";
import type { IStreamClientEndpoint } from "../../internet/interfaces-factory.ts";
import { Logger } from "../../logger/logger.ts";
import { isToken } from "../http/wire/field-names.ts";
import type { HTTPLimits } from "../http/wire/limits.ts";
import { Answer, type Eventually, NOT_DONE_YET, type RenderResult } from "../server/answer.ts";
import { errorPage } from "../server/error-page.ts";
import type { Request } from "../server/request.ts";
import type { IResource } from "../server/resource-interface.ts";
import { sendAnswer } from "../server/send-answer.ts";
import { completeDeadlines, type UpstreamDeadlines } from "../upstream/deadlines.ts";
import { UpstreamPool } from "../upstream/upstream-pool.ts";
import { gatewayFault } from "./gateway-fault.ts";
import { guardedEndpoint } from "./guarded-endpoint.ts";
import { lastAnswer, nextMaxForwards } from "./max-forwards.ts";
import { requestFields, wantedUpgrade } from "./passed-fields.ts";
import { askForCredentials, type ProxyCredentials, proxyCredentials } from "./proxy-credentials.ts";
import { isPublicWeb, type ProxyPlace } from "./proxy-place.ts";
import { Relay } from "./relay.ts";
import type { ProxyReactor } from "./reverse-proxy-resource.ts";
import { Tunnel, tunnelSeconds } from "./tunnel.ts";
import { hasPassed, madeUpName, viaVersion } from "./via.ts";

const log = new Logger({ namespace: "sennit.web.proxy" });

/** Options of {@link ForwardProxyResource}; the limits are those of answers. */
export interface ForwardProxyOptions extends UpstreamDeadlines, HTTPLimits {
  readonly reactor: ProxyReactor;
  /**
   * May it connect to there? Asked for each address of a name, just before it is connected to; 403
   * if it may go to none. Default: `isPublicWeb`, ports 80 and 443 of public addresses.
   */
  readonly allow?: (place: ProxyPlace, request: Request) => boolean;
  /** Are these good? With it, clients must say who they are (Basic), or get 407. */
  readonly authenticate?: (credentials: ProxyCredentials) => Eventually<boolean>;
  /** What clients are asked for. Default: `proxy`. */
  readonly realm?: string;
  /** What a connection may be upgraded to, beside tunnels. Default: `websocket` alone. */
  readonly upgrades?: readonly string[];
  /** Seconds without a byte in a tunnel; 0: for ever. Default: 600. */
  readonly tunnelTimeout?: number;
  /** Our name in `Via`: a token, and nobody else's on the way. Default: one made up. */
  readonly via?: string;
}

const ABSOLUTE = /^(?<scheme>[a-z][a-z\d+.-]*):\/\//iu;
const PLACE = /^(?:\[(?<six>[\da-f:.]+)\]|(?<name>[^:[\]]+))(?::(?<port>\d{0,5}))?$/iu;
const PORT_MAX = 65_535;

/**
 * See the top of this file.
 *
 * @example
 * ```ts
 * import { ForwardProxyResource, isPublicWeb, Site } from "sennit/web";
 * import { MemoryReactor } from "sennit/testing";
 *
 * const reactor = new MemoryReactor(); // In a program: import { reactor } from "sennit/reactor".
 * const proxy = new ForwardProxyResource({
 *   reactor,
 *   allow: (place) => isPublicWeb(place) && place.host.endsWith(".example"),
 *   authenticate: ({ username, password }) => username === "ada" && password === "lovelace",
 * });
 * const site = new Site(proxy, { reactor });
 * console.log(site.logPrefix());
 * ```
 */
export class ForwardProxyResource implements IResource {
  readonly isLeaf = true;
  readonly #options: ForwardProxyOptions;
  readonly #connectTimeout: number;
  readonly #tunnelTimeout: number;
  readonly #upgrades: ReadonlySet<string>;
  readonly #name: string;

  /**
   * @throws {TypeError} A name that is no token.
   * @throws {RangeError} A deadline that is none.
   */
  constructor(options: ForwardProxyOptions) {
    const { upgrades = ["websocket"], via } = options;
    this.#options = options;
    this.#connectTimeout = completeDeadlines(options).connectTimeout;
    this.#tunnelTimeout = tunnelSeconds(options.tunnelTimeout);
    this.#upgrades = new Set(upgrades.map((one) => one.toLowerCase()));
    this.#name = via ?? madeUpName(options.reactor);
    if (!isToken(this.#name)) {
      throw new TypeError(`Cannot use a proxy's via: expected a token, got ${quote(this.#name)}`);
    }
  }

  getChildWithDefault(): IResource {
    return this;
  }

  /** Pass it on, if its sender may. */
  render(request: Request): Eventually<RenderResult> {
    const { authenticate } = this.#options;
    return authenticate === undefined ? this.#pass(request) : this.#check(request, authenticate);
  }

  async #check(
    request: Request,
    authenticate: (credentials: ProxyCredentials) => Eventually<boolean>,
  ): Promise<RenderResult> {
    const credentials = proxyCredentials(request.getHeader("proxy-authorization"));
    const isGood = credentials !== undefined && (await authenticate(credentials));
    return isGood ? this.#pass(request) : askForCredentials(this.#options.realm ?? "proxy");
  }

  #pass(request: Request): RenderResult {
    if (request.method === "CONNECT") return this.#tunnel(request);
    const scheme = ABSOLUTE.exec(request.uri)?.groups?.["scheme"]?.toLowerCase();
    const isOurs = request.uri === "*";
    if (isOurs) return new Answer("", { code: 204 });
    if (scheme === undefined)
      return errorPage(400, "This is a proxy: ask it for http://host/path.");
    if (scheme !== "http") return errorPage(501, `This proxy knows no ${scheme}: use CONNECT.`);
    const endpoint = this.#endpointFor(request, 80);
    if (endpoint === undefined) return errorPage(400, "There is no such host and port.");
    return this.#refusal(request) ?? this.#relay(request, endpoint);
  }

  #refusal(request: Request): Answer | undefined {
    if (hasPassed(request.getHeader("via"), this.#name)) {
      return errorPage(508, "This request has been here before.");
    }
    if (request.method === "TRACE" && request.content.length !== 0) {
      return errorPage(400, "TRACE has no body.");
    }
    return lastAnswer(request);
  }

  #endpointFor(request: Request, defaultPort: number): IStreamClientEndpoint | undefined {
    const { six, name, port } = PLACE.exec(request.authority)?.groups ?? {};
    const host = (six ?? name)?.toLowerCase();
    const number = port === undefined || port === "" ? defaultPort : Number(port);
    if (host === undefined || number < 1 || number > PORT_MAX) return undefined;
    const { reactor, allow = isPublicWeb } = this.#options;
    return guardedEndpoint(reactor, host, number, (address) =>
      allow({ host, port: number, address }, request),
    );
  }

  // -- Requests

  #relay(request: Request, endpoint: IStreamClientEndpoint): RenderResult {
    const { reactor } = this.#options;
    const via = ` ${this.#name}`;
    const relay = new Relay(request, {
      reactor,
      tunnelTimeout: this.#tunnelTimeout,
      destination: endpoint.toString(),
      rewrite: (headers) => {
        const before = headers.get("via");
        headers.set("via", `${before === undefined ? "" : `${before}, `}1.1${via}`);
      },
    });
    const counted = nextMaxForwards(request);
    const fields = requestFields(request.requestHeaders, {
      host: request.authority,
      via: viaVersion(request.clientproto) + via,
      without: (name) => counted.length > 0 && name === "max-forwards",
      added: counted,
    });
    const upgrade = wantedUpgrade(request, this.#upgrades);
    const target = request.path + (request.query === "" ? "" : `?${request.query}`);
    const pool = new UpstreamPool(reactor, endpoint, { ...this.#options, maxIdle: 0 });
    relay.begin(pool, { method: request.method, target, fields, upgrade });
    return NOT_DONE_YET;
  }

  // -- Tunnels

  #tunnel(request: Request): RenderResult {
    if (request.clientproto !== "HTTP/1.1") return errorPage(501, "Tunnels need HTTP/1.1.");
    const endpoint = this.#endpointFor(request, 0);
    if (endpoint === undefined) return errorPage(400, "There is no such host and port.");
    const seconds = this.#connectTimeout;
    const tunnel = new Tunnel(this.#options.reactor, this.#tunnelTimeout);
    const connecting = connectProtocol(endpoint, tunnel.server);
    if (seconds > 0) {
      void connecting.addTimeout(seconds, this.#options.reactor, () => {
        return new Failure(new ConnectionTimedOut("connect", seconds));
      });
    }
    void request.notifyFinish().addErrback(() => connecting.cancel());
    void connecting.addCallbacks(
      () => {
        if (!request.upgrade(tunnel.client, 200)) tunnel.abort();
      },
      (failure) => {
        tunnel.over();
        tunnelFailed(request, endpoint, failure);
      },
    );
    return NOT_DONE_YET;
  }
}

function tunnelFailed(request: Request, endpoint: IStreamClientEndpoint, failure: Failure): void {
  if (request.disconnected) return;
  log.warn("{asked}: {destination} failed: {why}", {
    asked: request.toString(),
    destination: endpoint.toString(),
    why: failure.getErrorMessage(),
  });
  void sendAnswer(request, gatewayFault(failure.value));
}
