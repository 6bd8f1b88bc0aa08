/**
 * Why a WebSocket is closed, as a number.
 *
 * Spec: RFC 6455 §7.4, and the registry it opened (iana.org/assignments/websocket), which has
 * added 1012, 1013 and 1014.
 *
 * @module
 */

/** The registered codes, by name. */
export const CLOSE_CODE = {
  /** The purpose of the connection is fulfilled. */
  normal: 1000,
  /** A server goes down, or a page is left. */
  goingAway: 1001,
  /** The peer broke RFC 6455. */
  protocolError: 1002,
  /** A kind of message that this side has no use for: binary where text is spoken. */
  unsupportedData: 1003,
  /** Never sent: a close frame came without a code. */
  noStatus: 1005,
  /** Never sent: the connection ended without a close frame. */
  abnormal: 1006,
  /** Text that is no UTF-8, or data that cannot be inflated. */
  invalidPayload: 1007,
  /** The peer does what this side does not allow; for when nothing else fits. */
  policyViolation: 1008,
  /** A message is too long. */
  messageTooBig: 1009,
  /** From a client: the server did not agree to an extension that it needs. */
  mandatoryExtension: 1010,
  /** An unexpected error on this side. */
  internalError: 1011,
  /** The server restarts: come back after some seconds. */
  serviceRestart: 1012,
  /** The server has too much to do: come back later, or elsewhere. */
  tryAgainLater: 1013,
  /** A gateway got an invalid answer from behind it. */
  badGateway: 1014,
  /** Never sent: TLS could not be set up. */
  tlsHandshake: 1015,
} as const;

/**
 * May `code` stand in a close frame? 1000 to 1003, 1007 to 1014, and what is left to libraries
 * (3000 to 3999) and programs (4000 to 4999).
 */
export function isSendableCloseCode(code: number): boolean {
  if (!Number.isInteger(code)) return false;
  if (code < 3000) return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014);
  return code <= 4999;
}
