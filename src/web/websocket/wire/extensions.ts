/**
 * The list of extensions that each side of a handshake sends.
 *
 *     permessage-deflate; client_max_window_bits, x-other; level="5"
 *
 * Spec: RFC 6455 §9.1 (a quoted value must be a token once it is unquoted). Differs: an empty
 * member of the list is refused.
 *
 * @module
 */
import { isToken } from "../../http/wire/field-names.ts";

/** An extension that is offered or agreed on. */
export interface Extension {
  readonly name: string;
  /** In order; a name may stand there twice, which the extension itself forbids or allows. */
  readonly parameters: readonly ExtensionParameter[];
}

/** One of its parameters. */
export interface ExtensionParameter {
  readonly name: string;
  /** Unquoted; `undefined` if there is none, which is not the same as an empty one. */
  readonly value: string | undefined;
}

const TOKEN = "([!#$%&'*+\\-.^_`|~0-9A-Za-z]+)";
const QUOTED = '"((?:[^"\\\\]|\\\\.)*)"';
const BLANK = "[ \\t]*";
/** They stick to where they are asked; no part of one can match in two ways. */
const NAME = new RegExp(`${BLANK}${TOKEN}${BLANK}`, "uy");
const PARAMETER = new RegExp(
  `;${BLANK}${TOKEN}${BLANK}(?:=${BLANK}(?:${TOKEN}|${QUOTED})${BLANK})?`,
  "suy",
);

/**
 * Read the value of `Sec-WebSocket-Extensions`; several such fields are joined with commas first.
 *
 * @returns `undefined` if it breaks the grammar: the handshake must then fail (§9.1).
 */
export function parseExtensions(value: string): readonly Extension[] | undefined {
  const extensions: Extension[] = [];
  for (let at = 0; ; at += 1) {
    const name = matchAt(NAME, value, at)?.[1];
    if (name === undefined) return undefined;
    at = NAME.lastIndex;
    const parameters: ExtensionParameter[] = [];
    while (value[at] === ";") {
      const parameter = readParameter(matchAt(PARAMETER, value, at));
      if (parameter === undefined) return undefined;
      parameters.push(parameter);
      at = PARAMETER.lastIndex;
    }
    extensions.push({ name, parameters });
    if (at === value.length) return extensions;
    if (value[at] !== ",") return undefined;
  }
}

/** An extension as it is sent. Names and values must be tokens. */
export function formatExtension(name: string, parameters: readonly ExtensionParameter[]): string {
  const texts = parameters.map(({ name, value }) =>
    value === undefined ? name : `${name}=${value}`,
  );
  return [name, ...texts].join("; ");
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

function readParameter(match: RegExpExecArray | null): ExtensionParameter | undefined {
  const [, name, token, quoted] = match ?? [];
  if (name === undefined) return undefined;
  if (quoted === undefined) return { name, value: token };
  const value = quoted.replaceAll(/\\(.)/gsu, "$1");
  return isToken(value) ? { name, value } : undefined;
}
