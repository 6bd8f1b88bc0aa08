/**
 * The web of the benchmark on sennit, with its router and its files.
 *
 * Prints its port, and runs until SIGTERM. The files are in the folder of its first argument.
 *
 * @module
 */
import { load } from "../lib/sennit.mjs";

const { NodeReactor } = await load("sennit/reactors");
const { File, json, Router, Site, text } = await load("sennit/web");

const [folder] = process.argv.slice(2);
const router = new Router();
router.get("/", () => text("Hello, World!"));
router.get("/api/users/:id", (_request, { id }) =>
  json({ id, name: "Ada Lovelace", roles: ["reader", "writer"] }),
);
router.post("/upload", (request) =>
  request.content.read().addCallback((bytes) => text(String(bytes.length))),
);
router.mount("/", new File(folder));

const reactor = new NodeReactor();
const site = new Site(router, { reactor });
site.noisy = false;
const port = reactor.listenTCP(0, site, { interface: "127.0.0.1", backlog: 1024 });
port.listening.addCallback((bound) => console.log(bound.getHost().port));
reactor.run();
