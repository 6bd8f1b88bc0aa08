/**
 * What every other room stands on: the root of the errors, assertions, values in messages.
 *
 * @module core
 */
export { assert, AssertionError } from "./assert.ts";
export { LocalProtocolError, RemoteProtocolError, SennitError } from "./errors.ts";
