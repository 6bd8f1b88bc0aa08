/**
 * The page of a failing simulation, opened in Chromium.
 *
 * @module
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Page } from "playwright-core";
import { assert, describe, it, type TestContext } from "vitest";
import type { TraceEvent } from "../../src/reactors/simulated/trace.ts";
import type { PictureReport } from "../../src/testing/simulation/picture/picture-report.ts";
import { simulate } from "../../src/testing/simulation/simulate.ts";
import { traceHTML } from "../../src/testing/simulation/trace-html.ts";
import { whenInevitable } from "../../src/testing/simulation/when.ts";
import { simulatedBank } from "../fixtures/simulated-bank.ts";
import { browse } from "./fixtures/web/browser.ts";

/** A browser takes a second or two to start, more on a busy machine. */
const TIMEOUT = { timeout: 60_000 };

/** A page that is open, and what went wrong in it. */
interface Opened {
  readonly page: Page;
  readonly problems: string[];
  /** What it asked for, besides itself. */
  readonly requests: string[];
}

async function open(context: TestContext, report: PictureReport): Promise<Opened> {
  const browser = await browse(context);
  const folder = mkdtempSync(join(tmpdir(), "sennit-picture-"));
  context.onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "picture.html");
  writeFileSync(file, traceHTML(report));
  const page = await browser.newPage();
  const problems: string[] = [];
  const requests: string[] = [];
  page.on("pageerror", (error) => problems.push(error.message));
  page.on("console", (message) => problems.push(message.text()));
  page.on("dialog", (dialog) => problems.push(dialog.message()));
  const { href } = pathToFileURL(file);
  page.on("request", (request) => {
    if (!request.url().startsWith(href)) requests.push(request.url());
  });
  await page.goto(href);
  return { page, problems, requests };
}

async function bankReport(): Promise<PictureReport> {
  const result = await simulate(simulatedBank.scenario, { seed: 1, traced: true });
  const when = await whenInevitable(simulatedBank, result, { points: 6, runs: 5 });
  return { name: simulatedBank.name, result, when };
}

const countOf = (page: Page, selector: string): Promise<number> => page.locator(selector).count();

/** How many of them are there to be seen. */
const shown = (page: Page, selector: string): Promise<number> =>
  countOf(page, `#diagram ${selector}:not(.out)`);

