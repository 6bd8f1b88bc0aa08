import { assert, describe, it } from "vitest";
import { MemoryReactor } from "../../reactors/memory/memory-reactor.ts";
import { NodeReactor } from "../../reactors/node/node-reactor.ts";
import { UnsupportedError } from "../errors.ts";
import { EndpointDescriptionError } from "./description-error.ts";
import { clientFromString } from "./from-string.ts";
import { SerialPortEndpoint } from "./serial.ts";

const reactor = new NodeReactor();

describe("serial:", () => {
  it("makes an endpoint that prints itself, with what is not usual", () => {
    for (const [text, printed] of [
      ["serial:/dev/ttyUSB0", "serial:/dev/ttyUSB0"],
      ["serial:/dev/ttyUSB0:9600:8:N:1:0:0:30", "serial:/dev/ttyUSB0"],
      ["serial:COM3:115200", "serial:COM3:baudrate=115200"],
      [
        "serial:path=/dev/ttyS1:parity=odd:stopbits=1.5",
        "serial:/dev/ttyS1:parity=odd:stopbits=1.5",
      ],
      ["serial:/dev/ttyS1:bytesize=7:parity=e", "serial:/dev/ttyS1:bytesize=7:parity=even"],
      ["serial:/dev/ttyS1:xonxoff=1:rtscts=1", "serial:/dev/ttyS1:xonxoff=1:rtscts=1"],
      ["serial:/dev/ttyS1:timeout=0.5", "serial:/dev/ttyS1:timeout=0.5"],
      ["serial:/dev/serial/by-id/usb\\:1", "serial:/dev/serial/by-id/usb\\:1"],
    ] as const) {
      const endpoint = clientFromString(reactor, text);
      assert.instanceOf(endpoint, SerialPortEndpoint);
      assert.equal(endpoint.toString(), printed);
      assert.equal(String(clientFromString(reactor, printed)), printed);
    }
  });

  it("refuses what does not fit", () => {
    for (const [text, problem] of [
      ["serial:", "path is missing"],
      ["serial:/dev/ttyS1:fast", "expected baudrate to be a whole number"],
      ["serial:/dev/ttyS1:0", "expected baudrate to be above 0"],
      ["serial:/dev/ttyS1:bytesize=9", "expected bytesize to be one of 5, 6, 7, 8"],
      ["serial:/dev/ttyS1:parity=", undefined],
      ["serial:/dev/ttyS1:parity=x", "expected parity to be one of none, even"],
      ["serial:/dev/ttyS1:stopbits=3", "expected stopbits to be one of 1, 1.5, 2"],
      ["serial:/dev/ttyS1:rtscts=yes", "expected rtscts to be a whole number from 0 to 1"],
      ["serial:/dev/ttyS1:colour=red", "unknown keyword"],
    ] as const) {
      const read = (): unknown => clientFromString(reactor, text);
      if (problem === undefined) assert.doesNotThrow(read);
      else assert.throws(read, EndpointDescriptionError, problem);
    }
  });

  it("refuses a reactor that has no serial ports", () => {
    const read = (): unknown => clientFromString(new MemoryReactor(), "serial:/dev/ttyS1");
    assert.throws(read, UnsupportedError, "IReactorSerial");
  });
});
