/**
 * Files as a client sees them: heads, bodies, and what goes wrong.
 *
 * @module
 */
import { assert, describe, it } from "vitest";
import { FakeFiles, MODIFIED } from "../../../test/fixtures/web/fake-files.ts";
import { get } from "../../../test/fixtures/web/http1-scene.ts";
import { type RawAnswer, visit } from "../../../test/fixtures/web/in-memory-site.ts";
import { captureLogs } from "../../logger/capture.ts";
import { Resource } from "../server/resource.ts";
import { File } from "./file.ts";
import type { FileOptions } from "./file-options.ts";

const DATE = "Thu, 09 Jul 1998 16:00:00 GMT";

function files(): FakeFiles {
  return new FakeFiles({
    "/srv/index.html": "<p>home",
    "/srv/app.js": "let a = 1;",
    "/srv/letters.txt": "abcdefghij",
    "/srv/data": "data",
    "/srv/docs/index.html": "<p>docs",
    "/srv/docs/b&<b>.txt": "b",
    "/srv/empty.txt": "",
  });
}

/** Ask for one thing. */
async function ask(
  path: string,
  options: FileOptions & { readonly fields?: readonly string[]; readonly method?: string } = {},
): Promise<RawAnswer> {
  const { fields = [], method = "GET", ...rest } = options;
  const root = new File("/srv", { fileSystem: files(), ...rest });
  const { method: _, ...at } = { method, ...visit(root) };
  return at.ask(get(path, ...fields).replace("GET", method));
}

describe("File", () => {
  it("sends a file with all that a cache and a browser want to know", async () => {
    const { code, headers, body } = await ask("/letters.txt");
    assert.equal(code, 200);
    assert.equal(body, "abcdefghij");
    for (const name of ["server", "date"]) assert.isTrue(headers.has(name));
    assert.deepEqual(
      [...headers].filter(([name]) => name !== "server" && name !== "date"),
      [
        ["content-type", "text/plain; charset=utf-8"],
        ["accept-ranges", "bytes"],
        ["etag", `"a-${(MODIFIED * 1e6).toString(16)}-5"`],
        ["last-modified", DATE],
        ["cache-control", "max-age=0"],
        ["content-length", "10"],
      ],
    );
  });

  it("answers HEAD with the same head, and opens nothing for it (RFC 9110 §9.3.2)", async () => {
    const fs = files();
    const head = await ask("/letters.txt", { method: "HEAD", fileSystem: fs });
    assert.equal(head.body, "");
    assert.deepEqual([...head.headers], [...(await ask("/letters.txt")).headers]);
    assert.deepEqual(fs.opened, []);
  });

  it("answers other methods with 405", async () => {
    const { code, headers } = await ask("/letters.txt", { method: "DELETE" });
    assert.equal(code, 405);
    assert.equal(headers.get("allow"), "GET, HEAD, OPTIONS");
    assert.equal((await ask("/letters.txt", { method: "OPTIONS" })).code, 204);
  });

  it("sends an empty file", async () => {
    const { code, headers, body } = await ask("/empty.txt", { fields: ["Range: bytes=0-"] });
    assert.deepEqual([code, headers.get("content-length"), body], [200, "0", ""]);
  });

  it("says what is in a file by its extension, the options, the default", async () => {
    const options = { contentTypes: { js: "text/x-old" }, defaultType: "text/plain" };
    assert.equal((await ask("/data")).headers.get("content-type"), "application/octet-stream");
    assert.equal(
      (await ask("/data", options)).headers.get("content-type"),
      "text/plain; charset=utf-8",
    );
    assert.equal(
      (await ask("/app.js", options)).headers.get("content-type"),
      "text/x-old; charset=utf-8",
    );
  });

  it("is a single file, where its path is one", async () => {
    const root = new Resource();
    const fileSystem = files();
    root.putChild("robots.txt", new File("/srv/letters.txt", { fileSystem }));
    assert.equal((await visit(root).ask(get("/robots.txt"))).body, "abcdefghij");
    assert.equal((await visit(root).ask(get("/robots.txt/"))).code, 404);
    assert.equal((await visit(root).ask(get("/robots.txt/a"))).code, 404);
  });

  it("lets children that were put there go first", async () => {
    const fileSystem = files();
    const root = new File("/srv", { fileSystem });
    root.putChild("docs", new File("/srv/letters.txt", { fileSystem }));
    assert.equal((await visit(root).ask(get("/docs"))).body, "abcdefghij");
    assert.equal((await visit(root).ask(get("/"))).body, "<p>home");
  });

  it("takes a path as a URL", () => {
    assert.equal(new File(new URL("file:///srv/a%20b")).path, "/srv/a b");
  });

  it("refuses a maxAge that is none", () => {
    for (const maxAge of [-1, 0.5, NaN, Infinity]) {
      assert.throws(() => new File("/srv", { maxAge }), RangeError, "expected maxAge");
    }
  });

  it("says how long it may be kept, unless that was said", async () => {
    const kept = await ask("/app.js", { maxAge: 31_536_000, immutable: true });
    assert.equal(kept.headers.get("cache-control"), "max-age=31536000, immutable");
    const root = new File("/srv", { fileSystem: files(), maxAge: 60 });
    const at = visit((request) => {
      request.setHeader("cache-control", "no-store");
      return root.serve(["app.js"], request);
    });
    assert.equal((await at.ask(get("/"))).headers.get("cache-control"), "no-store");
  });

  it("answers 400 to a path that is no UTF-8", async () => {
    assert.equal((await ask("/%ff")).code, 400);
  });

  it("does not find what is not there, nor what may not be asked", async () => {
    for (const path of ["/gone", "/..%2fetc", "//srv", "/docs//", "/a%00", "/%2e%2e/etc/passwd"]) {
      const { code, headers } = await ask(path);
      assert.equal(code, 404, path);
      assert.isFalse(headers.has("etag"));
    }
  });
});

