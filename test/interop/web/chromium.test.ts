/**
 * Pages, files and the town hall in Chromium.
 *
 * @module
 */
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { assert, describe, it } from "vitest";
import { selfSignedCertificate } from "../../../src/internet/tls/self-signed.ts";
import { File } from "../../../src/web/static/file.ts";
import { browse } from "../fixtures/web/browser.ts";
import { folderWith, serve } from "../fixtures/web/real-site.ts";
import { openTownhall } from "../fixtures/townhall/open-townhall.ts";

/** A browser takes a second or two to start, more on a busy machine. */
const SECONDS = 60;

const PAGE = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Grüße</title>
<link rel="stylesheet" href="page.css"><script src="page.js" defer></script></head>
<body><p id="out">nothing yet</p><a href="big.bin" download>big</a></body></html>`;

describe("Chromium", () => {
  for (const isSecure of [false, true]) {
    const how = isSecure ? "over TLS, with HTTP/2" : "over HTTP/1.1";
    it(`${how}: shows a page, runs its script, and downloads`, {
      timeout: SECONDS * 1000,
    }, async (context) => {
      const big = randomBytes(3_000_000);
      const folder = folderWith(context, {
        "index.html": PAGE,
        "page.css": "p { color: rgb(1, 2, 3) }",
        "page.js": `fetch("data.json").then((answer) => answer.json()).then(({ text }) => {
          document.querySelector("#out").textContent = text; });`,
        "data.json": JSON.stringify({ text: "from a file" }),
        "big.bin": big,
      });
      const seen: string[] = [];
      const { url } = await serve(context, new File(folder), {
        accessLog: (request) => seen.push(`${request.uri} ${request.clientproto}`),
        ...(isSecure && { certificate: await selfSignedCertificate() }),
      });
      const page = await (await browse(context)).newPage();
      await page.goto(`${url.replace("127.0.0.1", "localhost")}/`);
      assert.equal(await page.title(), "Grüße");
      await page.getByText("from a file").waitFor();
      const color = await page
        .locator("#out")
        .evaluate((one) => one.ownerDocument.defaultView?.getComputedStyle(one).color);
      assert.equal(color, "rgb(1, 2, 3)");
      const [download] = await Promise.all([
        page.waitForEvent("download"),
        page.getByText("big").click(),
      ]);
      assert.isTrue(readFileSync(await download.path()).equals(big));
      const version = isSecure ? "HTTP/2" : "HTTP/1.1";
      assert.includeMembers(seen, [`/ ${version}`, `/page.css ${version}`, `/big.bin ${version}`]);
    });
  }

  it("lets people in the town hall's page talk with people at nc", {
    timeout: SECONDS * 1000,
  }, async (context) => {
    const web = "web=tcp:0:interface=127.0.0.1";
    const townhall = await openTownhall(context, { settings: [web] });
    const [, url = ""] = await townhall.running.out(/In a browser: (\S+)$/mu);
    const page = await (await browse(context)).newPage();
    const problems: string[] = [];
    page.on("pageerror", (error) => problems.push(error.message));
    page.on("console", (message) => {
      if (message.type() === "error") problems.push(message.text());
    });
    await page.goto(url);
    const line = page.getByLabel("Your line");
    await page.getByText("What is your name?").waitFor();
    await line.fill("ada");
    await line.press("Enter");
    await page.getByText("Hello, ada").waitFor();
    const bob = await townhall.guest("bob");
    await page.getByText("bob has come in").waitFor();
    await line.fill("grüß dich, <b>bob</b>");
    await page.getByRole("button", { name: "Send" }).click();
    await bob.got(/^<ada> grüß dich, <b>bob<\/b>$/mu);
    bob.send("hello <script>alert(1)</script>\n");
    await page.getByText("<bob> hello <script>alert(1)</script>").waitFor();
    await page.close();
    await bob.got(/^-- ada has gone/mu);
    // The browser asks for an icon by itself.
    assert.deepEqual(
      problems.filter((problem) => !problem.includes("404")),
      [],
    );
  });
});
