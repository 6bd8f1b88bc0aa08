/**
 * `sennit serve` without a process: its command line, and the site it makes.
 *
 * @module
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, assert, describe, it } from "vitest";
import { MemoryReactor } from "../reactors/memory/memory-reactor.ts";
import { NotFound } from "../web/server/not-found.ts";
import { Resource } from "../web/server/resource.ts";
import { visit } from "../../test/fixtures/web/in-memory-site.ts";
import { runCommandLine } from "./command-line.ts";
import { proxySettings, serveSite, withProxies } from "./serve-site.ts";

const folder = mkdtempSync(join(tmpdir(), "sennit-serve-"));
writeFileSync(join(folder, "index.html"), "<p>index</p>");
writeFileSync(join(folder, "a.txt"), "text");
afterAll(() => rmSync(folder, { recursive: true }));

async function serve(...args: readonly string[]) {
  let out = "";
  let error = "";
  const { status } = await runCommandLine(["serve", ...args], {
    writeOut: (text) => {
      out += text;
    },
    writeError: (text) => {
      error += text;
    },
    isTerminal: false,
    directory: folder,
    reactor: new MemoryReactor(),
  });
  return { status, out, error };
}

describe("sennit serve", () => {
  it("--help tells of each option, in lines that fit", async () => {
    const { status, out } = await serve("--help");
    assert.strictEqual(status, 0);
    for (const option of ["--listen", "--tls", "--spa", "--listing", "--cors", "--proxy"]) {
      assert.include(out, option);
    }
    for (const line of out.split("\n")) assert.isAtMost(line.length, 80, line);
  });

  it("refuses what makes no sense, in one line", async () => {
    const rows: readonly (readonly [readonly string[], string])[] = [
      [["--fast"], "Unknown option '--fast'; see sennit serve --help"],
      [[".", "--fast"], "Unknown option '--fast'; see sennit serve --help"],
      [["nowhere"], 'Cannot serve "nowhere": expected a directory'],
      [["a.txt"], 'Cannot serve "a.txt": expected a directory'],
      [[".", "."], 'Cannot serve "." too: expected one directory'],
      [["--tls", "x"], 'Cannot use --tls "x": expected self, or two files: CERT,KEY'],
      [["--tls", "self"], "Cannot use --tls: no TLS here"],
      [["--tls", "no.pem,no.pem"], "Cannot use --tls: no TLS here"],
    ];
    for (const [args, message] of rows) {
      const line = `sennit: ${message}\n`;
      assert.deepEqual(await serve(...args), { status: 64, out: "", error: line });
    }
  });
});

describe("proxySettings()", () => {
  it("reads a prefix and a URL", () => {
    const url = "http://127.0.0.1:3000/v1";
    assert.deepEqual(proxySettings(`/api/=${url}`), { prefix: "/api", url });
  });

  it("refuses everything else", () => {
    for (const text of [
      "",
      "/api",
      "=http://a",
      "/=http://a",
      "api=http://a",
      "/a=ftp://a",
      "/a=http://u:p@a",
      "/a=http://a/?q",
    ]) {
      assert.throws(() => proxySettings(text), /expected \/PREFIX=URL/u, text);
    }
  });
});

describe("serveSite()", () => {
  const defaults = { root: folder, spa: false, listing: false, cors: false, quiet: false };

  it("writes a line for each request, unless it is to be quiet", async () => {
    const lines: string[] = [];
    for (const quiet of [false, true]) {
      const reactor = new MemoryReactor();
      const settings = { ...defaults, quiet, proxies: [] };
      const site = serveSite(settings, reactor, (line) => lines.push(line));
      const page = visit(site.root, { accessLog: (request) => site.processed(request) });
      const answer = await page.ask("GET /a.txt HTTP/1.1\r\nHost: a\r\n\r\n");
      assert.equal(answer.body, "text");
    }
    assert.lengthOf(lines, 1);
    assert.match(
      lines[0] ?? "",
      /^127\.0\.0\.1 - - \[.*\] "GET \/a\.txt HTTP\/1\.1" 200 4 "-" "-"\n$/u,
    );
  });

  it("answers pages with index.html for a program in the browser", async () => {
    for (const [spa, code] of [
      [true, 200],
      [false, 404],
    ] as const) {
      const site = serveSite({ ...defaults, spa, proxies: [] }, new MemoryReactor(), () => {});
      const page = visit(site.root);
      const asked = "GET /deep/link HTTP/1.1\r\nHost: a\r\nAccept: text/html\r\n\r\n";
      assert.equal((await page.ask(asked)).code, code);
    }
  });

  it("lets scripts of all sites read, if told to", async () => {
    const site = serveSite({ ...defaults, cors: true, proxies: [] }, new MemoryReactor(), () => {});
    const page = visit(site.root);
    const { headers } = await page.ask(
      "GET /a.txt HTTP/1.1\r\nHost: a\r\nOrigin: http://b\r\n\r\n",
    );
    assert.equal(headers.get("access-control-allow-origin"), "*");
  });
});

describe("withProxies()", () => {
  class Rest extends Resource {
    override readonly isLeaf = true;
    readonly #name: string;
    constructor(name: string) {
      super();
      this.#name = name;
    }
    render_GET({ prepath, postpath }: { prepath: string[]; postpath: string[] }): string {
      return `${this.#name} ${prepath.join("/")} ${postpath.join("/")}`;
    }
  }

  it("takes the longest prefix that ends at a slash", async () => {
    const proxies = new Map([
      ["/api", new Rest("api")],
      ["/api/v2", new Rest("v2")],
    ]);
    const page = visit(withProxies(new NotFound(), proxies));
    const ask = async (path: string) =>
      (await page.ask(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`)).body;
    assert.equal(await ask("/api/x/y"), "api api x/y");
    assert.equal(await ask("/api/v2/x"), "v2 api/v2 x");
    assert.equal(await ask("/api"), "api api ");
    assert.include(await ask("/apis"), "404");
  });
});
