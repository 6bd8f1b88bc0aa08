/**
 * @module
 */
import { assert, describe, it } from "vitest";
import type { FieldList } from "../../http/wire/fields.ts";
import { acceptKey } from "../accept-key.ts";
import { WebSocketAnswerError, WebSocketRequestError } from "./errors.ts";
import {
  handshakeAnswerFields,
  handshakeRequestFields,
  readHandshakeAnswer,
  readHandshakeRequest,
  type FieldGetter,
  type HandshakeOffer,
  type HandshakeQuestion,
  type HandshakeResult,
} from "./handshake.ts";

const KEY = "dGhlIHNhbXBsZSBub25jZQ==";
const ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
type Values = Readonly<Record<string, string | undefined>>;

function getter(values: Values): FieldGetter {
  return (name) => values[name];
}

function valuesOf(list: FieldList): Values {
  const pairs = list.flatMap((name, at) => (at % 2 === 0 ? [[name, list[at + 1]]] : []));
  return Object.fromEntries(pairs);
}

describe("readHandshakeRequest", () => {
  /** The request of RFC 6455 §1.3. */
  const REQUEST: Values = {
    upgrade: "websocket",
    connection: "Upgrade",
    "sec-websocket-key": KEY,
    "sec-websocket-protocol": "chat, superchat",
    "sec-websocket-version": "13",
  };

  function read(changed: Values, method = "GET", version = "1.1"): HandshakeOffer {
    return readHandshakeRequest({ method, version, field: getter({ ...REQUEST, ...changed }) });
  }

  function refusal(changed: Values, method?: string, version?: string): WebSocketRequestError {
    try {
      read(changed, method, version);
    } catch (error) {
      assert.instanceOf(error, WebSocketRequestError);
      return error;
    }
    throw new Error("it was not refused");
  }

  it("reads the request of RFC 6455 §1.3", () => {
    assert.deepEqual(read({}), { key: KEY, protocols: ["chat", "superchat"], extensions: [] });
  });

  it("reads what browsers send (RFC 6455 §4.2.1)", () => {
    const offer = read({
      upgrade: "h2c, WebSocket",
      connection: "keep-alive, Upgrade",
      "sec-websocket-protocol": undefined,
      "sec-websocket-extensions": "permessage-deflate; client_max_window_bits",
    });
    assert.deepEqual(offer.protocols, []);
    assert.deepEqual(offer.extensions, [
      {
        name: "permessage-deflate",
        parameters: [{ name: "client_max_window_bits", value: undefined }],
      },
    ]);
  });

  const refused: readonly (readonly [string, Values])[] = [
    ["no Connection", { connection: undefined }],
    ["Connection without Upgrade", { connection: "keep-alive, upgrades" }],
    ["no key", { "sec-websocket-key": undefined }],
    ["two keys", { "sec-websocket-key": `${KEY}, ${KEY}` }],
    ["a key of 15 bytes", { "sec-websocket-key": Buffer.alloc(15).toString("base64") }],
    ["a key of 17 bytes", { "sec-websocket-key": Buffer.alloc(17).toString("base64") }],
    ["a key that is no base64", { "sec-websocket-key": KEY.replace("H", "-") }],
    ["a protocol twice", { "sec-websocket-protocol": "chat, superchat, chat" }],
    ["an empty protocol", { "sec-websocket-protocol": "chat,, superchat" }],
    ["no protocol in the list", { "sec-websocket-protocol": "" }],
    ["a protocol that is no token", { "sec-websocket-protocol": "chat/1" }],
    ["broken extensions", { "sec-websocket-extensions": "permessage-deflate; =" }],
  ];
  for (const [name, changed] of refused) {
    it(`answers 400 for ${name} (RFC 6455 §4.2.1)`, () => {
      const { status, fields } = refusal(changed);
      assert.deepEqual([status, ...fields], [400]);
    });
  }

  it("answers 405 for another method (RFC 6455 §4.1)", () => {
    const { status, fields, message } = refusal({}, "POST");
    assert.deepEqual([status, ...fields], [405, "allow", "GET"]);
    assert.equal(message, 'Cannot open a WebSocket for a request: expected GET, got "POST"');
  });

  it("answers 426 where nothing or something else is asked for (RFC 9110 §15.5.22)", () => {
    const upgrade = ["upgrade", "websocket", "connection", "Upgrade"];
    for (const error of [
      refusal({ upgrade: undefined }),
      refusal({ upgrade: "h2c" }),
      refusal({}, "GET", "1.0"),
    ]) {
      assert.deepEqual([error.status, ...error.fields], [426, ...upgrade]);
    }
  });

  it("answers 426 for another version, and says which (RFC 6455 §4.4)", () => {
    for (const version of [undefined, "8", "13, 8", "013"]) {
      const { status, fields } = refusal({ "sec-websocket-version": version });
      assert.equal(status, 426);
      assert.equal(valuesOf(fields)["sec-websocket-version"], "13");
      assert.equal(valuesOf(fields)["upgrade"], "websocket");
    }
  });
});

