import { assert, describe, it } from "vitest";
import { COMMANDS, parseCommand } from "./commands.ts";

describe("parseCommand()", () => {
  it("says what is no command", () => {
    assert.deepEqual(parseCommand("hello"), { type: "say", text: "hello" });
    assert.deepEqual(parseCommand("//hello"), { type: "say", text: "/hello" });
    assert.deepEqual(parseCommand("1/2"), { type: "say", text: "1/2" });
    assert.deepEqual(parseCommand(""), { type: "nothing" });
  });

  it("reads commands in any case, with any spaces", () => {
    assert.deepEqual(parseCommand("/NAME  bob"), { type: "name", name: "bob" });
    assert.deepEqual(parseCommand("/join dev"), { type: "join", room: "dev" });
    assert.deepEqual(parseCommand("/me  waves to all"), { type: "act", text: "waves to all" });
    assert.deepEqual(parseCommand("/msg  alice  a  b"), {
      type: "msg",
      name: "alice",
      text: "a  b",
    });
    assert.deepEqual(parseCommand("/who"), { type: "who", room: undefined });
    assert.deepEqual(parseCommand("/who dev"), { type: "who", room: "dev" });
    for (const type of ["leave", "rooms", "help", "quit"] as const) {
      assert.deepEqual(parseCommand(`/${type}`), { type });
    }
  });

  it("tells what is missing", () => {
    const incomplete = [
      ["/name", "/name NAME"],
      ["/join", "/join ROOM"],
      ["/me", "/me TEXT"],
      ["/msg alice", "/msg NAME TEXT"],
    ] as const;
    for (const [line, usage] of incomplete) {
      assert.deepEqual(parseCommand(line), { type: "incomplete", usage });
    }
  });

  it("tells what there is not", () => {
    assert.deepEqual(parseCommand("/dance now"), { type: "unknown", word: "/dance" });
    assert.deepEqual(parseCommand("/"), { type: "unknown", word: "/" });
    assert.deepEqual(parseCommand("/constructor"), { type: "unknown", word: "/constructor" });
  });

  it("knows every command of the help", () => {
    for (const { usage } of COMMANDS) {
      assert.notEqual(parseCommand(usage.replace("[ROOM]", "")).type, "unknown", usage);
    }
  });
});
