/**
 * Calls of XML-RPC, from XML to values.
 *
 *     <methodCall><methodName>add</methodName><params>
 *       <param><value><int>1</int></value></param> …
 *     </params></methodCall>
 *
 * Spec: the XML-RPC Specification of 1999, updated 2003; `nil` and `i8` of its extensions. Strict:
 * what is not in there is refused, an exponent in a `double` aside, which Python sends.
 *
 * @module
 */
import { quote } from "../../core/text.ts";
import { readXML, type XMLElement, XMLMalformedError } from "./xml-reader.ts";
import type { XMLRPCValue } from "./xmlrpc-values.ts";

/** Elements: some sixty lists within each other. */
const DEPTH_MAX = 200;
const METHOD_NAME = /^[\w.:/]+$/u;
const INTEGER = /^[+-]?\d{1,20}$/u;
const DOUBLE = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/u;
const BASE64 = /^(?:[A-Za-z\d+/]{4})*(?:[A-Za-z\d+/]{2}==|[A-Za-z\d+/]{3}=)?$/u;
const DATE = new RegExp(
  String.raw`^(?<year>\d{4})-?(?<month>\d\d)-?(?<day>\d\d)T(?<time>\d\d:\d\d:\d\d)` +
    String.raw`(?:\.\d+)?(?<zone>Z|[+-]\d\d:?\d\d)?$`,
  "u",
);
const INT_MAX = 2n ** 31n;
const LONG_MAX = 2n ** 63n;

/** A call. */
export interface XMLRPCCall {
  readonly method: string;
  readonly params: readonly XMLRPCValue[];
}

/** Read a call. @throws {XMLMalformedError} It is none. */
export function decodeCall(text: string, allowNil: boolean): XMLRPCCall {
  const root = readXML(text, DEPTH_MAX);
  const [name, params, ...more] = root.children;
  const method = name === undefined ? "" : textOf(name).trim();
  const isCall = root.name === "methodCall" && name?.name === "methodName" && more.length === 0;
  if (!isCall || !METHOD_NAME.test(method)) throw expected("a methodCall with a methodName", root);
  if (params === undefined) return { method, params: [] };
  if (params.name !== "params") throw expected("params", params);
  const decoder = new Decoder(allowNil);
  return { method, params: params.children.map((param) => decoder.param(param)) };
}

class Decoder {
  readonly #allowNil: boolean;

  constructor(allowNil: boolean) {
    this.#allowNil = allowNil;
  }

  param(param: XMLElement): XMLRPCValue {
    const [value, ...more] = param.children;
    if (param.name === "param" && value !== undefined && more.length === 0)
      return this.#value(value);
    throw expected("a param with one value", param);
  }

  #value(element: XMLElement): XMLRPCValue {
    const [typed, ...more] = element.children;
    if (element.name !== "value" || more.length > 0) throw expected("a value of one type", element);
    return typed === undefined ? element.text : this.#typed(typed);
  }

  #typed(element: XMLElement): XMLRPCValue {
    switch (element.name) {
      case "array":
        return this.#array(element);
      case "struct":
        return Object.fromEntries(this.#members(element));
      case "nil":
        if (this.#allowNil && textOf(element) === "") return null;
        throw expected("no nil", element);
      case "string":
        return textOf(element);
      default:
        return scalar(element.name, textOf(element).trim());
    }
  }

  #array(element: XMLElement): XMLRPCValue[] {
    const [data, ...more] = element.children;
    if (data?.name !== "data" || more.length > 0) throw expected("an array with data", element);
    checkNoText(data);
    return data.children.map((value) => this.#value(value));
  }

  #members(element: XMLElement): Map<string, XMLRPCValue> {
    checkNoText(element);
    const members = new Map<string, XMLRPCValue>();
    for (const member of element.children) {
      const [name, value, ...more] = member.children;
      const isMember = member.name === "member" && name?.name === "name" && more.length === 0;
      if (!isMember || name === undefined || value === undefined) {
        throw expected("a member with name and value", member);
      }
      if (members.has(textOf(name))) throw expected("each name once", name);
      members.set(textOf(name), this.#value(value));
    }
    return members;
  }
}

function scalar(type: string, text: string): XMLRPCValue {
  switch (type) {
    case "i4":
    case "int":
      return Number(integer(type, text, INT_MAX));
    case "i8": {
      const value = integer(type, text, LONG_MAX);
      const number = Number(value);
      return Number.isSafeInteger(number) ? number : value;
    }
    case "boolean":
      if (text === "0" || text === "1") return text === "1";
      break;
    case "double":
      if (DOUBLE.test(text) && Number.isFinite(Number(text))) return Number(text);
      break;
    case "dateTime.iso8601":
      return date(text);
    case "base64": {
      const packed = text.replaceAll(/\s+/gu, "");
      if (BASE64.test(packed)) return Buffer.from(packed, "base64");
      break;
    }
    default:
  }
  throw new XMLMalformedError(`Cannot read ${quote(text)} as ${quote(type)} of XML-RPC`);
}

function integer(type: string, text: string, max: bigint): bigint {
  const value = INTEGER.test(text) ? BigInt(text.replace(/^\+/u, "")) : max;
  if (value >= -max && value < max) return value;
  throw new XMLMalformedError(`Cannot read ${quote(text)} as ${type} of XML-RPC`);
}

function date(text: string): Date {
  const { year = "", month = "", day = "", time = "", zone = "Z" } = DATE.exec(text)?.groups ?? {};
  const iso = `${year}-${month}-${day}T${time}`;
  const read = new Date(`${iso}Z`);
  // 30 February would become a day of March.
  const isReal = !Number.isNaN(read.getTime()) && read.toISOString().startsWith(iso);
  if (!isReal) throw new XMLMalformedError(`Cannot read ${quote(text)} as a date of XML-RPC`);
  return new Date(`${iso}${zone.replace(/^([+-]\d\d)(\d\d)$/u, "$1:$2")}`);
}

function textOf(element: XMLElement): string {
  if (element.children.length > 0) throw expected(`text in ${element.name}`, element);
  return element.text;
}

function checkNoText(element: XMLElement): void {
  if (element.text.trim() !== "") throw expected(`no text in ${element.name}`, element);
}

function expected(what: string, { name }: XMLElement): XMLMalformedError {
  return new XMLMalformedError(`Cannot read XML-RPC: expected ${what}, got ${quote(name)}`);
}
