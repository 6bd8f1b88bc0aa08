/**
 * The names that a certificate is for, from and to the extension that holds them.
 *
 *     DNS:a.example, DNS:"odd\u002c name", IP Address:192.0.2.1, email:ann@a.example
 *
 * Spec: RFC 5280 §4.2.1.6. The text is Node's, which quotes what could be mistaken for more names.
 *
 * @module
 */
import { ipFamily } from "../ip-family.ts";
import { parseHostname, parseNamePattern, type TLSHostname } from "./hostname.ts";

/** A name as the library takes it. */
export interface GeneralName {
  readonly type: "dns" | "ip";
  readonly value: string;
}

const ENTRY = /(?<kind>[^:,]+):(?:"(?<quoted>(?:[^"\\]|\\.)*)"|(?<plain>[^,]*))(?:, |$)/guy;

/** The servers' names and addresses in `text`, addresses in their short form; others are left. */
export function parseAlternativeNames(text: string | undefined): readonly string[] {
  return [...(text ?? "").matchAll(ENTRY)].flatMap(({ groups = {} }) => {
    const { kind, quoted, plain = "" } = groups;
    const value = quoted === undefined ? plain : unquote(quoted);
    if (kind === "DNS") return [value];
    return kind === "IP Address" && ipFamily(value) !== 0 ? [parseHostname(value).ascii] : [];
  });
}

/**
 * Names for a certificate to be: names, names that begin with `*.`, and addresses.
 *
 * @throws {TLSHostnameError} One is none of these.
 */
export function toGeneralNames(names: readonly string[]): readonly GeneralName[] {
  return names.map((name) => {
    const { kind, ascii } = nameOrPattern(name);
    return { type: kind === "name" ? "dns" : "ip", value: ascii };
  });
}

function nameOrPattern(name: string): TLSHostname {
  if (name.startsWith("*.")) return { kind: "name", ascii: parseNamePattern(name) };
  return parseHostname(name);
}

function unquote(quoted: string): string {
  try {
    return String(JSON.parse(`"${quoted}"`));
  } catch {
    // Not as JSON has it: better a name that nobody asks for than none.
    return quoted;
  }
}
