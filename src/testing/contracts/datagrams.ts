/**
 * Contracts of datagrams: what is written comes whole, what cannot is refused or counted.
 *
 * @module
 */
import { assert } from "../../core/assert.ts";
import { CancelledError } from "../../defer/errors.ts";
import { InvalidAddressError, MessageLengthError } from "../../internet/datagram-errors.ts";
import { CannotListenError } from "../../internet/errors.ts";
import { DATAGRAM_COST, type DatagramDestination } from "../../internet/interfaces-udp.ts";
import {
  DatagramWitness,
  deserted,
  everywhere,
  isIPv6,
  listenNow,
  otherFamily,
  station,
  udpNumber,
} from "./datagram-witness.ts";
import { expectEqual, expectReason, expectThrown } from "./expect.ts";
import { type Contracts, DoesNotApply, type Trial } from "./trial.ts";

const EVERY_BYTE = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));

/** The most that an IP packet of the harness's family holds. */
function bytesMax(trial: Trial): number {
  return isIPv6(trial) ? 65_527 : 65_507;
}

/** A broadcast address that reaches this machine. @throws {DoesNotApply} IPv6 has none. */
function broadcast(trial: Trial, port: number): DatagramDestination {
  if (isIPv6(trial)) throw new DoesNotApply("IPv6 has no broadcast");
  return { host: "127.255.255.255", port };
}

