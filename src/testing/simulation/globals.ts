/**
 * What the platform gives every program without being asked for: the time, timers, chance. In a
 * simulation they come from the simulation, or not at all.
 *
 * - `off`: the platform's, as ever. Two runs may differ.
 * - `virtual`: `Date`, `performance.now`, timers and `Math.random` are those of the host whose code
 *   runs. Programs that ask the platform are deterministic all the same.
 * - `strict`: whoever asks gets an {@link EscapeError} that says what to ask for instead.
 *
 * In `virtual` and `strict` whoever opens a socket, looks a name up or starts a process or a thread
 * gets that error: half a simulation is worse than none. `escapes.ts` finds what else there is.
 *
 * The functions of the platform are replaced once, when they are first needed, and do what they
 * always did while no simulation runs.
 *
 * @module
 */
import child_process from "node:child_process";
import crypto from "node:crypto";
import dgram from "node:dgram";
import dns from "node:dns";
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import net from "node:net";
import timers from "node:timers";
import timersPromises from "node:timers/promises";
import worker_threads from "node:worker_threads";
import { EscapeError } from "./escape-error.ts";
import { fillRandomly, randomBytes, randomFill, randomInt, randomUUID } from "./virtual-chance.ts";

/** See the top of this file. */
export type GlobalsMode = "off" | "virtual" | "strict";

/** What the functions of the platform ask, while a simulation runs. */
export interface VirtualPlatform {
  readonly mode: "virtual" | "strict";
  /** Seconds since the simulation began. */
  seconds(): number;
  /** The time of day of the host whose code runs, in seconds since 1970. */
  wallClock(): number;
  /** From 0 to just below 1, from the program's own chance. */
  random(): number;
  /** Those of the program whose code runs: they end with it. */
  readonly timers: VirtualTimers;
  /** Somebody escaped: the simulation fails, whatever becomes of the error. */
  escaped(error: EscapeError): void;
  /** If it is there, it is told of what only `virtual` mode answers. */
  readonly answered?: ((error: EscapeError) => void) | undefined;
}

/** Where timers are made. */
export interface VirtualTimers {
  callLater(seconds: number, f: () => void): VirtualTimer;
}

/** A timer that was made in a simulation. */
export interface VirtualTimer {
  readonly active: boolean;
  cancel(): void;
}

let platform: VirtualPlatform | undefined;
let installed = false;

/** From now on the functions of the platform ask this one; `undefined`: nobody. */
export function usePlatform(next: VirtualPlatform | undefined): void {
  if (next !== undefined && !installed) {
    installed = true;
    install();
  }
  platform = next;
}

// -- Replacing

/** What stands in for a function while a simulation runs. */
interface Stand {
  /** How people call it. */
  readonly name: string;
  /** What they should call. */
  readonly instead: string;
  /** What it does in `virtual` mode; missing: nothing but escape. */
  readonly virtual?: (platform: VirtualPlatform, args: readonly unknown[]) => unknown;
  /** Even in `virtual` mode it is let through. */
  readonly harmless?: boolean;
}

function replace(object: object, key: string, stand: Stand): void {
  const original: unknown = Reflect.get(object, key);
  if (typeof original !== "function") return;
  const replaced = function (this: unknown, ...args: unknown[]): unknown {
    if (platform === undefined) {
      return new.target === undefined
        ? Reflect.apply(original, this, args)
        : Reflect.construct(original, args, new.target === replaced ? original : new.target);
    }
    return standIn(stand, { original, self: this, args, isNew: new.target !== undefined });
  };
  // Whatever else hangs off it, `promisify.custom` and the prototype included.
  for (const name of Reflect.ownKeys(original)) {
    const own = Reflect.getOwnPropertyDescriptor(original, name);
    if (own !== undefined) Reflect.defineProperty(replaced, name, own);
  }
  const enumerable = Reflect.getOwnPropertyDescriptor(object, key)?.enumerable ?? true;
  const property = { value: replaced, configurable: true, enumerable, writable: true };
  Reflect.defineProperty(object, key, property);
}

interface Call {
  readonly original: Function;
  readonly self: unknown;
  readonly args: readonly unknown[];
  readonly isNew: boolean;
}

