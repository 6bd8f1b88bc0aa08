/**
 * The grammar of endpoint descriptions: text to fields, and back. No I/O.
 *
 *     tcp:8000:interface=\:\:1
 *     ├─┘ ├──┘ ├───────┘ └───┴─ value, "::1"
 *     │   │    └─ keyword: what stands before the first "=" of its field
 *     └───┴─ positional fields; the first is the prefix
 *
 *     ":"  ends a field        "="  ends a keyword's name, the first time in its field
 *     "\"  takes the next character as it is
 *
 * After: twisted.internet.endpoints (`_parse`, `quoteStringArgument`). Differs: `=` is quoted too,
 * so that what is quoted is read back unchanged; a backslash at the end and a keyword given twice
 * are refused.
 *
 * @module
 */
import { quote } from "../../core/text.ts";
import { EndpointDescriptionError } from "./description-error.ts";

/** A description, taken apart. */
export interface StringDescription {
  /** The fields without a name, in order; the first is the prefix. Fields may be empty. */
  readonly positional: readonly string[];
  /** The fields with a name, in order. */
  readonly keywords: ReadonlyMap<string, string>;
}

interface Field {
  readonly name: string | undefined;
  readonly value: string;
}

const SPECIAL = /[\\:=]/gu;

function splitFields(description: string): Field[] {
  const fields: Field[] = [];
  let name: string | undefined;
  let value = "";
  let escaped = false;
  for (const character of description) {
    if (escaped) {
      value += character;
      escaped = false;
    } else if (character === "\\") {
      escaped = true;
    } else if (character === ":") {
      fields.push({ name, value });
      name = undefined;
      value = "";
    } else if (character === "=" && name === undefined) {
      name = value;
      value = "";
    } else {
      value += character;
    }
  }
  if (escaped) throw new EndpointDescriptionError(endsInBackslash(description));
  fields.push({ name, value });
  return fields;
}

function endsInBackslash(description: string): string {
  return (
    `Cannot read endpoint description ${quote(description)}: ` +
    "expected a character after the last backslash; write a backslash itself as \\\\"
  );
}

/**
 * Take a description apart. Says nothing about what the fields mean.
 *
 * @throws {EndpointDescriptionError} It ends in a lone backslash, or gives a keyword twice.
 *
 * @example
 * ```ts
 * import { parseStringDescription } from "sennit/internet";
 *
 * const { positional, keywords } = parseStringDescription("tcp:8000:interface=\\:\\:1");
 * console.log(positional, keywords.get("interface")); // [ 'tcp', '8000' ] ::1
 * ```
 */
export function parseStringDescription(description: string): StringDescription {
  const positional: string[] = [];
  const keywords = new Map<string, string>();
  for (const { name, value } of splitFields(description)) {
    if (name === undefined) positional.push(value);
    else if (!keywords.has(name)) keywords.set(name, value);
    else {
      throw new EndpointDescriptionError(
        `Cannot read endpoint description ${quote(description)}: ` +
          `keyword ${quote(name)} is given twice; leave one of them out`,
      );
    }
  }
  return { positional, keywords };
}

/** Text in which no character has a meaning of its own, for use as a field or a value. */
export function quoteStringArgument(argument: string): string {
  return argument.replaceAll(SPECIAL, "\\$&");
}

/** The inverse of {@link parseStringDescription}: positional fields first, then keywords. */
export function formatStringDescription(
  positional: readonly string[],
  keywords: Iterable<readonly [name: string, value: string]> = [],
): string {
  const fields = positional.map(quoteStringArgument);
  for (const [name, value] of keywords) {
    fields.push(`${quoteStringArgument(name)}=${quoteStringArgument(value)}`);
  }
  return fields.join(":");
}