describe("traceHTML() in Chromium", () => {
  it("shows what happened, and asks for nothing", TIMEOUT, async (context) => {
    const report = await bankReport();
    const { page, problems, requests } = await open(context, report);
    assert.equal(await countOf(page, "#diagram .life"), 3);
    assert.deepEqual(await page.locator(".names text").allTextContents(), [
      "bankbank",
      "adaada",
      "bobbob",
    ]);
    const arrived = report.result.trace.filter(({ kind }) => {
      return kind === "received" || kind === "accepted";
    });
    assert.equal(await shown(page, ".arrow"), arrived.length);
    assert.equal(await countOf(page, ".chart .bar"), report.when?.points.length);
    for (const selector of [
      "rect.fault",
      "rect.no-program",
      "rect.stalled",
      ".lost",
      "#end rect",
    ]) {
      const box = await page.locator(`#diagram ${selector}`).first().boundingBox();
      assert.isAbove(Math.max(box?.width ?? 0, box?.height ?? 0), 10, selector);
    }
    const image = await page.screenshot({ fullPage: true });
    assert.isAbove(new Set(image).size, 200);
    assert.isAbove(image.length, 50_000);
    assert.deepEqual([problems, requests], [[], []]);
  });

  it("takes rows out by kind, host and connection, and moves up", TIMEOUT, async (context) => {
    const { page, problems } = await open(context, await bankReport());
    const height = async (): Promise<number> =>
      (await page.locator("#diagram").boundingBox())?.height ?? 0;
    const all = await shown(page, ".row");
    const before = await height();
    await page.getByLabel("bytes").uncheck();
    assert.equal(await shown(page, ".row.bytes"), 0);
    assert.equal(await shown(page, ".arrow"), await shown(page, ".arrow.thin"));
    assert.isBelow(await height(), before - 200);
    await page.getByLabel("bytes").check();
    assert.equal(await shown(page, ".row"), all);
    assert.equal(await height(), before);
    await page.getByLabel("timers").check();
    assert.isAbove(await shown(page, ".row.timers"), 5);
    await page.locator("#host").selectOption({ label: "bob" });
    assert.isAbove(await shown(page, ".row"), 5);
    const bob = await shown(page, '.row:is([data-h=""], [data-h~="2"])');
    assert.equal(await shown(page, ".row"), bob);
    await page.locator("#host").selectOption({ label: "all" });
    await page.locator("#connection").selectOption("4");
    assert.equal(
      await shown(page, ".row"),
      (await shown(page, '.row[data-c="4"]')) + (await shown(page, ".row.trouble:not([data-c])")),
    );
    assert.match((await page.locator("#status").textContent()) ?? "", /^\d+ of \d+ shown$/u);
    assert.deepEqual(problems, []);
  });

  it("the script places everything where it was drawn", TIMEOUT, async (context) => {
    const { page } = await open(context, await bankReport());
    const places = (): Promise<string[]> =>
      page.locator("#diagram :is([data-a], .row:not(.out), text.gap)").evaluateAll((nodes) =>
        nodes.map((node) => {
          const names = ["y", "height", "y1", "y2", "transform"];
          const numbers = names.map((name) => node.getAttribute(name) ?? "");
          return [node.getAttribute("class"), ...numbers].join(" ");
        }),
      );
    const drawn = await places();
    await page.getByLabel("timers").check();
    assert.notDeepEqual(await places(), drawn);
    await page.getByLabel("timers").uncheck();
    assert.deepEqual((await places()).sort(), drawn.sort());
  });

  it("tells a row in full, leads to it, and copies the line", TIMEOUT, async (context) => {
    const { page } = await open(context, await bankReport());
    await page.locator("#diagram .retransmitted .label").first().click();
    assert.match(
      (await page.locator("#chosen").textContent()) ?? "",
      /bank > ada {2}#4 {2}retransmitted {2}10 B .*times until/u,
    );
    await page.getByText("reset bank | ada").first().click();
    assert.match(page.url(), /#r\d+$/u);
    await page.getByRole("button", { name: "Copy" }).click();
    await page.getByText(/Copied|Press Ctrl\+C/u).waitFor();
  });

  it("can be read without its script, by day and by night", TIMEOUT, async (context) => {
    const browser = await browse(context);
    const plain = await browser.browser()?.newPage({ javaScriptEnabled: false });
    assert.exists(plain);
    await plain.setContent(traceHTML(await bankReport()));
    await plain.emulateMedia({ colorScheme: "dark" });
    assert.isFalse(await plain.locator(".controls").isVisible());
    assert.isTrue(await plain.locator("#diagram .arrow").first().isVisible());
    await plain.getByText("The same in words").click();
    assert.isTrue(await plain.getByText("partition bank > ada").last().isVisible());
  });

  it("runs nothing of what was sent", TIMEOUT, async (context) => {
    const nasty = `</script></svg><img src=x onerror="alert(1)"><script>alert(2)</script>'`;
    const data = Buffer.from(nasty);
    const said = { connection: 1, data, bytes: data.length, text: nasty };
    const trace: readonly TraceEvent[] = [
      { at: 0, kind: "connected", host: "a", peer: nasty, connection: 1 },
      { at: 1, kind: "received", host: nasty, peer: "a", sentAt: 0, ...said },
      { at: 2, kind: "fault", host: "", text: `partition ${nasty} | a` },
    ];
    const { result } = await bankReport();
    const report = { name: nasty, result: { ...result, trace, token: nasty } };
    const { page, problems, requests } = await open(context, report);
    await page.locator("#diagram .received .label").click();
    assert.include((await page.locator("#chosen").textContent()) ?? "", "<script>alert(2)");
    assert.equal(await countOf(page, "img"), 0);
    assert.equal(await countOf(page, "script"), 1);
    assert.deepEqual([problems, requests], [[], []]);
  });
});
