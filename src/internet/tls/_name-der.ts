/**
 * Distinguished names, from their encoding.
 *
 *     SEQUENCE OF SET OF SEQUENCE { type OBJECT IDENTIFIER, value ANY }
 *
 * Spec: RFC 5280 §4.1.2.4.
 *
 * @module
 */
import { attributeType } from "./_attribute-types.ts";
import { type DERValue, oidOfDER, readAllDER, readDER, textOfDER } from "./_der.ts";
import { CertificateError } from "./errors.ts";

/** An attribute, by keyword or dotted number. */
interface Attribute {
  readonly type: string;
  readonly value: string;
}

const OBJECT_IDENTIFIER = 0x06;

/**
 * The steps, the most significant one first. A value that is no text is shown as RFC 4514 does:
 * `#` and its encoding in hexadecimal.
 *
 * @throws {CertificateError} `unreadable`.
 */
export function relativeNamesFromDER(der: Buffer): readonly (readonly Attribute[])[] {
  const steps = readAllDER(readDER(der)?.content ?? Buffer.alloc(0)) ?? unreadable();
  return steps.map(({ content }) => (readAllDER(content) ?? unreadable()).map(readAttribute));
}

function readAttribute({ content }: DERValue): Attribute {
  const type = readDER(content);
  const value = type && readDER(content, type.end);
  if (type?.tag !== OBJECT_IDENTIFIER || value === undefined) return unreadable();
  const oid = oidOfDER(type.content);
  const text = textOfDER(value) ?? `#${content.subarray(type.end, value.end).toString("hex")}`;
  return { type: attributeType(oid)?.keyword ?? oid, value: text };
}

function unreadable(): never {
  throw new CertificateError("Cannot read distinguished name: its DER is damaged", "unreadable");
}
