/**
 * Reactors that are wrong about the files of UNIX sockets: over real ones.
 *
 * @module
 */
import type { Mutant } from "../mutant.ts";

const PORT = "reactors/node/unix-port.ts";
const CONNECTOR = "reactors/node/unix-connector.ts";
const FILE = "reactors/node/socket-file.ts";
const LOCK = "reactors/node/lock-file.ts";
const NAME = "reactors/node/unix-system-name.ts";
const REMOVE_STALE = "if (this.#lock?.wasStale === true) SocketFile.removeStale(path);";
const NO_LOCK = "wantPID: a socket without a lock is in the way, and the lock is given back";
const NO_SOCKET = "wantPID: with a stale lock, a file that is no socket stays";
const LEFT_OVER = "a socket that is left over is in the way, and stays";
const IN_THE_WAY = "a file that is no socket is in the way, and stays";
const NAMES_US = "wantPID: a lock names our process while we listen";
const AGAIN = "wantPID: startListening() again takes the lock again";
const HELD = "wantPID: a lock that is held refuses, and says by whom";
const THE_END = "the reactor's end removes the file and the lock";
const ALIVE = "checkPID: connects where the lock's process is alive";
const GONE = "checkPID: with the lock of a process that is gone it is BadFileError";
const UNLOCKED = "checkPID: without a lock it is BadFileError";

/** Those that are wrong about files and locks when they listen. */
const portMutants: readonly Mutant[] = [
  {
    name: "the umask has its say",
    file: FILE,
    find: "chmodSync(path, mode);",
    replace: "",
    kills: [
      "the socket is a file that everybody may use, whatever the umask",
      "mode says who may use it",
    ],
  },
  {
    name: "the mode is always the same",
    file: PORT,
    find: "checkedMode(options.mode ?? MODE)",
    replace: "checkedMode(MODE)",
    kills: ["mode says who may use it"],
  },
  {
    name: "the file stays",
    file: FILE,
    find: "if (!this.#isAnothers() || !moved(this.#path, aside)) {",
    replace: "if (!moved(this.#path, aside)) {",
    kills: ["stopListening() removes the file", THE_END, NAMES_US],
  },
  {
    name: "the lock stays",
    file: PORT,
    find: "file.remove(() => server.close());\n    this.#unlock();",
    replace: "file.remove(() => server.close());",
    kills: [THE_END, NAMES_US, AGAIN],
  },
  {
    name: "whatever is at the path by now is removed",
    file: FILE,
    find: "return dev !== this.#device || ino !== this.#inode;",
    replace: "return false;",
    kills: [
      "a file that is another's by now is left alone",
      "the socket of a successor is left alone, and reached",
    ],
  },
  {
    name: "a socket at the path is removed, lock or no lock",
    file: PORT,
    find: REMOVE_STALE,
    replace: "SocketFile.removeStale(path);",
    kills: [LEFT_OVER, NO_LOCK],
  },
  {
    name: "what is at the path is removed",
    file: FILE,
    find: "if (!narrowly(mode, bind)) return undefined;",
    replace: "try { unlinkSync(path); } catch {}\n    narrowly(mode, bind);",
    kills: [LEFT_OVER, IN_THE_WAY, NO_SOCKET, NO_LOCK],
  },
  {
    name: "a lock names somebody else",
    file: LOCK,
    find: "symlinkSync(String(process.pid), path);",
    replace: 'symlinkSync("1", path);',
    kills: [NAMES_US, AGAIN, HELD],
  },
  {
    name: "every lock is stale",
    file: LOCK,
    find: "if (isAlive(owner)) throw new SocketLockedError(path, owner);",
    replace: "",
    kills: [HELD],
  },
  {
    name: "who holds a lock is not said",
    file: LOCK,
    find: "throw new SocketLockedError(path, owner);",
    replace: 'throw new Error("it is locked");',
    kills: [HELD],
  },
  {
    name: "the socket of a process that is gone stays",
    file: PORT,
    find: REMOVE_STALE,
    replace: "",
    kills: ["wantPID: lock and socket of a process that is gone are taken over"],
  },
  {
    name: "every lock is held",
    file: LOCK,
    find: 'return codeOf(error) === "EPERM";',
    replace: "return true;",
    kills: ["wantPID: lock and socket of a process that is gone are taken over", GONE],
  },
  {
    name: "with a stale lock goes whatever is at the path",
    file: FILE,
    find: "if (lstatSync(path).isSocket()) unlinkSync(path);",
    replace: "unlinkSync(path);",
    kills: [NO_SOCKET],
  },
  {
    name: "who cannot listen keeps the lock",
    file: PORT,
    find: "if (this.#file === undefined) this.#unlock();",
    replace: "",
    kills: [NO_LOCK],
  },
  {
    name: "a lock that names no process is stale",
    file: LOCK,
    find: "throw new Error(`Cannot read lock",
    replace: 'if (target !== "") return 4194305;\n  throw new Error(`Cannot read lock',
    kills: ["wantPID: a file of the lock's name that is none refuses, and stays"],
  },
  {
    name: "a lock is removed, whose ever it is",
    file: LOCK,
    find: "if (lockOwner(this.#path) === process.pid) unlinkSync(this.#path);",
    replace: "unlinkSync(this.#path);",
    kills: ["a lock that is somebody else's by now is left alone"],
  },
];

