/**
 * The name of who a certificate is for, or from: attributes, from the country down to the person.
 *
 *     CN=www.example.com,O=Example \, Inc.,C=US     as text, the most significant last
 *
 * Spec: RFC 4514 (as text), X.501 §9. After: twisted.internet.ssl.DistinguishedName. Differs: it
 * never changes; it keeps the order of its attributes, and those that Twisted drops.
 *
 * @module
 */
import { INSPECT } from "../../core/inspect.ts";
import { quote } from "../../core/text.ts";
import { type AttributeType, attributeType, COMMON_TYPES } from "./_attribute-types.ts";
import { formatDN, parseDN, parseRDN } from "./_rfc4514.ts";

/** One statement about the holder. */
export interface NameAttribute {
  /** Its keyword (`CN`, `emailAddress`), or a dotted number if there is none. */
  readonly type: string;
  readonly value: string;
}

/** Attributes that together make one step of the name; nearly always one. */
export type RelativeName = readonly NameAttribute[];

/** What a {@link DistinguishedName} may be made of. Each may be given more than once. */
export interface DistinguishedNameFields {
  /** CN: for people. What a server is called stands in its certificate's `names`. */
  readonly commonName?: string | readonly string[];
  /** O. */
  readonly organizationName?: string | readonly string[];
  /** OU. */
  readonly organizationalUnitName?: string | readonly string[];
  /** L. */
  readonly localityName?: string | readonly string[];
  /** ST. */
  readonly stateOrProvinceName?: string | readonly string[];
  /** C: two letters (ISO 3166). */
  readonly countryName?: string | readonly string[];
  /** Not in RFC 4514, but in use. */
  readonly emailAddress?: string | readonly string[];
  /** DC: a label of a domain, the last one first: `["com", "example"]`. */
  readonly domainComponent?: string | readonly string[];
  /** UID. */
  readonly userId?: string | readonly string[];
}

/**
 * A name of X.500, as a value: compare with {@link DistinguishedName.equals}.
 *
 * @example
 * ```ts
 * import { DistinguishedName } from "sennit/tls";
 *
 * const dn = new DistinguishedName({ commonName: "Ann", organizationName: "Smith, Sons" });
 * console.log(dn.toString()); // CN=Ann,O=Smith\, Sons
 * console.log(DistinguishedName.parse("CN=Ann, O=Smith\\, Sons").equals(dn)); // true
 * ```
 */
export class DistinguishedName {
  /** The steps, the most significant one first: the order in which they are encoded. */
  readonly relativeNames: readonly RelativeName[];

  /**
   * From fields, which are put into the usual order (DC, C, ST, L, O, OU, CN, UID, emailAddress);
   * or from steps, the most significant one first.
   *
   * @throws {TypeError} A field that does not exist, or a country that is not two letters.
   * @throws {RangeError} A field is empty, or longer than X.520 allows.
   */
  constructor(fields: DistinguishedNameFields | readonly RelativeName[] = {}) {
    this.relativeNames = isSteps(fields)
      ? fields.map((step) => step.map(({ type, value }) => ({ type, value })))
      : fromFields(new Map<string, string | readonly string[]>(Object.entries(fields)));
  }

  /**
   * From text.
   *
   * Spaces around `,`, `+` and `=` are forgiven, as OpenSSL writes them.
   *
   * @throws {CertificateError} `unreadable`, or `unsupported` for a value in hexadecimal (`#04…`)
   * that is not text.
   */
  static parse(text: string): DistinguishedName {
    return new DistinguishedName(parseDN(text));
  }

  /** CN, the last one if there are several. */
  get commonName(): string | undefined {
    return this.get("CN");
  }

  /** O. */
  get organizationName(): string | undefined {
    return this.get("O");
  }

  /** OU. */
  get organizationalUnitName(): string | undefined {
    return this.get("OU");
  }

  /** L. */
  get localityName(): string | undefined {
    return this.get("L");
  }

  /** ST. */
  get stateOrProvinceName(): string | undefined {
    return this.get("ST");
  }

