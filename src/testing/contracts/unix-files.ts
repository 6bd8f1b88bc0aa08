/**
 * Contracts of `IReactorUNIX` where its sockets are files: modes, locks, and what others left.
 *
 * @module
 */
import {
  chmodSync,
  existsSync,
  lstatSync,
  readFileSync,
  readlinkSync,
  renameSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { assert } from "../../core/assert.ts";
import type { Failure } from "../../defer/failure.ts";
import {
  CannotListenError,
  ConnectError,
  ConnectionRefusedError,
  TimeoutError,
} from "../../internet/errors.ts";
import type { ListenUNIXOptions } from "../../internet/interfaces-unix.ts";
import { BadFileError, SocketLockedError } from "../../internet/unix-errors.ts";
import { expectEqual, expectReason } from "./expect.ts";
import { type Contracts, DoesNotApply, type Trial } from "./trial.ts";
import { connectUNIX, listenUNIX, listenUNIXNow, type UNIXConnecting } from "./unix.ts";

/** More than any system gives to a process. */
const DEAD_PROCESS = "4194305";
/** Longer than any system's sockets may have. */
const LONG = 200;
/** A user who owns nothing here. */
const NOBODY = 65_534;

/** The permissions of a file. */
function modeOf(path: string): number {
  return lstatSync(path).mode & 0o777;
}

/** Why nobody can listen there. */
async function refusal(
  trial: Trial,
  path: string,
  options?: ListenUNIXOptions,
): Promise<CannotListenError> {
  const { port, factory } = listenUNIXNow(trial, path, options);
  const error = expectReason(await trial.outcome(port.listening), CannotListenError);
  expectEqual([error.port, error.interface], [path, ""]);
  expectEqual(factory.asked, ["start", "stop"]);
  assert(error.cause instanceof Error, "Expected a cause");
  return error;
}

/** Why nobody can connect there. */
async function connectFailure(
  trial: Trial,
  path: string,
  options: { readonly checkPID?: boolean; readonly timeout?: number } = {},
  connecting = (connect: () => UNIXConnecting): UNIXConnecting => connect(),
): Promise<Failure | undefined> {
  const { connector, factory } = connecting(() => connectUNIX(trial, path, options));
  await trial.settle(() => connector.state === "disconnected");
  expectEqual(factory.asked, ["start", "connecting", "failed", "stop"]);
  const [reason] = factory.reasons;
  assert(reason?.value instanceof ConnectError, "Expected a ConnectError");
  const where = reason.value.destination;
  assert(where?.equals(connector.getDestination()) === true, "Expected where to");
  return reason;
}

/** The file of a socket that is closed. */
async function deadSocket(trial: Trial): Promise<string> {
  const [path, place] = [trial.socketFile(), trial.socketFile()];
  const { port } = await listenUNIX(trial, path);
  renameSync(path, place);
  await trial.fired(port.stopListening());
  return place;
}

/** Somebody who listens there can be reached. */
async function reaches(trial: Trial, path: string, checkPID = false): Promise<void> {
  const { client } = connectUNIX(trial, path, { checkPID });
  await trial.settle(() => client.made);
}

/** By name. */
export const unixFileContracts: Contracts = {
  "the socket is a file that everybody may use, whatever the umask": async (trial) => {
    const path = trial.socketFile();
    await listenUNIX(trial, path);
    expectEqual(lstatSync(path).isSocket(), true, "whether it is a socket");
    expectEqual(modeOf(path), 0o666);
  },

  "mode says who may use it": async (trial) => {
    for (const mode of [0o600, 0o660, 0o622, 0o777]) {
      const path = trial.socketFile();
      await listenUNIX(trial, path, { mode });
      expectEqual(modeOf(path).toString(8), mode.toString(8));
    }
  },

  "stopListening() removes the file": async (trial) => {
    const path = trial.socketFile();
    const { port } = await listenUNIX(trial, path);
    await trial.fired(port.stopListening());
    expectEqual(existsSync(path), false);
  },

  "the reactor's end removes the file and the lock": async (trial) => {
    const path = trial.socketFile();
    const over = trial.reactor.run({ installSignalHandlers: false });
    await listenUNIX(trial, path, { wantPID: true });
    trial.reactor.stop();
    await trial.fired(over);
    expectEqual([existsSync(path), lockIsThere(path)], [false, false]);
  },

  "a file that is another's by now is left alone": async (trial) => {
    const path = trial.socketFile();
    const { port } = await listenUNIX(trial, path);
    unlinkSync(path);
    writeFileSync(path, "not yours");
    await trial.fired(port.stopListening());
    expectEqual(readFileSync(path, "utf8"), "not yours");
  },

  "the socket of a successor is left alone, and reached": async (trial) => {
    const path = trial.socketFile();
    const first = await listenUNIX(trial, path);
    unlinkSync(path);
    const server = trial.witness();
    const second = await listenUNIX(trial, path, {}, () => server);
    await trial.fired(first.port.stopListening());
    await reaches(trial, path);
    await trial.settle(() => server.made);
    await trial.fired(second.port.stopListening());
    expectEqual(existsSync(path), false);
  },

  "a socket that is left over is in the way, and stays": async (trial) => {
    const path = await deadSocket(trial);
    await refusal(trial, path);
    expectEqual(lstatSync(path).isSocket(), true, "whether it is there");
  },

  "a file that is no socket is in the way, and stays": async (trial) => {
    const path = trial.socketFile();
    writeFileSync(path, "precious");
    for (const wantPID of [false, true]) await refusal(trial, path, { wantPID });
    expectEqual(readFileSync(path, "utf8"), "precious");
  },

  "wantPID: a lock names our process while we listen": async (trial) => {
    const path = trial.socketFile();
    const { port } = await listenUNIX(trial, path, { wantPID: true });
    expectEqual(readlinkSync(`${path}.lock`), String(process.pid));
    await trial.fired(port.stopListening());
    expectEqual([existsSync(path), lockIsThere(path)], [false, false]);
  },

  "wantPID: startListening() again takes the lock again": async (trial) => {
    const path = trial.socketFile();
    const { port } = await listenUNIX(trial, path, { wantPID: true });
    await trial.fired(port.stopListening());
    port.startListening();
    await trial.fired(port.listening);
    expectEqual(readlinkSync(`${path}.lock`), String(process.pid));
  },

  "wantPID: a lock that is held refuses, and says by whom": async (trial) => {
    const path = trial.socketFile();
    const first = await listenUNIX(trial, path, { wantPID: true });
    const { cause } = await refusal(trial, path, { wantPID: true });
    assert(cause instanceof SocketLockedError, "Expected a SocketLockedError as the cause");
    expectEqual([cause.pid, cause.path], [process.pid, `${path}.lock`]);
    await reaches(trial, path);
    expectEqual(readlinkSync(`${path}.lock`), String(process.pid));
    await trial.fired(first.port.stopListening());
  },

  "wantPID: lock and socket of a process that is gone are taken over": async (trial) => {
    const path = await deadSocket(trial);
    symlinkSync(DEAD_PROCESS, `${path}.lock`);
    const server = trial.witness();
    await listenUNIX(trial, path, { wantPID: true }, () => server);
    await reaches(trial, path);
    await trial.settle(() => server.made);
    expectEqual(readlinkSync(`${path}.lock`), String(process.pid));
  },

  "wantPID: with a stale lock, a file that is no socket stays": async (trial) => {
    const path = trial.socketFile();
    writeFileSync(path, "precious");
    symlinkSync(DEAD_PROCESS, `${path}.lock`);
    await refusal(trial, path, { wantPID: true });
    expectEqual(readFileSync(path, "utf8"), "precious");
  },

  "wantPID: a socket without a lock is in the way, and the lock is given back": async (trial) => {
    const path = await deadSocket(trial);
    await refusal(trial, path, { wantPID: true });
    expectEqual([lstatSync(path).isSocket(), lockIsThere(path)], [true, false]);
  },

  "wantPID: a file of the lock's name that is none refuses, and stays": async (trial) => {
    for (const make of [writeLock, symlinkLock]) {
      const path = trial.socketFile();
      make(`${path}.lock`);
      await refusal(trial, path, { wantPID: true });
      expectEqual([existsSync(path), lockIsThere(path)], [false, true]);
    }
  },

  "a lock that is somebody else's by now is left alone": async (trial) => {
    const path = trial.socketFile();
    const { port } = await listenUNIX(trial, path, { wantPID: true });
    unlinkSync(`${path}.lock`);
    symlinkSync(DEAD_PROCESS, `${path}.lock`);
    await trial.fired(port.stopListening());
    expectEqual(readlinkSync(`${path}.lock`), DEAD_PROCESS);
  },

  "checkPID: connects where the lock's process is alive": async (trial) => {
    const path = trial.socketFile();
    await listenUNIX(trial, path, { wantPID: true });
    await reaches(trial, path, true);
  },

  "checkPID: without a lock it is BadFileError": async (trial) => {
    const path = trial.socketFile();
    const { factory } = await listenUNIX(trial, path);
    expectReason(await connectFailure(trial, path, { checkPID: true }), BadFileError);
    expectEqual(factory.asked, ["start"], "what the server's factory was asked");
  },

  "checkPID: with the lock of a process that is gone it is BadFileError": async (trial) => {
    const path = await deadSocket(trial);
    symlinkSync(DEAD_PROCESS, `${path}.lock`);
    expectReason(await connectFailure(trial, path, { checkPID: true }), BadFileError);
    expectEqual([readlinkSync(`${path}.lock`), existsSync(path)], [DEAD_PROCESS, true]);
  },

  "nobody listens: ConnectionRefusedError, with or without a file": async (trial) => {
    for (const path of [trial.socketFile(), await deadSocket(trial)]) {
      expectReason(await connectFailure(trial, path), ConnectionRefusedError);
    }
  },

  "a socket that we may not use is a typed failure": async (trial) => {
    const path = trial.socketFile();
    await listenUNIX(trial, path);
    chmodSync(path, 0);
    await connectFailure(trial, path, {}, asNobody);
  },

  "a path that is too long is refused, and none that is shorter is bound": async (trial) => {
    const path = trial.socketFile();
    const long = path.padEnd(LONG, "x");
    await refusal(trial, long);
    expectReason(await connectFailure(trial, long), BadFileError);
    for (let length = path.length; length < LONG; length += 1) {
      expectEqual(existsSync(long.slice(0, length)), false, `whether ${String(length)} exist`);
    }
  },

  "a path as long as paths may be is bound whole": async (trial) => {
    const path = trial.socketFile();
    const longest = path.padEnd(process.platform === "linux" ? 107 : 103, "x");
    const { port } = await listenUNIX(trial, longest);
    expectEqual(lstatSync(longest).isSocket(), true, "whether it is there");
    await reaches(trial, longest);
    await trial.fired(port.stopListening());
    expectEqual(existsSync(longest), false);
  },

  "a folder that is not there is said to be not there": async (trial) => {
    const path = `${trial.socketFile()}/a.sock`;
    const { cause } = await refusal(trial, path);
    expectEqual(cause instanceof Error && "code" in cause ? cause.code : cause, "ENOENT");
  },

  "a path of digits is a path": async (trial) => {
    const path = trial.socketFile().replace(/[^/]*$/u, "8080");
    await listenUNIX(trial, path);
    await reaches(trial, path);
  },

  "while the server's queue is full an attempt waits, and gets in": async (trial) => {
    const path = trial.socketFile();
    const { port } = await listenUNIX(trial, path, { backlog: 1 });
    const clients = Array.from({ length: 30 }, () => connectUNIX(trial, path));
    await trial.settle(() => clients.every(({ client }) => client.made));
    await trial.settle(() => port.connections.size === 30);
  },

  "while the server's queue is full an attempt can time out": async (trial) => {
    trial.socketFile(); // Nobody needs it: but there must be such files.
    const place = String(await trial.silentPort());
    if (!existsSync(place)) throw new DoesNotApply("the harness's silentPort() is no UNIX socket");
    const reason = await connectFailure(trial, place, { timeout: 0.1 });
    expectReason(reason, TimeoutError);
  },
};

/** Root may use everything, so root becomes somebody else for the time of a call. */
function asNobody<Result>(f: () => Result): Result {
  const before = process.geteuid?.();
  if (before !== 0) return f();
  try {
    process.seteuid?.(NOBODY);
  } catch {
    throw new DoesNotApply("root may use everything, and a thread cannot be anybody else");
  }
  try {
    return f();
  } finally {
    process.seteuid?.(before);
  }
}

function writeLock(path: string): void {
  writeFileSync(path, "");
}

function symlinkLock(path: string): void {
  symlinkSync("elsewhere", path);
}

/** It points to nothing, as a lock does: `existsSync` would follow it. */
function lockIsThere(path: string): boolean {
  return lstatSync(`${path}.lock`, { throwIfNoEntry: false }) !== undefined;
}
