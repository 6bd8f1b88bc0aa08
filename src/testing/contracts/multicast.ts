/**
 * Contracts of `IMulticastPort`: groups, who hears them, and what a port sends to them.
 *
 * Over IPv4 they run on the loopback interface; over IPv6, which commonly routes no groups there,
 * on the system's choice. They skip where the machine sends nothing to groups.
 *
 * @module
 */
import { assert } from "../../core/assert.ts";
import { Failure } from "../../defer/failure.ts";
import {
  InvalidAddressError,
  MulticastInterfaceError,
  MulticastJoinError,
} from "../../internet/datagram-errors.ts";
import {
  type DatagramDestination,
  type IMulticastPort,
  type ListenUDPOptions,
  providesMulticast,
} from "../../internet/interfaces-udp.ts";
import {
  arrivesOrCannot,
  everywhere,
  isIPv6,
  listenMulticastNow,
  multicastStation,
  type MulticastStation,
  otherFamily,
  udpNumber,
} from "./datagram-witness.ts";
import { expectEqual, expectReason, expectThrown } from "./expect.ts";
import { type Contracts, DoesNotApply, type Trial } from "./trial.ts";

/** Near ones (RFC 2365 §6.1: local scope; RFC 4291 §2.7: link-local). */
function groupOf(trial: Trial, number = 1): string {
  return isIPv6(trial) ? `ff02::5e:${String(number)}` : `239.255.94.${String(number)}`;
}

/** The interface that groups are joined on. */
function way(trial: Trial): string {
  return isIPv6(trial) ? "" : trial.host;
}

/** A host that sends nothing. */
function stranger(trial: Trial): string {
  return isIPv6(trial) ? "2001:db8::7" : "127.0.0.7";
}

/** Another group: nobody joins it. */
function otherGroup(trial: Trial): string {
  return groupOf(trial, 2);
}

/** One that sends there. */
async function speaker(trial: Trial): Promise<MulticastStation> {
  const sender = await multicastStation(trial);
  await trial.fired(sender.port.setOutgoingInterface(way(trial)));
  return sender;
}

/** Join the group there. @throws {DoesNotApply} IPv6 is there for one host only. */
async function join(trial: Trial, port: IMulticastPort): Promise<void> {
  const joined = port.joinGroup(groupOf(trial), { interface: way(trial) });
  if (!isIPv6(trial)) await trial.fired(joined);
  else if ((await trial.outcome(joined)) instanceof Failure) {
    throw new DoesNotApply("this machine has no interface for groups over IPv6");
  }
}

/** One that has joined the group. */
async function member(
  trial: Trial,
  options: ListenUDPOptions = {},
  number = 0,
): Promise<MulticastStation> {
  const listener = await multicastStation(trial, options, number);
  await join(trial, listener.port);
  return listener;
}

/** Where the group is, for those who listen where that one does. */
function at(trial: Trial, { address }: MulticastStation, group?: string): DatagramDestination {
  return { host: group ?? groupOf(trial), port: address.port };
}

/** A sender, a member, and a datagram that has come from one to the other. */
async function conversation(trial: Trial): Promise<[MulticastStation, MulticastStation]> {
  const sender = await speaker(trial);
  const listener = await member(trial);
  sender.witness.write("hello", at(trial, listener));
  await arrivesOrCannot(trial, sender, () => listener.witness.datagrams.length > 0);
  return [sender, listener];
}

/** A datagram to one host comes; those to groups, written before, would have come first. */
async function expectOnly(
  trial: Trial,
  sender: MulticastStation,
  listener: MulticastStation,
  texts: readonly string[],
): Promise<void> {
  await trial.passes();
  sender.witness.write("the end", listener.address);
  await trial.settle(() => listener.witness.texts.at(-1) === "the end");
  expectEqual(listener.witness.texts, [...texts, "the end"]);
}

