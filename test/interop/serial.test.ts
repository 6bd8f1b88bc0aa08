/**
 * Serial ports over the real package and pseudo-terminals.
 *
 * @module
 */
import { assert, describe, it, type TestContext } from "vitest";
import { NodeReactor } from "../../src/reactors/node/node-reactor.ts";
import { Witness } from "../../src/testing/contracts/witness.ts";
import { type Running, start } from "./fixtures/lines/running.ts";
import { type PTYPair, ptyPair } from "./fixtures/streams/pty-pair.ts";

const PROGRAM = new URL("fixtures/streams/serial.mjs", import.meta.url).pathname;

function play(context: TestContext, scene: string, { one, other, cable }: PTYPair): Running {
  return start(context, process.execPath, [PROGRAM, scene, one, other, String(cable.pid)]);
}

/** Play it to its end. @returns What it printed. */
async function played(context: TestContext, scene: string): Promise<string> {
  const program = play(context, scene, await ptyPair(context));
  const exit = await program.exit();
  assert.equal(program.stderr, "");
  assert.deepEqual(exit, { code: 0, signal: null });
  return program.stdout;
}

describe("a serial line", () => {
  for (const [title, scene] of [
    ["carries bytes both ways, every value of them", "echo"],
    ["carries last words", "lastWords"],
    ["makes the writer wait for one who reads nothing; then all of it comes", "stalled"],
    ["64 MiB come through in bounded memory", "flood"],
    ["a device that vanishes is ConnectionLost, for who writes and who paused", "vanishes"],
    ["a device that vanishes is ConnectionLost, for who only waits", "vanishesSilently"],
    ["abortConnection() does not wait for one who reads nothing", "aborts"],
    ["flushes", "flushes"],
    ["a terminal has no lines of a modem: SerialPortError", "lines"],
  ] as const) {
    it(title, async (context) => {
      assert.equal(await played(context, scene), "");
    });
  }

  it("has the speed that was asked for, and another when that is asked for", async (context) => {
    const line = await ptyPair(context);
    const program = play(context, "speed", line);
    for (const speed of ["19200", "57600"]) {
      assert.equal(await program.line(), "ask");
      const asked = start(context, "stty", ["-F", line.one, "speed"]);
      await asked.exit();
      assert.equal(asked.stdout.trim(), speed);
      program.send("go on\n");
    }
    assert.deepEqual(await program.exit(), { code: 0, signal: null });
  });

  it("that is lost leaves nothing behind that holds the process", async (context) => {
    assert.equal(await played(context, "ends"), "lost\n");
  });
});

describe("opening a serial port", () => {
  for (const [title, scene] of [
    ["fails where there is none, and where it is something else", "cannotOpen"],
    ["fails where somebody has it", "taken"],
    ["can be cancelled: a port that opens all the same is closed", "cancelled"],
    ["is a place to connect to, also by its string", "string"],
    ["can be done again by its connector", "again"],
  ] as const) {
    it(title, async (context) => {
      assert.equal(await played(context, scene), "");
    });
  }

  it("is refused in a worker thread, where the package ends the process", async (context) => {
    const reactor = new NodeReactor();
    context.onTestFinished(() => reactor[Symbol.asyncDispose]());
    const opening = reactor.openSerial("/dev/null", new Witness());
    const message = await opening.addErrback(({ value }) => value.message);
    assert.equal(
      message,
      "Cannot open serial port /dev/null: the package serialport works in the main thread alone",
    );
  });
});
