/** Opening serial ports, in virtual time. */
import { setImmediate as nextPass } from "node:timers/promises";
import { assert, describe, it } from "vitest";
import { allowNoErrors, until } from "../../../../test/streams/scene.ts";
import { SerialScene } from "../../../../test/streams/serial-device.ts";
import { OptionalPackageError } from "../../../core/optional-package.ts";
import { Deferred } from "../../../defer/deferred.ts";
import { TimeoutError } from "../../../internet/errors.ts";
import { ClientFactory } from "../../../internet/factory.ts";
import { CannotOpenSerialPortError } from "../../../internet/interfaces-serial.ts";
import { Witness } from "../../../testing/contracts/witness.ts";
import { MemoryReactor } from "../../memory/memory-reactor.ts";
import { SerialConnector } from "./serial-connector.ts";
import { type OpenSerial, type SerialHandle, serialLibrary } from "./serial-library.ts";

allowNoErrors();

describe("SerialConnector", () => {
  it("opens the port with what it is told, and makes the protocol's connection", async () => {
    const witness = new Witness();
    const scene = new SerialScene(witness, { baudRate: 115_200, xonxoff: true, parity: "even" });
    const transport = await scene.transport();
    assert.equal(witness.transport, transport);
    assert.equal(transport.getPeer().toString(), "/dev/ttyX");
    assert.deepEqual(scene.asked, [
      {
        path: "/dev/ttyX",
        baudRate: 115_200,
        dataBits: 8,
        parity: "even",
        stopBits: 1,
        rtscts: false,
        xon: true,
        xoff: true,
        lock: true,
        hupcl: true,
      },
    ]);
    assert.equal(scene.connector.state, "connected");
  });

  it("fails with what the system says, and may try again", async () => {
    const cause = new Error("No such file or directory");
    const scene = new SerialScene(new Witness(), {}, () => Promise.reject(cause));
    await scene.until(() => scene.failure !== undefined);
    const { failure } = scene;
    assert(failure instanceof CannotOpenSerialPortError);
    assert.equal(failure.message, "Cannot open serial port /dev/ttyX: No such file or directory");
    assert.equal(failure.cause, cause);
    scene.failure = undefined;
    scene.connector.connect();
    await scene.until(() => scene.failure !== undefined);
  });

  it("closes a port that opens when nobody waits for it any more", async () => {
    const opening = new Deferred<SerialHandle>();
    const scene = new SerialScene(new Witness(), { timeout: 5 }, () => opening.toPromise());
    scene.reactor.advance(5);
    assert.instanceOf(scene.failure, TimeoutError);
    opening.callback(scene.device);
    await scene.until(() => scene.device.calls.length > 0);
    assert.deepEqual(scene.device.calls, ["close"]);
  });

  it("says nothing of an attempt that fails when it was given up", async () => {
    const opening = new Deferred<SerialHandle>();
    const scene = new SerialScene(new Witness(), { timeout: 5 }, () => opening.toPromise());
    scene.reactor.advance(5);
    const { failure } = scene;
    opening.errback(new Error("no such device"));
    await nextPass();
    assert.equal(scene.failure, failure);
  });

  it("says what to install", async () => {
    const library = (): Promise<OpenSerial> =>
      serialLibrary(() => Promise.reject(new Error("none")));
    const reactor = new MemoryReactor();
    let failure: unknown;
    const factory = ClientFactory.building(() => undefined);
    factory.noisy = false;
    factory.clientConnectionFailed = (_connector, reason) => {
      failure = reason.value;
    };
    const place = { path: "/dev/ttyX", factory, options: {}, library };
    new SerialConnector(reactor, place).connect();
    await until(reactor, () => failure !== undefined);
    assert.instanceOf(failure, OptionalPackageError);
  });

  it("opens a port again when it has closed it", async () => {
    const witness = new Witness();
    const scene = new SerialScene(witness);
    await scene.transport();
    const closing = new Deferred<void>();
    scene.device.close = () => closing.toPromise();
    scene.factory.clientConnectionLost = (connector) => connector.connect();
    witness.abort();
    await scene.until(() => scene.connector.state === "connecting");
    await nextPass();
    assert.equal(scene.asked.length, 1);
    closing.callback();
    await scene.until(() => scene.asked.length === 2);
  });

  it("closes the port when the factory has no protocol for it", async () => {
    const scene = new SerialScene();
    scene.factory.buildProtocol = () => undefined;
    await scene.until(() => scene.device.calls.length > 0);
    assert.deepEqual(scene.device.calls, ["close"]);
  });

  it("refuses options that are none", () => {
    const reactor = new MemoryReactor();
    const factory = ClientFactory.building(() => undefined);
    const connect =
      (options: object, path = "/dev/ttyX") =>
      () =>
        new SerialConnector(reactor, { path, factory, options });
    for (const options of [
      { baudRate: 0 },
      { baudRate: 1.5 },
      { dataBits: 9 },
      { parity: "strange" },
      { stopBits: 3 },
      { closeTimeout: -1 },
      { timeout: -1 },
    ]) {
      assert.throws(connect(options), RangeError);
    }
    assert.throws(connect({}, ""), RangeError);
  });
});
