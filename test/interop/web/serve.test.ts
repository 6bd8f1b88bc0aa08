/**
 * `sennit serve`, as it is built, in a process of its own.
 *
 * @module
 */
import { request } from "node:https";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { assert, describe, it, type TestContext } from "vitest";
import { type Running, start } from "../fixtures/lines/running.ts";
import { folderWith, serve as serveHere } from "../fixtures/web/real-site.ts";

const PROGRAM = fileURLToPath(new URL("../../../dist/cli/main.js", import.meta.url));
const once = { headers: { connection: "close" } };

/** Start it, and wait until it says where it is. */
async function serve(
  context: TestContext,
  folder: string,
  ...args: readonly string[]
): Promise<{ readonly running: Running; readonly url: string }> {
  const words = [PROGRAM, "serve", folder, "--listen", "127.0.0.1:0", ...args];
  const running = start(context, process.execPath, words);
  const [, url = ""] = await running.err(/ at (https?:\/\/\S+)\/$/mu);
  return { running, url };
}

describe("sennit serve", () => {
  it("serves files, says who asked, and stops in good order", async (context) => {
    const folder = folderWith(context, { "index.html": "<p>hello</p>", ".secret": "no" });
    const { running, url } = await serve(context, folder);
    assert.equal(await (await fetch(`${url}/`, once)).text(), "<p>hello</p>");
    assert.equal((await fetch(`${url}/.secret`, once)).status, 404);
    await running.out(/^127\.0\.0\.1 - - \[.*\] "GET \/ HTTP\/1\.1" 200 12 "-" ".*"$/mu);
    await running.out(/^127\.0\.0\.1 - - \[.*\] "GET \/\.secret HTTP\/1\.1" 404 /mu);
    running.signal("SIGTERM");
    assert.deepEqual(await running.exit(), { code: null, signal: "SIGTERM" });
  });

  it("passes a prefix on, and lets scripts of others read", async (context) => {
    const folder = folderWith(context, { "a.txt": "text" });
    const behind = await serveHere(context, (asked) => `behind, ${asked.uri}`);
    const args = ["--proxy", `/api=${behind.url}/v1`, "--cors", "--quiet"];
    const { running, url } = await serve(context, folder, ...args);
    assert.equal(await (await fetch(`${url}/api/x?y`, once)).text(), "behind, /v1/x?y");
    const headers = { ...once.headers, origin: "http://other.example" };
    const answer = await fetch(`${url}/a.txt`, { headers });
    assert.equal(answer.headers.get("access-control-allow-origin"), "*");
    assert.equal(await answer.text(), "text");
    assert.equal(running.stdout, "");
  });

  it("speaks TLS with a certificate of its own, or with ours", async (context) => {
    const folder = folderWith(context, { "index.html": "secure" });
    const { url } = await serve(context, folder, "--tls", "self");
    const text = await new Promise<string>((resolve, reject) => {
      const options = { rejectUnauthorized: false, agent: false } as const;
      const asked = request(`${url}/`, options, (answer) => {
        let body = "";
        answer.setEncoding("utf8").on("data", (chunk: string) => {
          body += chunk;
        });
        answer.on("end", () => resolve(body));
      });
      asked.on("error", reject).end();
    });
    assert.equal(text, "secure");
  });

  it("says what is wrong with its command line, and with a port that is taken", async (context) => {
    const folder = folderWith(context, {});
    const wrong = start(context, process.execPath, [PROGRAM, "serve", join(folder, "none")]);
    assert.equal((await wrong.exit()).code, 64);
    assert.match(wrong.stderr, /^sennit: Cannot serve ".*": expected a directory\n$/u);
    const { port } = await serveHere(context, () => "here");
    const words = [PROGRAM, "serve", folder, "--listen", String(port)];
    const taken = start(context, process.execPath, words);
    assert.equal((await taken.exit()).code, 69);
    assert.match(taken.stderr, /^sennit: Cannot listen on /u);
  });
});
