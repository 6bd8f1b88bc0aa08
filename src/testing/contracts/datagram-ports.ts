/**
 * Contracts of `IUDPPort`: how a port for datagrams begins and ends, and what its protocol hears.
 *
 * @module
 */
import { assert } from "../../core/assert.ts";
import { CancelledError } from "../../defer/errors.ts";
import { Failure } from "../../defer/failure.ts";
import { InvalidAddressError } from "../../internet/datagram-errors.ts";
import { AlreadyListeningError, CannotListenError } from "../../internet/errors.ts";
import { IReactorUDP, type ListenUDPOptions } from "../../internet/interfaces-udp.ts";
import { DatagramWitness, listenNow, station, udpNumber } from "./datagram-witness.ts";
import { expectEqual, expectReason, expectThrown } from "./expect.ts";
import type { Contracts } from "./trial.ts";

const NO_SIGNALS = { installSignalHandlers: false };

/** By name. */
export const datagramPortContracts: Contracts = {
  "listening fires with the port, and getHost() has its number": async (trial) => {
    const port = listenNow(trial, new DatagramWitness());
    expectEqual(await trial.fired(port.listening), port);
    expectEqual(await trial.fired(port.listening), port, "what a late asker gets");
    const { host, port: number } = port.getHost();
    expectEqual(host, trial.host);
    assert(number > 0, "Expected a number");
  },

  "startProtocol comes later, once, with the transport bound, before listening fires": async (
    trial,
  ) => {
    let numberAtStart = 0;
    const witness = new DatagramWitness({
      started: ({ transport }) => {
        numberAtStart = udpNumber(transport);
      },
    });
    const port = listenNow(trial, witness);
    expectEqual(witness.calls, [], "calls from inside listenUDP");
    let callsAtListening: readonly string[] = [];
    const { listening } = port;
    await trial.fired(
      listening.addCallback(() => {
        callsAtListening = [...witness.calls];
      }),
    );
    expectEqual(callsAtListening, ["startProtocol"]);
    expectEqual(witness.transport, port, "the transport");
    expectEqual(numberAtStart, udpNumber(port), "the number at the start");
    expectEqual(numberAtStart > 0, true, "whether there is a number");
  },

  "each who asks for listening has a Deferred of one's own": async (trial) => {
    const port = listenNow(trial, new DatagramWitness());
    const changed = port.listening.addCallback(() => "something else");
    const other = port.listening;
    expectEqual(await trial.fired(changed), "something else");
    expectEqual(await trial.fired(other), port);
  },

  "two ports have two numbers": async (trial) => {
    const first = await station(trial);
    const second = await station(trial);
    assert(first.address.port !== second.address.port, "Expected two numbers");
  },

  "a port that is taken fails with CannotListenError, and its protocol never starts": async (
    trial,
  ) => {
    const { address } = await station(trial);
    const witness = new DatagramWitness();
    const port = listenNow(trial, witness, {}, address.port);
    for (const one of [port.listening, port.listening]) {
      const error = expectReason(await trial.outcome(one), CannotListenError);
      expectEqual([error.port, error.interface], [address.port, trial.host]);
      assert(error.cause instanceof Error, "Expected a cause");
      assert(error.message.includes(String(address.port)), "Expected the number in the message");
    }
    expectReason(await trial.outcome(port.listening), CannotListenError);
    expectEqual(witness.calls, []);
  },

  "a port that could not be bound may try again": async (trial) => {
    const taken = await station(trial);
    const witness = new DatagramWitness();
    const port = listenNow(trial, witness, {}, taken.address.port);
    await trial.outcome(port.listening);
    await trial.fired(taken.port.stopListening());
    port.startListening();
    await trial.fired(port.listening);
    expectEqual(witness.calls, ["startProtocol"]);
  },

  "a number is free again once stopListening() has fired": async (trial) => {
    const { port, address } = await station(trial);
    await trial.fired(port.stopListening());
    const again = await station(trial, {}, {}, address.port);
    expectEqual(again.address.port, address.port);
  },

  "listenMultiple: several ports share a number, if all of them say so": async (trial) => {
    const shared = { listenMultiple: true };
    const { address } = await station(trial, {}, shared);
    const other = await station(trial, {}, shared, address.port);
    expectEqual(other.address.port, address.port);
    const selfish = listenNow(trial, new DatagramWitness(), {}, address.port);
    expectReason(await trial.outcome(selfish.listening), CannotListenError);
  },

  "port numbers that there are not are refused": (trial) => {
    trial.needsDatagrams(IReactorUDP);
    for (const number of [-1, 65_536, 1.5, Number.NaN]) {
      expectThrown(() => listenNow(trial, new DatagramWitness(), {}, number), RangeError);
    }
  },

  "an interface that is no IP address is refused at once": (trial) => {
    trial.needsDatagrams(IReactorUDP);
    for (const name of ["localhost", "127.0.0.1:80", "[::1]", "1.2.3"]) {
      const options = { interface: name };
      const error = expectThrown(
        () => listenNow(trial, new DatagramWitness(), options),
        InvalidAddressError,
      );
      expectEqual(error.address, name);
      assert(error.message.includes(name), "Expected it in the message");
    }
  },

  "limits that are none are refused at once": (trial) => {
    trial.needsDatagrams(IReactorUDP);
    const wrong: readonly ListenUDPOptions[] = [
      { maxPacketSize: -1 },
      { maxPacketSize: Number.NaN },
      { maxBufferedBytes: -1 },
      { receiveBufferBytes: 0 },
      { sendBufferBytes: 0.5 },
    ];
    for (const options of wrong) {
      expectThrown(() => listenNow(trial, new DatagramWitness(), options), RangeError);
    }
  },

  "startListening() while listening is refused": async (trial) => {
    const port = listenNow(trial, new DatagramWitness());
    expectThrown(() => port.startListening(), AlreadyListeningError);
    await trial.fired(port.listening);
    expectThrown(() => port.startListening(), AlreadyListeningError);
  },

  "stopListening(): stopProtocol comes later, once, before it fires": async (trial) => {
    const { port, witness } = await station(trial);
    const stopped = witness.asks("stopListening", () => port.stopListening());
    expectEqual([stopped.called, witness.count("stopProtocol")], [false, 0], "at once");
    let callsAtStop = 0;
    await trial.fired(
      stopped.addCallback(() => {
        callsAtStop = witness.count("stopProtocol");
      }),
    );
    expectEqual(callsAtStop, 1, "calls of stopProtocol");
    expectEqual(witness.calls, ["startProtocol", "stopProtocol"]);
    assert(witness.transport !== port, "Expected the transport to be gone");
  },

  "stopListening() twice fires twice; once more later, at once": async (trial) => {
    const { port, witness } = await station(trial);
    const both = [port.stopListening(), port.stopListening()];
    for (const one of both) await trial.fired(one);
    expectEqual(port.stopListening().called, true, "fired at once");
    expectEqual(witness.count("stopProtocol"), 1, "calls of stopProtocol");
  },

  "stopListening() while binding: closed, listening fails, the protocol never starts": async (
    trial,
  ) => {
    const witness = new DatagramWitness();
    const port = listenNow(trial, witness);
    const { listening } = port;
    void port.stopListening();
    expectReason(await trial.outcome(listening), CancelledError);
    await trial.fired(port.stopListening());
    expectEqual(witness.calls, []);
  },

  "stopListening() while binding a port that is taken is no failure of the process": async (
    trial,
  ) => {
    const { address } = await station(trial);
    const port = listenNow(trial, new DatagramWitness(), {}, address.port);
    await trial.fired(port.stopListening());
  },

  "startListening() again: it starts, receives and stops again": async (trial) => {
    const sender = await station(trial);
    const { port, witness } = await station(trial);
    for (let life = 1; life <= 3; life += 1) {
      const to = { host: trial.host, port: udpNumber(port) };
      sender.witness.write("hello", to);
      await trial.settle(() => witness.datagrams.length === life);
      await trial.fired(port.stopListening());
      port.startListening();
      await trial.fired(port.listening);
    }
    const life = ["startProtocol", "datagramReceived", "stopProtocol"];
    expectEqual(witness.calls, [...life, ...life, ...life, "startProtocol"]);
  },

  "startListening() from inside stopProtocol listens again": async (trial) => {
    let again: unknown;
    const { port, witness } = await station(trial, {
      stopped: () => {
        if (again !== undefined) return;
        again = "asked";
        port.startListening();
        void port.listening.addBoth((result) => {
          again = result;
        });
      },
    });
    await trial.fired(port.stopListening());
    await trial.settle(() => again === port || again instanceof Failure);
    expectEqual(again, port);
    expectEqual(witness.calls, ["startProtocol", "stopProtocol", "startProtocol"]);
  },

  "stopListening() from inside startProtocol": async (trial) => {
    const witness = new DatagramWitness({ started: (one) => one.stop() });
    const port = listenNow(trial, witness);
    expectReason(await trial.outcome(port.listening), CancelledError);
    await trial.settle(() => witness.count("stopProtocol") === 1);
  },

  "stopListening() from inside datagramReceived: nothing comes after it": async (trial) => {
    const sender = await station(trial);
    const { witness, address } = await station(trial, { data: (one) => one.stop() });
    for (let each = 0; each < 5; each += 1) sender.witness.write("hello", address);
    await trial.settle(() => witness.count("stopProtocol") === 1);
    await trial.passes();
    expectEqual(witness.calls, ["startProtocol", "datagramReceived", "stopProtocol"]);
  },

  "an exception in startProtocol is logged, closes the port, and is why": async (trial) => {
    const boom = new Error("boom");
    const witness = new DatagramWitness({
      started: () => {
        throw boom;
      },
    });
    const port = listenNow(trial, witness);
    const reason = await trial.outcome(port.listening);
    assert(reason instanceof Failure && reason.value === boom, "Expected the exception");
    trial.expectLogged(boom);
    await trial.fired(port.stopListening());
    expectEqual(witness.calls, ["startProtocol"]);
    await station(trial, {}, {}, udpNumber(port));
  },

  "an exception in stopProtocol is logged, and the port is closed": async (trial) => {
    const boom = new Error("boom");
    const { port } = await station(trial, {
      stopped: () => {
        throw boom;
      },
    });
    await trial.fired(port.stopListening());
    trial.expectLogged(boom);
    await station(trial, {}, {}, udpNumber(port));
  },

  "one protocol on two ports starts once, and stops after the last": async (trial) => {
    const sender = await station(trial);
    const { witness, port, address } = await station(trial);
    const second = listenNow(trial, witness);
    await trial.fired(second.listening);
    expectEqual(witness.transport, second, "the transport");
    for (const to of [address.port, udpNumber(second)]) {
      sender.witness.write("hello", { host: trial.host, port: to });
    }
    await trial.settle(() => witness.datagrams.length === 2);
    await trial.fired(second.stopListening());
    expectEqual(witness.transport, port, "the transport that is left");
    expectEqual(witness.count("stopProtocol"), 0, "stops");
    await trial.fired(port.stopListening());
    expectEqual([witness.count("startProtocol"), witness.count("stopProtocol")], [1, 1]);
  },

  "a reactor that stops closes its ports, and their protocols hear it": async (trial) => {
    const over = trial.reactor.run(NO_SIGNALS);
    const { witness } = await station(trial);
    trial.reactor.stop();
    await trial.fired(over);
    expectEqual(witness.calls, ["startProtocol", "stopProtocol"]);
  },
};