function standIn(stand: Stand, { original, self, args, isNew }: Call): unknown {
  if (platform === undefined) return undefined;
  if (platform.mode === "virtual") {
    platform.answered?.(new EscapeError(stand.name, stand.instead));
    if (stand.virtual !== undefined) return stand.virtual(platform, args);
    if (stand.harmless === true) {
      return isNew ? Reflect.construct(original, args) : Reflect.apply(original, self, args);
    }
  }
  const error = new EscapeError(stand.name, stand.instead);
  platform.escaped(error);
  throw error;
}

function install(): void {
  installTime();
  installTimers();
  installChance();
  installInput();
  syncBuiltinESMExports();
}

// -- Time

function milliseconds(one: VirtualPlatform): number {
  return Math.floor(one.wallClock() * 1000);
}

function installTime(): void {
  const OriginalDate = globalThis.Date;
  replace(OriginalDate, "now", {
    name: "Date.now()",
    instead: "reactor.wallClock()",
    virtual: milliseconds,
  });
  // A class of its own, so that `new Date()` and `Date()` can be told from `new Date(0)`.
  const replaced = new Proxy(OriginalDate, {
    construct: (target, args, newTarget) => {
      if (platform === undefined || args.length > 0) {
        return Reflect.construct(target, args, newTarget);
      }
      return Reflect.construct(target, [target.now()], newTarget);
    },
    apply: (target, self, args) => {
      if (platform === undefined) return Reflect.apply(target, self, args);
      return new target(target.now()).toString();
    },
  });
  Reflect.set(globalThis, "Date", replaced);
  Reflect.set(OriginalDate.prototype, "constructor", replaced);
  replace(performance, "now", {
    name: "performance.now()",
    instead: "reactor.seconds()",
    virtual: (one) => one.seconds() * 1000,
  });
  replaceTimeOrigin();
  replace(process, "hrtime", {
    name: "process.hrtime()",
    instead: "reactor.seconds()",
    virtual: (one, [since]) => highResolution(one, since),
  });
  replace(process.hrtime, "bigint", {
    name: "process.hrtime.bigint()",
    instead: "reactor.seconds()",
    virtual: (one) => BigInt(Math.round(one.seconds() * 1e9)),
  });
  replace(process, "uptime", {
    name: "process.uptime()",
    instead: "reactor.seconds()",
    virtual: (one) => one.seconds(),
  });
}

/** No function, and asked by whoever wants the time of day from `performance`. */
function replaceTimeOrigin(): void {
  const { timeOrigin } = performance;
  const begun = (one: VirtualPlatform): number => (one.wallClock() - one.seconds()) * 1000;
  const stand = {
    name: "performance.timeOrigin",
    instead: "reactor.wallClock()",
    virtual: begun,
  };
  const get = (): unknown => {
    if (platform === undefined) return timeOrigin;
    return standIn(stand, { original: get, self: performance, args: [], isNew: false });
  };
  Reflect.defineProperty(performance, "timeOrigin", { get, configurable: true, enumerable: true });
}

function highResolution(one: VirtualPlatform, since: unknown): [number, number] {
  const now = Math.round(one.seconds() * 1e9);
  const [seconds = 0, rest = 0]: unknown[] = Array.isArray(since) ? since : [];
  const passed = now - (Number(seconds) * 1e9 + Number(rest));
  return [Math.floor(passed / 1e9), passed % 1e9];
}

// -- Timers

/** Looks like a timer of Node's. */
class Timer {
  /** Whoever begins it anew: it stays with the program that made it. */
  readonly #timers: VirtualTimers;
  readonly #seconds: number;
  readonly #f: () => void;
  #call: VirtualTimer;

  constructor({ timers }: VirtualPlatform, seconds: number, f: () => void) {
    this.#timers = timers;
    this.#seconds = seconds;
    this.#f = f;
    this.#call = timers.callLater(seconds, f);
  }

  /** Another round of an interval. */
  renew(): void {
    this.#call = this.#timers.callLater(this.#seconds, this.#f);
  }

