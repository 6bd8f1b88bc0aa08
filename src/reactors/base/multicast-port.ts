/**
 * A port for datagrams that joins groups: the contract of `IMulticastPort`, once for every
 * platform.
 *
 * After: twisted.internet.udp.MulticastPort. Differs: IPv6 too; names are not resolved.
 *
 * @module
 */
import { fail } from "../../defer/combinators.ts";
import type { Deferred } from "../../defer/deferred.ts";
import { MulticastInterfaceError, MulticastJoinError } from "../../internet/datagram-errors.ts";
import type { IMulticastPort, MembershipOptions } from "../../internet/interfaces-udp.ts";
import { checkedHost } from "./datagram-destination.ts";
import { DatagramPort } from "./datagram-port.ts";
import { checkedHops, type Membership } from "./datagram-switches.ts";

/** See the top of this file. A kind of port also joins and leaves groups. */
export abstract class MulticastPort extends DatagramPort implements IMulticastPort {
  /** Join or leave a group. @throws {Error} What the platform says against it. */
  protected abstract changeMembership(membership: Membership): void;

  getTTL(): number {
    return this.switches.ttl ?? 1;
  }

  setTTL(hops: number): void {
    this.setSwitches({ ttl: checkedHops(hops, 0) });
  }

  getLoopbackMode(): boolean {
    return this.switches.loopback ?? true;
  }

  setLoopbackMode(enabled: boolean): void {
    this.setSwitches({ loopback: enabled });
  }

  getOutgoingInterface(): string {
    return this.switches.outgoingInterface ?? "";
  }

  setOutgoingInterface(networkInterface: string): Deferred<void> {
    return this.whenBound(() => {
      this.setSwitches({ outgoingInterface: networkInterface });
    }).addErrback(({ value }) => fail(new MulticastInterfaceError(networkInterface, value)));
  }

  // -- Groups

  joinGroup(group: string, options: MembershipOptions = {}): Deferred<void> {
    return this.#changeMembership("join", group, options);
  }

  leaveGroup(group: string, options: MembershipOptions = {}): Deferred<void> {
    return this.#changeMembership("leave", group, options);
  }

  #changeMembership(
    change: "join" | "leave",
    group: string,
    { interface: networkInterface = "", source }: MembershipOptions,
  ): Deferred<void> {
    checkedHost(`${change} a group`, group, this.family);
    if (source !== undefined) checkedHost(`${change} a group of a source`, source, this.family);
    return this.whenBound(() => {
      this.changeMembership({ change, group, networkInterface, source });
    }).addErrback(({ value }) =>
      fail(new MulticastJoinError(change, group, networkInterface, value)),
    );
  }
}
