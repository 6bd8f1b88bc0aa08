/**
 * Why a connection is closed before its PROXY header is whole, beside a broken header and a
 * deadline.
 *
 * @module
 */
import { RemoteProtocolError } from "../../core/errors.ts";
import type { IAddress } from "../addresses.ts";

/** It came from an address that is not among those whose headers are believed. */
export class UntrustedProxyError extends RemoteProtocolError {
  readonly code = "ERR_UNTRUSTED_PROXY";
  /** Who connected. */
  readonly peer: IAddress;

  constructor(peer: IAddress) {
    super(`Cannot take a PROXY header from ${peer.toString()}: it is not among the trusted ones`);
    this.peer = peer;
  }
}
