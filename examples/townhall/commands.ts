/**
 * What a line means.
 *
 *     hello                 said to the room
 *     /msg alice hello      a command: a slash, its word, what it needs
 *     //hello               "/hello", said to the room
 *
 * @module
 */

/** A line, understood. */
export type Command =
  | { readonly type: "nothing" | "leave" | "rooms" | "help" | "quit" }
  | { readonly type: "say" | "act"; readonly text: string }
  | { readonly type: "name"; readonly name: string }
  | { readonly type: "join"; readonly room: string }
  /** Without a room: the one that the person is in. */
  | { readonly type: "who"; readonly room: string | undefined }
  | { readonly type: "msg"; readonly name: string; readonly text: string }
  | { readonly type: "unknown"; readonly word: string }
  | { readonly type: "incomplete"; readonly usage: string };

/** A command for people: how it is written, and what it does. */
export interface CommandHelp {
  readonly usage: string;
  readonly summary: string;
}

interface CommandKind extends CommandHelp {
  readonly word: string;
  /** What it means with `rest` behind its word; `undefined` when something is missing. */
  readonly read: (rest: string) => Command | undefined;
}

const KINDS: readonly CommandKind[] = [
  {
    word: "name",
    usage: "/name NAME",
    summary: "be called NAME from now on",
    read: (rest) => (rest === "" ? undefined : { type: "name", name: rest }),
  },
  {
    word: "join",
    usage: "/join ROOM",
    summary: "go to ROOM, which is made if there is none",
    read: (rest) => (rest === "" ? undefined : { type: "join", room: rest }),
  },
  {
    word: "leave",
    usage: "/leave",
    summary: "go back to the first room",
    read: () => ({ type: "leave" }),
  },
  {
    word: "rooms",
    usage: "/rooms",
    summary: "which rooms there are, and how many people are in them",
    read: () => ({ type: "rooms" }),
  },
  {
    word: "who",
    usage: "/who [ROOM]",
    summary: "who is here, or in ROOM",
    read: (rest) => ({ type: "who", room: rest === "" ? undefined : rest }),
  },
  { word: "msg", usage: "/msg NAME TEXT", summary: "say TEXT to NAME alone", read: readMessage },
  {
    word: "me",
    usage: "/me TEXT",
    summary: "tell the room what you do: * NAME TEXT",
    read: (rest) => (rest === "" ? undefined : { type: "act", text: rest }),
  },
  {
    word: "help",
    usage: "/help",
    summary: "these lines; //TEXT says a TEXT that begins with a slash",
    read: () => ({ type: "help" }),
  },
  { word: "quit", usage: "/quit", summary: "go", read: () => ({ type: "quit" }) },
];

const BY_WORD = new Map(KINDS.map((kind) => [kind.word, kind]));

/** Every command, in the order of the help. */
export const COMMANDS: readonly CommandHelp[] = KINDS;

/** What `line` means. It has been made plain text before. */
export function parseCommand(line: string): Command {
  if (line === "") return { type: "nothing" };
  if (line.startsWith("//")) return { type: "say", text: line.slice(1) };
  if (!line.startsWith("/")) return { type: "say", text: line };
  const [word, rest] = splitWord(line.slice(1));
  const kind = BY_WORD.get(word.toLowerCase());
  if (kind === undefined) return { type: "unknown", word: `/${word}` };
  return kind.read(rest) ?? { type: "incomplete", usage: kind.usage };
}

function readMessage(rest: string): Command | undefined {
  const [name, text] = splitWord(rest);
  return name === "" || text === "" ? undefined : { type: "msg", name, text };
}

/** The first word, and what follows it without the spaces between. */
function splitWord(text: string): readonly [string, string] {
  const space = text.indexOf(" ");
  return space < 0 ? [text, ""] : [text.slice(0, space), text.slice(space).trim()];
}
