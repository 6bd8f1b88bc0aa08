/**
 * What is said and who hears it: commands in, lines out. No I/O and no time.
 *
 * @module
 */
import { type Command, parseCommand } from "./commands.ts";
import type { Listener, NameRefusal, Person, Room, Rooms, RoomsOptions } from "./rooms.ts";
import {
  help,
  house,
  nameRefused,
  roomRefused,
  roomsThereAre,
  whereabouts,
  whoIsIn,
} from "./sentences.ts";

/** What a conversation is made of. */
export interface ConversationOptions {
  readonly rooms: Rooms;
  /** For the sentences about names that are too long. */
  readonly nameCharactersMax: RoomsOptions["nameCharactersMax"];
}

/** A line as it is sent. CR LF, as every line on a network since Telnet: each client shows it. */
export function encodeForAll(line: string): Uint8Array {
  return Buffer.from(`${line}\r\n`);
}

/** Say something to one listener. */
export function tell(listener: Listener, ...lines: readonly string[]): void {
  for (const line of lines) listener.hear(encodeForAll(line));
}

/** Everybody's conversation. */
export class Conversation {
  readonly #rooms: Rooms;
  readonly #nameCharactersMax: number;

  constructor(options: ConversationOptions) {
    this.#rooms = options.rooms;
    this.#nameCharactersMax = options.nameCharactersMax;
  }

  /**
   * Somebody says their name. @returns Who they are now, or `undefined` after a sentence why not.
   */
  arrive(name: string, listener: Listener): Person | undefined {
    const person = this.#rooms.arrive(name, listener);
    if (typeof person === "string") {
      this.#refuseName(listener, person, name);
      return undefined;
    }
    tell(listener, house(`Hello, ${person.name}. Type /help for what you can do here.`));
    this.#entered(person);
    return person;
  }

  /** Somebody typed a line. @returns Whether they stay. */
  receiveLine(person: Person, line: string): boolean {
    const command = parseCommand(line);
    this.#obey(person, command);
    return command.type !== "quit";
  }

  /** Somebody is gone; with a `why`, the room is told. */
  depart(person: Person, why: string | undefined): void {
    this.#rooms.depart(person);
    if (why !== undefined) toRoom(person.room, house(`${person.name} has gone (${why})`));
  }

  #obey(person: Person, command: Command): void {
    switch (command.type) {
      case "nothing":
        break;
      case "say":
        this.#say(person, `<${person.name}> ${command.text}`);
        break;
      case "act":
        this.#say(person, `* ${person.name} ${command.text}`);
        break;
      case "msg":
        this.#whisper(person, command.name, command.text);
        break;
      case "name":
        this.#rename(person, command.name);
        break;
      case "join":
        this.#move(person, command.room);
        break;
      case "leave":
        this.#move(person, this.#rooms.firstRoom.name);
        break;
      case "rooms":
        tell(person.listener, roomsThereAre(this.#rooms.all, this.#rooms.roomCount));
        break;
      case "who":
        this.#who(person, command.room);
        break;
      case "help":
        tell(person.listener, ...help());
        break;
      case "quit":
        tell(person.listener, house("Goodbye."));
        break;
      case "unknown":
        tell(person.listener, house(`There is no ${command.word}; type /help for what there is.`));
        break;
      case "incomplete":
        tell(person.listener, house(`Please type ${command.usage}`));
        break;
    }
  }

  #say(person: Person, line: string): void {
    if (person.room.people.size === 1) tell(person.listener, house("Nobody else is here."));
    else toRoom(person.room, line, person);
  }

  #whisper(person: Person, name: string, text: string): void {
    const hearer = this.#rooms.findPerson(name);
    if (hearer === undefined) {
      tell(person.listener, house(`Nobody is called ${name}.`));
      return;
    }
    tell(hearer.listener, `[${person.name} to you] ${text}`);
    tell(person.listener, `[you to ${hearer.name}] ${text}`);
  }

  #rename(person: Person, name: string): void {
    const { name: before } = person;
    const refusal = this.#rooms.rename(person, name);
    if (refusal !== undefined) {
      this.#refuseName(person.listener, refusal, name);
      return;
    }
    tell(person.listener, house(`You are called ${person.name} now.`));
    toRoom(person.room, house(`${before} is called ${person.name} now`), person);
  }

  #move(person: Person, roomName: string): void {
    const { room: before } = person;
    const refusal = this.#rooms.move(person, roomName);
    if (refusal !== undefined) {
      tell(person.listener, roomRefused(refusal, this.#nameCharactersMax));
      return;
    }
    toRoom(before, house(`${person.name} has gone to ${person.room.name}`));
    this.#entered(person);
  }

  #entered(person: Person): void {
    tell(person.listener, whereabouts(person.room, person.name));
    toRoom(person.room, house(`${person.name} has come in`), person);
  }

  #who(person: Person, roomName: string | undefined): void {
    const room = roomName === undefined ? person.room : this.#rooms.findRoom(roomName);
    const answer =
      room === undefined ? house(`There is no room ${roomName ?? ""}.`) : whoIsIn(room);
    tell(person.listener, answer);
  }

  #refuseName(listener: Listener, refusal: NameRefusal, name: string): void {
    tell(listener, nameRefused(refusal, name, this.#nameCharactersMax));
  }
}

/** Say something to everybody in `room`, but for one. The bytes are made once. */
function toRoom(room: Room, line: string, except?: Person): void {
  const bytes = encodeForAll(line);
  for (const person of room.people) if (person !== except) person.listener.hear(bytes);
}
