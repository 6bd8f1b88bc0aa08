/**
 * The sockets that a supervisor opened for us: systemd's socket activation.
 *
 *     LISTEN_PID=4711          meant for the process with this id
 *     LISTEN_FDS=2             descriptors 3 and 4
 *     LISTEN_FDNAMES=web:api   their names, in order
 *
 * Spec: sd_listen_fds(3). After: twisted.python.systemd.ListenFDs. Differs: names; the environment
 * stays as it is, children see that they are not meant by the process id.
 *
 * @module
 */

/** `SD_LISTEN_FDS_START`. */
const FIRST = 3;
/** Ours: more than any process may have open is a mistake, and would fill the memory. */
const COUNT_MAX = 65_536;
const WHOLE_NUMBER = /^\d+$/u;
/** systemd's, for a socket whose unit gives it no name. */
const NO_NAME = "unknown";

/** One of them. */
export interface InheritedDescriptor {
  readonly fileDescriptor: number;
  /** `FileDescriptorName=` of its unit; several may have the same. */
  readonly name: string;
}

/**
 * What was handed over, in the order of the unit files.
 *
 * @example
 * ```ts
 * import { ListenFDs } from "sennit/internet";
 *
 * const env = { LISTEN_PID: "4711", LISTEN_FDS: "2", LISTEN_FDNAMES: "web:api" };
 * const inherited = ListenFDs.fromEnvironment(env, 4711);
 * console.log(inherited.descriptors); // [ { fileDescriptor: 3, name: 'web' }, … ]
 * ```
 */
export class ListenFDs {
  readonly descriptors: readonly InheritedDescriptor[];

  constructor(descriptors: readonly InheritedDescriptor[]) {
    this.descriptors = descriptors;
  }

  /** Read the variables. What is not meant for `pid`, or cannot be read, is nothing. */
  static fromEnvironment(
    environment: Readonly<Record<string, string | undefined>>,
    pid: number,
  ): ListenFDs {
    const { LISTEN_PID: owner, LISTEN_FDS: count, LISTEN_FDNAMES: names = "" } = environment;
    const length = wholeNumber(owner) === pid ? wholeNumber(count) : 0;
    if (length > COUNT_MAX) return new ListenFDs([]);
    const named = names === "" ? [] : names.split(":");
    return new ListenFDs(
      Array.from({ length }, (_, at) => ({
        fileDescriptor: FIRST + at,
        name: named[at] ?? NO_NAME,
      })),
    );
  }
}

/** 0 for what is none. */
function wholeNumber(text = ""): number {
  return WHOLE_NUMBER.test(text) ? Number(text) : 0;
}
