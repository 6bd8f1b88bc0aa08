/**
 * What the town hall itself says. Each line of it begins with two dashes, which nothing that a
 * person says does.
 *
 *     -- bob has come in        the house
 *     <bob> hello               bob, to the room
 *     * bob waves               bob, with /me
 *     [bob to you] psst         bob, to you alone
 *
 * @module
 */
import { COMMANDS } from "./commands.ts";
import type { NameRefusal, Room, RoomRefusal } from "./rooms.ts";

/** Longer lists are cut, so that the answer to a short line is not a long one. */
const LISTED_MAX = 50;

/** A line of the house. */
export function house(text: string): string {
  return `-- ${text}`;
}

/** Why somebody cannot have the name they want. */
export function nameRefused(refusal: NameRefusal, name: string, charactersMax: number): string {
  return refusal === "taken"
    ? house(`${name} is taken. Please choose another name.`)
    : house(`A name has 1 to ${String(charactersMax)} letters, digits, hyphens or underscores.`);
}

/** Why somebody cannot go where they want. */
export function roomRefused(refusal: RoomRefusal, charactersMax: number): string {
  if (refusal === "there-already") return house("You are there already.");
  if (refusal === "too-many-rooms") return house("There are too many rooms; join one of /rooms.");
  const bounds = `1 to ${String(charactersMax)}`;
  return house(`The name of a room has ${bounds} letters, digits, hyphens or underscores.`);
}

/** Where somebody is, and with whom. `name` is theirs. */
export function whereabouts(room: Room, name: string): string {
  const others = listed(otherNames(room, name), room.people.size - 1);
  return house(`You are in ${room.name}, ${others === "" ? "alone" : `with ${others}`}.`);
}

/** Who is in a room. */
export function whoIsIn(room: Room): string {
  const { size } = room.people;
  if (size === 0) return house(`Nobody is in ${room.name}.`);
  const names = listed(otherNames(room), size);
  return house(`In ${room.name}: ${names}.`);
}

/** Which rooms there are. */
export function roomsThereAre(rooms: Iterable<Room>, count: number): string {
  return house(`Rooms: ${listed(roomSizes(rooms), count)}.`);
}

/** What can be typed. */
export function help(): readonly string[] {
  const width = Math.max(...COMMANDS.map(({ usage }) => usage.length));
  return [
    house("What you type is said to the room, but for these:"),
    ...COMMANDS.map(({ usage, summary }) => house(`  ${usage.padEnd(width)}  ${summary}`)),
  ];
}

/** `1 minute`, `90 seconds`. */
export function duration(seconds: number): string {
  const isMinutes = seconds >= 60 && seconds % 60 === 0;
  const [count, unit] = isMinutes ? [seconds / 60, "minute"] : [seconds, "second"];
  return `${String(count)} ${unit}${count === 1 ? "" : "s"}`;
}

function* otherNames(room: Room, except?: string): Generator<string> {
  for (const { name } of room.people) if (name !== except) yield name;
}

function* roomSizes(rooms: Iterable<Room>): Generator<string> {
  for (const { name, people } of rooms) yield `${name} (${String(people.size)})`;
}

/** The first of `items`, and how many more of the `count` there are. */
function listed(items: Iterable<string>, count: number): string {
  const shown: string[] = [];
  for (const item of items) {
    if (shown.length === LISTED_MAX)
      return `${shown.join(", ")} and ${String(count - LISTED_MAX)} more`;
    shown.push(item);
  }
  return shown.join(", ");
}
