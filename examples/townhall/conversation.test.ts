import { assert, describe, it } from "vitest";
import { Conversation } from "./conversation.ts";
import { type Listener, type Person, Rooms } from "./rooms.ts";

const OPTIONS = { firstRoom: "hall", roomsMax: 3, nameCharactersMax: 8 };

function conversationOf(): Conversation {
  return new Conversation({ ...OPTIONS, rooms: new Rooms(OPTIONS) });
}

/** Somebody who keeps what they hear. */
class Visitor implements Listener {
  readonly person: Person | undefined;
  readonly #conversation: Conversation;
  #heard: string[] = [];

  constructor(conversation: Conversation, name: string) {
    this.#conversation = conversation;
    this.person = conversation.arrive(name, this);
  }

  hear(line: Uint8Array): void {
    const text = Buffer.from(line).toString();
    assert.match(text, /^[^\r\n]*\r\n$/u);
    this.#heard.push(text.trimEnd());
  }

  /** Type a line. @returns Whether they stay. */
  type(line: string): boolean {
    assert(this.person !== undefined, "nobody types without a name");
    return this.#conversation.receiveLine(this.person, line);
  }

  /** What was heard since the last time. */
  take(): string[] {
    return this.#heard.splice(0);
  }
}

/** Visitors in the first room; nobody has heard anything yet. */
function visitors(conversation: Conversation, ...names: readonly string[]): Visitor[] {
  const all = names.map((name) => new Visitor(conversation, name));
  for (const visitor of all) visitor.take();
  return all;
}

/** Two of them, for the tests that need no more. */
function bobAndAlice(conversation: Conversation): readonly [Visitor, Visitor] {
  const [bob, alice] = visitors(conversation, "bob", "alice");
  assert(bob !== undefined && alice !== undefined, "there are two");
  return [bob, alice];
}