  close(): void {
    if (this.#call.active) this.#call.cancel();
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  hasRef(): boolean {
    return true;
  }

  refresh(): this {
    this.close();
    this.renew();
    return this;
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/** What Node can wait for: longer is a millisecond, as less is. */
const DELAY_MAX = 2 ** 31 - 1;

function secondsOf(delay: unknown): number {
  const milliseconds = Number(delay);
  return milliseconds >= 1 && milliseconds <= DELAY_MAX ? milliseconds / 1000 : 0.001;
}

function timeout(one: VirtualPlatform, [f, delay, ...args]: readonly unknown[]): Timer {
  checkCallback(f);
  return new Timer(one, secondsOf(delay), () => call(f, args));
}

function immediate(one: VirtualPlatform, [f, ...args]: readonly unknown[]): Timer {
  checkCallback(f);
  return new Timer(one, 0, () => call(f, args));
}

function interval(one: VirtualPlatform, [f, delay, ...args]: readonly unknown[]): Timer {
  checkCallback(f);
  const timer: Timer = new Timer(one, secondsOf(delay), () => {
    timer.renew();
    call(f, args);
  });
  return timer;
}

function checkCallback(f: unknown): void {
  if (typeof f === "function") return;
  throw new TypeError(`Cannot call a ${typeof f} later: expected a function`);
}

function call(f: unknown, args: readonly unknown[]): void {
  if (typeof f === "function") Reflect.apply(f, undefined, args);
}

function installTimers(): void {
  const later = "reactor.callLater()";
  const stands: Readonly<Record<string, Stand["virtual"]>> = {
    setTimeout: timeout,
    setInterval: interval,
    setImmediate: immediate,
  };
  for (const [key, virtual] of Object.entries(stands)) {
    if (virtual === undefined) continue;
    for (const object of [globalThis, timers]) {
      replace(object, key, { name: `${key}()`, instead: later, virtual });
    }
  }
  for (const key of ["clearTimeout", "clearInterval", "clearImmediate"]) {
    for (const object of [globalThis, timers]) replaceClear(object, key);
  }
  replace(timersPromises, "setTimeout", {
    name: "setTimeout() of node:timers/promises",
    instead: "deferLater()",
    virtual: (one, [delay, value, options]) => sleep(one, secondsOf(delay), { value, options }),
  });
  replace(timersPromises, "setImmediate", {
    name: "setImmediate() of node:timers/promises",
    instead: "deferLater()",
    virtual: (one, [value, options]) => sleep(one, 0, { value, options }),
  });
  replace(timersPromises.scheduler, "wait", {
    name: "scheduler.wait() of node:timers/promises",
    instead: "deferLater()",
    virtual: (one, [delay, options]) => sleep(one, secondsOf(delay), { options }),
  });
  replace(timersPromises, "setInterval", {
    name: "setInterval() of node:timers/promises",
    instead: "LoopingCall",
  });
  replace(AbortSignal, "timeout", {
    name: "AbortSignal.timeout()",
    instead: "an AbortController and reactor.callLater()",
    virtual: (one, [delay]) => signalAfter(one, secondsOf(delay)),
  });
}

/** A timer of the simulation is cleared in and after it, one of Node's as ever. */
function replaceClear(object: object, key: string): void {
  const original: unknown = Reflect.get(object, key);
  if (typeof original !== "function") return;
  const clear = (timer: unknown): void => {
    if (timer instanceof Timer) timer.close();
    else Reflect.apply(original, undefined, [timer]);
  };
  Reflect.set(object, key, clear);
}

/** What the functions of `node:timers/promises` are given. */
interface Sleep {
  readonly value?: unknown;
  readonly options: unknown;
}

function sleep(one: VirtualPlatform, seconds: number, { value, options }: Sleep): Promise<unknown> {
  const signal = signalOf(options);
  return new Promise((resolve, reject) => {
    const aborted = (): void => {
      if (timer?.active === true) timer.cancel();
      reject(new DOMException("The operation was aborted", "AbortError"));
    };
    const timer =
      signal?.aborted === true
        ? undefined
        : one.timers.callLater(seconds, () => {
            signal?.removeEventListener("abort", aborted);
            resolve(value);
          });
    if (timer === undefined) aborted();
    else signal?.addEventListener("abort", aborted, { once: true });
  });
}

function signalOf(options: unknown): AbortSignal | undefined {
  if (typeof options !== "object" || options === null) return undefined;
  const signal: unknown = Reflect.get(options, "signal");
  return signal instanceof AbortSignal ? signal : undefined;
}

function signalAfter(one: VirtualPlatform, seconds: number): AbortSignal {
  const controller = new AbortController();
  one.timers.callLater(seconds, () => {
    controller.abort(new DOMException("The operation timed out", "TimeoutError"));
  });
  return controller.signal;
}

// -- Chance

function installChance(): void {
  const random = "reactor.random()";
  const bytes = "reactor.randomBytes()";
  replace(Math, "random", {
    name: "Math.random()",
    instead: random,
    virtual: (one) => one.random(),
  });
  replace(crypto, "randomBytes", {
    name: "crypto.randomBytes()",
    instead: bytes,
    virtual: (one, [count, callback]) => {
      const made = randomBytes(one, Number(count));
      if (typeof callback !== "function") return made;
      one.timers.callLater(0, () => call(callback, [null, made]));
      return undefined;
    },
  });
  replace(crypto, "randomInt", {
    name: "crypto.randomInt()",
    instead: random,
    virtual: randomInt,
  });
  replace(crypto, "randomFillSync", {
    name: "crypto.randomFillSync()",
    instead: bytes,
    virtual: (one, [into, ...place]) => fillRandomly(one, into, place),
  });
  replace(crypto, "randomFill", {
    name: "crypto.randomFill()",
    instead: bytes,
    virtual: randomFill,
  });
  const uuid = { name: "crypto.randomUUID()", instead: bytes, virtual: randomUUID };
  const values = {
    name: "crypto.getRandomValues()",
    instead: bytes,
    virtual: (one: VirtualPlatform, [into]: readonly unknown[]) => fillRandomly(one, into),
  };
  for (const object of [crypto, globalThis.crypto]) {
    replace(object, "randomUUID", uuid);
    replace(object, "getRandomValues", values);
  }
}

// -- What comes from outside

function installInput(): void {
  const connect = "an endpoint, or reactor.connectTCP()";
  const listen = "an endpoint, or reactor.listenTCP()";
  replace(globalThis, "fetch", { name: "fetch()", instead: connect });
  replace(globalThis, "WebSocket", { name: "WebSocket", instead: connect });
  for (const key of ["connect", "createConnection"]) {
    replace(net, key, { name: `net.${key}()`, instead: connect });
  }
  replace(net.Socket.prototype, "connect", { name: "Socket.connect()", instead: connect });
  replace(net.Server.prototype, "listen", { name: "Server.listen()", instead: listen });
  replace(dgram, "createSocket", {
    name: "dgram.createSocket()",
    instead: "reactor.listenUDP()",
  });
  for (const key of ["lookup", "resolve", "resolve4", "resolve6"]) {
    replace(dns, key, { name: `dns.${key}()`, instead: "reactor.resolve()" });
    replace(dns.promises, key, { name: `dns.promises.${key}()`, instead: "reactor.resolve()" });
  }
  for (const key of [
    "spawn",
    "exec",
    "execFile",
    "fork",
    "spawnSync",
    "execFileSync",
    "execSync",
  ]) {
    replace(child_process, key, {
      name: `child_process.${key}()`,
      instead: "reactor.spawnProcess()",
    });
  }
  replace(worker_threads, "Worker", { name: "new Worker()", instead: "deferToThread()" });
  installFiles();
}

/** Files of the real disk: reading them is harmless enough for `virtual`, and no more. */
function installFiles(): void {
  const instead = "reactor.files";
  const keys = ["readFile", "writeFile", "open", "stat", "readdir", "mkdir", "unlink", "rename"];
  for (const key of keys) {
    const stand = { instead, harmless: true };
    replace(fs, key, { ...stand, name: `fs.${key}()` });
    replace(fs, `${key}Sync`, { ...stand, name: `fs.${key}Sync()` });
    replace(fs.promises, key, { ...stand, name: `fs.promises.${key}()` });
  }
}
