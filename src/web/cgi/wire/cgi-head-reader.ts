/**
 * The head of what a script writes.
 *
 *     Status: 404 Not Found\n      may be missing: 200, or 302 with a Location
 *     Content-Type: text/html\n
 *     \n                           the body follows, to the end of the output
 *
 * A line ends with LF, or with CR and LF: what the script's language does is not its fault.
 *
 * Spec: RFC 3875 §6.2, §6.3. Differs: a status line of HTTP (`nph-` scripts, §5) is refused; of the
 * fields of CGI one is enough, whichever it is.
 *
 * @module
 */
import { quote } from "../../../core/text.ts";
import { isFieldValue, lowerFieldName } from "../../http/wire/field-names.ts";
import type { FieldList } from "../../http/wire/fields.ts";
import { CGIOutputError } from "./cgi-output-error.ts";

/** What the fields say. */
export interface CGIHead {
  /** 200 to 599. */
  readonly status: number;
  /** `""`: the usual one. */
  readonly phrase: string;
  /** Name, value, name, value; names in lower case, values as Latin-1. Without Status. */
  readonly fields: FieldList;
}

/** A head, and the first of the body; which may be nothing yet. */
export interface CGIBeginning {
  readonly head: CGIHead;
  readonly rest: Buffer;
}

/** As much as a head of HTTP may have here. */
const HEAD_BYTES_MAX = 16_384;
const FIELDS_MAX = 100;
const LF = 10;
const EMPTY = Buffer.alloc(0);
const STATUS = /^(?<status>[2-5]\d\d)(?: (?<phrase>.*))?$/u;
const OF_CGI = new Set(["content-type", "location", "status"]);

/** See the top of this file. */
export class CGIHeadReader {
  /** From the first byte that is in no line yet. */
  #held: Buffer = EMPTY;
  #bytes = 0;
  readonly #fields: string[] = [];

  /**
   * More of the output.
   *
   * @returns The head, once it is whole. The reader has done its work then.
   * @throws {CGIOutputError} It is no head, or too long.
   */
  receive(data: Buffer): CGIBeginning | undefined {
    this.#held = this.#held.length === 0 ? data : Buffer.concat([this.#held, data]);
    let start = 0;
    for (;;) {
      const end = this.#held.indexOf(LF, start);
      const taken = (end === -1 ? this.#held.length : end + 1) - start;
      if (this.#bytes + taken > HEAD_BYTES_MAX) {
        throw new CGIOutputError(
          `Cannot read a head: expected at most ${String(HEAD_BYTES_MAX)} bytes`,
        );
      }
      if (end === -1) break;
      const line = this.#held.toString("latin1", start, end).replace(/\r$/u, "");
      this.#bytes += taken;
      start = end + 1;
      if (line === "") return { head: headOf(this.#fields), rest: this.#held.subarray(start) };
      this.#readField(line);
    }
    this.#held = this.#held.subarray(start);
    return undefined;
  }

  #readField(line: string): void {
    const colon = line.indexOf(":");
    const name = colon === -1 ? undefined : lowerFieldName(line.slice(0, colon));
    const value = line.slice(colon + 1).replace(/^[\t ]+|[\t ]+$/gu, "");
    if (name === undefined || !isFieldValue(value)) {
      throw new CGIOutputError(`Cannot read a field: expected "Name: value", got ${quote(line)}`);
    }
    if (this.#fields.length === 2 * FIELDS_MAX) {
      throw new CGIOutputError(`Cannot read a head: expected at most ${String(FIELDS_MAX)} fields`);
    }
    this.#fields.push(name, value);
  }
}

function headOf(list: FieldList): CGIHead {
  const names = list.filter((_, at) => at % 2 === 0);
  if (!names.some((name) => OF_CGI.has(name))) {
    throw new CGIOutputError("Cannot read a head: expected a Content-Type, Location or Status");
  }
  const at = list.findIndex((name, index) => index % 2 === 0 && name === "status");
  if (at === -1) {
    return { status: names.includes("location") ? 302 : 200, phrase: "", fields: list };
  }
  const value = list[at + 1] ?? "";
  const { status, phrase = "" } = STATUS.exec(value)?.groups ?? {};
  if (status === undefined || names.indexOf("status") !== names.lastIndexOf("status")) {
    throw new CGIOutputError(
      `Cannot read a Status: expected one, as "404 No", got ${quote(value)}`,
    );
  }
  return { status: Number(status), phrase, fields: list.toSpliced(at, 2) };
}
