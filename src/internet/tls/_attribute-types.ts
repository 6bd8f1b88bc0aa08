/**
 * The kinds of attributes that names of X.500 are made of.
 *
 * Spec: RFC 4514 §3 and RFC 4519 (keywords), X.520 Annex C and RFC 5280 Appendix A.1 (upper
 * bounds), RFC 5280 §4.1.2.4 (countryName is a PrintableString, emailAddress and domainComponent
 * are IA5Strings). After: twisted.internet._sslverify._x509names.
 *
 * @module
 */

/** What an attribute's value is encoded as. */
export type AttributeEncoding = "utf8String" | "printableString" | "ia5String";

/** One kind of attribute. */
export interface AttributeType {
  /** As in `CN=`: what OpenSSL and RFC 4514 write. */
  readonly keyword: string;
  readonly oid: string;
  /** Its name in full, which is a field of `DistinguishedName` for the first nine. */
  readonly name: string;
  /** Characters. */
  readonly longest: number;
  readonly encoding: AttributeEncoding;
}

function type(
  keyword: string,
  oid: string,
  name: string,
  longest: number,
  encoding: AttributeEncoding = "utf8String",
): AttributeType {
  return { keyword, oid, name, longest, encoding };
}

/** Those that people set, from the most significant one down: the order in a certificate. */
export const COMMON_TYPES: readonly AttributeType[] = [
  type("DC", "0.9.2342.19200300.100.1.25", "domainComponent", 63, "ia5String"),
  type("C", "2.5.4.6", "countryName", 2, "printableString"),
  type("ST", "2.5.4.8", "stateOrProvinceName", 128),
  type("L", "2.5.4.7", "localityName", 128),
  type("O", "2.5.4.10", "organizationName", 64),
  type("OU", "2.5.4.11", "organizationalUnitName", 64),
  type("CN", "2.5.4.3", "commonName", 64),
  type("UID", "0.9.2342.19200300.100.1.1", "userId", 256),
  type("emailAddress", "1.2.840.113549.1.9.1", "emailAddress", 255, "ia5String"),
];

/** Those that are met now and then. */
const OTHER_TYPES: readonly AttributeType[] = [
  type("SN", "2.5.4.4", "surname", 32_768),
  type("serialNumber", "2.5.4.5", "serialNumber", 64, "printableString"),
  type("street", "2.5.4.9", "streetAddress", 128),
  type("title", "2.5.4.12", "title", 64),
  type("description", "2.5.4.13", "description", 1024),
  type("businessCategory", "2.5.4.15", "businessCategory", 128),
  type("postalCode", "2.5.4.17", "postalCode", 40),
  type("name", "2.5.4.41", "name", 32_768),
  type("GN", "2.5.4.42", "givenName", 32_768),
  type("initials", "2.5.4.43", "initials", 32_768),
  type("generationQualifier", "2.5.4.44", "generationQualifier", 32_768),
  type("dnQualifier", "2.5.4.46", "dnQualifier", 64, "printableString"),
  type("pseudonym", "2.5.4.65", "pseudonym", 128),
  type("organizationIdentifier", "2.5.4.97", "organizationIdentifier", 256),
  type("jurisdictionL", "1.3.6.1.4.1.311.60.2.1.1", "jurisdictionLocalityName", 128),
  type("jurisdictionST", "1.3.6.1.4.1.311.60.2.1.2", "jurisdictionStateOrProvinceName", 128),
  type(
    "jurisdictionC",
    "1.3.6.1.4.1.311.60.2.1.3",
    "jurisdictionCountryName",
    2,
    "printableString",
  ),
];

const BY_ANY_NAME: ReadonlyMap<string, AttributeType> = new Map(
  [...COMMON_TYPES, ...OTHER_TYPES].flatMap((one) =>
    [one.keyword, one.oid, one.name].map((name) => [name.toLowerCase(), one]),
  ),
);

/** The type with this keyword, name in full or dotted number; case does not matter. */
export function attributeType(name: string): AttributeType | undefined {
  return BY_ANY_NAME.get(name.toLowerCase());
}
