/**
 * What a path leads to, and above all: what it does not lead to.
 *
 * @module
 */
import * as fc from "fast-check";
import { assert, describe, it } from "vitest";
import { FakeFiles } from "../../../test/fixtures/web/fake-files.ts";
import { FileFinder, type Found, openFound } from "./file-finder.ts";
import { completeOptions, type FileOptions } from "./file-options.ts";

const ROOT = "/srv/www";

function files(): FakeFiles {
  return new FakeFiles({
    "/etc/passwd": "secret",
    "/srv/secret": "secret",
    "/srv/www-old/page.html": "secret",
    "/srv/www/index.html": "home",
    "/srv/www/app.js": "app",
    "/srv/www/.env": "hidden",
    "/srv/www/.git/config": "hidden",
    "/srv/www/docs/index.html": "docs",
    "/srv/www/docs/a b.txt": "text",
    "/srv/www/empty/.keep": "hidden",
  })
    .link("/srv/www/out", "/etc")
    .link("/srv/www/up", "..")
    .link("/srv/www/passwd.txt", "/etc/passwd")
    .link("/srv/www/chain", "out/passwd")
    .link("/srv/www/again", "docs")
    .link("/srv/www/loop", "loop")
    .special("/srv/www/pipe");
}

function finder(fs: FakeFiles, options: FileOptions = {}): FileFinder {
  return new FileFinder(ROOT, completeOptions({ ...options, fileSystem: fs }));
}

function asking(fields: Readonly<Record<string, string>> = {}): {
  getHeader(name: string): string | undefined;
} {
  return { getHeader: (name) => new Map(Object.entries(fields)).get(name) };
}

function told(found: Found): string {
  if (typeof found === "string") return found;
  return found.kind === "file" ? found.path : `${found.path}/`;
}

async function find(path: string, options: FileOptions = {}, accept = ""): Promise<string> {
  const segments = path === "" ? [] : path.split("/").map(decodeURIComponent);
  const wishes = asking(accept === "" ? {} : { accept });
  return told(await finder(files(), options).find(segments, wishes));
}

