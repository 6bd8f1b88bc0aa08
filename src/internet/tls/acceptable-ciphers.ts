/**
 * Which ciphers may be used.
 *
 * After: twisted.internet.ssl.AcceptableCiphers. Differs: OpenSSL reads the string when the options
 * are first used, so that here only its form is checked.
 *
 * @module
 */
import { INSPECT } from "../../core/inspect.ts";
import { quote } from "../../core/text.ts";

const CIPHER_STRING = /^[A-Za-z\d+!@=_:,. -]+$/u;

/**
 * A choice of ciphers.
 *
 * @example
 * ```ts
 * import { AcceptableCiphers } from "sennit/tls";
 *
 * const ciphers = AcceptableCiphers.fromOpenSSLCipherString("ECDHE+AESGCM:ECDHE+CHACHA20");
 * console.log(ciphers.cipherString);
 * ```
 */
export class AcceptableCiphers {
  /** In OpenSSL's language. */
  readonly cipherString: string;

  /** Use {@link AcceptableCiphers.fromOpenSSLCipherString}. @throws {TypeError} */
  constructor(cipherString: string) {
    if (!CIPHER_STRING.test(cipherString)) {
      throw new TypeError(
        `Cannot use ${quote(cipherString)} as ciphers: expected OpenSSL's cipher string`,
      );
    }
    this.cipherString = cipherString;
  }

  /**
   * A list in OpenSSL's language (`man openssl-ciphers`), best first, with the suites of TLS 1.3 by
   * their names; a server goes by its own order. One without any cipher that OpenSSL knows fails
   * when it is first used: `listenSSL` throws.
   *
   * @throws {TypeError} Empty, or with characters that no such list has.
   */
  static fromOpenSSLCipherString(cipherString: string): AcceptableCiphers {
    return new AcceptableCiphers(cipherString);
  }

  /** `AcceptableCiphers(ECDHE+AESGCM)`. */
  toString(): string {
    return `AcceptableCiphers(${this.cipherString})`;
  }

  [INSPECT](): string {
    return this.toString();
  }
}
