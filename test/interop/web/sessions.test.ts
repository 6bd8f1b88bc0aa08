/**
 * Sessions with curl's jar of cookies, which keeps to what browsers keep to.
 *
 * @module
 */
import { join } from "node:path";
import { assert, describe, it } from "vitest";
import { NodeReactor } from "../../../src/reactors/node/node-reactor.ts";
import type { Request } from "../../../src/web/server/request.ts";
import { sessionKey } from "../../../src/web/sessions/session-key.ts";
import { Sessions } from "../../../src/web/sessions/sessions.ts";
import { selfSignedCertificate } from "../../../src/internet/tls/self-signed.ts";
import { start } from "../fixtures/lines/running.ts";
import { folderWith, serve } from "../fixtures/web/real-site.ts";
import { peer } from "../peers.ts";

const curl = peer("curl", "curl");
const VISITS = sessionKey<number>("visits");

function counted(request: Request): string {
  const session = request.getSession();
  const visits = (session.get(VISITS) ?? 0) + 1;
  session.set(VISITS, visits);
  if (request.path === "/login") session.regenerate(request);
  if (request.path === "/logout") session.expire();
  return `${String(visits)} `;
}

describe("request.getSession", () => {
  for (const scheme of ["http", "https"] as const) {
    it(`knows curl again by its cookie over ${scheme}, also by a new one`, async (context) => {
      const program = curl.path(context);
      const reactor = new NodeReactor();
      const sessions = new Sessions(reactor);
      context.onTestFinished(() => sessions.expireAll());
      const identity = scheme === "https" ? { certificate: await selfSignedCertificate() } : {};
      const { url } = await serve(context, counted, { sessions, ...identity });
      const jar = join(folderWith(context, {}), "jar");
      const targets = ["/", "/", "/login", "/", "/logout", "/"].map((path) => url + path);
      const keep = ["--cookie", jar, "--cookie-jar", jar];
      const client = start(context, program, ["--silent", "--insecure", ...keep, ...targets]);
      const { code } = await client.exit();
      assert.equal(code, 0, client.stderr);
      assert.equal(client.stdout, "1 2 3 4 5 1 ");
      assert.equal(sessions.size, 1);
    });
  }
});
