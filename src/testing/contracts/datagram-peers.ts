/**
 * Contracts of `connect()` at a port for datagrams: one peer, and the news that nobody is there.
 *
 * @module
 */
import { assert } from "../../core/assert.ts";
import {
  AlreadyConnectedError,
  InvalidAddressError,
  NotListeningError,
} from "../../internet/datagram-errors.ts";
import {
  type DatagramHooks,
  DatagramWitness,
  deserted,
  listenNow,
  otherFamily,
  type Station,
  station,
  udpNumber,
} from "./datagram-witness.ts";
import { expectEqual, expectThrown } from "./expect.ts";
import type { Contracts, Trial } from "./trial.ts";

/** Two stations, the first connected to the second. */
async function pairOf(trial: Trial, hooks: DatagramHooks = {}): Promise<[Station, Station]> {
  const here = await station(trial, hooks);
  const there = await station(trial);
  here.witness.connect(there.address.host, there.address.port);
  return [here, there];
}

/** Write until the machine of the peer has said that nobody listens there. */
async function refusal(trial: Trial, { witness }: Station): Promise<void> {
  const before = witness.count("connectionRefused");
  const isRefused = (): boolean => witness.count("connectionRefused") > before;
  witness.write("anybody?");
  await trial.settle(isRefused);
}

