/** The package, and what is not it. */
import { SerialPortMock } from "serialport";
import { assert, describe, it } from "vitest";
import { allowNoErrors, errorOf, until } from "../../../../test/streams/scene.ts";
import { OptionalPackageError } from "../../../core/optional-package.ts";
import { ClientFactory } from "../../../internet/factory.ts";
import { Witness } from "../../../testing/contracts/witness.ts";
import { MemoryReactor } from "../../memory/memory-reactor.ts";
import { SerialConnector } from "./serial-connector.ts";
import { type OpenSerial, serialLibrary } from "./serial-library.ts";
import { SerialTransport } from "./serial-transport.ts";

allowNoErrors();

describe("serialLibrary()", () => {
  it("says what to install when the package is not there", async () => {
    const cause = new Error("Cannot find package 'serialport'");
    const error = await errorOf(serialLibrary(() => Promise.reject(cause)));
    assert(error instanceof OptionalPackageError);
    assert.equal(error.command, "npm install serialport");
    assert.include(error.message, "Cannot open a serial port");
    assert.equal(error.cause, cause);
  });

  it("refuses what is not the package that we know", async () => {
    const options = { path: "/dev/ttyX", baudRate: 9600 };
    for (const [library, missing] of [
      [{}, "SerialPort"],
      [{ SerialPort: {} }, "binding"],
      [{ SerialPort: { binding: {} } }, "open"],
      [{ SerialPort: { binding: { open: () => Promise.resolve({}) } } }, "a port that we know"],
    ] as const) {
      const opening = serialLibrary(() => Promise.resolve(library)).then((open) =>
        Reflect.apply(open, undefined, [options]),
      );
      assert.match(String(await errorOf(opening)), new RegExp(`without ${missing}`, "u"));
    }
  });

  it("knows the package's own ports: its pretended one echoes", async () => {
    SerialPortMock.binding.createPort("/dev/mock", { echo: true });
    const library = (): Promise<OpenSerial> =>
      serialLibrary(() => Promise.resolve({ SerialPort: SerialPortMock }));
    const reactor = new MemoryReactor();
    const witness = new Witness();
    const factory = ClientFactory.building(() => witness);
    factory.noisy = false;
    const place = { path: "/dev/mock", factory, options: {}, library };
    new SerialConnector(reactor, place).connect();
    await until(reactor, () => witness.made);
    witness.write("echo");
    await until(reactor, () => witness.text === "echo");
    assert(witness.transport instanceof SerialTransport);
    assert.isTrue(await witness.transport.getCTS());
    await witness.transport.setDTR(false);
    witness.lose();
    await until(reactor, () => witness.reason !== undefined);
  });
});