/** By name. */
export const datagramContracts: Contracts = {
  "a datagram comes whole, with the address of its sender": async (trial) => {
    const sender = await station(trial);
    const receiver = await station(trial);
    sender.witness.write(EVERY_BYTE, receiver.address);
    await trial.settle(() => receiver.witness.datagrams.length === 1);
    const [data] = receiver.witness.datagrams;
    const [address] = receiver.witness.addresses;
    expectEqual(data?.equals(EVERY_BYTE), true, "whether the bytes are the same");
    expectEqual(address?.equals(sender.port.getHost()), true, "whether it is the sender's address");
    expectEqual(address?.kind, isIPv6(trial) ? "IPv6" : "IPv4");
    expectEqual(address?.type, "UDP");
  },

  "an answer goes to the address that a datagram came with": async (trial) => {
    const asker = await station(trial);
    const echo = await station(trial, { data: (one, data, address) => one.write(data, address) });
    asker.witness.write("hello", echo.address);
    await trial.settle(() => asker.witness.datagrams.length === 1);
    expectEqual(asker.witness.texts, ["hello"]);
    expectEqual(asker.witness.addresses[0]?.port, echo.address.port);
  },

  "text is sent as UTF-8": async (trial) => {
    const { witness, address } = await station(trial);
    witness.write("grüß €", address);
    await trial.settle(() => witness.datagrams.length === 1);
    expectEqual(witness.texts, ["grüß €"]);
  },

  "each write is one datagram, and each datagram one call": async (trial) => {
    const sender = await station(trial);
    const { witness, address } = await station(trial);
    const texts = Array.from({ length: 50 }, (_, number) => `number ${String(number)}`);
    for (const text of texts) sender.witness.write(text, address);
    await trial.settle(() => witness.datagrams.length === 50);
    expectEqual(witness.texts.toSorted(), texts.toSorted());
  },

  "writeSequence() is one datagram": async (trial) => {
    const { witness, address, port } = await station(trial);
    port.writeSequence(["one, ", Buffer.from("two, "), "three"], address);
    await trial.settle(() => witness.datagrams.length > 0);
    await trial.passes();
    expectEqual(witness.texts, ["one, two, three"]);
  },

  "an empty datagram comes, too": async (trial) => {
    const { witness, address } = await station(trial);
    witness.write("", address);
    await trial.settle(() => witness.datagrams.length === 1);
    expectEqual(witness.texts, [""]);
  },

  "a part of a larger buffer is just that part": async (trial) => {
    const { witness, address } = await station(trial);
    witness.write(new Uint8Array(EVERY_BYTE.buffer, EVERY_BYTE.byteOffset + 65, 3), address);
    await trial.settle(() => witness.datagrams.length === 1);
    expectEqual(witness.texts, ["ABC"]);
  },

  "received bytes are the receiver's: later datagrams do not change them": async (trial) => {
    const { witness, address } = await station(trial);
    for (const text of ["first", "other", "third"]) {
      const before = witness.datagrams.length;
      witness.write(text, address);
      await trial.settle(() => witness.datagrams.length > before);
    }
    expectEqual(witness.texts, ["first", "other", "third"]);
  },

  "a datagram to oneself comes later, not from inside write": async (trial) => {
    const { witness, address } = await station(trial, {
      data: (one, data, from) => {
        if (data.length < 5) one.write(`${data.toString()}.`, from);
      },
    });
    witness.write(".", address);
    expectEqual(witness.datagrams.length, 0, "datagrams at once");
    await trial.settle(() => witness.datagrams.length === 5);
  },

  "the longest datagram goes through, one byte more is MessageLengthError": async (trial) => {
    const { witness, address } = await station(trial, {}, { maxPacketSize: 65_535 });
    const longest = Buffer.alloc(bytesMax(trial), EVERY_BYTE);
    witness.write(longest, address);
    await trial.settle(() => witness.datagrams.length === 1);
    expectEqual(witness.datagrams[0]?.equals(longest), true, "whether the bytes are the same");
    const error = expectThrown(
      () => witness.write(Buffer.alloc(longest.length + 1), address),
      MessageLengthError,
    );
    expectEqual([error.bytes, error.limit], [longest.length + 1, longest.length]);
  },

  "what is neither bytes nor text is refused at once": async (trial) => {
    const { witness, address } = await station(trial);
    const write = witness.transport.write.bind(witness.transport);
    for (const data of [1, undefined, {}, [1, 2]]) {
      expectThrown(() => Reflect.apply(write, undefined, [data, address]), TypeError);
    }
  },

  "maxPacketSize: that long comes, longer is dropped, counted and told once": async (trial) => {
    const { witness, address, port } = await station(trial, {}, { maxPacketSize: 100 });
    for (const size of [101, 5000, 100]) witness.write(Buffer.alloc(size), address);
    await trial.settle(() => witness.datagrams.length === 1);
    expectEqual(witness.datagrams[0]?.length, 100, "the length of what came");
    expectEqual(port.oversizedDatagrams, 2);
    expectEqual(trial.loggedWarnings().length, 1, "warnings");
  },

  "maxPacketSize is 8192 unless it is given": async (trial) => {
    const { witness, address, port } = await station(trial);
    witness.write(Buffer.alloc(8193), address);
    witness.write(Buffer.alloc(8192), address);
    await trial.settle(() => witness.datagrams.length === 1);
    expectEqual([witness.datagrams[0]?.length, port.oversizedDatagrams], [8192, 1]);
  },

  "names, addresses of the other family and nonsense are InvalidAddressError": async (trial) => {
    const { witness, port } = await station(trial);
    for (const host of ["localhost", "", otherFamily(trial), "[::1]", "1.2.3.4.5"]) {
      const error = expectThrown(() => witness.write("x", { host, port: 9 }), InvalidAddressError);
      expectEqual(error.address, host);
    }
    const error = expectThrown(() => witness.write("x"), InvalidAddressError);
    expectEqual(error.address, undefined);
    expectEqual([port.droppedDatagrams, port.failedDatagrams], [0, 0], "counted");
  },

  "port numbers that nothing can be sent to are refused at once": async (trial) => {
    const { witness } = await station(trial);
    for (const port of [0, -1, 65_536, 1.5, Number.NaN]) {
      expectThrown(() => witness.write("x", { host: trial.host, port }), RangeError);
    }
  },

  "what is written while the port is being bound leaves when it is": async (trial) => {
    const receiver = await station(trial);
    const witness = new DatagramWitness();
    const port = listenNow(trial, witness);
    port.write("early", receiver.address);
    expectEqual(port.bufferedBytes, 5 + DATAGRAM_COST, "bytes that wait");
    await trial.settle(() => receiver.witness.datagrams.length === 1);
    expectEqual(receiver.witness.addresses[0]?.port, udpNumber(port));
    expectEqual(port.bufferedBytes, 0, "bytes that wait");
  },

  "beyond maxBufferedBytes datagrams are dropped, counted and told once": async (trial) => {
    const receiver = await station(trial);
    const maxBufferedBytes = 2 * (10 + DATAGRAM_COST);
    const port = listenNow(trial, new DatagramWitness(), { maxBufferedBytes });
    for (let each = 0; each < 5; each += 1) port.write("0123456789", receiver.address);
    expectEqual([port.droppedDatagrams, port.bufferedBytes], [3, maxBufferedBytes]);
    await trial.settle(() => receiver.witness.datagrams.length === 2);
    expectEqual(trial.loggedWarnings().length, 1, "warnings");
    port.write("0123456789", receiver.address);
    await trial.settle(() => receiver.witness.datagrams.length === 3);
    expectEqual(port.droppedDatagrams, 3);
  },

  "maxBufferedBytes is no bound for one datagram alone": async (trial) => {
    const { witness, address } = await station(trial, {}, { maxBufferedBytes: 0 });
    for (let count = 1; count <= 3; count += 1) {
      witness.write(Buffer.alloc(5000), address);
      await trial.settle(() => witness.datagrams.length === count);
    }
  },

  "what was written early to a port that cannot be bound is dropped and counted": async (trial) => {
    const { address } = await station(trial);
    const port = listenNow(trial, new DatagramWitness(), {}, address.port);
    port.write("early", address);
    expectReason(await trial.outcome(port.listening), CannotListenError);
    expectEqual([port.droppedDatagrams, port.bufferedBytes], [1, 0]);
  },

  "what was written early to a port that is stopped is dropped and counted": async (trial) => {
    const receiver = await station(trial);
    const port = listenNow(trial, new DatagramWitness());
    port.write("early", receiver.address);
    const { listening } = port;
    void port.stopListening();
    expectReason(await trial.outcome(listening), CancelledError);
    expectEqual(port.droppedDatagrams, 1);
    await trial.passes();
    expectEqual(receiver.witness.datagrams.length, 0, "datagrams that came");
  },

  "what is written after stopListening() is dropped and counted, and no error": async (trial) => {
    const receiver = await station(trial);
    const { port, witness } = await station(trial);
    const stopped = port.stopListening();
    port.write("late", receiver.address);
    port.write("late, and to nowhere");
    await trial.fired(stopped);
    port.write("later", receiver.address);
    witness.write("from the protocol", receiver.address);
    await trial.passes();
    expectEqual([port.droppedDatagrams, port.failedDatagrams], [3, 0]);
    expectEqual(receiver.witness.datagrams.length, 0, "datagrams that came");
  },

  "what is written right before stopListening() still leaves": async (trial) => {
    const receiver = await station(trial);
    const { port, witness } = await station(trial);
    witness.write("last words", receiver.address);
    await trial.fired(port.stopListening());
    await trial.settle(() => receiver.witness.datagrams.length === 1);
  },

  "an exception in datagramReceived is logged, and the next datagram comes": async (trial) => {
    const boom = new Error("boom");
    const { witness, address } = await station(trial, {
      data: (one) => {
        if (one.datagrams.length === 1) throw boom;
      },
    });
    witness.write("first", address);
    await trial.settle(() => witness.datagrams.length === 1);
    trial.expectLogged(boom);
    witness.write("second", address);
    await trial.settle(() => witness.datagrams.length === 2);
  },

  "datagrams that nobody hears are nobody's business": async (trial) => {
    const nowhere = await deserted(trial);
    const { witness, address, port } = await station(trial);
    for (let each = 0; each < 3; each += 1) {
      witness.write("anybody?", nowhere);
      await trial.passes(5);
    }
    witness.write("myself", address);
    await trial.settle(() => witness.datagrams.length === 1);
    expectEqual(witness.calls, ["startProtocol", "datagramReceived"]);
    expectEqual([port.droppedDatagrams, port.failedDatagrams], [0, 0]);
  },

  "garbage and floods leave a port as it was": async (trial) => {
    const sender = await station(trial);
    const { witness, address } = await station(trial);
    // More than may wait to be sent: whoever counts what has left would send no more.
    const [garbage, end] = [Buffer.alloc(4096, EVERY_BYTE), Buffer.alloc(4096, "the end")];
    for (let each = 0; each < 2000; each += 1) sender.witness.write(garbage, address);
    await trial.settle(() => witness.datagrams.length > 0);
    await trial.settle(() => {
      if (witness.datagrams.at(-1)?.equals(end) === true) return true;
      sender.witness.write(end, address);
      return false;
    });
  },

  "broadcasting is not allowed unless it is said, and then stays so": async (trial) => {
    const { port } = await station(trial);
    expectEqual(port.getBroadcastAllowed(), false, "at first");
    port.setBroadcastAllowed(true);
    expectEqual(port.getBroadcastAllowed(), true, "then");
    await trial.fired(port.stopListening());
    port.startListening();
    await trial.fired(port.listening);
    expectEqual(port.getBroadcastAllowed(), true, "in the next life");
  },

  "a broadcast without leave fails: counted, and told once": async (trial) => {
    const { witness, address, port } = await station(trial);
    const to = broadcast(trial, address.port);
    for (let each = 0; each < 3; each += 1) witness.write("everybody!", to);
    await trial.settle(() => port.failedDatagrams === 3);
    expectEqual(trial.loggedWarnings().length, 1, "warnings");
    witness.write("myself", address);
    await trial.settle(() => witness.datagrams.length === 1);
    expectEqual(port.droppedDatagrams, 0);
  },

  'a broadcast with leave comes to a port on every address, and "<broadcast>" is one': async (
    trial,
  ) => {
    const receiver = await station(trial, {}, { interface: everywhere(trial) });
    const witness = new DatagramWitness();
    const port = listenNow(trial, witness);
    port.setBroadcastAllowed(true); // Before it is bound: it holds from then on.
    await trial.fired(port.listening);
    witness.write("everybody!", broadcast(trial, receiver.address.port));
    await trial.settle(() => receiver.witness.datagrams.length === 1);
    witness.write("the whole net!", { host: "<broadcast>", port: receiver.address.port });
    await trial.passes();
    expectEqual(port.droppedDatagrams, 0, "datagrams dropped");
    trial.loggedWarnings(); // A machine without a network has nowhere to send it.
  },

  "the TTL of datagrams to one host: the system's unless it is set, 1 to 255": async (trial) => {
    const { witness, address, port } = await station(trial);
    expectEqual(port.getUnicastTTL(), undefined);
    for (const hops of [0, 256, 1.5, Number.NaN]) {
      expectThrown(() => port.setUnicastTTL(hops), RangeError);
    }
    port.setUnicastTTL(1);
    expectEqual(port.getUnicastTTL(), 1);
    witness.write("near", address);
    await trial.settle(() => witness.datagrams.length === 1);
  },

  "the figures are 0 when nothing went wrong": async (trial) => {
    const { witness, address, port } = await station(trial);
    witness.write("x", address);
    await trial.settle(() => witness.datagrams.length === 1);
    const { bufferedBytes, droppedDatagrams, failedDatagrams, oversizedDatagrams } = port;
    expectEqual(
      [bufferedBytes, droppedDatagrams, failedDatagrams, oversizedDatagrams],
      [0, 0, 0, 0],
    );
  },

  "a port names itself and its address": async (trial) => {
    const { port } = await station(trial);
    const address = String(port.getHost());
    assert(String(port).includes(address), `Expected ${address} in ${String(port)}`);
  },
};
