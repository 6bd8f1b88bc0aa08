/**
 * What the two sides agree on before messages may be compressed.
 *
 *     permessage-deflate; server_no_context_takeover; client_no_context_takeover
 *
 * Here each message is compressed by itself, in both directions: a server says so in its answer, a
 * client asks for it. A window kept from message to message would shrink small ones further, but
 * costs about 300 KiB a connection for as long as it lasts, and a peer decides how many there are.
 *
 * Spec: RFC 7692 §5 (offers and answers), §7.1 (the parameters).
 *
 * @module
 */
import { formatExtension, type Extension, type ExtensionParameter } from "./extensions.ts";

/** What is left to know of an agreement when no window is kept. */
export interface DeflateAgreement {
  /** The window to compress with, 8 to 15: its size is 2 to the power of it. */
  readonly windowBits: number;
}

const NAME = "permessage-deflate";
const SERVER_NO_TAKEOVER = "server_no_context_takeover";
const CLIENT_NO_TAKEOVER = "client_no_context_takeover";
const SERVER_BITS = "server_max_window_bits";
const CLIENT_BITS = "client_max_window_bits";
const WITHOUT_VALUE = new Set([SERVER_NO_TAKEOVER, CLIENT_NO_TAKEOVER]);
/** 8 to 15, without a zero before it (§7.1.2.1). */
const BITS = /^(?:[89]|1[0-5])$/u;
const BITS_DEFAULT = 15;

/** What a client offers: it never keeps a window, and leaves the size of its own to the server. */
export const DEFLATE_OFFER: string = formatExtension(NAME, [
  { name: SERVER_NO_TAKEOVER, value: undefined },
  { name: CLIENT_NO_TAKEOVER, value: undefined },
  { name: CLIENT_BITS, value: undefined },
]);

/**
 * A server's choice: the first offer of permessage-deflate that can be accepted. One with a
 * parameter that is unknown, repeated or out of range is passed over (§7.1).
 *
 * @returns What was agreed on, and the extension as it stands in the answer; `undefined` if there
 * is nothing to accept.
 */
export function acceptDeflate(
  offers: readonly Extension[],
): (DeflateAgreement & { readonly extension: string }) | undefined {
  for (const { name, parameters } of offers) {
    const offer = name === NAME ? readParameters(parameters) : undefined;
    if (offer !== undefined) {
      const bits = offer.get(SERVER_BITS);
      const extension = formatExtension(NAME, [
        { name: SERVER_NO_TAKEOVER, value: undefined },
        { name: CLIENT_NO_TAKEOVER, value: undefined },
        ...(bits === undefined ? [] : [{ name: SERVER_BITS, value: bits }]),
      ]);
      return { windowBits: Number(bits ?? BITS_DEFAULT), extension };
    }
  }
  return undefined;
}

/**
 * A client's look at the answer to {@link DEFLATE_OFFER}. How large the server's window is does
 * not matter: ours for inflating is the largest there is.
 *
 * @returns `undefined` if the server answered with something else; the handshake must then fail.
 */
export function readDeflateAnswer(answer: Extension): DeflateAgreement | undefined {
  const agreed = answer.name === NAME ? readParameters(answer.parameters) : undefined;
  if (agreed?.has(SERVER_NO_TAKEOVER) !== true) return undefined;
  const bits = agreed.get(CLIENT_BITS);
  // Only an offer may leave the value out.
  if (bits === undefined && agreed.has(CLIENT_BITS)) return undefined;
  return { windowBits: Number(bits ?? BITS_DEFAULT) };
}

/** `undefined`: a parameter is unknown, repeated, or has a value that it cannot have. */
function readParameters(
  parameters: readonly ExtensionParameter[],
): ReadonlyMap<string, string | undefined> | undefined {
  const values = new Map(parameters.map(({ name, value }) => [name, value]));
  return values.size === parameters.length && parameters.every(isParameter) ? values : undefined;
}

function isParameter({ name, value }: ExtensionParameter): boolean {
  if (WITHOUT_VALUE.has(name)) return value === undefined;
  if (value === undefined) return name === CLIENT_BITS;
  return (name === SERVER_BITS || name === CLIENT_BITS) && BITS.test(value);
}