describe("FileFinder.find()", () => {
  it("finds files, and indexes of directories", async () => {
    assert.equal(await find("app.js"), "/srv/www/app.js");
    assert.equal(await find("docs/a%20b.txt"), "/srv/www/docs/a b.txt");
    assert.equal(await find("/"), "missing", "two empty segments");
    assert.equal(told(await finder(files()).find([""], asking())), "/srv/www/index.html");
    assert.equal(await find("docs/"), "/srv/www/docs/index.html");
  });

  it("wants a slash behind directories and none behind files", async () => {
    assert.equal(await find(""), "slashless");
    assert.equal(await find("docs"), "slashless");
    assert.equal(await find("empty"), "slashless");
    assert.equal(await find("app.js/"), "missing");
  });

  it("shows a directory only where that is wanted", async () => {
    assert.equal(await find("empty/"), "missing");
    assert.equal(await find("empty/", { directoryListing: true }), "/srv/www/empty/");
    assert.equal(await find("docs/", { directoryListing: true }), "/srv/www/docs/index.html");
    assert.equal(await find("app.js/", { directoryListing: true }), "missing");
    assert.equal(await find("out/", { directoryListing: true }), "missing");
  });

  it("takes the first index there is", async () => {
    const options = { indexNames: ["docs", "app.js", "index.html"] };
    assert.equal(told(await finder(files(), options).find([""], asking())), "/srv/www/app.js");
    assert.equal(await find("docs/", { indexNames: [] }), "missing");
  });

  const REFUSED = [
    ["the parent", "../secret"],
    ["the parent, encoded", "%2e%2e/secret"],
    ["the parent, half encoded", ".%2E/secret"],
    ["the parent, from below", "docs/../../secret"],
    ["the parent, with an encoded slash", "..%2fsecret"],
    ["the parent, all encoded", "%2e%2e%2fsecret"],
    ["the parent, within", "docs/../app.js"],
    ["the parent, twice encoded", "%252e%252e/secret"],
    ["this one", "./app.js"],
    ["this one, encoded", "%2e/app.js"],
    ["a backslash", "..\\secret"],
    ["a backslash, encoded", "..%5Csecret"],
    ["a slash, encoded", "docs%2Findex.html"],
    ["an absolute path", "/etc/passwd"],
    ["an absolute path, encoded", "%2Fetc%2Fpasswd"],
    ["an empty segment", "docs//index.html"],
    ["two slashes at the end", "docs//"],
    ["NUL", "app.js%00"],
    ["NUL before an extension", "app.js%00.html"],
    ["a sibling with our name", "../www-old/page.html"],
    ["a hidden file", ".env"],
    ["a hidden directory", ".git/config"],
    ["below a file", "app.js/more"],
    ["a link out", "out/passwd"],
    ["a link to the parent", "up/secret"],
    ["a link to the parent and back", "up/www-old/page.html"],
    ["a link to a file outside", "passwd.txt"],
    ["a link by way of a link", "chain"],
    ["a link to itself", "loop"],
    ["a pipe", "pipe"],
    ["a name that is too strange", "%F0%9F%92%A9".repeat(99)],
  ] as const;
  for (const [what, path] of REFUSED) {
    it(`finds nothing by ${what}`, async () => {
      assert.equal(await find(path), "missing");
      assert.equal(await find(path, { directoryListing: true }), "missing");
    });
  }

  it("follows links that stay inside, and others where that is wanted", async () => {
    assert.equal(await find("again/index.html"), "/srv/www/docs/index.html");
    assert.equal(await find("out/passwd", { followSymlinks: true }), "/srv/www/out/passwd");
    assert.equal(await find("../secret", { followSymlinks: true }), "missing");
  });

  it("serves hidden files where that is wanted", async () => {
    assert.equal(await find(".env", { dotfiles: true }), "/srv/www/.env");
    assert.equal(await find("..", { dotfiles: true }), "missing");
  });

  it("never opens, and so never waits for a pipe", async () => {
    const fs = files();
    await finder(fs).find(["pipe"], asking());
    assert.deepEqual(fs.asked, [
      "facts /srv/www/pipe",
      "realPath /srv/www/pipe",
      "realPath /srv/www",
    ]);
  });

  it("knows of a root that is a link, and is turned to another release", async () => {
    const fs = new FakeFiles({ "/v1/a": "1", "/v2/a": "2" }).link("/current", "/v1");
    const one = new FileFinder("/current", completeOptions({ fileSystem: fs }));
    assert.equal(told(await one.find(["a"], asking())), "/v1/a");
    fs.link("/current", "/v2");
    assert.equal(told(await one.find(["a"], asking())), "/v2/a");
  });

  it("says what is forbidden, and fails for all else", async () => {
    const fs = files();
    fs.faults.set("facts /srv/www/app.js", "EACCES");
    assert.equal(await finder(fs).find(["app.js"], asking()), "forbidden");
    fs.faults.set("facts /srv/www/docs/index.html", "EPERM");
    assert.equal(await finder(fs).find(["docs", ""], asking()), "forbidden");
    fs.faults.set("realPath /srv/www/app.js", "EIO");
    fs.faults.delete("facts /srv/www/app.js");
    const failed = await finder(fs)
      .find(["app.js"], asking())
      .catch((error: unknown) => error);
    assert.match(String(failed), /EIO/u);
  });
});

describe("FileFinder.find() with a fallback", () => {
  const PAGE = "text/html,application/xhtml+xml,*/*;q=0.8";
  const options = { fallback: "index.html" };
  const home = "/srv/www/index.html";

  it("answers unknown paths, to who wants a page", async () => {
    for (const path of [
      "users/1",
      "users/1/",
      "users/ada.lovelace",
      "app.js/more",
      "empty/",
      "v1.2",
    ]) {
      assert.equal(await find(path, options, PAGE), home, path);
    }
    assert.equal(await find("app.js", options, PAGE), "/srv/www/app.js");
    assert.equal(await find("docs", options, PAGE), "slashless");
  });

  it("does not answer who wants no page", async () => {
    for (const accept of ["", "*/*", "application/json", "text/html;q=0", "text/*"]) {
      assert.equal(await find("users/1", options, accept), "missing", accept);
    }
  });

  it("does not answer for what looks like a file, unless told", async () => {
    assert.equal(await find("gone.js", options, PAGE), "missing");
    assert.equal(await find("gone.html", options, PAGE), home);
    assert.equal(await find("gone.js", { ...options, fallbackForFiles: true }, PAGE), home);
  });

  it("does not answer for what may not be asked", async () => {
    for (const path of ["../x", ".env", "a//b", "a%00"]) {
      assert.equal(await find(path, options, PAGE), "missing", path);
    }
  });

  it("finds nothing where the fallback is not there, or leads out", async () => {
    assert.equal(await find("users/1", { fallback: "gone.html" }, PAGE), "missing");
    assert.equal(await find("users/1", { fallback: "passwd.txt" }, PAGE), "missing");
    assert.equal(await find("users/1", { fallback: "docs" }, PAGE), "missing");
  });
});

