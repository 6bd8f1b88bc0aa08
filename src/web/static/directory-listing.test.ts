/**
 * @module
 */
import { assert, it } from "vitest";
import { FakeFiles } from "../../../test/fixtures/web/fake-files.ts";
import { listDirectory } from "./directory-listing.ts";
import { FileFinder } from "./file-finder.ts";
import { completeOptions } from "./file-options.ts";

/** The page of `/srv/list`. */
async function page(fs: FakeFiles, title = "/list/", hasParent = true): Promise<string> {
  const finder = new FileFinder("/srv", completeOptions({ fileSystem: fs }));
  const { body } = await listDirectory({ path: "/srv/list", title, hasParent }, finder, fs);
  assert(typeof body === "string");
  return body;
}

/** Name, size and time of each row. */
function rows(html: string): string[] {
  return [...html.matchAll(/<tr><td>(?<cells>.*?)<\/tr>/gu)].map((match) =>
    (match.groups?.["cells"] ?? "").replaceAll(/<\/td><td>/gu, " | ").replaceAll(/<[^>]*>/gu, ""),
  );
}

it("listDirectory() shows names, sizes and times, in order", async () => {
  const fs = new FakeFiles({ "/srv/list/B": "", "/srv/list/b.txt": "12345", "/srv/list/a/x": "" });
  fs.overwrite("/srv/list/B", "1", 0.5);
  assert.deepEqual(rows(await page(fs)), [
    "../ |  | ",
    "B | 1 | 1970-01-01 00:00:00",
    "a/ |  | 1998-07-09 16:00:00",
    "b.txt | 5 | 1998-07-09 16:00:00",
  ]);
  assert.lengthOf(rows(await page(fs, "/", false)), 3);
});

it("listDirectory() shows nothing that would not be served", async () => {
  const fs = new FakeFiles({ "/srv/list/.env": "", "/srv/list/in.txt": "", "/etc/passwd": "" });
  fs.link("/srv/list/out", "/etc").link("/srv/list/gone", "nowhere").special("/srv/list/pipe");
  fs.link("/srv/list/again", "in.txt").write("/srv/list/back\\slash", "");
  assert.deepEqual(rows(await page(fs, "/", false)), [
    "again | 0 | 1998-07-09 16:00:00",
    "in.txt | 0 | 1998-07-09 16:00:00",
  ]);
});

it("listDirectory() makes text of whatever a name is", async () => {
  const name = `<script>alert("1")&'`;
  const html = await page(new FakeFiles({ [`/srv/list/${name}`]: "" }), `/${name}/`);
  assert.notInclude(html, "<script");
  assert.include(html, "<title>Index of /&lt;script&gt;alert(&quot;1&quot;)&amp;&#39;/</title>");
  const [, link = ""] = /href="(\.\/[^"]*)">&lt;script/u.exec(html) ?? [];
  assert.equal(link, "./%3Cscript%3Ealert(%221%22)%26&#39;");
});

it("listDirectory() links to names as names", async () => {
  const fs = new FakeFiles({ "/srv/list/javascript:alert(1)": "", "/srv/list/a?b#c%20 d": "" });
  const links = [...(await page(fs)).matchAll(/href="(?<to>[^"]*)"/gu)].map((one) => one[1]);
  assert.deepEqual(links, ["../", "./a%3Fb%23c%2520%20d", "./javascript%3Aalert(1)"]);
});

it("listDirectory() shows a bounded number", async () => {
  const names = Array.from({ length: 1003 }, (_, at) => `/srv/list/${String(at + 1000)}`);
  const html = await page(new FakeFiles(Object.fromEntries(names.map((name) => [name, ""]))));
  assert.lengthOf(rows(html), 1001);
  assert.include(html, "<p>And 3 more.</p>");
});

it("listDirectory() leaves out a time that is none", async () => {
  const fs = new FakeFiles();
  fs.write("/srv/list/a", "", 1e20);
  assert.deepEqual(rows(await page(fs, "/", false)), ["a | 0 | "]);
});
