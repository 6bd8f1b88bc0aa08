/**
 * XML-RPC: what is read, what is written, what is refused, and what happens to calls.
 *
 * @module
 */
import { assert, describe, it } from "vitest";
import { type RawAnswer, visit } from "../../../test/fixtures/web/in-memory-site.ts";
import { succeed } from "../../defer/combinators.ts";
import { captureLogs } from "../../logger/capture.ts";
import type { Request } from "../server/request.ts";
import { XMLMalformedError } from "./xml-reader.ts";
import { decodeCall } from "./xmlrpc-decoder.ts";
import { encodeFault, encodeResponse } from "./xmlrpc-encoder.ts";
import { addIntrospection } from "./xmlrpc-introspection.ts";
import { Fault } from "./xmlrpc-values.ts";
import { XMLRPC } from "./xmlrpc.ts";

function callXML(method: string, ...values: readonly string[]): string {
  const params = values.map((value) => `<param><value>${value}</value></param>`).join("");
  const name = `<methodName>${method}</methodName>`;
  return `<?xml version="1.0"?><methodCall>${name}<params>${params}</params></methodCall>`;
}

/** One value, read. */
function read(value: string, allowNil = false): unknown {
  return decodeCall(callXML("m", value), allowNil).params[0];
}

/** One value, written. */
function written(value: unknown, allowNil = false): string {
  const match = /<param><value>([^]*)<\/value><\/param>/u.exec(encodeResponse(value, allowNil));
  return match?.[1] ?? "";
}

