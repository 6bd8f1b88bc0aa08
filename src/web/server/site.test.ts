import { assert, it } from "vitest";
import { describeOnAll as describe } from "../../../test/fixtures/networks.ts";
import { get, heard, held, post } from "../../../test/fixtures/web/http1-scene.ts";
import { visit } from "../../../test/fixtures/web/in-memory-site.ts";
import { Deferred } from "../../defer/deferred.ts";
import { capturedLogs } from "../../logger/capture.ts";
import type { LogEvent } from "../../logger/event.ts";
import { Router } from "../routing/router.ts";
import { NOT_DONE_YET } from "./answer.ts";
import { Request, type RequestParts } from "./request.ts";

/** Makes no request for `/bad`. */
function requestFactory(parts: RequestParts): Request {
  if (parts.uri === "/bad") throw new Error("no such request");
  return new Request(parts);
}

function whyOf({ log_failure: failure }: LogEvent): string | undefined {
  return failure?.getErrorMessage();
}

describe("Site: requestFactory", () => {
  it("that throws is logged, and answered with 500; others are answered", () => {
    const at = visit(() => "some", { requestFactory });
    const logged = capturedLogs(() => at.send(get("/") + get("/bad") + get("/")));
    const said = heard(at, "GET", "GET", "GET").map((line) => line.slice(0, 8));
    assert.deepEqual(said, ["200 some", "500 <!do", "200 some", "open"]);
    assert.deepEqual(logged.map(whyOf), ["no such request"]);
  });

  it("that throws is nothing to who finishes the answer before", () => {
    const at = held({ requestFactory });
    at.send(get("/") + get("/bad") + get("/"));
    capturedLogs(() => at.request(0).finish());
    at.pump.flush();
    assert.isTrue(at.request(0).finished);
    at.request(1).finish();
    at.pump.flush();
    const said = heard(at, "GET", "GET", "GET").map((line) => line.slice(0, 8));
    assert.deepEqual(said, ["200", "500 <!do", "200", "open"]);
  });

  it("may say the status, as a resource may", () => {
    const at = visit(() => "some", {
      requestFactory: () => {
        throw Object.assign(new Error("busy"), { status: 503 });
      },
    });
    at.send(get("/"));
    assert.match(heard(at, "GET").join(), /^503 /u);
  });
});

describe("Site: a Deferred", () => {
  it("that is returned again answers again, at once or later, through a router too", () => {
    const ready = new Deferred<string>();
    const router = new Router();
    router.get("/", () => ready);
    for (const root of [() => ready, router]) {
      const at = visit(root);
      at.send(get("/") + get("/"));
      if (!ready.called) ready.callback("some");
      at.pump.flush();
      at.send(get("/"));
      assert.deepEqual(heard(at, "GET", "GET", "GET").join(), "200 some,200 some,200 some,open");
    }
  });
});

describe("HTTP1Channel: a receiver of a body that throws", () => {
  it("drops the connection, and is nothing to who finishes the answer before", () => {
    const requests: Request[] = [];
    const at = visit((request) => {
      requests.push(request);
      if (request.method === "POST") {
        request.content.deliver({
          dataReceived: () => {
            throw new Error("receiver");
          },
          bodyEnded: () => undefined,
        });
      }
      return NOT_DONE_YET;
    });
    at.send(get("/") + post("/up", "some"));
    const logged = capturedLogs(() => requests[0]?.finish());
    at.pump.flush();
    assert.deepEqual(logged.map(whyOf), ["receiver"]);
    assert.isTrue(requests[1]?.disconnected);
    assert.isDefined(at.client.ended);
  });
});