/** By name. */
export const datagramPeerContracts: Contracts = {
  "a connected port sends to its peer, without an address": async (trial) => {
    const [here, there] = await pairOf(trial);
    here.witness.write("hello");
    await trial.settle(() => there.witness.datagrams.length === 1);
    expectEqual(there.witness.texts, ["hello"]);
    expectEqual(there.witness.addresses[0]?.port, here.address.port);
  },

  "getPeer() is nobody, then the peer": async (trial) => {
    const { port, witness } = await station(trial);
    expectEqual(port.getPeer(), undefined, "at first");
    witness.connect(trial.host, 9);
    const peer = port.getPeer();
    expectEqual([peer?.host, peer?.port, peer?.type], [trial.host, 9, "UDP"]);
  },

  "the peer's answers come": async (trial) => {
    const [here, there] = await pairOf(trial);
    there.witness.write("welcome", here.address);
    await trial.settle(() => here.witness.datagrams.length === 1);
    expectEqual(here.witness.addresses[0]?.equals(there.port.getHost()), true);
  },

  "a connected port hears its peer only": async (trial) => {
    const [here, there, stranger] = [
      await station(trial),
      await station(trial),
      await station(trial),
    ];
    stranger.witness.write("psst", here.address); // On its way, or here and not yet heard.
    here.witness.connect(there.address.host, there.address.port);
    await trial.passes();
    stranger.witness.write("psst", here.address);
    await trial.passes();
    there.witness.write("welcome", here.address);
    await trial.settle(() => here.witness.datagrams.length > 0);
    await trial.passes();
    expectEqual(here.witness.texts, ["welcome"]);
  },

  "a connected port writes to the peer's address, and to no other": async (trial) => {
    const [here, there] = await pairOf(trial);
    here.witness.write("hello", there.address);
    here.witness.write("hello", there.port.getHost());
    await trial.settle(() => there.witness.datagrams.length === 2);
    const stranger = await station(trial);
    expectThrown(() => here.witness.write("psst", stranger.address), InvalidAddressError);
  },

  "connect() from inside startProtocol": async (trial) => {
    const there = await station(trial);
    const witness = new DatagramWitness({
      started: (one) => {
        one.connect(trial.host, there.address.port);
        one.write("hello");
      },
    });
    listenNow(trial, witness);
    await trial.settle(() => there.witness.datagrams.length === 1);
  },

  "connect() while the port is being bound holds when it is": async (trial) => {
    const there = await station(trial);
    const witness = new DatagramWitness();
    const port = listenNow(trial, witness);
    port.connect(trial.host, there.address.port);
    port.write("early");
    await trial.settle(() => there.witness.datagrams.length === 1);
    expectEqual(port.getPeer()?.port, there.address.port);
  },

  "connect() twice is refused, whoever is meant": async (trial) => {
    const [here, there] = await pairOf(trial);
    for (const port of [there.address.port, 9]) {
      expectThrown(() => here.witness.connect(trial.host, port), AlreadyConnectedError);
    }
    const binding = listenNow(trial, new DatagramWitness());
    binding.connect(trial.host, 9);
    expectThrown(() => binding.connect(trial.host, 9), AlreadyConnectedError);
    await trial.fired(binding.listening);
  },

  "connect() to a name, the other family or no port is refused at once": async (trial) => {
    const { witness, port } = await station(trial);
    for (const host of ["localhost", "", otherFamily(trial)]) {
      expectThrown(() => witness.connect(host, 9), InvalidAddressError);
    }
    for (const number of [0, -1, 65_536, 1.5]) {
      expectThrown(() => witness.connect(trial.host, number), RangeError);
    }
    expectEqual(port.getPeer(), undefined, "the peer");
    witness.connect(trial.host, 9);
  },

  "connect() on a port that is stopped is refused": async (trial) => {
    const { port } = await station(trial);
    const stopped = port.stopListening();
    expectThrown(() => port.connect(trial.host, 9), NotListeningError);
    await trial.fired(stopped);
    expectThrown(() => port.connect(trial.host, 9), NotListeningError);
  },

  "the peer does not outlive stopListening()": async (trial) => {
    const [{ port, witness }, there] = await pairOf(trial);
    await trial.fired(port.stopListening());
    expectEqual(port.getPeer(), undefined, "the peer");
    port.startListening();
    await trial.fired(port.listening);
    expectThrown(() => witness.write("hello"), InvalidAddressError);
    there.witness.write("welcome", { host: trial.host, port: udpNumber(port) });
    await trial.settle(() => witness.datagrams.length === 1);
  },

  "nobody there: connectionRefused": async (trial) => {
    const here = await station(trial);
    const nowhere = await deserted(trial);
    here.witness.connect(nowhere.host, nowhere.port);
    await refusal(trial, here);
    assert(here.port.getPeer() !== undefined, "Expected it to stay connected");
    expectEqual(trial.loggedWarnings().length, 0, "warnings");
  },

  "a refusal closes nothing: when somebody comes, datagrams arrive": async (trial) => {
    const here = await station(trial);
    const nowhere = await deserted(trial);
    here.witness.connect(nowhere.host, nowhere.port);
    await refusal(trial, here);
    await refusal(trial, here);
    const there = await station(trial, {}, {}, nowhere.port);
    await trial.settle(() => {
      if (there.witness.datagrams.length > 0) return true;
      here.witness.write("hello"); // The first one may still be told of the refusal before.
      return false;
    });
    there.witness.write("welcome", here.address);
    await trial.settle(() => here.witness.datagrams.length > 0);
  },

  "an exception in connectionRefused is logged, and the port goes on": async (trial) => {
    const boom = new Error("boom");
    let throws = true;
    const here = await station(trial, {
      refused: () => {
        if (throws) throw boom;
      },
    });
    const nowhere = await deserted(trial);
    here.witness.connect(nowhere.host, nowhere.port);
    await refusal(trial, here);
    trial.expectLogged(boom);
    throws = false;
    await refusal(trial, here);
  },

  "stopListening() from inside connectionRefused": async (trial) => {
    const here = await station(trial, { refused: (one) => one.stop() });
    const nowhere = await deserted(trial);
    here.witness.connect(nowhere.host, nowhere.port);
    here.witness.write("anybody?");
    here.witness.write("anybody at all?");
    await trial.settle(() => here.witness.count("stopProtocol") === 1);
    await trial.passes();
    expectEqual(here.witness.count("connectionRefused"), 1, "refusals");
  },
};
