/**
 * A port for datagrams whose other end is a list.
 *
 * @module
 */
import { assert, describe, it } from "vitest";
import { InvalidAddressError, MulticastJoinError } from "../internet/datagram-errors.ts";
import { DatagramProtocol } from "../internet/datagram-protocol.ts";
import type { UDPAddress } from "../internet/interfaces-udp.ts";
import { FakeDatagramTransport } from "./fake-datagram-transport.ts";
import { failureResultOf, successResultOf } from "./results.ts";

const PEER = { host: "198.51.100.1", port: 7 };
const OTHER = { host: "198.51.100.2", port: 7 };
const GROUP = "239.255.0.1";

/** Sends back what it hears; writes down the rest. */
class Echo extends DatagramProtocol {
  readonly calls: string[] = [];
  override startProtocol(): void {
    this.calls.push("start");
  }
  override stopProtocol(): void {
    this.calls.push("stop");
  }
  override connectionRefused(): void {
    this.calls.push("refused");
  }
  override datagramReceived(data: Buffer, address: UDPAddress): void {
    this.transport.write(data, address);
  }
}

function textsOf({ written }: FakeDatagramTransport): string[] {
  return written.map(({ data, address }) => `${data.toString()} to ${address.toString()}`);
}

describe("FakeDatagramTransport", () => {
  it("starts the protocol, and has an address", () => {
    const echo = new Echo();
    const transport = new FakeDatagramTransport(echo);
    assert.deepEqual(echo.calls, ["start"]);
    assert.equal(echo.transport, transport);
    assert.equal(transport.getHost().toString(), "192.0.2.1:54321");
    assert.equal(successResultOf(transport.listening), transport);
  });

  it("keeps what is written, until it is cleared", () => {
    const transport = new FakeDatagramTransport(new Echo());
    transport.deliver("one", PEER);
    transport.writeSequence(["t", "wo"], OTHER);
    assert.deepEqual(textsOf(transport), ["one to 198.51.100.1:7", "two to 198.51.100.2:7"]);
    transport.clear();
    assert.isEmpty(transport.written);
  });

  it("keeps a copy: bytes that change later do not change it", () => {
    const transport = new FakeDatagramTransport(new Echo());
    const bytes = Buffer.from("one");
    transport.write(bytes, PEER);
    bytes.fill(0);
    assert.equal(transport.written[0]?.data.toString(), "one");
  });

  it("checks addresses as a port does", () => {
    const transport = new FakeDatagramTransport(new Echo(), { interface: "::1" });
    assert.throws(() => transport.write("x", PEER), InvalidAddressError);
    assert.throws(() => transport.write("x"), InvalidAddressError);
    transport.deliver("six", { host: "::1", port: 7 });
    assert.deepEqual(textsOf(transport), ["six to [::1]:7"]);
  });

  it("connected, it hears the peer only, and of refusals", () => {
    const echo = new Echo();
    const transport = new FakeDatagramTransport(echo);
    transport.deliverRefusal();
    transport.connect(PEER.host, PEER.port);
    transport.write("hello");
    transport.deliver("psst", OTHER);
    transport.deliver("welcome", PEER);
    transport.deliverRefusal();
    assert.deepEqual(textsOf(transport), ["hello to 198.51.100.1:7", "welcome to 198.51.100.1:7"]);
    assert.deepEqual(echo.calls, ["start", "refused"]);
  });

  it("drops what is longer than maxPacketSize", () => {
    const transport = new FakeDatagramTransport(new Echo(), { maxPacketSize: 3 });
    transport.deliver("four", PEER);
    transport.deliver("two", PEER);
    assert.deepEqual(textsOf(transport), ["two to 198.51.100.1:7"]);
    assert.equal(transport.oversizedDatagrams, 1);
  });

  it("knows its groups, and forgets them at the end", () => {
    const transport = new FakeDatagramTransport(new Echo());
    successResultOf(transport.joinGroup(GROUP, { source: OTHER.host }));
    successResultOf(transport.joinGroup(GROUP));
    const membership = { group: GROUP, networkInterface: "" };
    const withSource = { ...membership, source: OTHER.host };
    assert.deepEqual(transport.memberships, [withSource, { ...membership, source: undefined }]);
    assert.instanceOf(failureResultOf(transport.joinGroup(GROUP)).value, MulticastJoinError);
    successResultOf(transport.leaveGroup(GROUP));
    assert.deepEqual(transport.memberships, [withSource]);
    assert.instanceOf(failureResultOf(transport.leaveGroup(GROUP)).value, MulticastJoinError);
    void transport.stopListening();
    assert.isEmpty(transport.memberships);
  });

  it("stops the protocol, drops what comes after, and starts it again", () => {
    const echo = new Echo();
    const transport = new FakeDatagramTransport(echo);
    const stopped = transport.stopListening();
    assert.deepEqual(echo.calls, ["start"]);
    transport.reactor.flush();
    successResultOf(stopped);
    transport.deliver("late", PEER);
    transport.write("late", PEER);
    assert.isEmpty(transport.written);
    assert.equal(transport.droppedDatagrams, 1);
    transport.startListening();
    transport.reactor.flush();
    assert.deepEqual(echo.calls, ["start", "stop", "start"]);
  });
});
