/**
 * The one address that `connectTCP` goes to: of a name, the first over IPv4, else the first.
 *
 * After: twisted.internet.tcp.Client.resolveAddress. Endpoints that try every address come on top
 * of this: they connect to addresses.
 *
 * @module
 */
import { HostnameAddress } from "../../internet/addresses.ts";
import { type ConnectError, UnknownHostError } from "../../internet/errors.ts";
import type {
  IPAddress,
  IReactorPluggableNameResolver,
} from "../../internet/interfaces-resolver.ts";
import { addressFromLiteral, literalFromAddress } from "../../internet/names/address-literal.ts";
import { beginResolution } from "../../internet/names/begin-resolution.ts";
import { cannotConnectToName, noAddress } from "../../internet/names/resolution-errors.ts";
import type { ReactorBase } from "./reactor-base.ts";

/** What an attempt wants to reach. */
interface Wanted {
  readonly host: string;
  readonly port: number;
  readonly family?: 4 | 6;
}

/** An address in text, or why there is none. Called once, in a later turn. */
type Found = (result: string | ConnectError) => void;

/** Find it. @returns Lets go: `found` is not called any more. */
export function findAddress(
  reactor: ReactorBase & IReactorPluggableNameResolver,
  wanted: Wanted,
  found: Found,
): () => void {
  let open = true;
  const answer = (result: string | ConnectError): void => {
    reactor.soon(() => {
      if (open) found(result);
    });
  };
  const letGo = begin(reactor, wanted, answer);
  return () => {
    open = false;
    letGo();
  };
}

function begin(reactor: IReactorPluggableNameResolver, wanted: Wanted, answer: Found): () => void {
  const literal = addressFromLiteral(wanted.host);
  if (literal === undefined) return resolve(reactor, wanted, answer);
  answer(fits(literal, wanted) ? wanted.host : otherFamily(wanted));
  return () => {};
}

function resolve(
  reactor: IReactorPluggableNameResolver,
  wanted: Wanted,
  answer: Found,
): () => void {
  const { host, port, family } = wanted;
  let second: IPAddress | undefined;
  let done = false;
  let letGo = (): void => {};
  const options = { portNumber: port, addressTypes: kinds(family) };
  letGo = beginResolution(reactor.nameResolver, host, options, {
    address: (address) => {
      if (done || !fits(address, wanted)) return;
      if (address.kind === "IPv4" || family === 6) {
        done = true;
        letGo();
        answer(literalFromAddress(address));
      } else second ??= address;
    },
    complete: (reason) => {
      if (done) return;
      done = true;
      if (second !== undefined) answer(literalFromAddress(second));
      else {
        const destination = new HostnameAddress(host, port);
        answer(cannotConnectToName(destination, noAddress(host, reason)));
      }
    },
  });
  if (done) letGo();
  return letGo;
}

function kinds(family: 4 | 6 | undefined): readonly IPAddress["kind"][] {
  if (family === undefined) return ["IPv4", "IPv6"];
  return family === 4 ? ["IPv4"] : ["IPv6"];
}

function fits(address: IPAddress, { family }: Wanted): boolean {
  return family === undefined || address.kind === `IPv${family}`;
}

function otherFamily({ host, port, family }: Wanted): ConnectError {
  const destination = addressFromLiteral(host, { portNumber: port });
  return new UnknownHostError(
    `Cannot connect to ${String(destination)}: not an IPv${String(family)} address`,
    destination,
  );
}
