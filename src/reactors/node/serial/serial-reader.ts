/**
 * Reading from a serial port so that its end is seen.
 *
 * After a hangup, which is what unplugging is, read(2) says 0. The package (version 13) takes that
 * for "nothing yet" and asks again at once, for ever, at the cost of a processor. On POSIX it shows
 * the descriptor and the poller that it reads with; where it does not, it has to read by itself.
 *
 * Spec: termios(3) (VMIN is 1: a read without bytes is an error otherwise), tty_hangup in Linux.
 *
 * @module
 */
import { read } from "node:fs";
import { promisify } from "node:util";
import type { SerialHandle } from "./serial-library.ts";

const readDescriptor = promisify(read);

/** As the package has it on POSIX. */
interface PosixPort {
  /** `null` once it is closed. */
  readonly fd: number | null;
  readonly poller: {
    /** `f` is given an error when the port is closed, or the system gives up on it. */
    once(event: "readable", f: (error: Error | null | undefined) => void): unknown;
  };
}

/** Read at least one byte. @returns How many. Rejected when the port is closed, or gone. */
export async function readSome(port: SerialHandle, buffer: Buffer): Promise<number> {
  if (isPosix(port)) return readPosix(port, buffer);
  return (await port.read(buffer, 0, buffer.length)).bytesRead;
}

function isPosix(port: object): port is PosixPort {
  const fd: unknown = Reflect.get(port, "fd");
  const poller: unknown = Reflect.get(port, "poller");
  if (typeof fd !== "number" && fd !== null) return false;
  return typeof poller === "object" && poller !== null && "once" in poller;
}

async function readPosix(port: PosixPort, buffer: Buffer): Promise<number> {
  for (;;) {
    const { fd } = port;
    if (fd === null) throw new Error("the port is closed");
    try {
      const { bytesRead } = await readDescriptor(fd, buffer, 0, buffer.length, null);
      if (bytesRead > 0) return bytesRead;
    } catch (error) {
      if (!isEmpty(error)) throw error;
      await readable(port.poller);
      continue;
    }
    throw new Error("the device has hung up");
  }
}

/** There is nothing to be read now. */
function isEmpty(error: unknown): boolean {
  const code: unknown = error instanceof Error ? Reflect.get(error, "code") : undefined;
  return code === "EAGAIN" || code === "EINTR";
}

function readable(poller: PosixPort["poller"]): Promise<void> {
  return new Promise((resolve, reject) => {
    poller.once("readable", (error) => {
      if (error) reject(error);
      else resolve();
    });
  });
}