/** By name. */
export const multicastContracts: Contracts = {
  "who has joined a group hears it, from a sender who has not": async (trial) => {
    const [sender, { witness }] = await conversation(trial);
    expectEqual(witness.texts, ["hello"]);
    if (!isIPv6(trial)) expectEqual(witness.addresses[0]?.host, trial.host);
    expectEqual(witness.addresses[0]?.port, sender.address.port);
  },

  "an answer to a datagram of a group goes to its sender alone": async (trial) => {
    const [sender, listener] = await conversation(trial);
    const [from] = listener.witness.addresses;
    listener.witness.write("welcome", from);
    await trial.settle(() => sender.witness.datagrams.length === 1);
    await expectOnly(trial, sender, listener, ["hello"]);
  },

  "a group that nobody has joined is not heard": async (trial) => {
    const [sender, listener] = await conversation(trial);
    sender.witness.write("psst", at(trial, listener, otherGroup(trial)));
    await expectOnly(trial, sender, listener, ["hello"]);
    trial.loggedWarnings(); // Where it may not even be sent, it is not heard either.
  },

  "who has left a group hears it no more, and may join again": async (trial) => {
    const [sender, listener] = await conversation(trial);
    const options = { interface: way(trial) };
    await trial.fired(listener.port.leaveGroup(groupOf(trial), options));
    sender.witness.write("psst", at(trial, listener));
    await expectOnly(trial, sender, listener, ["hello"]);
    await trial.fired(listener.port.joinGroup(groupOf(trial), options));
    sender.witness.write("back", at(trial, listener));
    await trial.settle(() => listener.witness.texts.at(-1) === "back");
  },

  "several ports that share a number hear a group, each with bytes of its own": async (trial) => {
    const shared = { listenMultiple: true };
    const sender = await speaker(trial);
    const first = await member(trial, shared);
    const second = await member(trial, shared, first.address.port);
    sender.witness.write("all of you", at(trial, first));
    await arrivesOrCannot(trial, sender, () => first.witness.datagrams.length > 0);
    await trial.settle(() => second.witness.datagrams.length > 0);
    first.witness.datagrams[0]?.fill(0);
    expectEqual(second.witness.texts, ["all of you"]);
  },

  "a sender who has joined hears itself": async (trial) => {
    const one = await member(trial);
    await trial.fired(one.port.setOutgoingInterface(way(trial)));
    one.witness.write("echo", at(trial, one));
    expectEqual(one.witness.datagrams.length, 0, "datagrams at once");
    await arrivesOrCannot(trial, one, () => one.witness.datagrams.length > 0);
    expectEqual(one.witness.texts, ["echo"]);
  },

  "only what the source sends is heard, where one is named": async (trial) => {
    const [sender, first] = await conversation(trial);
    const [from] = first.witness.addresses;
    assert(from !== undefined, "Expected an address");
    await trial.fired(first.port.stopListening());
    const group = groupOf(trial);
    const [wrong, right] = [stranger(trial), from.host].map((source) => ({
      interface: way(trial),
      source,
    }));
    const listener = await multicastStation(trial);
    await trial.fired(listener.port.joinGroup(group, wrong));
    sender.witness.write("psst", at(trial, listener));
    await expectOnly(trial, sender, listener, []);
    await trial.fired(listener.port.joinGroup(group, right));
    sender.witness.write("heard", at(trial, listener));
    await trial.settle(() => listener.witness.texts.at(-1) === "heard");
    await trial.fired(listener.port.leaveGroup(group, right));
    sender.witness.write("psst", at(trial, listener));
    await expectOnly(trial, sender, listener, ["the end", "heard"]);
  },

  "joinGroup() and setOutgoingInterface() while the port is being bound hold when it is": async (
    trial,
  ) => {
    const { port, witness } = listenMulticastNow(trial);
    const joined = port.joinGroup(groupOf(trial), { interface: way(trial) });
    const set = port.setOutgoingInterface(way(trial));
    expectEqual([joined.called, set.called], [false, false], "fired at once");
    await trial.fired(joined);
    await trial.fired(set);
    const address = { host: trial.host, port: udpNumber(port) };
    const one = { port, witness, address };
    witness.write("early", at(trial, one));
    await arrivesOrCannot(trial, one, () => witness.datagrams.length > 0);
  },

  "joinGroup() from inside startProtocol": async (trial) => {
    const sender = await speaker(trial);
    let joined = false;
    const { port, witness } = listenMulticastNow(trial, {
      started: ({ transport }) => {
        assert(providesMulticast(transport), "Expected a transport that joins groups");
        void transport.joinGroup(groupOf(trial), { interface: way(trial) }).addCallback(() => {
          joined = true;
        });
      },
    });
    await trial.fired(port.listening);
    await trial.settle(() => joined);
    sender.witness.write("hello", { host: groupOf(trial), port: udpNumber(port) });
    await arrivesOrCannot(trial, sender, () => witness.datagrams.length > 0);
  },

  "joining twice, and leaving what was not joined, fail with MulticastJoinError": async (trial) => {
    const { port } = await member(trial);
    const options = { interface: way(trial) };
    const wrong = [
      port.joinGroup(groupOf(trial), options),
      port.leaveGroup(otherGroup(trial), options),
    ];
    const groups: string[] = [];
    for (const one of wrong) {
      const error = expectReason(await trial.outcome(one), MulticastJoinError);
      groups.push(error.group);
      expectEqual(error.interface, way(trial));
      assert(error.message.includes(error.group), `Expected the group in ${error.message}`);
      assert(error.cause instanceof Error, "Expected a cause");
    }
    expectEqual(groups, [groupOf(trial), otherGroup(trial)]);
    await trial.fired(port.leaveGroup(groupOf(trial), options));
  },

  "an address that is no group fails with MulticastJoinError": async (trial) => {
    const { port } = await multicastStation(trial);
    for (const group of [trial.host, everywhere(trial)]) {
      const error = expectReason(await trial.outcome(port.joinGroup(group)), MulticastJoinError);
      expectEqual([error.group, error.interface], [group, ""]);
    }
  },

  "names and addresses of the other family are InvalidAddressError": async (trial) => {
    const { port } = await multicastStation(trial);
    const group = groupOf(trial);
    for (const wrong of ["localhost", "", otherFamily(trial)]) {
      expectThrown(() => port.joinGroup(wrong), InvalidAddressError);
      expectThrown(() => port.leaveGroup(wrong), InvalidAddressError);
      expectThrown(() => port.joinGroup(group, { source: wrong }), InvalidAddressError);
    }
  },

  "on a port that is stopped, joinGroup() and setOutgoingInterface() fail": async (trial) => {
    const { port } = await multicastStation(trial);
    await trial.fired(port.stopListening());
    const joined = await trial.outcome(port.joinGroup(groupOf(trial)));
    expectEqual(expectReason(joined, MulticastJoinError).group, groupOf(trial));
    const set = await trial.outcome(port.setOutgoingInterface(trial.host));
    expectEqual(expectReason(set, MulticastInterfaceError).interface, trial.host);
    expectEqual(port.getOutgoingInterface(), "");
  },

  "groups do not outlive stopListening()": async (trial) => {
    const [sender, listener] = await conversation(trial);
    await trial.fired(listener.port.stopListening());
    listener.port.startListening();
    await trial.fired(listener.port.listening);
    const again = {
      ...listener,
      address: { host: trial.host, port: udpNumber(listener.port) },
    };
    sender.witness.write("psst", at(trial, again));
    await expectOnly(trial, sender, again, ["hello"]);
    await join(trial, listener.port);
  },

  "the outgoing interface: none, then the one that was set, also in the next life": async (
    trial,
  ) => {
    const { port, witness } = await multicastStation(trial);
    expectEqual(port.getOutgoingInterface(), "", "at first");
    await trial.fired(port.setOutgoingInterface(trial.host));
    expectEqual(port.getOutgoingInterface(), trial.host, "then");
    await trial.fired(port.stopListening());
    port.startListening();
    await trial.fired(port.listening);
    const listener = await member(trial);
    witness.write("hello", at(trial, listener));
    const again = { port, witness, address: { host: trial.host, port: udpNumber(port) } };
    await arrivesOrCannot(trial, again, () => listener.witness.datagrams.length > 0);
    expectEqual(port.getOutgoingInterface(), trial.host, "in the next life");
  },

  "the TTL of datagrams to groups: 1 unless it is set, 0 to 255": async (trial) => {
    const [{ port, witness }, listener] = await conversation(trial);
    expectEqual(port.getTTL(), 1);
    for (const hops of [-1, 256, 1.5, Number.NaN]) {
      expectThrown(() => port.setTTL(hops), RangeError);
    }
    expectEqual(port.getTTL(), 1);
    for (const hops of [255, 1]) {
      port.setTTL(hops);
      expectEqual([port.getTTL(), port.getUnicastTTL()], [hops, undefined]);
      witness.write(`${String(hops)} hops`, at(trial, listener));
    }
    await trial.settle(() => listener.witness.datagrams.length === 3);
    port.setTTL(0);
    expectEqual(port.getTTL(), 0);
  },

  "the loopback mode: on unless it is set; off, this machine does not hear": async (trial) => {
    // Not over the loopback interface, which hears whatever is sent through it.
    const sender = await multicastStation(trial);
    const listener = await multicastStation(trial);
    expectEqual(sender.port.getLoopbackMode(), true);
    const group = groupOf(trial);
    const joined = await trial.outcome(listener.port.joinGroup(group));
    if (joined instanceof Failure) throw new DoesNotApply("this machine has no network for groups");
    const to = at(trial, listener, group);
    sender.witness.write("hello", to);
    await arrivesOrCannot(trial, sender, () => listener.witness.datagrams.length > 0);
    sender.port.setLoopbackMode(false);
    expectEqual(sender.port.getLoopbackMode(), false);
    sender.witness.write("psst", to);
    await expectOnly(trial, sender, listener, ["hello"]);
    sender.port.setLoopbackMode(true);
    sender.witness.write("back", to);
    await trial.settle(() => listener.witness.texts.at(-1) === "back");
  },

  "switches hold from before the port is bound": async (trial) => {
    const { port, witness } = listenMulticastNow(trial);
    port.setTTL(7);
    port.setLoopbackMode(false);
    await trial.fired(port.listening);
    expectEqual([port.getTTL(), port.getLoopbackMode()], [7, false]);
    // As for the loopback mode, not over the loopback interface.
    const listener = await multicastStation(trial);
    const joined = await trial.outcome(listener.port.joinGroup(groupOf(trial)));
    if (joined instanceof Failure) return; // There is nobody who could hear what is sent there.
    witness.write("psst", at(trial, listener));
    const sender = { port, witness, address: { host: trial.host, port: udpNumber(port) } };
    await expectOnly(trial, sender, listener, []);
    trial.loggedWarnings(); // Where it may not even be sent, it is not heard either.
  },
};