describe("handshakeAnswerFields", () => {
  const offer: HandshakeOffer = { key: KEY, protocols: ["chat", "superchat"], extensions: [] };

  it("makes the answer of RFC 6455 §1.3", () => {
    const fields = handshakeAnswerFields(offer, {
      accept: acceptKey(offer.key),
      protocol: "chat",
    });
    assert.deepEqual(valuesOf(fields), {
      upgrade: "websocket",
      connection: "Upgrade",
      "sec-websocket-accept": ACCEPT,
      "sec-websocket-protocol": "chat",
    });
  });

  it("names an extension, and nothing that was not chosen", () => {
    const fields = handshakeAnswerFields(offer, { accept: ACCEPT, extension: "x" });
    assert.deepEqual(fields.slice(6), ["sec-websocket-extensions", "x"]);
  });

  it("refuses a protocol that was not offered", () => {
    const choice = { accept: ACCEPT, protocol: "mqtt" };
    assert.throws(() => handshakeAnswerFields(offer, choice), RangeError, '"mqtt"');
  });
});

describe("handshakeRequestFields", () => {
  it("makes what readHandshakeRequest() reads", () => {
    const fields = handshakeRequestFields({ key: KEY, protocols: ["a", "b"], deflate: true });
    const request = { method: "GET", version: "1.1", field: getter(valuesOf(fields)) };
    const offer = readHandshakeRequest(request);
    assert.equal(offer.key, KEY);
    assert.deepEqual(offer.protocols, ["a", "b"]);
    assert.deepEqual(
      offer.extensions.map(({ name }) => name),
      ["permessage-deflate"],
    );
  });

  it("says nothing of what is not wanted", () => {
    const fields = handshakeRequestFields({ key: KEY });
    assert.deepEqual(
      fields.filter((_, at) => at % 2 === 0),
      ["upgrade", "connection", "sec-websocket-version", "sec-websocket-key"],
    );
  });

  it("refuses a key and protocols that are none", () => {
    assert.throws(() => handshakeRequestFields({ key: "abc" }), TypeError);
    for (const protocols of [["a", "a"], [""], ["a b"], ["a,b"]]) {
      assert.throws(() => handshakeRequestFields({ key: KEY, protocols }), TypeError);
    }
  });
});

describe("readHandshakeAnswer", () => {
  const ANSWER: Values = {
    upgrade: "WebSocket",
    connection: "upgrade",
    "sec-websocket-accept": ACCEPT,
  };

  function read(
    changed: Values,
    question: Partial<HandshakeQuestion> = {},
    status = 101,
  ): HandshakeResult {
    const answer = { status, field: getter({ ...ANSWER, ...changed }) };
    return readHandshakeAnswer(answer, { key: KEY, ...question }, ACCEPT);
  }

  it("reads an answer without and with what was asked for (RFC 6455 §4.1)", () => {
    assert.deepEqual(read({}), { protocol: undefined, deflate: undefined });
    const agreed = "permessage-deflate; server_no_context_takeover; client_max_window_bits=10";
    assert.deepEqual(
      read(
        { "sec-websocket-protocol": "b", "sec-websocket-extensions": agreed },
        { protocols: ["a", "b"], deflate: true },
      ),
      { protocol: "b", deflate: { windowBits: 10 } },
    );
    assert.deepEqual(read({}, { deflate: true }).deflate, undefined);
  });

  const deflate = "permessage-deflate; server_no_context_takeover";
  const refused: readonly (readonly [string, Values, Partial<HandshakeQuestion>?, number?])[] = [
    ["another status", {}, {}, 200],
    ["no Upgrade", { upgrade: undefined }],
    ["another Upgrade", { upgrade: "websocket, h2c" }],
    ["no Connection", { connection: undefined }],
    ["Connection without Upgrade", { connection: "close" }],
    ["no accept", { "sec-websocket-accept": undefined }],
    ["a wrong accept", { "sec-websocket-accept": ACCEPT.toLowerCase() }],
    ["a protocol nobody asked for", { "sec-websocket-protocol": "a" }],
    ["another protocol", { "sec-websocket-protocol": "A" }, { protocols: ["a"] }],
    ["two protocols", { "sec-websocket-protocol": "a, b" }, { protocols: ["a", "b"] }],
    ["no protocol where one was asked for", {}, { protocols: ["a"] }],
    ["an extension nobody asked for", { "sec-websocket-extensions": deflate }],
    ["another extension", { "sec-websocket-extensions": "x" }, { deflate: true }],
    ["two", { "sec-websocket-extensions": `${deflate}, ${deflate}` }, { deflate: true }],
    ["other terms", { "sec-websocket-extensions": "permessage-deflate" }, { deflate: true }],
    ["broken extensions", { "sec-websocket-extensions": "" }, { deflate: true }],
  ];
  for (const [name, changed, question, status] of refused) {
    it(`refuses ${name} (RFC 6455 §4.1)`, () => {
      assert.throws(() => read(changed, question, status), WebSocketAnswerError);
    });
  }
});
