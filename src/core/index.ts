/**
 * What every other room stands on: the root of the errors, assertions, values in messages.
 *
 * @example
 * ```ts
 * import { SennitError } from "sennit/core";
 * import { ConnectionDone } from "sennit/internet";
 *
 * const error: unknown = new ConnectionDone();
 * if (error instanceof SennitError) console.log(error.code); // ERR_CONNECTION_DONE
 * ```
 *
 * @module core
 */
export { assert, AssertionError } from "./assert.ts";
export { LocalProtocolError, RemoteProtocolError, SennitError } from "./errors.ts";
export { OptionalPackageError } from "./optional-package.ts";
