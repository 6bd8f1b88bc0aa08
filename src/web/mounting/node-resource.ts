/**
 * Apps that are a listener of Node's HTTP servers (Express, Fastify, Koa and their like), at a
 * place in a site.
 *
 *     new NodeResource(express())
 *     new NodeResource(new Koa().callback())
 *     new NodeResource((req, res) => fastify.routing(req, res))      after await fastify.ready()
 *
 * The app gets Node's own `IncomingMessage` and `ServerResponse`, and a stream in the place of the
 * socket: see `mounted-connection.ts`. Not offered: `upgrade`. An app for WebSockets needs a
 * resource of its own.
 *
 * Spec: Node's documentation of node:http. After: twisted.web.wsgi.WSGIResource, in what it is for.
 *
 * @module
 */
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { isLater } from "../server/and-then.ts";
import { type Answer, NOT_DONE_YET } from "../server/answer.ts";
import { errorPage } from "../server/error-page.ts";
import type { Request } from "../server/request.ts";
import type { IResource } from "../server/resource-interface.ts";
import { MountedConnection } from "./mounted-connection.ts";

/** What `http.createServer` takes. */
export type NodeListener = (request: IncomingMessage, response: ServerResponse) => unknown;

/** The server without a port that makes an app's requests. */
interface Engine {
  readonly server: Server;
  /** Methods that Node's parser knows. */
  readonly methods: ReadonlySet<string>;
}

/**
 * See the top of this file.
 *
 * `req.url` is what is below the place, `req.baseUrl` the path to it, `req.originalUrl` the whole,
 * as in Express. What the listener throws is logged and answered with 500, and so is what it
 * rejects with. Timeouts that the app sets on a socket have no effect: the site has its own.
 *
 * @example
 * ```ts
 * import { NodeResource, Resource, Site } from "sennit/web";
 * import { Clock } from "sennit/testing";
 *
 * const root = new Resource();
 * root.putChild(
 *   "old",
 *   new NodeResource((req, res) => {
 *     res.setHeader("Content-Type", "text/plain");
 *     res.end(`You asked for ${req.url}\n`); // of /old/news it says /news
 *   }),
 * );
 * const site = new Site(root, { reactor: new Clock() });
 * ```
 */
export class NodeResource implements IResource {
  readonly isLeaf = true;
  readonly #listener: NodeListener;
  #engine: Promise<Engine> | undefined;

  /** @throws {TypeError} Not a function. */
  constructor(listener: NodeListener) {
    if (typeof listener !== "function") {
      throw new TypeError("Cannot mount an app: expected a function of request and response");
    }
    this.#listener = listener;
  }

  getChildWithDefault(): IResource {
    return this;
  }

  async render(request: Request): Promise<Answer | typeof NOT_DONE_YET> {
    this.#engine ??= makeEngine(this.#listener);
    const { server, methods } = await this.#engine;
    const { method } = request;
    if (method === "CONNECT" || !methods.has(method)) return errorPage(501, `No ${method} here.`);
    await new Promise<void>((resolve, reject) => {
      const connection = new MountedConnection(request, (error) => {
        if (error === undefined) resolve();
        else reject(error);
      });
      server.emit("connection", connection);
    });
    return NOT_DONE_YET;
  }
}

/** Loaded when it is needed: a site without such an app, in a simulation say, does without it. */
async function makeEngine(listener: NodeListener): Promise<Engine> {
  const { createServer, METHODS } = await import("node:http");
  // The site has bounded the head already, and knows what to do without a Host.
  const server = createServer({ maxHeaderSize: 1_048_576, requireHostHeader: false });
  server.maxHeadersCount = 0;
  server.keepAliveTimeout = 0; // Each connection carries one request.
  const run = (request: IncomingMessage, response: ServerResponse): void => {
    serve(listener, request, response);
  };
  server.on("request", run);
  server.on("checkExpectation", run);
  server.on("clientError", (error, socket) => {
    if (socket instanceof MountedConnection) socket.fail(error);
  });
  return { server, methods: new Set(METHODS) };
}

function serve(listener: NodeListener, request: IncomingMessage, response: ServerResponse): void {
  const connection: object = request.socket;
  if (!(connection instanceof MountedConnection)) return;
  const { prefix, request: from } = connection;
  Object.assign(request, { baseUrl: prefix, originalUrl: originalUrl(from) });
  response.sendDate = false; // The site knows the time.
  response.once("close", () => {
    // After the answer there may be some of it on its way still.
    if (response.writableFinished) connection.end();
    else connection.destroy();
  });
  try {
    const result = listener(request, response);
    if (!isLater(result)) return;
    result.then(undefined, (error: unknown) => connection.fail(error));
  } catch (error) {
    connection.fail(error);
  }
}

function originalUrl({ path, query }: Request): string {
  return query === "" ? path : `${path}?${query}`;
}