describe("File and directories", () => {
  it("sends a client to the slash, relative to where it is", async () => {
    for (const [path, location] of [
      ["/docs", "./docs/"],
      ["/docs?q=1&r=//x", "./docs/?q=1&r=//x"],
    ] as const) {
      const { code, headers } = await ask(path);
      assert.deepEqual([code, headers.get("location")], [301, location]);
    }
    const root = new Resource();
    root.putChild(
      "",
      new Resource().putChild("evil.com", new File("/srv", { fileSystem: files() })),
    );
    const { headers } = await visit(root).ask(get("//evil.com"));
    assert.equal(headers.get("location"), "./evil.com/", "//evil.com/ would be another host");
  });

  it("keeps the name as it was sent", async () => {
    const fileSystem = new FakeFiles({ "/srv/a:b ?/index.html": "" });
    const { headers } = await ask("/a:b%20%3f", { fileSystem });
    assert.equal(headers.get("location"), "./a:b%20%3f/");
  });

  it("sends the index", async () => {
    const { body, headers } = await ask("/docs/");
    assert.deepEqual([body, headers.get("content-type")], ["<p>docs", "text/html; charset=utf-8"]);
  });

  it("lists where that is wanted, with nothing but text from names", async () => {
    const options = { directoryListing: true, indexNames: [] };
    const { code, headers, body } = await ask("/docs/", options);
    assert.equal(code, 200);
    assert.equal(headers.get("content-type"), "text/html; charset=utf-8");
    assert.include(body, '<a href="./b%26%3Cb%3E.txt">b&amp;&lt;b&gt;.txt</a>');
    assert.include(body, "<h1>Index of /docs/</h1>");
    assert.include(body, '<a href="../">');
    assert.notInclude((await ask("/", options)).body, '<a href="../">');
    assert.equal((await ask("/docs/", { ...options, method: "HEAD" })).body, "");
    assert.equal((await ask("/docs/", { indexNames: [] })).code, 404);
  });

  it("answers a fallback with the page, for as long as nothing else is there", async () => {
    const options = { fallback: "index.html", maxAge: 600 };
    const page = await ask("/users/1", { ...options, fields: ["Accept: text/html"] });
    assert.deepEqual([page.code, page.body], [200, "<p>home"]);
    assert.equal(page.headers.get("cache-control"), "max-age=0");
    assert.equal(page.headers.get("vary"), "Accept");
    const script = await ask("/users/1", { ...options, fields: ["Accept: */*"] });
    assert.deepEqual([script.code, script.headers.get("vary")], [404, "Accept"]);
    const home = await ask("/index.html", { ...options, fields: ["Accept: text/html"] });
    assert.equal(home.headers.get("cache-control"), "max-age=600");
    assert.isFalse(home.headers.has("vary"));
  });
});

describe("File and conditions", () => {
  it("says that nothing has changed, and all that a cache keeps (RFC 9110 §15.4.5)", async () => {
    const options = { maxAge: 60, precompressed: true };
    const etag = (await ask("/app.js", options)).headers.get("etag") ?? "";
    const fileSystem = files();
    const fields = [`If-None-Match: ${etag}`];
    const { code, headers, body } = await ask("/app.js", { ...options, fileSystem, fields });
    assert.deepEqual([code, body], [304, ""]);
    assert.equal(headers.get("etag"), etag);
    assert.equal(headers.get("cache-control"), "max-age=60");
    assert.equal(headers.get("vary"), "Accept-Encoding");
    assert.isFalse(headers.has("content-type"));
    assert.deepEqual(fileSystem.opened, []);
  });

  it("refuses what a client no longer means (RFC 9110 §13.1.1)", async () => {
    const { code, headers } = await ask("/app.js", { fields: ['If-Match: "other"'] });
    assert.equal(code, 412);
    assert.isFalse(headers.has("etag"));
  });

  it("sends a file that was changed in a moment, and plans anew for it", async () => {
    const fileSystem = files();
    fileSystem.meanwhile = (operation) => {
      if (operation.startsWith("open")) fileSystem.overwrite("/srv/letters.txt", "abc");
    };
    const long = await ask("/letters.txt", { fileSystem, fields: ["Range: bytes=5-"] });
    assert.deepEqual([long.code, long.headers.get("content-range")], [416, "bytes */3"]);
    assert.equal(fileSystem.openNow, 0);
  });

  it("finds a file again that was replaced, and gives up in the end", async () => {
    using logs = captureLogs();
    const fileSystem = files();
    let times = 2;
    fileSystem.meanwhile = (operation) => {
      if (!operation.startsWith("open") || times === 0) return;
      times -= 1;
      fileSystem.write("/srv/app.js", `version ${String(times)}`);
    };
    assert.equal((await ask("/app.js", { fileSystem })).body, "version 0");
    times = 9;
    assert.equal((await ask("/app.js", { fileSystem })).code, 500);
    assert.equal(fileSystem.openNow, 0);
    assert.lengthOf(logs.flush(), 1);
  });
});

