/**
 * The contracts of serial ports: a device at the end of a cable is a peer like any other, which
 * never says that it has ended.
 *
 * They need the optional package `serialport`: `npm install serialport`.
 *
 * Spec: termios(3), tty_ioctl(4). After: twisted.internet.serialport.SerialPort. Differs: the lines
 * of the modem answer later, with a Deferred; the ring indicator cannot be asked for; opening has a
 * deadline, and can be tried again through its connector.
 *
 * @module
 */
import { SennitError } from "../core/errors.ts";
import type { Deferred } from "../defer/deferred.ts";
import { type Capability, capability } from "./capabilities.ts";
import { ConnectError } from "./errors.ts";
import type { IClientFactory, IConnector } from "./interfaces-factory.ts";
import type { ConnectionLimits } from "./interfaces-reactor.ts";
import type { IProtocol, IStreamTransport } from "./interfaces-transport.ts";

/** Options of {@link IReactorSerial}. */
export interface SerialPortOptions extends ConnectionLimits {
  /** Bits a second. Default: 9600. */
  readonly baudRate?: number;
  /** Bits in a character. Default: 8. */
  readonly dataBits?: 5 | 6 | 7 | 8;
  /** The bit that checks a character. Default: `none`. */
  readonly parity?: "none" | "even" | "odd" | "mark" | "space";
  /** Default: 1. */
  readonly stopBits?: 1 | 1.5 | 2;
  /** Flow control by the lines RTS and CTS. Default: `false`. */
  readonly rtscts?: boolean;
  /** Flow control by the characters XON and XOFF, which are no data then. Default: `false`. */
  readonly xonxoff?: boolean;
  /** Let no other process open the port; Windows never lets one. Default: `true`. */
  readonly exclusive?: boolean;
  /** Drop DTR when the port is closed: a modem hangs up. Default: `true`. */
  readonly hangUpOnClose?: boolean;
  /** Seconds until opening fails with `TimeoutError`. Default: 30. */
  readonly timeout?: number;
  /**
   * As for other connections, but a slow line takes its time: the default is 30 seconds, and those
   * that 128 KiB take at `baudRate`.
   */
  readonly closeTimeout?: number;
}

/**
 * A serial port. There are no ends: `loseWriteConnection` tells the device nothing. A device that
 * is unplugged is `ConnectionLost`.
 *
 * Each request fails with {@link SerialPortError} where the device, or what pretends to be one,
 * cannot do that, and with the connection's reason once that is lost.
 */
export interface ISerialTransport extends IStreamTransport {
  /** Change the speed, at once: also for what has been written and not been sent. */
  setBaudRate(baudRate: number): Deferred<void>;
  /**
   * Throw away what the device has sent and nobody has read. The package knows both directions
   * only at once: what was written and is not on the line yet goes as well, so ask for it while
   * nothing is being sent.
   */
  flushInput(): Deferred<void>;
  /** Throw away what was written and is not on the line yet; see `flushInput`. */
  flushOutput(): Deferred<void>;
  /** Hold the line at 0 for `seconds`, 0.25 unless told otherwise. */
  sendBreak(seconds?: number): Deferred<void>;
  /** Set "data terminal ready", or clear it. */
  setDTR(on?: boolean): Deferred<void>;
  /** Set "request to send", or clear it. */
  setRTS(on?: boolean): Deferred<void>;
  /** Is the device clear to send? */
  getCTS(): Deferred<boolean>;
  /** Is the device ready? */
  getDSR(): Deferred<boolean>;
  /** Does the device detect a carrier? */
  getCD(): Deferred<boolean>;
}

/** Serial ports. */
export interface IReactorSerial {
  /**
   * Open a port, and have the connector's factory make a protocol for it. When the device is lost,
   * `connector.connect()` opens it again.
   *
   * @param path `/dev/ttyUSB0`, `COM3`.
   * @returns Its attempts fail with {@link CannotOpenSerialPortError}, or with
   * `OptionalPackageError`, which says what to install.
   * @throws {RangeError} No such option.
   */
  connectSerial(path: string, factory: IClientFactory, options?: SerialPortOptions): IConnector;
  /**
   * Open a port, once, for a protocol.
   *
   * @returns Fires with the transport when `connectionMade` has run; fails as the attempts of
   * `connectSerial`. Cancel it to give up.
   * @throws {RangeError} No such option.
   */
  openSerial(
    path: string,
    protocol: IProtocol,
    options?: SerialPortOptions,
  ): Deferred<ISerialTransport>;
}
/** Asks whether a reactor provides serial ports. */
export const IReactorSerial: Capability<IReactorSerial> = capability("IReactorSerial");

/** The port could not be opened: there is none, somebody has it, or it is something else. */
export class CannotOpenSerialPortError extends ConnectError {
  readonly code = "ERR_CONNECT_SERIAL";
}

/** A port could not do what was asked for; see `cause`. */
export class SerialPortError extends SennitError {
  readonly code = "ERR_SERIAL_PORT";
}