describe("FileFinder.find() with files compressed beforehand", () => {
  const fs = files()
    .write("/srv/www/app.js.br", "b")
    .write("/srv/www/app.js.gz", "g")
    .write("/srv/www/index.html.zst", "z")
    .link("/srv/www/docs/a b.txt.br", "/etc/passwd")
    .directory("/srv/www/docs/index.html.gz");

  async function chosen(path: string, encoding?: string, precompressed = true): Promise<string> {
    const wishes = asking(encoding === undefined ? {} : { "accept-encoding": encoding });
    const found = await finder(fs, { precompressed }).find(path.split("/"), wishes);
    if (typeof found !== "object" || found.kind !== "file") return told(found);
    return `${found.path} ${found.type} ${found.encoding ?? "-"}`;
  }

  it("takes what the client likes best, of what is there", async () => {
    const [br, gz] = ["/srv/www/app.js.br", "/srv/www/app.js.gz"];
    assert.equal(await chosen("app.js", "gzip, deflate, br, zstd"), `${br} text/javascript br`);
    assert.equal(await chosen("app.js", "gzip, br;q=0.5"), `${gz} text/javascript gzip`);
    assert.equal(await chosen("app.js", "zstd, gzip"), `${gz} text/javascript gzip`);
    assert.equal(await chosen("", "gzip, br, zstd"), "/srv/www/index.html.zst text/html zstd");
  });

  it("takes the plain file otherwise", async () => {
    const plain = "/srv/www/app.js text/javascript -";
    assert.equal(await chosen("app.js"), plain);
    assert.equal(await chosen("app.js", ""), plain);
    assert.equal(await chosen("app.js", "deflate"), plain);
    assert.equal(await chosen("app.js", "identity;q=1, gzip;q=0.1"), plain);
    assert.equal(await chosen("app.js", "br;q=0, identity;q=0"), plain, "better than nothing");
    assert.equal(await chosen("app.js", "br", false), plain, "not asked to");
  });

  it("takes no link out, and no directory", async () => {
    assert.equal(await chosen("docs/a b.txt", "br"), "/srv/www/docs/a b.txt text/plain -");
    assert.equal(await chosen("docs/", "gzip"), "/srv/www/docs/index.html text/html -");
  });
});

describe("openFound()", () => {
  async function opened(fs: FakeFiles, meanwhile: () => void): Promise<string | undefined> {
    const options = completeOptions({ fileSystem: fs });
    const found = await new FileFinder(ROOT, options).find(["app.js"], asking());
    assert(typeof found === "object" && found.kind === "file");
    meanwhile();
    const file = await openFound(options, found);
    return file === undefined ? undefined : String(file.facts.size);
  }

  it("opens what was found, as it is now", async () => {
    const fs = files();
    assert.equal(await opened(fs, () => fs.overwrite("/srv/www/app.js", "longer")), "6");
    assert.equal(fs.openNow, 1);
  });

  it("opens nothing that has taken its place, and leaves nothing open", async () => {
    const changes: readonly ((fs: FakeFiles) => void)[] = [
      (fs) => fs.write("/srv/www/app.js", "another"),
      (fs) => fs.link("/srv/www/app.js", "/etc/passwd"),
      (fs) => fs.special("/srv/www/app.js"),
    ];
    for (const change of changes) {
      const fs = files();
      assert.isUndefined(await opened(fs, () => change(fs)));
      assert.lengthOf(fs.opened, 1);
      assert.equal(fs.openNow, 0);
    }
  });
});

it("what is opened lies in the root, whatever the segments", async () => {
  const segment = fc.oneof(
    fc.constantFrom("", ".", "..", "/", "\\", "\0", "...", "%2e%2e", "..\\..", "../..", "www"),
    fc.constantFrom(
      "out",
      "up",
      "chain",
      "again",
      "loop",
      "passwd",
      "etc",
      "srv",
      "secret",
      "docs",
    ),
    fc.constantFrom("index.html", "app.js", "passwd.txt", ".git", "config", "pipe", "empty"),
    fc.string({ maxLength: 3 }),
  );
  const options = fc.record({
    dotfiles: fc.boolean(),
    directoryListing: fc.boolean(),
    precompressed: fc.boolean(),
    fallback: fc.constantFrom("index.html", "passwd.txt"),
  });
  const wishes = asking({ accept: "text/html", "accept-encoding": "gzip, br" });
  let found = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(segment, { maxLength: 5 }), options, async (segments, chosen) => {
      const fs = files();
      const complete = completeOptions({ ...chosen, fileSystem: fs });
      const what = await new FileFinder(ROOT, complete).find(segments, wishes);
      if (typeof what === "object" && what.kind === "file") await openFound(complete, what);
      for (const path of fs.opened) assert.match(path, /^\/srv\/www\//u);
      if (typeof what === "object") assert.match(`${what.path}/`, /^\/srv\/www\//u);
      found += fs.opened.length;
    }),
    { numRuns: 1000 },
  );
  assert.isAbove(found, 100, "or it has shown nothing");
});
