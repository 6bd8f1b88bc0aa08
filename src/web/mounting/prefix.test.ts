import { assert, describe, it } from "vitest";
import { visit } from "../../../test/fixtures/web/in-memory-site.ts";
import { answerTo } from "../../../test/fixtures/web/mounted-visit.ts";
import { Answer } from "../server/answer.ts";
import { alias, type RewriteRule, RewriterResource } from "../rewrite/rewriter-resource.ts";
import { Resource } from "../server/resource.ts";
import type { IResource } from "../server/resource-interface.ts";
import type { Request } from "../server/request.ts";
import { consumePrefix, mountedPath } from "./prefix.ts";

/** What `look` sees at `target`, at a resource that is `depth` segments below the root. */
async function seen(target: string, depth: number, look: (request: Request) => string) {
  const answer = await answerTo(visit(below(depth, look)), `GET ${target}`);
  return answer.body;
}

function below(depth: number, look: (request: Request) => string): IResource {
  return {
    isLeaf: depth === 0,
    getChildWithDefault: () => below(depth - 1, look),
    render: (request) => new Answer(look(request)),
  };
}

describe("mountedPath()", () => {
  const cut = (target: string, depth: number): Promise<string> =>
    seen(target, depth, (request) => {
      const { prefix, below } = mountedPath(request);
      return `${prefix} ${below}`;
    });

  it("cuts behind what is consumed, and decodes nothing", async () => {
    assert.equal(await cut("/shop/a%2Fb/c?d=/e", 1), "/shop /a%2Fb/c");
    assert.equal(await cut("/a%2Fb/c%20d/e", 2), "/a%2Fb/c%20d /e");
  });

  it("gives a slash where nothing is left, and all where nothing is consumed", async () => {
    assert.equal(await cut("/shop", 1), "/shop /");
    assert.equal(await cut("/shop/", 1), "/shop /");
    assert.equal(await cut("/shop//x", 1), "/shop //x");
    assert.equal(await cut("/shop/x", 0), " /shop/x");
    assert.equal(await cut("/%zz/x", 0), " /%zz/x", "nobody has looked at it");
  });
});

describe("mountedPath() behind a rewriter", () => {
  const cut = async (target: string, ...rules: RewriteRule[]): Promise<string> => {
    const look = (request: Request): string => {
      const { prefix, below: rest } = mountedPath(request);
      return `${prefix} ${rest}`;
    };
    const root = new Resource().putChild("app", below(0, look));
    const answer = await answerTo(visit(new RewriterResource(root, ...rules)), `GET ${target}`);
    return answer.body;
  };

  it("cuts where the rest begins, however long the place was in the client's eyes", async () => {
    assert.equal(await cut("/a/b/c/d%2Fe", alias("a/b/c", "app")), "/a/b/c /d%2Fe");
    assert.equal(await cut("/a/b/c", alias("a/b/c", "app")), "/a/b/c /");
    assert.equal(await cut("/app/x", alias("a/b/c", "app")), "/app /x");
  });

  it("gives the rest that the rewriter has made", async () => {
    assert.equal(await cut("/x/d%2Fe", alias("x", "app/n w")), "/app /n%20w/d%2Fe");
    assert.equal(await cut("/x", alias("x", "app/y")), "/app /y");
  });
});

describe("consumePrefix()", () => {
  const consume = (target: string, prefix: string): Promise<string> =>
    seen(target, 0, (request) => {
      consumePrefix(request, prefix);
      return JSON.stringify([request.prepath, request.postpath]);
    });

  it("takes as many segments as the prefix has", async () => {
    assert.equal(await consume("/a%20b/c/d", "/a%20b"), '[["a b"],["c","d"]]');
    assert.equal(await consume("/a/b/", "/a/b"), '[["a","b"],[""]]');
    assert.equal(await consume("/a", ""), '[[],["a"]]');
  });
});
