/**
 * What can be wrong with an HTTP message, and how a server answers it.
 *
 * @module
 */
import { RemoteProtocolError } from "../../../core/errors.ts";

/** The status with which a server answers each fault (RFC 9110 §15, RFC 6585 §5). */
export const FAULT_STATUS = {
  // Lines
  "bare-cr": 400,
  "bare-lf": 400,
  "line-too-long": 431,
  "head-too-large": 431,
  "too-many-fields": 431,
  // Request line
  "request-line": 400,
  method: 400,
  "method-too-long": 501,
  target: 400,
  "target-too-long": 414,
  version: 400,
  "version-unsupported": 505,
  // Fields
  "field-name": 400,
  "field-value": 400,
  folding: 400,
  "host-missing": 400,
  "host-repeated": 400,
  "host-invalid": 400,
  "expectation-unknown": 417,
  "upgrade-invalid": 400,
  // Framing
  "length-invalid": 400,
  "length-repeated": 400,
  "coding-with-length": 400,
  "coding-repeated": 400,
  "coding-unknown": 501,
  "coding-not-chunked": 400,
  "coding-in-http-1.0": 400,
  "body-not-allowed": 400,
  "body-too-large": 413,
  "chunk-size": 400,
  "chunk-extension": 400,
  "chunk-line-too-long": 400,
  "chunk-extensions-too-large": 400,
  "chunk-end": 400,
  "trailer-forbidden": 400,
  "trailers-too-large": 431,
  // Answers
  "status-line": 502,
  "switch-unasked": 502,
  truncated: 400,
} as const;

/** What is wrong, as a word that never changes. */
export type HTTPFault = keyof typeof FAULT_STATUS;

/** The peer's message is no HTTP, is ambiguous, or is beyond a limit. Drop the connection. */
export class HTTPMessageError extends RemoteProtocolError {
  readonly code = "ERR_HTTP_MESSAGE";
  /** What is wrong. */
  readonly fault: HTTPFault;
  /** How a server answers it: 400, 413, 414, 417, 431, 501 or 505. 502: a server's own fault. */
  readonly status: number;

  constructor(fault: HTTPFault, message: string) {
    super(message);
    this.fault = fault;
    this.status = FAULT_STATUS[fault];
  }
}
