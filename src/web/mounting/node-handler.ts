/**
 * A site inside of Node's HTTP server, or of what stands on it: Express, Connect, Koa's `respond =
 * false`.
 *
 *     (req, res) ─▶ NodeChannel ─▶ the site's Request ─▶ resources ─▶ res
 *
 * @module
 */
import type { Site } from "../server/site.ts";
import { NodeChannel } from "./node-channel.ts";
import type { NodeListener } from "./node-resource.ts";

/**
 * A listener that answers as the site does, every request it is given. Bodies are streams both
 * ways, at the pace of the slower side. What Express calls `req.baseUrl` is consumed, and is in
 * `request.prepath`. Mount it before middleware that reads bodies: what was read is gone.
 *
 * The server around it has the connection: its deadlines are in force and not the site's, and
 * `request.upgrade()` is not possible.
 *
 * @example
 * ```ts
 * import { createServer } from "node:http";
 * import { once } from "node:events";
 * import { Site, toNodeHandler } from "sennit/web";
 * import { reactor } from "sennit/reactor";
 *
 * const site = new Site((request) => `You asked for ${request.path}`, { reactor });
 * const server = createServer(toNodeHandler(site)); // Express: app.use("/ours", …)
 * await once(server.listen(0, "127.0.0.1"), "listening");
 *
 * const address = server.address();
 * const port = typeof address === "object" ? address?.port : undefined;
 * const answer = await fetch(`http://127.0.0.1:${port}/news`);
 * console.log(await answer.text()); // You asked for /news
 * server.close();
 * server.closeAllConnections();
 * ```
 */
export function toNodeHandler(site: Site): NodeListener {
  return (incoming, outgoing) => new NodeChannel(site, incoming, outgoing).start();
}
