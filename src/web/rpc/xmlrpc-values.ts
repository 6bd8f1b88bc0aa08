/**
 * What travels in XML-RPC.
 *
 * @module
 */
import { SennitError } from "../../core/errors.ts";

/**
 * | in XML | here |
 * |---|---|
 * | `int`, `i4` | a number |
 * | `i8` | a number; a bigint beyond 2⁵³ |
 * | `double` | a number |
 * | `boolean`, `string`, `array` | the same |
 * | `dateTime.iso8601` | a Date; without a zone it is taken for UTC |
 * | `base64` | a Buffer |
 * | `struct` | an object |
 * | `nil` | `null`, where it is allowed |
 */
export type XMLRPCValue =
  | string
  | number
  | bigint
  | boolean
  | null
  | Date
  | Uint8Array
  | readonly XMLRPCValue[]
  | { readonly [name: string]: XMLRPCValue };

/** Thrown by a procedure, it is what the client gets. After: twisted.web.xmlrpc.Fault. */
export class Fault extends SennitError {
  readonly code = "ERR_XMLRPC_FAULT";
  /** What a client can branch on: an `int`. */
  readonly faultCode: number;
  /** For people. */
  readonly faultString: string;

  constructor(faultCode: number, faultString: string) {
    super(`${String(faultCode)}: ${faultString}`);
    this.faultCode = faultCode;
    this.faultString = faultString;
  }
}
