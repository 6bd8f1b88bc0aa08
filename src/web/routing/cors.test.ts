import { assert, describe, it } from "vitest";
import { type RawAnswer, visit } from "../../../test/fixtures/web/in-memory-site.ts";
import { Answer, NOT_DONE_YET } from "../server/answer.ts";
import { cors, type CorsOptions } from "./cors.ts";
import { Router } from "./router.ts";

const APP = "https://app.example";
const PREFLIGHT = "Access-Control-Request-Method: PUT\r\n";

function ask(options: CorsOptions, line: string, fields: string): Promise<RawAnswer> {
  const router = new Router();
  router.use(cors(options));
  router.get("/", () => new Answer("hello", { headers: { vary: "Cookie" } }));
  router.get("/hand", (request) => {
    request.finishWith("by hand");
    return NOT_DONE_YET;
  });
  return visit(router).ask(`${line} HTTP/1.1\r\nHost: x\r\n${fields}\r\n`);
}

function said({ headers }: RawAnswer): Record<string, string> {
  const prefix = "access-control-";
  return Object.fromEntries(
    [...headers]
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, value]) => [name.slice(prefix.length), value]),
  );
}

describe("cors()", () => {
  it("lets all read, when all may", async () => {
    const answer = await ask({ origins: "*" }, "GET /", `Origin: ${APP}\r\n`);
    assert.deepEqual(said(answer), { "allow-origin": "*" });
    assert.equal(answer.headers.get("vary"), "Cookie");
    assert.equal(answer.body, "hello");
  });

  it("lets those read that may, and says that it depends (Fetch §3.3)", async () => {
    const options = { origins: [APP], exposedHeaders: ["X-Total"] };
    const allowed = await ask(options, "GET /", `Origin: ${APP}\r\n`);
    assert.deepEqual(said(allowed), { "allow-origin": APP, "expose-headers": "X-Total" });
    assert.equal(allowed.headers.get("vary"), "Origin, Cookie");
    for (const fields of ["", "Origin: https://evil.example\r\n", "Origin: null\r\n"]) {
      const other = await ask(options, "GET /", fields);
      assert.deepEqual(said(other), {});
      assert.equal(other.headers.get("vary"), "Origin, Cookie");
      assert.equal(other.body, "hello");
    }
  });

  it("asks a function", async () => {
    const origins = (origin: string): boolean => origin.endsWith(".example");
    assert.deepEqual(said(await ask({ origins }, "GET /", `Origin: ${APP}\r\n`)), {
      "allow-origin": APP,
    });
    assert.deepEqual(said(await ask({ origins }, "GET /", "Origin: https://x.org\r\n")), {});
  });

  it("answers a preflight, and asks nobody else (Fetch §3.3.2)", async () => {
    const options = { origins: [APP], credentials: true, headers: ["X-A", "X-B"], maxAge: 60.5 };
    const answer = await ask(options, "OPTIONS /nowhere", `Origin: ${APP}\r\n${PREFLIGHT}`);
    assert.equal(answer.code, 204);
    assert.deepEqual(said(answer), {
      "allow-origin": APP,
      "allow-credentials": "true",
      "allow-methods": "GET, HEAD, POST, PUT, PATCH, DELETE",
      "allow-headers": "X-A, X-B",
      "max-age": "60",
    });
    assert.equal(answer.headers.get("vary"), "Origin");
    const refused = await ask(options, "OPTIONS /", `Origin: https://x.org\r\n${PREFLIGHT}`);
    assert.equal(refused.code, 204);
    assert.deepEqual(said(refused), {});
  });

  it("leaves an OPTIONS that is no preflight to the routes", async () => {
    const answer = await ask({ origins: [APP] }, "OPTIONS /", `Origin: ${APP}\r\n`);
    assert.equal(answer.headers.get("allow"), "GET, HEAD, OPTIONS");
    assert.deepEqual(said(answer), { "allow-origin": APP });
  });

  it("counts for answers sent by hand, and for refusals", async () => {
    for (const line of ["GET /hand", "GET /nowhere", "DELETE /"]) {
      const answer = await ask({ origins: [APP] }, line, `Origin: ${APP}\r\n`);
      assert.deepEqual(said(answer), { "allow-origin": APP }, line);
    }
  });

  it("never says `*` with credentials (Fetch §3.3.5)", () => {
    assert.throws(() => cors({ origins: "*", credentials: true }), "credentials");
    for (const names of [{ methods: ["*"] }, { headers: ["*"] }, { exposedHeaders: ["*"] }]) {
      assert.throws(() => cors({ origins: [APP], ...names }), TypeError, "Cannot list");
    }
    assert.throws(() => cors({ origins: "*", maxAge: -1 }), RangeError);
  });
});
