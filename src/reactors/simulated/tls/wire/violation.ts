/**
 * What a peer does that TLS does not allow, and how it is told so.
 *
 * Spec: RFC 8446 §6 (alerts); the names of the violations are OpenSSL's.
 *
 * @module
 */
import { RemoteProtocolError } from "../../../../core/errors.ts";

/** The alerts that are sent here, by number. */
export const Alert = {
  closeNotify: 0,
  unexpectedMessage: 10,
  badRecordMAC: 20,
  recordOverflow: 22,
  handshakeFailure: 40,
  badCertificate: 42,
  illegalParameter: 47,
  decodeError: 50,
  decryptError: 51,
  protocolVersion: 70,
  userCanceled: 90,
  certificateRequired: 116,
  noApplicationProtocol: 120,
} as const;

/** What OpenSSL calls an alert that has come. */
const RECEIVED: ReadonlyMap<number, string> = new Map([
  [Alert.unexpectedMessage, "SSLV3_ALERT_UNEXPECTED_MESSAGE"],
  [Alert.badRecordMAC, "SSLV3_ALERT_BAD_RECORD_MAC"],
  [Alert.recordOverflow, "TLSV1_ALERT_RECORD_OVERFLOW"],
  [Alert.handshakeFailure, "SSLV3_ALERT_HANDSHAKE_FAILURE"],
  [Alert.badCertificate, "SSLV3_ALERT_BAD_CERTIFICATE"],
  [Alert.illegalParameter, "SSLV3_ALERT_ILLEGAL_PARAMETER"],
  [Alert.decodeError, "TLSV1_ALERT_DECODE_ERROR"],
  [Alert.decryptError, "TLSV1_ALERT_DECRYPT_ERROR"],
  [Alert.protocolVersion, "TLSV1_ALERT_PROTOCOL_VERSION"],
  [Alert.certificateRequired, "TLSV13_ALERT_CERTIFICATE_REQUIRED"],
  [Alert.noApplicationProtocol, "TLSV1_ALERT_NO_APPLICATION_PROTOCOL"],
]);

/** See the top of this file. It becomes the `cause` of the connection's end. */
export class Violation extends RemoteProtocolError {
  /** As Node has it: `ERR_SSL_WRONG_VERSION_NUMBER`. */
  readonly code: `ERR_SSL_${string}`;
  /** What the peer is told; `undefined`: nothing. */
  readonly alert: number | undefined;

  /** @param name OpenSSL's: `WRONG_VERSION_NUMBER`. */
  constructor(name: string, alert?: number) {
    super(name.toLowerCase().replaceAll("_", " "));
    this.code = `ERR_SSL_${name}`;
    this.alert = alert;
  }
}

/** The peer says that it gives up. */
export function alertReceived(description: number): Violation {
  return new Violation(RECEIVED.get(description) ?? `ALERT_NUMBER_${String(description)}`);
}

/** A message or record that is none of those that may come now. */
export function unexpectedMessage(): Violation {
  return new Violation("UNEXPECTED_MESSAGE", Alert.unexpectedMessage);
}
