/**
 * Lets a Node reactor work, over real sockets, so that contracts can be tried with it.
 *
 * @module
 */
import { once } from "node:events";
import { mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as nextPass } from "node:timers/promises";
import { NodeReactor } from "../../src/reactors/node/node-reactor.ts";
import type { ReactorHarness } from "../../src/testing/contracts/harness.ts";
import type { Place } from "../../src/testing/contracts/network.ts";
import { SilentPort } from "./silent-port.ts";
import { unixNetwork } from "./unix-network.ts";

/** Seconds, of real time: far beyond what any contract takes. */
const GUARD = 10;

const silentPorts = new Map<string, Promise<SilentPort<number>>>();

function silentPort(host: string): Promise<SilentPort<number>> {
  const opened = silentPorts.get(host) ?? SilentPort.open(host);
  silentPorts.set(host, opened);
  return opened;
}

/** Call it when all contracts have been tried. */
export async function closeSilentPorts(): Promise<void> {
  for (const opened of silentPorts.values()) await (await opened).close();
  silentPorts.clear();
}

/** Over TCP. */
export class NodeHarness implements ReactorHarness {
  readonly reactor = new NodeReactor();
  readonly host: string;
  readonly shell = "/bin/sh";
  readonly hasSocketFiles = true;
  readonly #guard: number;
  #folder: string | undefined;
  #paths = 0;

  /** @param guard Seconds of real time for each wait. */
  constructor(host = "127.0.0.1", guard = GUARD) {
    this.host = host;
    this.#guard = guard;
  }

  async settle(until: () => boolean): Promise<void> {
    const deadline = performance.now() + this.#guard * 1000;
    while (!until()) {
      if (performance.now() > deadline) {
        throw new Error(`Waited ${String(this.#guard)} seconds for ${until.toString()}`);
      }
      await nextPass();
    }
  }

  async refusingPort(): Promise<Place> {
    const server = createServer().listen(0, this.host);
    await once(server, "listening");
    const address = server.address();
    server.close();
    await once(server, "close");
    if (address === null || typeof address === "string") throw new TypeError("no TCP address");
    return address.port;
  }

  async silentPort(): Promise<Place> {
    return (await silentPort(this.host)).place;
  }

  socketPath(): string {
    return `${this.#path()}.sock`;
  }

  directory(): string {
    const path = this.#path();
    mkdirSync(path);
    return path;
  }

  #path(): string {
    this.#folder ??= mkdtempSync(join(tmpdir(), "sennit-contracts-"));
    this.#paths += 1;
    return join(this.#folder, String(this.#paths));
  }

  async dispose(): Promise<void> {
    await this.reactor[Symbol.asyncDispose]();
    if (this.#folder !== undefined) rmSync(this.#folder, { recursive: true });
  }
}

/** Over UNIX sockets. */
export class UNIXHarness extends NodeHarness {
  readonly network = unixNetwork(this.reactor, () => this.socketPath(), false);
  #silent: SilentPort<string> | undefined;

  /** A file that its socket has left behind. */
  override async refusingPort(): Promise<Place> {
    const [path, place] = [this.socketPath(), this.socketPath()];
    const server = createServer().listen({ path });
    await once(server, "listening");
    renameSync(path, place);
    server.close();
    await once(server, "close");
    return place;
  }

  override async silentPort(): Promise<Place> {
    this.#silent ??= await SilentPort.openAt(this.socketPath());
    return this.#silent.place;
  }

  override async dispose(): Promise<void> {
    await this.#silent?.close();
    await super.dispose();
  }
}
