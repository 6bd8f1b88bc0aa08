import { assert, describe, it } from "vitest";
import { visit } from "../../../test/fixtures/web/in-memory-site.ts";
import type { Request } from "../server/request.ts";
import { Resource } from "../server/resource.ts";
import { NameVirtualHost } from "./name-virtual-host.ts";

/** Says its name, and what is left of the path. */
class Named extends Resource {
  readonly #name: string;
  override readonly isLeaf: boolean;

  constructor(name: string, isLeaf = true) {
    super();
    this.#name = name;
    this.isLeaf = isLeaf;
  }

  render_GET({ prepath, postpath }: Request): string {
    return `${this.#name} ${prepath.join("/")}|${postpath.join("/")}`;
  }
}

async function get(hosts: NameVirtualHost, host: string, path = "/a/b"): Promise<string> {
  const there = visit(hosts);
  const { code, body } = await there.ask(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
  return code === 200 ? body : String(code);
}

describe("NameVirtualHost", () => {
  const tree = new Named("tree", false).putChild("a", new Named("child"));
  const hosts = new NameVirtualHost()
    .addHost("Example.COM:80", new Named("named"))
    .addHost("*.example.com", new Named("any"))
    .addHost("*.deep.example.com.", new Named("deep"))
    .addHost("x.deep.example.com", new Named("x"))
    .addHost("[::1]", new Named("six"))
    .addHost("tree.example", tree);

  it("finds a host without regard to case, port and a dot at the end (RFC 4343)", async () => {
    for (const host of ["example.com", "EXAMPLE.com", "example.com:8080", "example.com.:8080"]) {
      assert.equal(await get(hosts, host), "named |a/b", host);
    }
    assert.equal(await get(hosts, "[::1]:80"), "six |a/b");
  });

  it("finds a name before a pattern, and a longer pattern before a shorter one", async () => {
    const cases = [
      ["a.example.com", "any |a/b"],
      ["a.b.example.com", "any |a/b"],
      ["a.deep.example.com", "deep |a/b"],
      ["x.deep.example.com", "x |a/b"],
      ["deep.example.com", "any |a/b"],
      ["aexample.com", "404"],
      ["example.com.evil", "404"],
      ["*.example.com", "any |a/b"],
      ["", "404"],
    ] as const;
    for (const [host, expected] of cases) assert.equal(await get(hosts, host), expected, host);
  });

  it("is the root of each host", async () => {
    assert.equal(await get(hosts, "tree.example"), "child a|b");
    assert.equal(await get(hosts, "tree.example", "/"), "404");
    const there = visit(hosts);
    const { code } = await there.ask("OPTIONS * HTTP/1.1\r\nHost: tree.example\r\n\r\n");
    assert.equal(code, 204);
  });

  it("forgets hosts, and has one for all others", async () => {
    const some = new NameVirtualHost().addHost("a", new Named("a")).addHost("b", new Named("b"));
    some.default = new Named("other");
    assert.equal(await get(some, "c"), "other |a/b");
    some.removeHost("A.");
    some.removeHost("unknown");
    assert.equal(await get(some, "a"), "other |a/b");
    assert.equal(await get(some, "b"), "b |a/b");
  });

  it("refuses what is no host", () => {
    for (const name of ["", "*.", "*", "a.*.b", "b\u00fccher.example", "a b", "http://a"]) {
      assert.throws(() => hosts.addHost(name, tree), TypeError, "Cannot serve");
    }
  });
});