/** Those that are wrong about paths, and when they connect. */
const pathMutants: readonly Mutant[] = [
  {
    name: "a lock is looked for under another name",
    file: CONNECTOR,
    find: "const lock = `${path}.lock`;",
    replace: "const lock = `${path}.pid`;",
    kills: [ALIVE],
  },
  {
    name: "checkPID is not heard",
    file: CONNECTOR,
    find: "if (this.#options.checkPID !== true || isAbstract(name)) return path;",
    replace: 'if (path !== "") return path;',
    kills: [UNLOCKED, GONE],
  },
  {
    name: "no lock is as good as one",
    file: LOCK,
    find: "return owner !== undefined && isAlive(owner);",
    replace: "return owner === undefined || isAlive(owner);",
    kills: [UNLOCKED],
  },
  {
    name: "a lock is as good as a process",
    file: LOCK,
    find: "return owner !== undefined && isAlive(owner);",
    replace: "return owner !== undefined;",
    kills: [GONE],
  },
  {
    name: "a path where nothing is does not refuse",
    file: "reactors/base/connect-errors.ts",
    find: '["ENOENT", ConnectionRefusedError],',
    replace: "",
    kills: ["nobody listens: ConnectionRefusedError, with or without a file"],
  },
  {
    name: "who fails to connect is told in the system's words",
    file: CONNECTOR,
    find: "this.failed(connectError(this.#destination, error));",
    replace: "this.failed(error);",
    kills: [
      "nobody listens: ConnectionRefusedError, with or without a file",
      "a socket that we may not use is a typed failure",
    ],
  },
  {
    name: "a path that is too long goes to the system",
    file: NAME,
    find: "if (bytes < FIELD_BYTES) return name;",
    replace: "if (bytes > 0) return name;",
    kills: ["a path that is too long is refused, and none that is shorter is bound"],
  },
  {
    name: "a path that is too long is cut",
    file: NAME,
    find: "if (bytes < FIELD_BYTES) return name;",
    replace: "if (bytes > 0) return name.slice(0, FIELD_BYTES - 1);",
    kills: ["a path that is too long is refused, and none that is shorter is bound"],
  },
  {
    name: "a path is one byte shorter at most",
    file: NAME,
    find: "? 108 : 104;",
    replace: "? 107 : 103;",
    kills: ["a path as long as paths may be is bound whole"],
  },
  {
    name: "the system's wrong word about a folder is believed",
    file: PORT,
    find: 'if (!("code" in cause) || cause.code !== "EACCES") return cause;',
    replace: 'if (cause.name !== "") return cause;',
    kills: ["a folder that is not there is said to be not there"],
  },
  {
    name: "digits are a port",
    file: PORT,
    find: "const where = { path: name,",
    replace: `const place = /\\/\\d+$/u.test(name) ? { port: 0 } : { path: name };
    const where = { ...place,`,
    kills: ["a path of digits is a path"],
  },
  {
    name: "a queue that is full is a failure",
    file: CONNECTOR,
    find: 'if (error.code === "EAGAIN") {',
    replace: 'if (error.code === "") {',
    on: "unix",
    kills: [
      "while the server's queue is full an attempt waits, and gets in",
      "while the server's queue is full an attempt can time out",
    ],
  },
];

const overSockets = (mutant: Mutant): Mutant => ({ on: "node", ...mutant });

/** For `the files of UNIX sockets`. */
export const unixFileMutants: readonly Mutant[] = [...portMutants, ...pathMutants].map(overSockets);
