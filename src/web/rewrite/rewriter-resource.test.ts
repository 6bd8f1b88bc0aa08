import { assert, describe, it } from "vitest";
import { visit } from "../../../test/fixtures/web/in-memory-site.ts";
import type { Request } from "../server/request.ts";
import { Resource } from "../server/resource.ts";
import { alias, RewriterResource } from "./rewriter-resource.ts";

/** Says where it is, and what is left of the path. */
class Here extends Resource {
  override readonly isLeaf: boolean;

  constructor(isLeaf: boolean) {
    super();
    this.isLeaf = isLeaf;
  }

  render_GET({ prepath, postpath, path }: Request): string {
    return `${prepath.join("/")} | ${postpath.join("/")} | ${path}`;
  }
}

async function get(root: RewriterResource, path: string): Promise<string> {
  const there = visit(root);
  const { code, body } = await there.ask(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`);
  return code === 200 ? body : String(code);
}

describe("RewriterResource", () => {
  const deep = new Here(false).putChild("y", new Here(true));
  const tree = new Resource().putChild("new", new Here(true)).putChild("x", deep);

  it("lets alias() change where a path leads", async () => {
    const root = new RewriterResource(tree, alias("old/place", "new"), alias("z", "x/y"));
    assert.equal(await get(root, "/old/place/a/b"), "new | a/b | /old/place/a/b");
    assert.equal(await get(root, "/old/place"), "new |  | /old/place");
    assert.equal(await get(root, "/z/q"), "x/y | q | /z/q");
    assert.equal(await get(root, "/x/y"), "x/y |  | /x/y");
    assert.equal(await get(root, "/old/other"), "404");
    assert.equal(await get(root, "/placeold/"), "404");
  });

  it("applies its rules in their order, each once", async () => {
    const root = new RewriterResource(tree, alias("a", "b"), alias("b", "new"), alias("new", "a"));
    assert.equal(await get(root, "/new/q"), "404");
    const two = new RewriterResource(tree, alias("a", "b"), alias("b", "new"));
    assert.equal(await get(two, "/a/q"), "new | q | /a/q");
  });

  it("can stand before a leaf, and below others", async () => {
    const leaf = new RewriterResource(new Here(true), alias("a", ""));
    assert.equal(await get(leaf, "/a/b"), " | b | /a/b");
    assert.equal(await get(leaf, "/a"), " |  | /a");
    assert.equal(await get(leaf, "/c/d"), " | c/d | /c/d");
    const inner = new RewriterResource(tree, alias("q", "new"));
    const outer = new RewriterResource(new Resource().putChild("in", inner));
    assert.equal(await get(outer, "/in/q/r"), "in/new | r | /in/q/r");
  });
});
