import { assert, describe, it } from "vitest";
import { type Listener, type Person, Rooms } from "./rooms.ts";

const NOBODY: Listener = { hear: () => {} };

function roomsOf(roomsMax = 3): Rooms {
  return new Rooms({ firstRoom: "hall", roomsMax, nameCharactersMax: 8 });
}

function arrived(rooms: Rooms, name: string): Person {
  const person = rooms.arrive(name, NOBODY);
  assert(typeof person === "object", `${name} was refused`);
  return person;
}

function namesIn(rooms: Rooms, name: string): string[] | undefined {
  const room = rooms.findRoom(name);
  return room && [...room.people].map((person) => person.name);
}

describe("Rooms", () => {
  it("arrive() brings people into the first room, in order", () => {
    const rooms = roomsOf();
    arrived(rooms, "bob");
    arrived(rooms, " alice ");
    assert.deepEqual(namesIn(rooms, "hall"), ["bob", "alice"]);
    assert.equal(rooms.personCount, 2);
  });

  it("arrive() refuses names that are taken in any spelling, or are none", () => {
    const rooms = roomsOf();
    arrived(rooms, "Zoë");
    assert.equal(rooms.arrive("ZOE\u0308", NOBODY), "taken");
    assert.equal(rooms.arrive("", NOBODY), "empty");
    assert.equal(rooms.arrive("a b", NOBODY), "odd-characters");
    assert.equal(rooms.arrive("longer-than-8", NOBODY), "too-long");
    assert.equal(rooms.personCount, 1);
  });

  it("rename() frees the old name, and lets somebody change the spelling of theirs", () => {
    const rooms = roomsOf();
    const bob = arrived(rooms, "bob");
    assert.equal(rooms.rename(bob, "BOB"), undefined);
    assert.equal(bob.name, "BOB");
    assert.equal(rooms.rename(bob, "rob"), undefined);
    arrived(rooms, "bob");
    assert.equal(rooms.rename(bob, "bob"), "taken");
    assert.equal(rooms.findPerson("ROB"), bob);
  });

  it("move() makes rooms and forgets empty ones, but never the first", () => {
    const rooms = roomsOf();
    const bob = arrived(rooms, "bob");
    assert.equal(rooms.move(bob, "Dev"), undefined);
    assert.equal(bob.room.name, "Dev");
    assert.deepEqual(namesIn(rooms, "hall"), []);
    assert.equal(rooms.move(bob, "dev"), "there-already");
    assert.equal(rooms.move(bob, "HALL"), undefined);
    assert.equal(rooms.findRoom("dev"), undefined);
    assert.equal(rooms.roomCount, 1);
  });

  it("move() bounds the rooms, and counts the one that is left empty", () => {
    const rooms = roomsOf(2);
    const bob = arrived(rooms, "bob");
    const eve = arrived(rooms, "eve");
    assert.equal(rooms.move(bob, "one"), undefined);
    assert.equal(rooms.move(eve, "two"), "too-many-rooms");
    assert.equal(rooms.move(bob, "two"), undefined);
    assert.deepEqual(
      [...rooms.all].map(({ name }) => name),
      ["hall", "two"],
    );
  });

  it("move() refuses what is no name", () => {
    const rooms = roomsOf();
    assert.equal(rooms.move(arrived(rooms, "bob"), "#dev"), "odd-characters");
  });

  it("depart() frees the name and the room; nobody departs twice", () => {
    const rooms = roomsOf();
    const bob = arrived(rooms, "bob");
    rooms.move(bob, "dev");
    rooms.depart(bob);
    assert.equal(rooms.personCount, 0);
    assert.equal(rooms.roomCount, 1);
    arrived(rooms, "bob");
    assert.throws(() => rooms.depart(bob), RangeError, "they have gone");
  });
});