  /** C. */
  get countryName(): string | undefined {
    return this.get("C");
  }

  /** The address. */
  get emailAddress(): string | undefined {
    return this.get("emailAddress");
  }

  /** Every value of a type: a keyword (`OU`), a name in full or a dotted number. */
  getAll(type: string): readonly string[] {
    const keyword = (attributeType(type)?.keyword ?? type).toLowerCase();
    return this.relativeNames.flatMap((step) =>
      step.filter((one) => one.type.toLowerCase() === keyword).map(({ value }) => value),
    );
  }

  /** The last, and so the most specific value of a type. */
  get(type: string): string | undefined {
    return this.getAll(type).at(-1);
  }

  /** No attribute at all, as in certificates whose only names are those of servers. */
  get empty(): boolean {
    return this.relativeNames.length === 0;
  }

  /** The same steps in the same order, with the same values, letter by letter. */
  equals(other: DistinguishedName): boolean {
    return inOrder(this.relativeNames) === inOrder(other.relativeNames);
  }

  /** RFC 4514: `CN=Ann,O=Example,C=US`, the most significant step last. */
  toString(): string {
    return formatDN(this.relativeNames);
  }

  /** For people: an attribute a line, with its name in words. */
  inspect(): string {
    const lines = this.relativeNames
      .flat()
      .map(({ type, value }) => [labelOf(attributeType(type)?.name ?? type), value] as const);
    const width = Math.max(0, ...lines.map(([label]) => label.length)) + 2;
    return lines.map(([label, value]) => `${label.padStart(width)}: ${value}`).join("\n");
  }

  [INSPECT](): string {
    return `DistinguishedName(${this.toString()})`;
  }
}

/**
 * From what Node tells of a certificate: a step a line, the most significant one first, each in
 * the way of RFC 4514.
 *
 * @throws {CertificateError} `unreadable`.
 */
export function distinguishedNameFromLines(lines: string | undefined): DistinguishedName {
  if (lines === undefined || lines === "") return new DistinguishedName();
  return new DistinguishedName(lines.split("\n").map(parseRDN));
}

/** The attributes of one step are a set: their order says nothing. */
function inOrder(steps: readonly RelativeName[]): string {
  return formatDN(steps.map((step) => step.toSorted((one, two) => compare(one, two))));
}

function compare(one: NameAttribute, two: NameAttribute): number {
  const [a, b] = [formatDN([[one]]), formatDN([[two]])];
  return a < b ? -1 : Number(a > b);
}

function isSteps(
  fields: DistinguishedNameFields | readonly RelativeName[],
): fields is readonly RelativeName[] {
  return Array.isArray(fields);
}

function fromFields(fields: ReadonlyMap<string, string | readonly string[]>): RelativeName[] {
  const known = new Map(COMMON_TYPES.map((type) => [type.name, type]));
  const unknown = [...fields.keys()].find((name) => !known.has(name));
  if (unknown !== undefined) {
    const names = [...known.keys()].join(", ");
    throw new TypeError(
      `Cannot make distinguished name: expected fields ${names}, got ${quote(unknown)}`,
    );
  }
  return COMMON_TYPES.flatMap((type) => {
    const given = fields.get(type.name);
    const values = given === undefined || typeof given === "string" ? [given] : given;
    return values
      .filter((value) => value !== undefined)
      .map((value) => [{ type: type.keyword, value: checked(type, value) }]);
  });
}

function checked({ name, longest }: AttributeType, value: string): string {
  const wrong = `Cannot make distinguished name: expected ${name} to be`;
  if (name === "countryName" && !/^[A-Za-z]{2}$/u.test(value)) {
    throw new TypeError(`${wrong} two letters, got ${quote(value)}`);
  }
  if (value.length >= 1 && value.length <= longest) return value;
  throw new RangeError(`${wrong} 1 to ${String(longest)} characters, got ${quote(value)}`);
}

/** `organizationName`: `Organization Name`. */
function labelOf(name: string): string {
  const words = name.replaceAll(/(?<=[a-z])(?=[A-Z])/gu, " ");
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
}
