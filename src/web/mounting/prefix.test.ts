import { assert, describe, it } from "vitest";
import { visit } from "../../../test/fixtures/web/in-memory-site.ts";
import { answerTo } from "../../../test/fixtures/web/mounted-visit.ts";
import { Answer } from "../server/answer.ts";
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
