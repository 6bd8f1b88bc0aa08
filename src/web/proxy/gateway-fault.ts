/**
 * What a client is told when the server behind the proxy does not answer as it should.
 *
 * Spec: RFC 9110 §15.6.3 to §15.6.5.
 *
 * @module
 */
import { AllAttemptsFailedError } from "../../internet/endpoints/all-attempts-failed-error.ts";
import { ConnectionTimedOut, TimeoutError } from "../../internet/errors.ts";
import type { Answer } from "../server/answer.ts";
import { errorPage } from "../server/error-page.ts";
import { UpstreamBusyError, UpstreamStateError } from "../upstream/errors.ts";
import { ForbiddenPlaceError } from "./proxy-place.ts";

/** 403: we may not ask it. 503: we do not ask it now. 504: it is too slow. 502: whatever else. */
function gatewayStatus(error: Error): keyof typeof TEXTS {
  if (isForbidden(error)) return 403;
  if (error instanceof UpstreamBusyError || error instanceof UpstreamStateError) return 503;
  const { cause } = error;
  const isSlow = [error, cause].some(
    (one) => one instanceof ConnectionTimedOut || one instanceof TimeoutError,
  );
  if (error instanceof ConnectionTimedOut && error.phase === "wait") return 503;
  return isSlow ? 504 : 502;
}

function isForbidden(error: Error): boolean {
  if (error instanceof ForbiddenPlaceError) return true;
  if (!(error instanceof AllAttemptsFailedError)) return false;
  return error.attempts.every((one) => one.error instanceof ForbiddenPlaceError);
}

const TEXTS = {
  403: "This proxy does not connect to there.",
  502: "The server behind this one has given no answer that can be passed on.",
  503: "This server asks the one behind it no more at present. Try again soon.",
  504: "The server behind this one has not answered in time.",
};

/** A page for it, which says nothing of who is behind. */
export function gatewayFault(error: Error): Answer {
  const status = gatewayStatus(error);
  return errorPage(status, TEXTS[status], status === 503 ? { "retry-after": "1" } : {});
}
