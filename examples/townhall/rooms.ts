/**
 * Who is in the town hall, and in which room: names, moves and limits. No I/O, no text.
 *
 * Everybody is in exactly one room. The first room is always there; the others come with the first
 * who joins them and go with the last who leaves.
 *
 * @module
 */
import { nameKey, nameProblem, type NameProblem, tidyName } from "./names.ts";

/** What a person hears with: a connection, or a list in a test. */
export interface Listener {
  /**
   * Take a line, its end included. Many listeners share the same bytes. It must not call back into
   * the rooms before it returns.
   */
  hear(line: Uint8Array): void;
}

/** Somebody with a name, in a room. */
export interface Person {
  readonly name: string;
  readonly room: Room;
  readonly listener: Listener;
}

/** A room and the people in it, in the order they came. */
export interface Room {
  readonly name: string;
  readonly people: ReadonlySet<Person>;
}

/** How many, and how long. */
export interface RoomsOptions {
  /** The room where everybody arrives. */
  readonly firstRoom: string;
  readonly roomsMax: number;
  readonly nameCharactersMax: number;
}

/** Why a person cannot have a name. */
export type NameRefusal = NameProblem | "taken";
/** Why a person cannot join a room. */
export type RoomRefusal = NameProblem | "there-already" | "too-many-rooms";

class Place implements Room {
  readonly name: string;
  readonly people = new Set<Person>();

  constructor(name: string) {
    this.name = name;
  }
}

class Somebody implements Person {
  name: string;
  room: Place;
  readonly listener: Listener;

  constructor(name: string, room: Place, listener: Listener) {
    this.name = name;
    this.room = room;
    this.listener = listener;
  }
}

/** All rooms and everybody in them. */
export class Rooms {
  readonly #options: RoomsOptions;
  readonly #first: Place;
  readonly #rooms = new Map<string, Place>();
  readonly #people = new Map<string, Somebody>();

  constructor(options: RoomsOptions) {
    this.#options = options;
    this.#first = new Place(options.firstRoom);
    this.#rooms.set(nameKey(options.firstRoom), this.#first);
  }

  /** Where everybody arrives. */
  get firstRoom(): Room {
    return this.#first;
  }

  /** All rooms, the first one first. */
  get all(): Iterable<Room> {
    return this.#rooms.values();
  }

  get roomCount(): number {
    return this.#rooms.size;
  }

  get personCount(): number {
    return this.#people.size;
  }

  /** The room of that name, however it is spelt. */
  findRoom(name: string): Room | undefined {
    return this.#rooms.get(nameKey(tidyName(name)));
  }

  /** Who is called that, however it is spelt. */
  findPerson(name: string): Person | undefined {
    return this.#people.get(nameKey(tidyName(name)));
  }

  /** Somebody comes in, into the first room. */
  arrive(wantedName: string, listener: Listener): Person | NameRefusal {
    const name = tidyName(wantedName);
    const refusal = this.#nameRefusal(name);
    if (refusal !== undefined) return refusal;
    const person = new Somebody(name, this.#first, listener);
    this.#people.set(nameKey(name), person);
    this.#first.people.add(person);
    return person;
  }

  /** Somebody wants another name; it may be their own in another spelling. */
  rename(person: Person, wantedName: string): NameRefusal | undefined {
    const somebody = this.#own(person);
    const name = tidyName(wantedName);
    const refusal = this.#nameRefusal(name, somebody);
    if (refusal !== undefined) return refusal;
    this.#people.delete(nameKey(somebody.name));
    this.#people.set(nameKey(name), somebody);
    somebody.name = name;
    return undefined;
  }

  /** Somebody goes to another room, which is made if there is none of that name. */
  move(person: Person, wantedRoom: string): RoomRefusal | undefined {
    const somebody = this.#own(person);
    const name = tidyName(wantedRoom);
    const problem = nameProblem(name, this.#options.nameCharactersMax);
    if (problem !== undefined) return problem;
    const key = nameKey(name);
    const known = this.#rooms.get(key);
    if (known === somebody.room) return "there-already";
    if (known === undefined && !this.#hasSpaceAfter(somebody)) return "too-many-rooms";
    const room = known ?? new Place(name);
    this.#rooms.set(key, room);
    this.#leaveRoom(somebody);
    somebody.room = room;
    room.people.add(somebody);
    return undefined;
  }

  /** Somebody is gone. Their name is free again. */
  depart(person: Person): void {
    const somebody = this.#own(person);
    this.#people.delete(nameKey(somebody.name));
    this.#leaveRoom(somebody);
  }

  #nameRefusal(name: string, wanting?: Somebody): NameRefusal | undefined {
    const problem = nameProblem(name, this.#options.nameCharactersMax);
    if (problem !== undefined) return problem;
    const holder = this.#people.get(nameKey(name));
    return holder === undefined || holder === wanting ? undefined : "taken";
  }

  /** Is there space for one more room once `somebody` has left theirs? */
  #hasSpaceAfter(somebody: Somebody): boolean {
    const { room } = somebody;
    const roomsGone = room !== this.#first && room.people.size === 1 ? 1 : 0;
    return this.#rooms.size - roomsGone < this.#options.roomsMax;
  }

  #leaveRoom(somebody: Somebody): void {
    const { room } = somebody;
    room.people.delete(somebody);
    if (room.people.size === 0 && room !== this.#first) this.#rooms.delete(nameKey(room.name));
  }

  #own(person: Person): Somebody {
    const somebody = this.#people.get(nameKey(person.name));
    if (somebody !== person) {
      throw new RangeError(`Cannot find ${JSON.stringify(person.name)}: they have gone`);
    }
    return somebody;
  }
}
