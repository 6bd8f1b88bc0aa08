/**
 * The town hall in a browser: a page, and the same protocol over a WebSocket.
 *
 *     /            page/index.html and what it needs
 *     /lines       what nc speaks, as messages of text
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { File, overWebSocket, Request, Site, WebSocketResource } from "sennit/web";
import type { TownhallFactory } from "./townhall-factory.ts";
import type { TownhallClock } from "./townhall-protocol.ts";

const PAGE = fileURLToPath(new URL("page", import.meta.url));
/** Nothing but what is ours, and nobody may put the page into a frame. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/**
 * The site of a town hall.
 *
 * @param reactor The one it is served with: a WebSocket's transport is made of it.
 */
export function townhallSite(factory: TownhallFactory, reactor: TownhallClock): Site {
  // What waits for somebody is bounded by the protocol; this is the bound behind it.
  const maxBufferedBytes = 4 * factory.settings.unreadBytesMax;
  const lines = new WebSocketResource(overWebSocket(factory, { as: "text", maxBufferedBytes }));
  const site = new Site(new File(PAGE).putChild("lines", lines), {
    reactor,
    requestFactory: (parts) => {
      const request = new Request(parts);
      request.setHeader("content-security-policy", POLICY);
      return request;
    },
  });
  site.noisy = false;
  return site;
}
