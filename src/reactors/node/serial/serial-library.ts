/**
 * The optional package that opens serial ports, and what we need of it: its bindings, which are
 * documented. Its stream cannot say when a device has vanished while nobody reads, and `destroy()`
 * leaves the port open.
 *
 * @module
 */
import { isMainThread } from "node:worker_threads";
import { OptionalPackageError } from "../../../core/optional-package.ts";

const PACKAGE = "serialport";

/** The lines that we set; each call sets them all. */
export interface SerialLines {
  readonly dtr: boolean;
  readonly rts: boolean;
  /** A break is being sent. */
  readonly brk: boolean;
}

/** An open port. */
export interface SerialHandle {
  /** One at a time. Rejected when the port is closed, or gone. */
  read(buffer: Buffer, offset: number, length: number): Promise<{ readonly bytesRead: number }>;
  /** One at a time. Fulfilled when the system has all of it. */
  write(bytes: Buffer): Promise<void>;
  close(): Promise<void>;
  /** Throw away what the system holds, both ways. */
  flush(): Promise<void>;
  /** Fulfilled when the line has all that was written. */
  drain(): Promise<void>;
  update(options: { readonly baudRate: number }): Promise<void>;
  set(lines: SerialLines): Promise<void>;
  get(): Promise<{ readonly cts: boolean; readonly dsr: boolean; readonly dcd: boolean }>;
}

/** How a port is opened: the words of the package. */
export interface SerialOpenOptions {
  readonly path: string;
  readonly baudRate: number;
  readonly dataBits: 5 | 6 | 7 | 8;
  readonly parity: string;
  readonly stopBits: 1 | 1.5 | 2;
  readonly rtscts: boolean;
  readonly xon: boolean;
  readonly xoff: boolean;
  readonly lock: boolean;
  readonly hupcl: boolean;
}

/** Opens a port. */
export type OpenSerial = (options: SerialOpenOptions) => Promise<SerialHandle>;

/**
 * The package that is installed.
 *
 * @throws {OptionalPackageError} It is not there.
 * @throws {Error} It is there, and of no use.
 */
export async function installedLibrary(): Promise<OpenSerial> {
  const open = await serialLibrary(() => import("serialport"));
  // In another thread its binary calls into the wrong loop, and ends the process (version 13).
  if (isMainThread) return open;
  throw new Error(`the package ${PACKAGE} works in the main thread alone`);
}

/** What a package gives. @throws {OptionalPackageError} It cannot be loaded. */
export async function serialLibrary(load: () => Promise<object>): Promise<OpenSerial> {
  let library: object;
  try {
    library = await load();
  } catch (cause) {
    throw new OptionalPackageError("open a serial port", PACKAGE, { cause });
  }
  const binding = part(part(library, "SerialPort"), "binding");
  return async (options) => {
    const port: unknown = await method(binding, "open")(options);
    if (isHandle(port)) return port;
    throw unknownVersion("a port that we know");
  };
}

function part(object: object, name: string): object {
  const value: unknown = Reflect.get(object, name);
  if ((typeof value === "object" && value !== null) || typeof value === "function") return value;
  throw unknownVersion(name);
}

function method(object: object, name: string): (...args: unknown[]) => unknown {
  const value: unknown = Reflect.get(object, name);
  if (typeof value === "function") return (...args) => Reflect.apply(value, object, args);
  throw unknownVersion(name);
}

function unknownVersion(missing: string): Error {
  return new TypeError(`expected version 13 of ${PACKAGE}, found something without ${missing}`);
}

const METHODS = ["read", "write", "close", "flush", "drain", "update", "set", "get"] as const;

function isHandle(port: unknown): port is SerialHandle {
  return (
    typeof port === "object" &&
    port !== null &&
    METHODS.every((name) => typeof Reflect.get(port, name) === "function")
  );
}