describe("decodeCall", () => {
  const VALUES: readonly (readonly [xml: string, value: unknown])[] = [
    ["<int>42</int>", 42],
    ["<i4>-2147483648</i4>", -2_147_483_648],
    ["<int> +7 </int>", 7],
    ["<i8>9007199254740991</i8>", Number.MAX_SAFE_INTEGER],
    ["<i8>-9223372036854775808</i8>", -(2n ** 63n)],
    ["<boolean>1</boolean>", true],
    ["<boolean>0</boolean>", false],
    ["<string>a &lt; b &#233; &#xe9;</string>", "a < b é é"],
    ["<string/>", ""],
    ["", ""],
    ["  text without a type ", "  text without a type "],
    ["<![CDATA[<b>]]>", "<b>"],
    ["<string>a\r\nb\rc&#13;</string>", "a\nb\nc\r"],
    ["<double>-12.25</double>", -12.25],
    ["<double>1e-07</double>", 1e-7],
    ["<double>.5</double>", 0.5],
    ["<dateTime.iso8601>19980717T14:08:55</dateTime.iso8601>", new Date(900_684_535_000)],
    ["<dateTime.iso8601>1998-07-17T14:08:55Z</dateTime.iso8601>", new Date(900_684_535_000)],
    ["<dateTime.iso8601>19980717T16:08:55+0200</dateTime.iso8601>", new Date(900_684_535_000)],
    ["<base64>eW91IGNhbid0\n IQ==</base64>", Buffer.from("you can't!")],
    ["<array><data><value><int>1</int></value><value>a</value></data></array>", [1, "a"]],
    ["<array><data/></array>", []],
    ["<struct><member><name>a</name><value><int>1</int></value></member></struct>", { a: 1 }],
    ["<struct/>", {}],
    [" <!-- x --> <int>1</int>\n", 1],
  ];
  for (const [xml, value] of VALUES) {
    it(`reads ${JSON.stringify(xml)}`, () => assert.deepEqual(read(xml), value));
  }

  it("reads nil where it is allowed", () => {
    assert.isNull(read("<nil/>", true));
    assert.throws(() => read("<nil/>"), XMLMalformedError, "no nil");
  });

  it("reads a member named __proto__ as any other", () => {
    const member = "<member><name>__proto__</name><value><int>1</int></value></member>";
    const value = read(`<struct>${member}</struct>`);
    assert.isTrue(Object.hasOwn(Object(value), "__proto__"));
    assert.equal(Reflect.getPrototypeOf(Object(value)), Object.prototype);
  });

  const REFUSED: readonly (readonly [what: string, value: string])[] = [
    ["an int that is none", "<int>1.0</int>"],
    ["an int beyond 32 bits", "<int>2147483648</int>"],
    ["an i8 beyond 64 bits", "<i8>9223372036854775808</i8>"],
    ["an i8 that never ends", `<i8>${"9".repeat(1000)}</i8>`],
    ["an empty int", "<int></int>"],
    ["a boolean in words", "<boolean>true</boolean>"],
    ["a double that is none", "<double>nan</double>"],
    ["a double without end", "<double>1e999</double>"],
    ["a double in hexadecimal", "<double>0x10</double>"],
    ["a day that is none", "<dateTime.iso8601>20010230T00:00:00</dateTime.iso8601>"],
    ["a time that is none", "<dateTime.iso8601>20010228T24:00:01</dateTime.iso8601>"],
    ["half a date", "<dateTime.iso8601>20010228</dateTime.iso8601>"],
    ["base64 without its end", "<base64>eW91I</base64>"],
    ["base64 with other characters", "<base64>eW9*</base64>"],
    ["an unknown type", "<float>1</float>"],
    ["two types", "<int>1</int><int>2</int>"],
    ["text beside a type", "a<int>1</int>"],
    ["an element in text", "<string><b>1</b></string>"],
    ["an array without data", "<array><value><int>1</int></value></array>"],
    ["an array with two", "<array><data/><data/></array>"],
    ["what is no value in an array", "<array><data><int>1</int></data></array>"],
    ["text in an array", "<array><data>1</data></array>"],
    ["text in a struct", "<struct>1</struct>"],
    ["a member without a value", "<struct><member><name>a</name></member></struct>"],
    ["a member without a name", "<struct><member><value/><value/></member></struct>"],
    ["a name twice", `<struct>${"<member><name>a</name><value/></member>".repeat(2)}</struct>`],
    ["what is no member", "<struct><name>a</name></struct>"],
    ["other entities", "<string>&nbsp;</string>"],
    ["entities that are JavaScript's", "<string>&constructor;</string>"],
    ["a reference to no character", "<string>&#0;</string>"],
    ["a control character", "<string>\u0001</string>"],
    ["an unfinished entity", "<string>&lt</string>"],
    ["more levels than 200", "<array><data><value>".repeat(70)],
  ];
  for (const [what, value] of REFUSED) {
    it(`refuses ${what}`, () => assert.throws(() => read(value), XMLMalformedError));
  }

  const CALL = callXML("m");
  const DOCUMENTS: readonly (readonly [what: string, xml: string])[] = [
    ["nothing", ""],
    ["blanks", " \n"],
    ["no XML", "hello"],
    ["no call", "<methodResponse/>"],
    ["no name", "<methodCall/>"],
    ["an empty name", "<methodCall><methodName/></methodCall>"],
    ["a name with blanks", callXML("a b")],
    ["another element for params", "<methodCall><methodName>m</methodName><x/></methodCall>"],
    ["two params", CALL.replace("<params></params>", "<params/><params/>")],
    [
      "a param with two values",
      CALL.replace("<params>", "<params><param><value/><value/></param>"),
    ],
    ["what is no param", CALL.replace("<params>", "<params><value/>")],
    ["a second root", `${CALL}<a/>`],
    ["text behind it", `${CALL}a`],
    ["half of it", CALL.slice(0, -5)],
    ["a document type", CALL.replace("?>", "?><!DOCTYPE methodCall>")],
    ["entities of its own", CALL.replace("?>", `?><!DOCTYPE x [<!ENTITY m "add">]>`)],
    ["an entity from elsewhere", CALL.replace("?>", `?><!DOCTYPE x SYSTEM "file:///etc/passwd">`)],
    ["a processing instruction", CALL.replace("?>", `?><?xml-stylesheet href="x"?>`)],
    ["another encoding", CALL.replace("?>", ` encoding="utf-16"?>`)],
  ];
  for (const [what, xml] of DOCUMENTS) {
    it(`refuses ${what}`, () => assert.throws(() => decodeCall(xml, false), XMLMalformedError));
  }

  it("takes a call without params, and a declaration of UTF-8", () => {
    const call = "<methodCall><methodName> a.b </methodName></methodCall>";
    const xml = `<?xml version='1.0' encoding='UTF-8'?>\n${call}`;
    assert.deepEqual(decodeCall(xml, false), { method: "a.b", params: [] });
  });
});