describe("File and ranges", () => {
  it("sends one (RFC 9110 §15.3.7.1)", async () => {
    const { code, headers, body } = await ask("/letters.txt", { fields: ["Range: bytes=2-4"] });
    assert.deepEqual([code, body], [206, "cde"]);
    assert.equal(headers.get("content-range"), "bytes 2-4/10");
    assert.equal(headers.get("content-length"), "3");
    assert.equal(headers.get("content-type"), "text/plain; charset=utf-8");
    assert.isTrue(headers.has("etag"));
  });

  it("sends several (RFC 9110 §14.6)", async () => {
    const fields = ["Range: bytes=0-1,-2"];
    const { code, headers, body } = await ask("/letters.txt", { fields });
    assert.equal(code, 206);
    assert.isFalse(headers.has("content-range"));
    assert.equal(headers.get("content-length"), String(body.length));
    const boundary = headers.get("content-type")?.split("boundary=")[1] ?? "";
    const parts = body.split(`--${boundary}`);
    assert.deepEqual(
      parts.map((part) => part.trim().split("\r\n\r\n")[1]),
      [undefined, "ab", "ij", undefined],
    );
  });

  it("tells the size where it cannot (RFC 9110 §15.5.17)", async () => {
    const { code, headers } = await ask("/letters.txt", { fields: ["Range: bytes=10-"] });
    assert.deepEqual([code, headers.get("content-range")], [416, "bytes */10"]);
  });

  it("sends the whole where If-Range is of another state (RFC 9110 §13.1.5)", async () => {
    const fields = ["Range: bytes=2-4", 'If-Range: "other"'];
    assert.equal((await ask("/letters.txt", { fields })).code, 200);
  });
});

describe("File and what was compressed beforehand", () => {
  it("sends it as what it is, with a tag of its own (RFC 9110 §8.8.3.3)", async () => {
    const fileSystem = files().write("/srv/app.js.br", "tiny", MODIFIED - 1);
    const options = { fileSystem, precompressed: true };
    const { headers, body } = await ask("/app.js", { ...options, fields: ["Accept-Encoding: br"] });
    assert.equal(body, "tiny");
    assert.equal(headers.get("content-encoding"), "br");
    assert.equal(headers.get("content-type"), "text/javascript; charset=utf-8");
    assert.equal(headers.get("content-length"), "4");
    assert.equal(headers.get("vary"), "Accept-Encoding");
    const plain = await ask("/app.js", options);
    assert.isFalse(plain.headers.has("content-encoding"));
    assert.equal(plain.headers.get("vary"), "Accept-Encoding");
    assert.notEqual(plain.headers.get("etag"), headers.get("etag"));
  });
});

describe("File and trouble", () => {
  const table = [
    ["open /srv/app.js", "EACCES", 403],
    ["open /srv/app.js", "ENOENT", 404],
    ["facts /srv/app.js", "EPERM", 403],
    ["facts /srv/app.js", "ENAMETOOLONG", 404],
    ["facts /srv/app.js", "EIO", 500],
    ["open /srv/app.js", "EMFILE", 500],
    ["read /srv/app.js", "EIO", 500],
    ["realPath /srv/app.js", "ENOMEM", 500],
    ["realPath /srv", "EACCES", 403],
  ] as const;
  for (const [operation, fault, status] of table) {
    it(`answers ${String(status)} when ${operation} fails with ${fault}`, async () => {
      using logs = captureLogs();
      const fileSystem = files();
      fileSystem.faults.set(operation, fault);
      const { code, headers, body } = await ask("/app.js", { fileSystem });
      assert.equal(code, status);
      assert.isFalse(headers.has("etag"), "of something else");
      assert.notInclude(body, "/srv");
      assert.equal(fileSystem.openNow, 0);
      assert.lengthOf(logs.flush(), status === 500 ? 1 : 0);
    });
  }

  it("answers 403 where a directory may not be listed", async () => {
    const fileSystem = files();
    fileSystem.faults.set("list /srv/docs", "EACCES");
    const options = { fileSystem, directoryListing: true, indexNames: [] };
    assert.equal((await ask("/docs/", options)).code, 403);
  });
});
