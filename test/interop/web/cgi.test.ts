/**
 * Scripts that a shell runs, and what becomes of them: real processes, real pipes.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { setImmediate as nextPass } from "node:timers/promises";
import { assert, describe, it, type TestContext } from "vitest";
import { TCP4ServerEndpoint } from "../../../src/internet/endpoints/tcp-server.ts";
import { NodeReactor } from "../../../src/reactors/node/node-reactor.ts";
import { portNumber } from "../../../src/testing/contracts/network.ts";
import { CGIDirectory, type CGIDirectoryOptions } from "../../../src/web/cgi/cgi-directory.ts";
import { Resource } from "../../../src/web/server/resource.ts";
import { Site } from "../../../src/web/server/site.ts";
import { webFolder } from "../fixtures/web/running-nginx.ts";

const MIB = 1 << 20;

/** Scripts of a shell by name, at `/cgi`; where that is, and the folder. */
async function serve(
  context: TestContext,
  scripts: Readonly<Record<string, string>>,
  options: Partial<CGIDirectoryOptions> = {},
): Promise<{ readonly url: string; readonly folder: string }> {
  const folder = webFolder(context);
  for (const [name, script] of Object.entries(scripts)) {
    writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  }
  const reactor = new NodeReactor();
  context.onTestFinished(() => reactor[Symbol.asyncDispose]());
  const directory = new CGIDirectory(folder, { reactor, ...options });
  const site = new Site(new Resource().putChild("cgi", directory), { reactor });
  site.noisy = false;
  const endpoint = new TCP4ServerEndpoint(reactor, 0, { interface: "127.0.0.1" });
  const port = portNumber(await endpoint.listen(site));
  return { url: `http://127.0.0.1:${String(port)}/cgi`, folder };
}

/** The number that a script has written down. */
async function numberIn(path: string): Promise<number> {
  const deadline = performance.now() + 10_000;
  for (;;) {
    const text = existsSync(path) ? readFileSync(path, "utf8") : "";
    if (text.endsWith("\n")) return Number(text);
    assert.isBelow(performance.now(), deadline, `waited for ${path}`);
    await nextPass();
  }
}

/** Wait until there is no such process any more. */
async function gone(pid: number): Promise<void> {
  const deadline = performance.now() + 10_000;
  const stat = `/proc/${String(pid)}/stat`;
  while (existsSync(stat) && !readFileSync(stat, "utf8").includes(") Z ")) {
    assert.isBelow(performance.now(), deadline, `waited for the end of ${String(pid)}`);
    await nextPass();
  }
}

const HEAD = "printf 'Content-Type: text/plain\\n\\n'";

describe("a script", () => {
  it("finds the request, and answers in its own words", async (context) => {
    const words = `printf 'Status: 203 Mine\\r\\nContent-Type: text/plain\\r\\nX-Y: é\\r\\n\\r\\n'
echo "$REQUEST_METHOD $SCRIPT_NAME $PATH_INFO $QUERY_STRING $HTTP_X_WORD $HTTP_PROXY" $(pwd)`;
    const { url, folder } = await serve(context, { "say.sh": words });
    const headers = { "x-word": "\u00c3\u00a9", proxy: "evil" };
    const answer = await fetch(`${url}/say.sh/a%20b/?q=1`, { headers });
    assert.deepEqual([answer.status, answer.statusText], [203, "Mine"]);
    assert.equal(answer.headers.get("x-y"), "\u00c3\u00a9", "bytes as they came");
    assert.equal(await answer.text(), `GET /cgi/say.sh /a b/ q=1 é  ${folder}\n`);
  });

  it("gets all that is sent, and sends more than a pipe holds", async (context) => {
    const script = `${HEAD}; cat`;
    const { url } = await serve(context, { "cat.sh": script });
    const bytes = Buffer.alloc(16 * MIB, "abcdefg");
    const answer = await fetch(`${url}/cat.sh`, { method: "POST", body: bytes });
    const back = Buffer.from(await answer.arrayBuffer());
    const hash = (of: Buffer): string => createHash("sha256").update(of).digest("hex");
    assert.equal(hash(back), hash(bytes));
  });

  it("that is not wanted any more is ended, with what it has started", async (context) => {
    const script = `trap '' TERM; ${HEAD}; sleep 60 & echo $! > child; echo $$ > self; echo hi
wait; wait; sleep 60`;
    const { url, folder } = await serve(context, { "hang.sh": script }, { killTimeout: 0.2 });
    const asking = request(`${url}/hang.sh`).end();
    const [answer] = await once(asking, "response");
    await once(answer, "readable");
    const pids = [await numberIn(join(folder, "self")), await numberIn(join(folder, "child"))];
    asking.destroy();
    for (const pid of pids) await gone(pid);
  });

  it("that hangs, dies, floods or is none is told so", async (context) => {
    const scripts = {
      "hang.sh": "exec sleep 60",
      "die.sh": "echo oh no >&2; exit 3",
      "flood.sh": "exec yes",
      "complain.sh": `yes >&2 & sleep 0.1; kill $!; ${HEAD}; echo yet`,
      "crash.sh": `${HEAD}; echo some; kill -SEGV $$`,
    };
    const { url, folder } = await serve(context, scripts, { answerTimeout: 1 });
    writeFileSync(join(folder, "none"), "not a program", { mode: 0o644 });
    symlinkSync("/bin/ls", join(folder, "out"));
    const codes = await Promise.all(
      ["hang.sh", "die.sh", "flood.sh", "none", "out", "missing"].map(async (name) => {
        return (await fetch(`${url}/${name}`)).status;
      }),
    );
    assert.deepEqual(codes, [504, 502, 502, 502, 404, 404]);
    assert.equal(await (await fetch(`${url}/complain.sh`)).text(), "yet\n");
    const crash = await fetch(`${url}/crash.sh`);
    const cut = await crash.text().then(
      () => "whole",
      () => "cut",
    );
    assert.equal(cut, "cut");
  });
});
