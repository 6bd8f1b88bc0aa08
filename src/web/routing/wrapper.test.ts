import { assert, describe, it } from "vitest";
import { visit } from "../../../test/fixtures/web/in-memory-site.ts";
import { Answer, NOT_DONE_YET, type RenderResult } from "../server/answer.ts";
import type { IResource } from "../server/resource-interface.ts";
import type { Request } from "../server/request.ts";
import { Resource } from "../server/resource.ts";
import { html } from "../template/html.ts";
import { answerOf, wrapped, type Wrapper } from "./wrapper.ts";

const shout: Wrapper = async (request, next) => {
  const result = await next(request);
  return typeof result === "string" ? result.toUpperCase() : result;
};

async function body(root: IResource, path: string): Promise<string> {
  return (await visit(root).ask(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`)).body;
}

class Leaf extends Resource {
  override readonly isLeaf = true;
  override render({ prepath, postpath }: Request): string {
    return `at ${prepath.join("+")} left ${postpath.join("+")}`;
  }
}

describe("wrapped()", () => {
  it("wraps a handler, the first wrapper outermost", async () => {
    const mark = (sign: string): Wrapper => {
      return async (request, next) => {
        const result = await next(request);
        return typeof result === "string" ? result + sign : result;
      };
    };
    assert.equal(
      await body(
        wrapped(() => "x", mark("1"), mark("2")),
        "/",
      ),
      "x21",
    );
  });

  it("wraps a tree of resources, wherever it is", async () => {
    const tree = new Resource().putChild("leaf", new Leaf());
    assert.equal(await body(wrapped(tree, shout), "/leaf/a"), "AT LEAF LEFT A");
    const root = new Resource().putChild("sub", wrapped(tree, shout));
    assert.equal(await body(root, "/sub/leaf/a"), "AT SUB+LEAF LEFT A");
    assert.include(await body(root, "/sub/nothing"), "404");
  });
});

describe("answerOf()", () => {
  it("sees what a handler has returned, with what the request has", async () => {
    const seen: (Answer | undefined)[] = [];
    const bodies: string[] = [];
    const results: RenderResult[] = [
      "text",
      Buffer.from("bytes"),
      ["pieces"],
      html`<p>${1}</p>`,
      html`<p>${Promise.resolve(2)}</p>`,
      new Answer(html`<p>${3}</p>`, { code: 201 }),
      new Answer("answer", { code: 201 }),
      new Response("response", { status: 202 }),
      new Response(null, { status: 204 }),
    ];
    for (const result of results) {
      const root = wrapped(
        (request) => {
          request.setResponseCode(203);
          return result;
        },
        async (request, next) => {
          const made = await next(request);
          const answer = answerOf(request, made);
          seen.push(answer);
          return answer ?? made;
        },
      );
      bodies.push(await body(root, "/"));
    }
    assert.deepEqual(
      seen.map((answer) => [answer?.code, answer?.headers.get("content-type") ?? "none"]),
      [
        [203, "text/html; charset=utf-8"],
        [203, "application/octet-stream"],
        [203, "application/octet-stream"],
        [203, "text/html; charset=utf-8"],
        [203, "text/html; charset=utf-8"],
        [201, "text/html; charset=utf-8"],
        [201, "none"],
        [202, "text/plain;charset=UTF-8"],
        [204, "none"],
      ],
    );
    const pages = ["<p>1</p>", "<p>2</p>", "<p>3</p>"];
    assert.deepEqual(bodies, ["text", "bytes", "pieces", ...pages, "answer", "response", ""]);
    assert.equal(seen[3]?.body, pages[0], "what is there at once is whole");
  });

  it("sees nothing of what is sent by hand", async () => {
    const root = wrapped(
      (request) => {
        request.finishWith("by hand");
        return NOT_DONE_YET;
      },
      async (request, next) => {
        const made = await next(request);
        assert.isUndefined(answerOf(request, made));
        return made;
      },
    );
    assert.equal(await body(root, "/"), "by hand");
  });
});
