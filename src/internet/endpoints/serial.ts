/**
 * A place to connect to: a serial port.
 *
 *     serial:/dev/ttyUSB0[:baudrate][:bytesize][:parity][:stopbits][:xonxoff][:rtscts][:timeout]
 *
 * After: twisted.internet.serialport, which has no endpoint; the names are those of its arguments.
 *
 * @module
 */
import { INSPECT } from "../../core/inspect.ts";
import { quote } from "../../core/text.ts";
import type { Deferred } from "../../defer/deferred.ts";
import { NoAddress } from "../addresses.ts";
import { UnsupportedError } from "../errors.ts";
import type {
  AbortOptions,
  IProtocolFactory,
  IStreamClientEndpoint,
} from "../interfaces-factory.ts";
import { IReactorSerial, type SerialPortOptions } from "../interfaces-serial.ts";
import type { IProtocol } from "../interfaces-transport.ts";
import { type ArgumentSyntax, EndpointArguments } from "./_arguments.ts";
import { connectThrough } from "./_wrapping-factory.ts";
import type { IStreamClientEndpointStringParser } from "./interfaces-string-parser.ts";
import { formatStringDescription } from "./string-description.ts";

const TIMEOUT = 30;
const BAUD_RATE = 9600;
const PARITIES = ["none", "even", "odd", "mark", "space"] as const;

/**
 * Connects to a serial port. Needs the package `serialport`.
 *
 * @example
 * ```ts no-run: it needs a device
 * import { connectProtocol, SerialPortEndpoint } from "sennit/internet";
 * import { LineReceiver } from "sennit/protocols";
 * import { reactor } from "sennit/reactor";
 *
 * class Meter extends LineReceiver {
 *   override lineReceived(line: Buffer): void {
 *     console.log(`the meter says ${line.toString()}`);
 *   }
 * }
 * const endpoint = new SerialPortEndpoint(reactor, "/dev/ttyUSB0", { baudRate: 115_200 });
 * await connectProtocol(endpoint, new Meter());
 * ```
 */
export class SerialPortEndpoint implements IStreamClientEndpoint {
  readonly #reactor: IReactorSerial;
  readonly #path: string;
  readonly #options: SerialPortOptions;

  /** @param path `/dev/ttyUSB0`, `COM3`. Options are checked by `connect`. */
  constructor(reactor: IReactorSerial, path: string, options: SerialPortOptions = {}) {
    this.#reactor = reactor;
    this.#path = path;
    this.#options = options;
  }

  /**
   * Open the port. The factory is started, asked for one protocol, and stopped when the device is
   * lost.
   *
   * @returns Fires once: with the protocol when its `connectionMade` has run; its transport is an
   * `ISerialTransport`. Fails with `CannotOpenSerialPortError`, with `OptionalPackageError`, with
   * `RangeError` for options, or as the `connect` of any endpoint. Cancelled (or aborted): the
   * attempt is given up and it fails with `ConnectingCancelledError`.
   */
  connect<P extends IProtocol>(
    factory: IProtocolFactory<P>,
    { signal }: AbortOptions = {},
  ): Deferred<P> {
    return connectThrough(factory, {
      destination: new NoAddress(this.#path),
      signal,
      start: (wrapping) => this.#reactor.connectSerial(this.#path, wrapping, this.#options),
    });
  }

  /** What `clientFromString` reads: `serial:/dev/ttyUSB0:baudrate=115200`. Limits are left out. */
  toString(): string {
    const { baudRate, dataBits, parity, stopBits, xonxoff, rtscts, timeout } = this.#options;
    const all = [
      ["baudrate", baudRate, BAUD_RATE],
      ["bytesize", dataBits, 8],
      ["parity", parity, "none"],
      ["stopbits", stopBits, 1],
      ["xonxoff", xonxoff === true ? 1 : 0, 0],
      ["rtscts", rtscts === true ? 1 : 0, 0],
      ["timeout", timeout, TIMEOUT],
    ] as const;
    const keywords = all.flatMap(([name, value, usual]) =>
      value === undefined || value === usual ? [] : [[name, String(value)] as const],
    );
    return formatStringDescription(["serial", this.#path], keywords);
  }

  [INSPECT](): string {
    return `${this.constructor.name}(${this.toString()})`;
  }
}

const SYNTAX: ArgumentSyntax = {
  what: "serial client endpoint",
  usage: "serial:/dev/ttyUSB0:baudrate=9600",
  names: ["path", "baudrate", "bytesize", "parity", "stopbits", "xonxoff", "rtscts", "timeout"],
};

const BAUD_RATE_MAX = 2_147_483_647;

/** The one of `choices` that is given. @throws {EndpointDescriptionError} It is none of them. */
function choice<C extends string | number>(
  fields: EndpointArguments,
  name: string,
  choices: readonly C[],
): C | undefined {
  const text = fields.optional(name);
  if (text === undefined) return undefined;
  const chosen = choices.find((one) => String(one) === text || isLetterOf(one, text));
  if (chosen !== undefined) return chosen;
  return fields.refuse(`expected ${name} to be one of ${choices.join(", ")}, got ${quote(text)}`);
}

/** As pyserial has it: `N` for none, `E` for even. */
function isLetterOf(choice: string | number, text: string): boolean {
  return typeof choice === "string" && text.length === 1 && choice.startsWith(text.toLowerCase());
}

function flag(fields: EndpointArguments, name: string): boolean | undefined {
  const value = fields.wholeNumber(name, 1);
  return value === undefined ? undefined : value === 1;
}

function optionsFrom(fields: EndpointArguments): SerialPortOptions {
  const baudRate = fields.wholeNumber("baudrate", BAUD_RATE_MAX);
  if (baudRate === 0) fields.refuse("expected baudrate to be above 0, got 0");
  const dataBits = choice(fields, "bytesize", [5, 6, 7, 8] as const);
  const parity = choice(fields, "parity", PARITIES);
  const stopBits = choice(fields, "stopbits", [1, 1.5, 2] as const);
  const xonxoff = flag(fields, "xonxoff");
  const rtscts = flag(fields, "rtscts");
  const timeout = fields.seconds("timeout");
  return {
    ...(baudRate !== undefined && { baudRate }),
    ...(dataBits !== undefined && { dataBits }),
    ...(parity !== undefined && { parity }),
    ...(stopBits !== undefined && { stopBits }),
    ...(xonxoff !== undefined && { xonxoff }),
    ...(rtscts !== undefined && { rtscts }),
    ...(timeout !== undefined && { timeout }),
  };
}

/** `serial:/dev/ttyUSB0:baudrate=9600` makes a {@link SerialPortEndpoint}. */
export const serialClientParser: IStreamClientEndpointStringParser = {
  prefix: "serial",
  usage: SYNTAX.usage,
  parseStreamClient(reactor, positional, keywords) {
    const fields = new EndpointArguments(SYNTAX, positional, keywords);
    const path = fields.required("path");
    const options = optionsFrom(fields);
    if (reactor.provides(IReactorSerial)) return new SerialPortEndpoint(reactor, path, options);
    throw new UnsupportedError(IReactorSerial.label, reactor.constructor.name);
  },
};
