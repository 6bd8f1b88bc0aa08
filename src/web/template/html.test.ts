/**
 * Templates: what is written for which value, in which order, and who waits for whom.
 *
 * @module
 */
import { setImmediate as nextPass } from "node:timers/promises";
import { assert, describe, it } from "vitest";
import { Deferred } from "../../defer/deferred.ts";
import { compiledTemplate } from "./compiled-template.ts";
import { type HTML, html, type HTMLValue, raw } from "./html.ts";

async function piecesOf(page: HTML): Promise<string[]> {
  const pieces: string[] = [];
  for await (const piece of page) pieces.push(piece);
  return pieces;
}

/** Let promises run. */
async function turn(): Promise<void> {
  await nextPass();
}

/** What a caller without types may hand in. */
function untyped(value: unknown): HTMLValue {
  const box: { value?: HTMLValue } = {};
  Reflect.set(box, "value", value);
  return box.value;
}

describe("html", () => {
  const VALUES: readonly (readonly [what: string, value: HTMLValue, written: string])[] = [
    ["text", `a & b < c > d "e" 'f'`, "a &amp; b &lt; c &gt; d &quot;e&quot; &#39;f&#39;"],
    ["text of other planes", "é 漢 🎉", "é 漢 🎉"],
    ["numbers", 1.5, "1.5"],
    ["zero", 0, "0"],
    ["big numbers", 12n, "12"],
    ["null", null, ""],
    ["undefined", undefined, ""],
    ["false", false, ""],
    ["true", true, "true"],
    ["another template", html`<b>${"<"}</b>`, "<b>&lt;</b>"],
    ["trusted HTML", raw("<hr>&nbsp;"), "<hr>&nbsp;"],
    ["lists, and lists in lists", ["<", [html`<i></i>`, [1, null]], "b"], "&lt;<i></i>1b"],
    ["sets", new Set(["a", "<"]), "a&lt;"],
  ];
  for (const [what, value, written] of VALUES) {
    it(`writes ${what}`, () => {
      assert.equal(String(html`<p>${value}</p>`), `<p>${written}</p>`);
    });
  }

  it("writes attributes, between either quotes, with text around", () => {
    const [a, b] = [`"'`, 2];
    const page = html`<p title="x${a}y" class = '${b} ${null}${false}' hidden id=z></p>`;
    const written = `<p title="x&quot;&#39;y" class = '2 ' hidden id=z></p>`;
    assert.equal(String(page), written);
  });

  it("writes an attribute for ?name when the value is true, and none when not", () => {
    const on = [true, 1, "x", []];
    const off = [false, 0, "", null, undefined];
    const input = (flag: unknown): HTML => html`<input ?checked="${untyped(flag)}" name='a'>`;
    for (const flag of on) assert.equal(String(input(flag)), "<input checked name='a'>");
    for (const flag of off) assert.equal(String(input(flag)), "<input  name='a'>");
  });

  it("leaves fixed parts as they are", () => {
    const page = html`<!doctype html><!-- <p title=" --><!--> <style>a > b { color: "x" }</style
      ><script>if (a < b && "</p>") { go("<a href='"); }</script><title>a &lt; b</title>
      1 < 2 <3 <p/title='>' data-a=b/c hidden >&amp;</p ><br/><A HREF="x">`;
    const fixed = compiledTemplate(
      Object.freeze(Object.assign([String(page)], { raw: [String(page)] })),
    );
    assert.deepEqual(fixed.strings, [String(page)]);
    assert.match(String(page), /^<!doctype html><!-- <p title=" -->[^]*<A HREF="x">$/u);
  });

  it("reads the fixed parts once, however often it is used", () => {
    const row = (n: number): HTML => html`<td>${n}</td>`;
    const [one, two] = [row(1), row(2)];
    const symbols = Object.getOwnPropertySymbols(one);
    const same = symbols.filter((symbol) => Reflect.get(one, symbol) === Reflect.get(two, symbol));
    assert.lengthOf(same, 1);
  });

  it("can be written again, unless a list in it can not", () => {
    const page = html`<p>${["a", "b"]}</p>`;
    assert.equal(String(page), String(page));
  });

  it("stops at a thousand levels: more is a circle", () => {
    const loop: Iterable<HTMLValue> = { [Symbol.iterator]: () => [loop].values() };
    assert.throws(() => String(html`${loop}`), RangeError, "1000 levels");
    let deep = html`<b></b>`;
    for (let level = 0; level < 900; level += 1) deep = html`<i>${deep}</i>`;
    assert.lengthOf(String(deep), 900 * 7 + 7);
  });
});

describe("html refuses, when a template is first used", () => {
  const x = "x";
  const REFUSED: readonly (readonly [what: string, make: () => HTML, message: RegExp])[] = [
    ["no quotes", () => html`<p title=${x}>`, /expected quotes around it: title="\$\{value\}"/u],
    ["half a value without quotes", () => html`<p title=a${x}>`, /expected quotes/u],
    ["an attribute's name", () => html`<p ${x}>`, /in the tag <p>/u],
    ["half a name", () => html`<p data-${x}="a">`, /in the tag <p>/u],
    ["what stands for a name", () => html`<p title${x}="a">`, /in the tag <p>/u],
    ["between two attributes", () => html`<p title="a"${x}>`, /in the tag <p>/u],
    ["an element's name", () => html`<${x}>`, /behind "<"/u],
    ["half an element's name", () => html`<p${x}>`, /in the tag <p>/u],
    ["the name in an end tag", () => html`</${x}>`, /behind "<\/"/u],
    ["a comment", () => html`<!-- ${x} -->`, /no comment/u],
    ["a declaration", () => html`<!doctype ${x}>`, /behind/u],
    ["what browsers take for a comment", () => html`<? ${x} >`, /behind/u],
    ["a script", () => html`<script>let a = "${x}";</script>`, /in <script>/u],
    ["a script in capitals", () => html`<SCRIPT>${x}</SCRIPT>`, /in <script>/u],
    ["a style sheet", () => html`<style>a { color: ${x} }</style>`, /in <style>/u],
    ["a frame's text", () => html`<iframe>${x}</iframe>`, /in <iframe>/u],
    ["text for browsers without scripts", () => html`<noscript>${x}</noscript>`, /in <noscript>/u],
    ["a handler of events", () => html`<p onclick="a('${x}')">`, /into onclick: it is a script/u],
    ["a handler in capitals", () => html`<p OnClick="${x}">`, /into onclick/u],
    ["a handler as a flag", () => html`<p ?onclick="${x}">`, /\?onclick/u],
    ["a page in an attribute", () => html`<iframe srcdoc="${x}">`, /into srcdoc/u],
    ["an animated attribute", () => html`<animate values="${x}">`, /into values/u],
    ["a scheme that is half fixed", () => html`<a href="java${x}">`, /could become a script/u],
    ["a fixed script", () => html`<a href="javascript:a(${x})">`, /could become a script/u],
    ["a scheme in entities", () => html`<a href="&#106;avascript:${x}">`, /become a script/u],
    ["text beside a flag", () => html`<p ?hidden="a${x}">`, /\?hidden/u],
    ["text behind a flag", () => html`<p ?hidden="${x}a">`, /\?hidden/u],
    ["two values for a flag", () => html`<p ?hidden="${x}${x}">`, /\?hidden/u],
    ["a flag without a value", () => html`<p ?hidden="">${x}`, /\?hidden/u],
    ["an end in a tag", () => html`${x}<p title="a"`, /ends in the tag of <p>/u],
    ["an end in an attribute", () => html`<p title="${x}`, /ends in the tag of <p>/u],
    ["an end in a script", () => html`<script>`, /ends in the text of <script>/u],
    ["a comment without an end", () => html`<!-- `, /behind "<!-- "/u],
    ["a comment in a script", () => html`<script><!-- </script>`, /<script> without "<!--"/u],
    ["a tag in a title", () => html`<title>${x}<script></script></title>`, /without "<s"/u],
    ["a broken escape", () => html`\u{}${x}`, /without broken escapes/u],
  ];
  for (const [what, make, message] of REFUSED) {
    it(what, () => assert.throws(make, TypeError, message));
  }

  it("what came as data and looks like a template", () => {
    const forged = JSON.parse(`{"strings": ["<script>", "</script>"]}`);
    assert.throws(
      () => Reflect.apply(html, undefined, [forged.strings, "x"]),
      TypeError,
      "html`…`",
    );
  });
});

describe("html refuses, when it is written", () => {
  const VALUES: readonly (readonly [what: string, value: unknown, message: RegExp])[] = [
    ["functions", () => "x", /Cannot put a Function into/u],
    ["symbols", Symbol("x"), /Cannot put a symbol into/u],
    ["objects", { a: 1 }, /Cannot put a Object into/u],
    ["objects without a class", Object.create(null), /Cannot put a object into/u],
    ["dates", new Date(0), /Cannot put a Date into/u],
  ];
  for (const [what, value, message] of VALUES) {
    it(`${what}, in text and in attributes`, () => {
      assert.throws(() => String(html`${untyped(value)}`), TypeError, message);
      assert.throws(() => String(html`<p id="${untyped(value)}">`), TypeError, message);
    });
  }

  it("bytes: as text they are a guess", () => {
    const bytes = untyped(Buffer.from("x"));
    assert.throws(() => String(html`${bytes}`), TypeError, "Buffer");
  });

  it("HTML and lists in attributes", () => {
    assert.throws(() => String(html`<p id="${html`<b>`}">`), TypeError, "HTML into an attribute");
    assert.throws(() => String(html`<p id="${raw("x")}">`), TypeError);
    assert.throws(() => String(html`<p id="${["a"]}">`), TypeError, "Array into an attribute");
  });
});

describe("html keeps scripts out", () => {
  const link = (url: string): string => String(html`<a href="${url}">`);
  const DEAD = '<a href="about:invalid#refused">';

  const SCRIPTS = [
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    " \u0000\u001f javascript:alert(1)",
    "java\tscript\n:alert(1)",
    "\rjava\r\nscript:",
    "vbscript:x",
    "data:text/html,<script>alert(1)</script>",
    "data:image/svg+xml,<svg onload=alert(1)>",
    "data:,x",
  ];
  for (const url of SCRIPTS) {
    it(`out of a link: ${JSON.stringify(url)}`, () => assert.equal(link(url), DEAD));
  }

  const LINKS = [
    "https://example.com/?a=1&b='2'",
    "/javascript:x",
    "?q=javascript:x",
    "mailto:ada@example.com",
    "app.example:open",
    "data:image/png;base64,AAAA",
    "javascripts/a.js",
    "",
  ];
  for (const url of LINKS) {
    it(`and leaves ${JSON.stringify(url)} in it`, () => {
      const escaped = url.replaceAll("&", "&amp;").replaceAll("'", "&#39;");
      assert.equal(link(url), `<a href="${escaped}">`);
    });
  }

  it("out of a link that is made of several values", () => {
    const of = (a: string, b: string): string => String(html`<a href="${a}${b}">`);
    assert.equal(of("java", "script:alert(1)"), '<a href="java">');
    assert.equal(of("", "javascript:alert(1)"), '<a href="about:invalid#refused">');
    assert.equal(of("/a", ":b"), '<a href="/a:b">');
    const late = (a: string): string => String(html`<a href="${a}:alert(1)">`);
    assert.equal(late("javascript"), '<a href="about:invalid#refused:alert(1)">');
    const split = (a: string): string => String(html`<a href="${a}script:${"alert(1)"}">`);
    assert.notMatch(split("java"), /="javascript/u);
  });

  it("out of a link behind a fixed beginning, which has settled what it is", () => {
    const x = "javascript:alert(1)";
    assert.equal(String(html`<a href="/go/${x}">`), `<a href="/go/${x}">`);
    assert.equal(String(html`<a href='https://${x}'>`), `<a href='https://${x}'>`);
  });

  it("out of the other attributes that are URLs, whatever their case", () => {
    const x = "javascript:alert(1)";
    const page = html`<form action="${x}"><button FormAction='${x}'></form>`;
    assert.notInclude(String(page), "javascript");
    assert.notInclude(String(html`<img SRC="${x}"><object data="${x}">`), "javascript");
  });

  it("out of styles, with all that ends a declaration or loads something", () => {
    const box = (value: string | number): string => String(html`<p style="width: ${value}">`);
    for (const value of [1.5, "50%", "#c0ffee", "red !important".slice(0, 3), "-1.5e3px", "a, b"]) {
      assert.equal(box(value), `<p style="width: ${String(value)}">`);
    }
    for (const value of ["1;color:red", "url(//x)", "expression(1)", "1}", "\\75rl", "'", "/**/"]) {
      assert.equal(box(value), '<p style="width: unset">');
    }
  });

  it("out of text, titles and attributes: what comes out has no mark of its own", () => {
    const hostile = [
      "<script>alert(1)</script>",
      `"><img src=x onerror=alert(1)>`,
      `'><svg/onload=alert(1)>`,
      "</title><script>alert(1)</script>",
      "</textarea><script>",
      "--><script>",
      "]]><script>",
      "\u0000<\u0000script>",
      "&lt;script&gt;",
      "&#60;script>",
      "` onerror=`alert(1)",
      "${alert(1)}",
    ];
    for (const x of hostile) {
      const page = String(
        html`<title>${x}</title><textarea>${x}</textarea><p id="${x}" title='${x}'>${x}</p>`,
      );
      const [, title, area, id, tip, text] =
        /^<title>(.*)<\/title><textarea>(.*)<\/textarea><p id="(.*)" title='(.*)'>(.*)<\/p>$/u.exec(
          page,
        ) ?? [];
      for (const written of [title, area, id, tip, text]) {
        assert.isDefined(written);
        assert.notMatch(written ?? "", /[<>"']|&(?!(?:amp|lt|gt|quot|#39);)/u);
      }
    }
  });
});

describe("html with what comes later", () => {
  it("writes it in order, as it comes; what is there already is written first", async () => {
    const [first, second] = [new Deferred<HTMLValue>(), new Deferred<HTMLValue>()];
    const page = html`<h1>${"head"}</h1>${first}<p title="${second}">${first}</p>`;
    const pieces: string[] = [];
    const reading = (async () => {
      for await (const piece of page) pieces.push(piece);
    })();
    await turn();
    assert.deepEqual(pieces, ["<h1>head</h1>"]);
    second.callback("<2>");
    await turn();
    assert.lengthOf(pieces, 1);
    first.callback(html`<b>1</b>`);
    await reading;
    assert.equal(pieces.join(""), `<h1>head</h1><b>1</b><p title="&lt;2&gt;"><b>1</b></p>`);
  });

  it("takes promises of promises, in lists, in flags and in links", async () => {
    const later = async <T>(value: T): Promise<T> => await Promise.resolve(value);
    const items = [1, 2].map(async (n) => await later(html`<li>${later(n)}</li>`));
    const page = html`<ul ?hidden="${later(true)}">${items}</ul><a href="${later("javascript:")}">`;
    const text = (await piecesOf(page)).join("");
    assert.equal(text, '<ul hidden><li>1</li><li>2</li></ul><a href="about:invalid#refused">');
  });

  it("takes async iterables, and generators that are not run ahead of the reader", async () => {
    const made: number[] = [];
    async function* rows(): AsyncGenerator<HTML> {
      for (let n = 0; n < 3; n += 1) {
        await turn();
        made.push(n);
        yield html`<li>${n}</li>`;
      }
    }
    const pieces = html`<ul>${rows()}</ul>`[Symbol.asyncIterator]();
    assert.deepEqual(await pieces.next(), { done: false, value: "<ul>" });
    assert.deepEqual(made, []);
    assert.deepEqual(await pieces.next(), { done: false, value: "<li>0</li>" });
    let rest = "";
    for await (const piece of { [Symbol.asyncIterator]: () => pieces }) rest += piece;
    assert.equal(rest, "<li>1</li><li>2</li></ul>");
  });

  it("cuts long pages into pieces, so that a slow reader can be waited for", async () => {
    let made = 0;
    function* rows(): Generator<HTML> {
      for (; made < 10_000; made += 1) yield html`<li>${made}</li>`;
    }
    const pieces = html`${rows()}`[Symbol.asyncIterator]();
    const { value } = await pieces.next();
    assert.isBelow(value?.length ?? 0, 16_500);
    assert.isBelow(made, 2000);
    await pieces.return?.();
  });

  it("tells open iterators that no more is wanted, the innermost first", async () => {
    const ended: string[] = [];
    function* rows(): Generator<HTMLValue> {
      try {
        yield inner();
      } finally {
        ended.push("rows");
      }
    }
    async function* inner(): AsyncGenerator<string> {
      try {
        await turn();
        yield "a";
        yield "b";
      } finally {
        ended.push("inner");
      }
    }
    for await (const piece of html`${rows()}`) {
      assert.equal(piece, "a");
      break;
    }
    assert.deepEqual(ended, ["inner", "rows"]);
  });

  it("fails as what it waits for fails, and tells open iterators", async () => {
    let ended = false;
    function* rows(): Generator<HTMLValue> {
      try {
        yield Promise.reject(new RangeError("boom"));
      } finally {
        ended = true;
      }
    }
    const error: unknown = await piecesOf(html`<p>${rows()}</p>`).catch((why: unknown) => why);
    assert.instanceOf(error, RangeError);
    assert.isTrue(ended);
  });

  it("has looked at failures that come before their turn", async () => {
    const unhandled: unknown[] = [];
    const note = (reason: unknown): void => {
      unhandled.push(reason);
    };
    process.on("unhandledRejection", note);
    try {
      const slow = new Deferred<string>();
      const boom = async (): Promise<string> => {
        await turn();
        throw new Error("boom");
      };
      const failing = new Deferred<string>();
      const page = html`${slow}${html`<p id="${boom()}">`}${[1].map(boom)}${[[boom()]]}${failing}`;
      const read = piecesOf(page).catch((why: unknown) => why);
      failing.errback(new Error("too"));
      for (let turns = 0; turns < 4; turns += 1) await turn();
      slow.callback("x");
      assert.instanceOf(await read, Error);
      assert.deepEqual(unhandled, []);
    } finally {
      process.off("unhandledRejection", note);
    }
  });

  it("asks a promise of another kind once", async () => {
    let asked = 0;
    const query: PromiseLike<string> = {
      // oxlint-disable-next-line unicorn/no-thenable -- As query builders have it.
      then: (f, g) => {
        asked += 1;
        return Promise.resolve("row").then(f, g);
      },
    };
    assert.equal((await piecesOf(html`${query}`)).join(""), "row");
    assert.equal(asked, 1);
  });

  it("is no string: toString says so", () => {
    const page = html`<p>${Promise.resolve("x")}</p>`;
    assert.throws(() => String(page), TypeError, "comes later");
  });

  it("begin gives a short page whole, and of others the beginning", async () => {
    assert.deepEqual(html`<p>${1}</p>`.begin(), { text: "<p>1</p>", rest: undefined });
    const { text, rest } = html`<p>${Promise.resolve(1)}</p>`.begin();
    assert.equal(text, "<p>");
    let more = "";
    for await (const piece of rest ?? []) more += piece;
    assert.equal(more, "1</p>");
  });
});
