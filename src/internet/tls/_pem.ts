/**
 * Text in which keys and certificates are kept: base64 between two lines that say what it is.
 *
 *     -----BEGIN CERTIFICATE-----
 *     MIIBszCCAVmgAwIBAgIUe8Zx…
 *     -----END CERTIFICATE-----
 *
 * Spec: RFC 7468 (lax parsing: text around and between the blocks is for people, and so is white
 * space inside), RFC 1421 §4.6 for the headers of old encrypted keys.
 *
 * @module
 */
import { quote } from "../../core/text.ts";
import { CertificateError } from "./errors.ts";

/** One block of a PEM text. */
export interface PEMBlock {
  /** `CERTIFICATE`, `PRIVATE KEY`, … */
  readonly label: string;
  /** What is inside; encrypted if there are {@link PEMBlock.headers} that say so. */
  readonly der: Buffer;
  /** `Proc-Type: 4,ENCRYPTED` and its like, one a line. */
  readonly headers: readonly string[];
  /** The block itself, from BEGIN to END. */
  readonly text: string;
}

const BEGIN = /^-----BEGIN ([^\r\n]+)-----$/u;
const END = /^-----END ([^\r\n]+)-----$/u;
const HEADER = /^[\w-]+: /u;
const BASE64 = /^[A-Za-z\d+/]*={0,2}$/u;
/** The width of the lines that are written (RFC 7468 §2). */
const LINE_LENGTH = 64;

/**
 * Every block of `text`, in order. Bytes are taken as Latin-1: all that counts is ASCII.
 *
 * @throws {CertificateError} `unreadable`: a block has no end, or no base64 in it.
 */
export function parsePEM(text: string | Uint8Array): readonly PEMBlock[] {
  const lines = toText(text)
    .split(/\r\n|\n|\r/u)
    .map((line) => line.trim());
  const blocks: PEMBlock[] = [];
  for (let at = 0; at < lines.length; at += 1) {
    const [, label] = BEGIN.exec(lines[at] ?? "") ?? [];
    if (label === undefined) continue;
    const end = nextEnd(lines, at + 1);
    const [, endLabel] = END.exec(lines[end] ?? "") ?? [];
    if (endLabel !== label) throw unreadable(label, `its end, got ${describeEnd(endLabel)}`);
    blocks.push(readBlock(label, lines.slice(at, end + 1)));
    at = end;
  }
  return blocks;
}

/** The text of `der` under `label`, with a newline at its end. */
export function formatPEM(label: string, der: Uint8Array): string {
  const base64 = Buffer.from(der.buffer, der.byteOffset, der.byteLength).toString("base64");
  const lines: string[] = [];
  for (let at = 0; at < base64.length; at += LINE_LENGTH) {
    lines.push(base64.slice(at, at + LINE_LENGTH));
  }
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ""].join("\n");
}

/** The labels of `blocks` as they stand in a message. */
export function labelsOf(blocks: readonly PEMBlock[]): string {
  if (blocks.length === 0) return "a text without any PEM block";
  return blocks.map(({ label }) => quote(label)).join(", ");
}

function toText(text: string | Uint8Array): string {
  if (typeof text === "string") return text;
  return Buffer.from(text.buffer, text.byteOffset, text.byteLength).toString("latin1");
}

function nextEnd(lines: readonly string[], from: number): number {
  let at = from;
  while (at < lines.length && !END.test(lines[at] ?? "")) at += 1;
  return at;
}

function readBlock(label: string, lines: readonly string[]): PEMBlock {
  const body = lines.slice(1, -1);
  // Headers, if any, go up to the first empty line.
  const headers = HEADER.test(body[0] ?? "") ? body.slice(0, Math.max(body.indexOf(""), 0)) : [];
  const base64 = body.slice(headers.length).join("").replaceAll(/\s/gu, "");
  if (base64.length % 4 !== 0 || !BASE64.test(base64) || base64 === "") {
    throw unreadable(label, "base64 in it");
  }
  const text = `${lines.join("\n")}\n`;
  return { label, der: Buffer.from(base64, "base64"), headers, text };
}

function describeEnd(label: string | undefined): string {
  return label === undefined ? "none" : `that of ${quote(label)}`;
}

function unreadable(label: string, expected: string): CertificateError {
  return new CertificateError(
    `Cannot read PEM block ${quote(label)}: expected ${expected}`,
    "unreadable",
  );
}
