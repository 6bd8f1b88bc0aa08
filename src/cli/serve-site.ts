/**
 * What `sennit serve` serves.
 *
 * @module
 */
import { quote } from "../core/text.ts";
import { UsageError } from "../application/errors.ts";
import { clientFromString } from "../internet/endpoints/from-string.ts";
import { IReactorPluggableNameResolver } from "../internet/interfaces-resolver.ts";
import { providesWallClock } from "../internet/interfaces-reactor.ts";
import { cors } from "../web/routing/cors.ts";
import { renderTree } from "../web/server/render-tree.ts";
import { wrapped } from "../web/routing/wrapper.ts";
import { combinedLogFormatter } from "../web/server/access-log.ts";
import type { IResource } from "../web/server/resource-interface.ts";
import { Site } from "../web/server/site.ts";
import { ReverseProxyResource } from "../web/proxy/reverse-proxy-resource.ts";
import { File } from "../web/static/file.ts";
import type { CommandContext } from "./command.ts";

/** What begins with `prefix` is passed on to `url`. */
export interface ProxySettings {
  /** Begins with a slash, and ends with none. */
  readonly prefix: string;
  readonly url: string;
}

/** What the command line says of the site. */
export interface SiteSettings {
  readonly root: string;
  readonly spa: boolean;
  readonly listing: boolean;
  readonly cors: boolean;
  readonly quiet: boolean;
  readonly proxies: readonly ProxySettings[];
}

/** Read a `--proxy`. @throws {UsageError} */
export function proxySettings(text: string): ProxySettings {
  const at = text.indexOf("=");
  const prefix = text.slice(0, Math.max(0, at)).replace(/\/+$/u, "");
  const url = text.slice(at + 1);
  // What a proxy could not pass on is refused, not dropped: a name and password, a query.
  const isURL = /^https?:\/\/[^/?#@]+(?:\/[^?#]*)?$/u.test(url) && URL.canParse(url);
  if (at !== -1 && /^\/[^\s?#%]+$/u.test(prefix) && isURL) return { prefix, url };
  throw new UsageError(
    `Cannot use --proxy ${quote(text)}: expected /PREFIX=URL, as in /api=http://127.0.0.1:3000`,
  );
}

/** The site. */
export function serveSite(
  settings: SiteSettings,
  reactor: CommandContext["reactor"],
  writeOut: (line: string) => unknown,
): Site {
  const files = new File(settings.root, {
    precompressed: true,
    directoryListing: settings.listing,
    ...(settings.spa && { fallback: "index.html" }),
  });
  const shared = settings.cors ? wrapped(files, cors({ origins: "*" })) : files;
  const proxies = settings.proxies.map(({ prefix, url }): [string, IResource] => [
    prefix,
    proxyTo(url, reactor),
  ]);
  const root = proxies.length === 0 ? shared : withProxies(shared, new Map(proxies));
  const line = combinedLogFormatter(providesWallClock(reactor) ? reactor : { wallClock: () => 0 });
  const site = new Site(root, {
    reactor,
    ...(!settings.quiet && { accessLog: (request) => writeOut(`${line(request)}\n`) }),
  });
  site.noisy = false;
  return site;
}

function proxyTo(url: string, reactor: CommandContext["reactor"]): IResource {
  if (!reactor.provides(IReactorPluggableNameResolver)) {
    throw new UsageError("Cannot use --proxy: names cannot be looked up here");
  }
  const { protocol, hostname, port, pathname, host } = new URL(url);
  if (protocol === "http:") return new ReverseProxyResource(url, { reactor });
  const name = hostname.replaceAll(/[[\]]/gu, "");
  const endpoint = clientFromString(
    reactor,
    `tls:${quoteField(name)}:${port === "" ? "443" : port}`,
  );
  return new ReverseProxyResource(endpoint, { reactor, path: pathname, host });
}

/** A value inside of an endpoint's string. */
function quoteField(value: string): string {
  return value.replaceAll(/[:=\\]/gu, "\\$&");
}

/** What stands at the longest prefix of a path; the rest is for it to read. */
export function withProxies(root: IResource, proxies: ReadonlyMap<string, IResource>): IResource {
  const prefixes = [...proxies.keys()].toSorted((one, other) => other.length - one.length);
  return {
    isLeaf: true,
    getChildWithDefault: () => root,
    render: (request) => {
      const prefix = prefixes.find(
        (one) => request.path === one || request.path.startsWith(`${one}/`),
      );
      const proxy = prefix === undefined ? undefined : proxies.get(prefix);
      if (prefix === undefined || proxy === undefined) return renderTree(root, request);
      const segments = prefix.slice(1).split("/").length;
      request.prepath.push(...request.postpath.splice(0, segments));
      return renderTree(proxy, request);
    },
  };
}