describe("encodeResponse", () => {
  const VALUES: readonly (readonly [value: unknown, xml: string])[] = [
    [42, "<int>42</int>"],
    [-0, "<int>0</int>"],
    [-(2 ** 31), "<int>-2147483648</int>"],
    [2 ** 31, "<i8>2147483648</i8>"],
    [5n, "<i8>5</i8>"],
    [1.5, "<double>1.5</double>"],
    [-1.5e-7, "<double>-0.00000015</double>"],
    [1e-7, "<double>0.0000001</double>"],
    [1.5e25, `<double>15${"0".repeat(24)}.0</double>`],
    [2 ** 53, "<double>9007199254740992.0</double>"],
    [true, "<boolean>1</boolean>"],
    ["a<b>&c\r\n", "<string>a&lt;b&gt;&amp;c&#13;\n</string>"],
    [new Date(900_684_535_999), "<dateTime.iso8601>19980717T14:08:55</dateTime.iso8601>"],
    [new Uint8Array([1, 2]), "<base64>AQI=</base64>"],
    [
      [1, ["a"]],
      "<array><data><value><int>1</int></value><value><array><data><value><string>a</string>" +
        "</value></data></array></value></data></array>",
    ],
    [
      { "a<": false, b: undefined },
      "<struct><member><name>a&lt;</name><value><boolean>0</boolean></value></member></struct>",
    ],
  ];
  for (const [value, xml] of VALUES) {
    it(`writes ${typeof value} ${String(value)}`, () => assert.equal(written(value), xml));
  }

  it("writes what decodeCall reads as the same", () => {
    const value = { list: [1, 2.5, -1e-300, "ä\u{1f389} <&>\r", true, 2n ** 60n], none: null };
    assert.deepEqual(read(written(value, true), true), value);
  });

  const REFUSED: readonly (readonly [what: string, value: unknown])[] = [
    ["undefined", undefined],
    ["null", null],
    ["NaN", Number.NaN],
    ["Infinity", Number.POSITIVE_INFINITY],
    ["more than 64 bits", 2n ** 63n],
    ["functions", () => 1],
    ["symbols", Symbol("x")],
    ["control characters", "\u0000"],
    ["half a character", "\ud800"],
    ["instances of a class", new Map()],
    ["no date", new Date(Number.NaN)],
    ["the year 10000", new Date(8e15)],
  ];
  for (const [what, value] of REFUSED) {
    it(`refuses ${what}`, () => assert.throws(() => encodeResponse([value], false)));
  }

  it("refuses a circle", () => {
    const circle: unknown[] = [];
    circle.push(circle);
    assert.throws(() => encodeResponse(circle, false), RangeError);
  });
});

describe("encodeFault", () => {
  it("writes a fault, whatever its message holds", () => {
    assert.equal(
      encodeFault(new Fault(4, "too <many>\u0000")),
      `<?xml version="1.0"?>\n<methodResponse><fault><value><struct>` +
        "<member><name>faultCode</name><value><int>4</int></value></member>" +
        "<member><name>faultString</name><value><string>too &lt;many&gt;?</string></value>" +
        "</member>" +
        "</struct></value></fault></methodResponse>\n",
    );
  });
});

class Bank extends XMLRPC {
  override readonly procedures = {
    add: { help: "a + b", signature: [["int", "int", "int"]] },
    who: { withRequest: true },
  };

  xmlrpc_add(a: number, b: number): number {
    return a + b;
  }

  async xmlrpc_later(text: string): Promise<string> {
    return await succeed(`${text}!`);
  }

  xmlrpc_who(request: Request, name: string): string {
    return `${request.path} ${name}`;
  }

  xmlrpc_fault(): never {
    throw new Fault(7, "no");
  }

  xmlrpc_boom(): never {
    throw new Error("secret");
  }

  xmlrpc_nothing(): undefined {
    return undefined;
  }

  xmlrpc_odd = undefined;
}

async function post(root: XMLRPC, xml: string, type = "text/xml"): Promise<RawAnswer> {
  const body = Buffer.from(xml).toString("latin1");
  const length = String(body.length);
  const fields = `Host: a\r\nContent-Type: ${type}\r\nContent-Length: ${length}\r\n`;
  return await visit(root).ask(`POST /rpc HTTP/1.1\r\n${fields}\r\n${body}`);
}

/** What is in the answer's value, or the fault's code and words. */
function result({ body }: RawAnswer): string {
  const code = /<fault>.*<int>(\d+)<\/int>.*<string>(.*)<\/string>/u.exec(body);
  if (code !== null) return `fault ${code[1] ?? ""}: ${code[2] ?? ""}`;
  return /<param><value>(.*)<\/value><\/param>/u.exec(body)?.[1] ?? body;
}

const STRING = (text: string): string => `<string>${text}</string>`;

