/**
 * What a server settles on for one connection. The name comes after the beginning.
 *
 * @module
 */
import { Failure } from "../../../defer/failure.ts";
import type { ITLSServerOptions } from "../../../internet/interfaces-tls.ts";
import { TLSHandshakeError } from "../../../internet/tls/errors.ts";
import { Logger } from "../../../logger/logger.ts";
import { contextOf, NO_CERTIFICATE, type TLSContext } from "./tls-context.ts";

const log = new Logger({ namespace: "sennit.tls" });

/** For clients that do not say what name they want. @throws {Error} Keys that do not fit. */
export function firstContext(options: ITLSServerOptions): TLSContext {
  return contextOf(options.settingsFor("") ?? NO_CERTIFICATE);
}

/**
 * For clients that ask for `name`.
 *
 * @throws {TLSHandshakeError} It is not served, or its settings cannot be used, which is logged.
 */
export function namedContext(options: ITLSServerOptions, name: string): TLSContext {
  const quoted = JSON.stringify(name);
  try {
    const settings = options.settingsFor(name);
    if (settings !== undefined) return contextOf(settings); // Its keys may not fit.
  } catch (error) {
    const failure = Failure.of(error);
    log.failure("Error in settingsFor({name}); the connection is closed", failure, {
      name: quoted,
    });
    const what = `Connection was lost: no settings for ${quoted}: ${failure.value.message}`;
    throw new TLSHandshakeError(what, { cause: failure.value });
  }
  throw new TLSHandshakeError(`Connection was lost: no settings for ${quoted}`);
}
