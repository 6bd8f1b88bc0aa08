/**
 * The hosts' addresses, and the links between them.
 *
 * @module
 */
import { ipFamily } from "../../internet/ip-family.ts";
import {
  changed,
  Link,
  type LinkOptions,
  type LinkSettings,
  SETTINGS,
  SETTINGS_WITHIN,
} from "./link.ts";
import type { NetworkNode, World } from "./world.ts";

/** See the top of this file. */
export class SimulatedNetwork<Node extends NetworkNode = NetworkNode> {
  readonly #world: World;
  readonly #links = new Map<number, Link>();
  readonly #hosts = new Map<string, Node>();
  readonly #nodes: Node[] = [];
  #between = SETTINGS;
  #within = SETTINGS_WITHIN;
  /** Does chance order what arrives at the same time at different places? Default: no. */
  shuffled = false;

  constructor(world: World) {
    this.#world = world;
  }

  /** There is a new host. The simulator calls it. */
  added(host: Node): void {
    this.#nodes.push(host);
    this.#hosts.set(host.ipv4, host);
    this.#hosts.set(host.ipv6, host);
  }

  /** All hosts, in the order in which they were made. */
  get hosts(): readonly Node[] {
    return this.#nodes;
  }

  /** The host at an address, as `from` sees it: 127.0.0.1 is itself. */
  hostAt(address: string, from: Node): Node | undefined {
    if (isLoopback(address)) return from;
    return this.#hosts.get(address);
  }

  /** Set how all links between hosts are, those that exist included. */
  default(options: LinkOptions): void {
    this.#between = changed(this.#between, options);
    this.#change(({ from, to }) => from !== to, options);
  }

  /** Set how hosts are connected to themselves. */
  loopback(options: LinkOptions): void {
    this.#within = changed(this.#within, options);
    this.#change(({ from, to }) => from === to, options);
  }

  /** Change those links; those that share settings go on to do so. */
  #change(which: (link: Link) => boolean, options: LinkOptions): void {
    const known = new Map<LinkSettings, LinkSettings>();
    for (const link of this.#links.values()) {
      if (!which(link)) continue;
      const settings = known.get(link.settings) ?? changed(link.settings, options);
      known.set(link.settings, settings);
      link.share(settings);
    }
  }

  /** The way from one host to another. */
  link(from: Node, to: Node): Link {
    const key = from.id * 0x1_0000 + to.id;
    const known = this.#links.get(key);
    if (known !== undefined) return known;
    const link = new Link(this.#world, from, to, from === to ? this.#within : this.#between);
    this.#links.set(key, link);
    return link;
  }
}

/** Is it an address of the host that asks? RFC 1122 §3.2.1.3, RFC 4291 §2.5.3. */
export function isLoopback(address: string): boolean {
  return address === "::1" || (ipFamily(address) === 4 && address.startsWith("127."));
}

/** Is it every address of a host? */
export function isWildcard(address: string): boolean {
  return address === "" || address === "0.0.0.0" || address === "::";
}