describe("XMLRPC", () => {
  it("calls its methods", async () => {
    const answer = await post(new Bank(), callXML("add", "<int>1</int>", "<int>2</int>"));
    assert.equal(answer.headers.get("content-type"), "text/xml; charset=utf-8");
    assert.equal(result(answer), "<int>3</int>");
    assert.equal(result(await post(new Bank(), callXML("later", "é"))), "<string>Ã©!</string>");
  });

  it("hands over the request where it is asked for", async () => {
    const answer = await post(new Bank(), callXML("who", "ada"));
    assert.equal(result(answer), STRING("/rpc ada"));
  });

  it("finds procedures of handlers below it", async () => {
    const root = new XMLRPC().putSubHandler("a", new XMLRPC().putSubHandler("b", new Bank()));
    const answer = await post(root, callXML("a.b.add", "<int>1</int>", "<int>2</int>"));
    assert.equal(result(answer), "<int>3</int>");
    assert.equal(
      result(await post(root, callXML("b.add"))),
      "fault 8001: procedure b.add not found",
    );
  });

  it("answers with faults: a method's own, unknown ones, and what went wrong", async () => {
    const bank = new Bank();
    using logs = captureLogs();
    assert.equal(result(await post(bank, callXML("fault"))), "fault 7: no");
    for (const name of ["nobody", "odd", "", "constructor", "add.x"]) {
      assert.match(result(await post(bank, callXML(name || "."))), /^fault 8001: /u);
    }
    assert.lengthOf(logs.events, 0);
    assert.equal(result(await post(bank, callXML("boom"))), "fault 8002: error");
    assert.match(result(await post(bank, callXML("nothing"))), /^fault 8002: can't serialize/u);
    assert.lengthOf(logs.events, 2);
    assert.match(result(await post(bank, "<methodCall>")), /^fault 8002: Cannot read XML/u);
  });

  it("takes nil where it is allowed", async () => {
    class Nil extends XMLRPC {
      xmlrpc_same(value: unknown): unknown {
        return value;
      }
    }
    const answer = await post(new Nil({ allowNil: true }), callXML("same", "<nil/>"));
    assert.equal(result(answer), "<nil/>");
    assert.match(result(await post(new Nil(), callXML("same", "<nil/>"))), /^fault 8002/u);
  });

  it("takes no other types, which pages of other sites can send", async () => {
    for (const type of [
      "text/plain",
      "application/x-www-form-urlencoded",
      "text/xml; charset=utf-16",
    ]) {
      assert.equal((await post(new Bank(), callXML("add"), type)).code, 415);
    }
    const other = await post(new Bank(), callXML("who", "x"), "application/xml; charset=UTF-8");
    assert.equal(other.code, 200);
  });

  it("has a limit on calls, and answers POST alone", async () => {
    const answer = await post(new Bank({ limit: 50 }), callXML("add"));
    assert.equal(answer.code, 413);
    const get = await visit(new Bank()).ask("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    assert.equal(get.code, 405);
    assert.equal(get.headers.get("allow"), "OPTIONS, POST");
  });
});

describe("addIntrospection", () => {
  function introspected(): XMLRPC {
    const root = new Bank().putSubHandler("sub", new Bank());
    const xmlrpc = new XMLRPC().putSubHandler("bank", root);
    addIntrospection(xmlrpc, { multicallMax: 3 });
    return xmlrpc;
  }

  it("lists procedures, describes them, and says what they take", async () => {
    const root = introspected();
    const names = result(await post(root, callXML("system.listMethods")));
    assert.include(names, STRING("bank.add"));
    assert.include(names, STRING("bank.sub.who"));
    assert.include(names, STRING("system.multicall"));
    assert.notInclude(names, "odd");
    const ask = async (what: string, name: string): Promise<string> =>
      result(await post(root, callXML(`system.${what}`, name)));
    assert.equal(await ask("methodHelp", "bank.add"), STRING("a + b"));
    assert.equal(await ask("methodHelp", "bank.later"), STRING(""));
    assert.equal((await ask("methodSignature", "bank.sub.add")).match(/int/gu)?.length, 3);
    assert.equal(await ask("methodSignature", "bank.later"), STRING("undef"));
    assert.match(await ask("methodHelp", "bank.nobody"), /^fault 8001/u);
  });

  const call = (method: string, ...params: readonly string[]): string =>
    `<value><struct><member><name>methodName</name><value>${method}</value></member>` +
    `<member><name>params</name><value><array><data>${params.join("")}</data></array></value>` +
    "</member></struct></value>";
  const many = (...calls: readonly string[]): string =>
    callXML("system.multicall", `<array><data>${calls.join("")}</data></array>`);

  it("multicall makes many calls in order, each with its result or its fault", async () => {
    const two = ["<value><int>1</int></value>", "<value><int>2</int></value>"];
    const xml = many(call("bank.add", ...two), call("bank.fault"), call("system.multicall"));
    const text = result(await post(introspected(), xml));
    assert.match(text, /^<array><data><value><array><data><value><int>3<\/int><\/value><\/data>/u);
    assert.deepEqual(
      text.match(/faultString<\/name><value><string>[^<]*/gu)?.map((one) => one.slice(33)),
      ["no", "no multicall in another"],
    );
  });

  it("multicall refuses more calls than its bound, and what is no call", async () => {
    const root = introspected();
    const four = many(...Array.from({ length: 4 }, () => call("bank.fault")));
    assert.equal(result(await post(root, four)), "fault 8002: expected at most 3 calls");
    assert.match(
      result(await post(root, many("<value>a</value>"))),
      /expected methodName and params/u,
    );
    assert.match(result(await post(root, callXML("system.multicall"))), /^fault 8002/u);
  });
});