describe("Conversation", () => {
  it("arrive() greets, tells who is there, and tells them", () => {
    const conversation = conversationOf();
    const bob = new Visitor(conversation, "bob");
    const alice = new Visitor(conversation, "Alice");
    assert.deepEqual(bob.take(), [
      "-- Hello, bob. Type /help for what you can do here.",
      "-- You are in hall, alone.",
      "-- Alice has come in",
    ]);
    assert.deepEqual(alice.take(), [
      "-- Hello, Alice. Type /help for what you can do here.",
      "-- You are in hall, with bob.",
    ]);
  });

  it("arrive() says why a name will not do", () => {
    const conversation = conversationOf();
    const [bob] = bobAndAlice(conversation);
    for (const [name, why] of [
      ["ALICE", "-- ALICE is taken. Please choose another name."],
      ["a b", "-- A name has 1 to 8 letters, digits, hyphens or underscores."],
    ] as const) {
      const visitor = new Visitor(conversation, name);
      assert.equal(visitor.person, undefined);
      assert.deepEqual(visitor.take(), [why]);
    }
    assert.deepEqual(bob.take(), []);
  });

  it("receiveLine() says a line to the others in the room, once", () => {
    const conversation = conversationOf();
    const [bob, alice] = bobAndAlice(conversation);
    assert.isTrue(bob.type("hello"));
    assert.isTrue(bob.type("/me waves"));
    assert.isTrue(bob.type("//me"));
    assert.isTrue(bob.type(""));
    assert.deepEqual(alice.take(), ["<bob> hello", "* bob waves", "<bob> /me"]);
    assert.deepEqual(bob.take(), []);
  });

  it("receiveLine() tells somebody who is alone that nobody hears", () => {
    const conversation = conversationOf();
    const [bob] = visitors(conversation, "bob");
    bob?.type("hello");
    assert.deepEqual(bob?.take(), ["-- Nobody else is here."]);
  });

  it("/msg goes to one person, in whatever room", () => {
    const conversation = conversationOf();
    const [bob, alice, eve] = visitors(conversation, "bob", "alice", "eve");
    alice?.type("/join dev");
    for (const visitor of [bob, alice, eve]) visitor?.take();
    bob?.type("/msg ALICE psst, hey");
    bob?.type("/msg nemo hey");
    assert.deepEqual(alice?.take(), ["[bob to you] psst, hey"]);
    assert.deepEqual(bob?.take(), ["[you to alice] psst, hey", "-- Nobody is called nemo."]);
    assert.deepEqual(eve?.take(), []);
  });

  it("/name tells the room, and refuses what is taken", () => {
    const conversation = conversationOf();
    const [bob, alice] = bobAndAlice(conversation);
    bob.type("/name rob");
    bob.type("/name Alice");
    bob.type("hello");
    assert.deepEqual(bob.take(), [
      "-- You are called rob now.",
      "-- Alice is taken. Please choose another name.",
    ]);
    assert.deepEqual(alice.take(), ["-- bob is called rob now", "<rob> hello"]);
  });

  it("/join and /leave tell both rooms", () => {
    const conversation = conversationOf();
    const [bob, alice] = bobAndAlice(conversation);
    bob.type("/join dev");
    alice.type("hello");
    alice.type("/join DEV");
    bob.type("hello");
    alice.type("/leave");
    alice.type("/leave");
    assert.deepEqual(bob.take(), [
      "-- You are in dev, alone.",
      "-- alice has come in",
      "-- alice has gone to hall",
    ]);
    assert.deepEqual(alice.take(), [
      "-- bob has gone to dev",
      "-- Nobody else is here.",
      "-- You are in dev, with bob.",
      "<bob> hello",
      "-- You are in hall, alone.",
      "-- You are there already.",
    ]);
  });

  it("/join says why it cannot be", () => {
    const conversation = conversationOf();
    const [bob, alice] = bobAndAlice(conversation);
    bob.type("/join #dev");
    assert.deepEqual(bob.take(), [
      "-- The name of a room has 1 to 8 letters, digits, hyphens or underscores.",
    ]);
    const [eve, dan] = visitors(conversation, "eve", "dan");
    bob.type("/join one");
    alice.type("/join two");
    for (const visitor of [alice, eve, dan]) visitor?.take();
    eve?.type("/join three");
    assert.deepEqual(eve?.take(), ["-- There are too many rooms; join one of /rooms."]);
  });

  it("/rooms and /who tell what there is", () => {
    const conversation = conversationOf();
    const [bob, alice] = bobAndAlice(conversation);
    bob.type("/join dev");
    bob.take();
    bob.type("/rooms");
    bob.type("/who");
    bob.type("/who HALL");
    bob.type("/who nowhere");
    assert.deepEqual(bob.take(), [
      "-- Rooms: hall (1), dev (1).",
      "-- In dev: bob.",
      "-- In hall: alice.",
      "-- There is no room nowhere.",
    ]);
    conversation.depart(alice.person ?? assert.fail(), "left");
    bob.type("/who hall");
    assert.deepEqual(bob.take(), ["-- Nobody is in hall."]);
  });

  it("lists are cut: a short line has no long answer", () => {
    const conversation = conversationOf();
    const names = Array.from({ length: 200 }, (_, number) => `n${String(number)}`);
    const [first] = visitors(conversation, ...names);
    first?.type("/who");
    const [line = ""] = first?.take() ?? [];
    assert.match(line, /^-- In hall: n0, n1, .*, n49 and 150 more\.$/u);
    assert.isBelow(line.length, 400);
  });

  it("/help names every command; what is unknown or incomplete is answered", () => {
    const conversation = conversationOf();
    const [bob] = visitors(conversation, "bob");
    bob?.type("/help");
    assert.lengthOf(bob?.take() ?? [], 10);
    bob?.type("/dance");
    bob?.type("/msg");
    assert.deepEqual(bob?.take(), [
      "-- There is no /dance; type /help for what there is.",
      "-- Please type /msg NAME TEXT",
    ]);
  });

  it("/quit says goodbye; depart() tells the room why, or nobody", () => {
    const conversation = conversationOf();
    const [bob, alice] = bobAndAlice(conversation);
    assert.isFalse(bob.type("/quit"));
    assert.deepEqual(bob.take(), ["-- Goodbye."]);
    conversation.depart(bob.person ?? assert.fail(), "quit");
    assert.deepEqual(alice.take(), ["-- bob has gone (quit)"]);
    const [eve] = visitors(conversation, "eve");
    alice.take();
    conversation.depart(eve?.person ?? assert.fail(), undefined);
    assert.deepEqual(alice.take(), []);
  });
});
