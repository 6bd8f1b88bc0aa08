/**
 * The client of a recording, played to a server: what it says, and when.
 *
 * @module
 */
import { assert, describe, it } from "vitest";
import type { Deferred } from "../defer/deferred.ts";
import { TCP4ClientEndpoint } from "../internet/endpoints/tcp-client.ts";
import { Factory } from "../internet/factory.ts";
import { Protocol } from "../internet/protocol.ts";
import { MemoryReactor } from "../reactors/memory/memory-reactor.ts";
import { assertNoResult, failureResultOf, successResultOf } from "../testing/results.ts";
import { replayAgainst } from "./replay-against.ts";
import { readRecording } from "./wire/recording-reader.ts";
import { UnplayableRecordingError } from "./unplayable-recording-error.ts";

const HEADER =
  '{"sennit-recording":1,"role":"server","place":"","protocol":"",' +
  '"host":"","peer":"","tls":"none"}';

/** Two questions, each with an answer of three bytes; then the client leaves. */
const TALK = [
  { t: 0, type: "in", text: "1" },
  { t: 0, type: "out", text: "one" },
  { t: 1, type: "in", text: "2" },
  { t: 1, type: "out", text: "two" },
  { t: 1, type: "in", text: "3" },
  { t: 2, type: "closed", reason: "ConnectionDone", message: "", failed: false },
];

interface Scene {
  readonly reactor: MemoryReactor;
  /** What the server hears, and when. */
  readonly heard: string[];
  readonly server: Protocol;
  readonly answers: Deferred<Buffer>;
}

/** @param answer What the server says to what it hears. */
function play(events: readonly object[], answer: (text: string) => string): Scene {
  const reactor = new MemoryReactor();
  const heard: string[] = [];
  class Server extends Protocol {
    override dataReceived(data: Buffer): void {
      heard.push(`${reactor.seconds().toFixed(1)} ${data.toString()}`);
      this.transport.write(answer(data.toString()));
    }
    override connectionLost(): void {
      heard.push(`${reactor.seconds().toFixed(1)} lost`);
    }
  }
  const server = new Server();
  reactor.listenTCP(
    7,
    Factory.building(() => server),
  );
  const lines = [HEADER, ...events.map((event) => JSON.stringify(event)), ""];
  const recording = readRecording(lines.join("\n"));
  const endpoint = new TCP4ClientEndpoint(reactor, "127.0.0.1", 7);
  const answers = replayAgainst(recording, endpoint, { reactor, patience: 5 });
  return { reactor, heard, server, answers };
}

describe("replayAgainst()", () => {
  it("says each thing when it has heard as much as the client had, and then leaves", () => {
    const words = new Map([
      ["1", "one"],
      ["2", "two"],
    ]);
    const { reactor, heard, answers } = play(TALK, (text) => words.get(text) ?? "");
    reactor.flush();
    assert.deepEqual(heard, ["0.0 1", "0.0 2", "0.0 3"]);
    assertNoResult(answers);
    reactor.advance(0.3);
    assert.equal(successResultOf(answers).toString(), "onetwo");
    assert.equal(heard.at(-1), "0.2 lost");
  });

  it("has heard what comes behind the last answer, too", () => {
    const { reactor, answers } = play(TALK, () => "four");
    reactor.advance(0.3);
    assert.equal(successResultOf(answers).toString(), "fourfourfour");
  });

  it("waits for what does not come, and then goes on without", () => {
    const { reactor, heard, answers } = play(TALK, (text) => (text === "1" ? "o" : ""));
    reactor.advance(30);
    assert.deepEqual(heard, ["0.0 1", "5.0 2", "10.0 3", "10.2 lost"]);
    assert.equal(successResultOf(answers).toString(), "o");
  });

  it("is as patient as before when bytes come", () => {
    const { reactor, heard, server } = play(TALK, () => "");
    reactor.advance(4);
    server.transport.write("o");
    reactor.advance(4);
    assert.deepEqual(heard, ["0.0 1"]);
    server.transport.write("ne");
    reactor.advance(0.1);
    assert.deepEqual(heard, ["0.0 1", "8.0 2"]);
  });

  it("has what was said before the server left", () => {
    const { reactor, server, answers } = play(TALK, () => "o");
    reactor.flush();
    server.transport.loseConnection();
    reactor.flush();
    assert.equal(successResultOf(answers).toString(), "o");
  });

  it("ends its half where the client did, and hears the rest", () => {
    const half = [
      { t: 0, type: "in", text: "1" },
      { t: 0, type: "in-end" },
    ];
    const { reactor, heard, answers } = play(half, () => "one");
    reactor.flush();
    assert.deepEqual(heard, ["0.0 1", "0.0 lost"]);
    assert.equal(successResultOf(answers).toString(), "one");
  });

  it("can be cancelled, before there is a connection and after", () => {
    const before = play(TALK, () => "");
    before.answers.cancel();
    assert.equal(failureResultOf(before.answers).type, "ConnectingCancelledError");
    const after = play(TALK, () => "");
    after.reactor.flush();
    after.answers.cancel();
    assert.equal(failureResultOf(after.answers).type, "CancelledError");
    after.reactor.flush();
    assert.equal(after.heard.at(-1), "0.0 lost");
    assert.isEmpty(after.reactor.getDelayedCalls());
  });

  it("refuses what it cannot play", () => {
    const unplayable = [
      { t: 0, type: "start-tls", unread: 0 },
      { t: 0, type: "dropped", events: 1, bytesIn: 0, bytesOut: 0 },
    ];
    for (const event of unplayable) {
      assert.throws(() => play([event], () => ""), UnplayableRecordingError);
    }
  });
});
