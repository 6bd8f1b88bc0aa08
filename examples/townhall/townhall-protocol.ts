/**
 * One person's connection: bytes into lines, lines into the conversation, and everything that keeps
 * one person from being a burden to the others.
 *
 *     connected ── a name ──▶ talking ── /quit, end of file, silence, flood, … ──▶ gone
 *         └──── no name in time, or end of file ────────────────────────────────────┘
 *
 * Nothing here knows what carries the bytes: TCP, a pipe, a WebSocket.
 *
 * @module
 */
import type { Failure } from "sennit/defer";
import {
  ConnectionDone,
  type IDelayedCall,
  type IDrainable,
  type IHalfCloseableProtocol,
  type IReactorTime,
} from "sennit/internet";
import { LineReceiver } from "sennit/protocols";
import { type Conversation, tell } from "./conversation.ts";
import { FloodLimit } from "./flood-limit.ts";
import { IdleWatch } from "./idle-watch.ts";
import type { TownhallSettings } from "./options.ts";
import { toPlainText } from "./plain-text.ts";
import type { Listener, Person } from "./rooms.ts";
import { duration, house } from "./sentences.ts";
import { TelnetFilter } from "./telnet-filter.ts";

/** The clock of a connection: a reactor, or a `Clock` in a test. */
export type TownhallClock = IReactorTime;

/** What every connection of a town hall shares. */
export interface TownhallHouse {
  readonly settings: TownhallSettings;
  readonly conversation: Conversation;
  readonly clock: TownhallClock;
  /** Somebody has a name now. */
  arrived(person: Person, from: string): void;
  /** Somebody with a name has gone. */
  departed(person: Person, why: string): void;
  /** A connection has ended, with a name or without. */
  ended(): void;
}

const CR = 0x0d;

/** See the top of this file. */
export class TownhallProtocol
  extends LineReceiver
  implements Listener, IHalfCloseableProtocol, IDrainable
{
  /** CR LF ends a line too: the CR is taken off here. */
  override delimiter = "\n";
  readonly #house: TownhallHouse;
  readonly #telnet = new TelnetFilter();
  readonly #flood: FloodLimit;
  readonly #idle: IdleWatch;
  #person: Person | undefined;
  #alarm: IDelayedCall | undefined;
  /** Why it ends, once it does. */
  #why: string | undefined;

  constructor(townhall: TownhallHouse) {
    super();
    const { settings, clock } = townhall;
    this.#house = townhall;
    this.MAX_LENGTH = settings.lineBytesMax + 1; // Room for the CR.
    this.#flood = new FloodLimit(settings, clock.seconds());
    this.#idle = new IdleWatch(settings, clock.seconds());
  }

  override connectionMade(): void {
    tell(this, house("Welcome to the town hall. What is your name?"));
    const { clock, settings } = this.#house;
    this.#alarm = clock.callLater(settings.nameTimeout, () => {
      this.#finish("no name", house("You have not told your name. Goodbye."));
    });
  }

  override dataReceived(data: Buffer): void {
    super.dataReceived(this.#telnet.receive(data));
  }

  override lineReceived(line: Buffer): void {
    const bytes = line.at(-1) === CR ? line.subarray(0, -1) : line;
    if (bytes.length > this.#house.settings.lineBytesMax) {
      this.lineLengthExceeded(bytes);
      return;
    }
    const now = this.#house.clock.seconds();
    this.#idle.heard(now);
    switch (this.#flood.receiveLine(now)) {
      case "pass":
        this.#obey(toPlainText(bytes));
        break;
      case "warn":
        tell(this, house("Slower, please: this line was not passed on, and more would end this."));
        break;
      case "drop":
        break;
      case "end":
        this.#finish("too many lines", house("Too many lines. Goodbye."));
        break;
    }
  }

  override lineLengthExceeded(_line: Buffer): void {
    const max = String(this.#house.settings.lineBytesMax);
    this.#finish("line too long", house(`A line has at most ${max} bytes. Goodbye.`));
  }

  /** They have said all they want to say; so a last line without an end is a line. */
  readConnectionLost(): void {
    const rest = this.clearLineBuffer();
    if (rest.length > 0) this.lineReceived(rest);
    this.#finish("left", house("Goodbye."));
  }

  writeConnectionLost(): void {}

  /** The town hall closes. Nobody is told that the others go: they all do. */
  drain(): void {
    this.#finish("closing", house("The town hall closes. Goodbye."), { isTold: false });
  }

  override connectionLost(reason: Failure): void {
    this.#stopAlarm();
    this.#why ??= reason.check(ConnectionDone) === undefined ? "connection lost" : "left";
    this.#depart(this.#why);
    this.#house.ended();
  }

  /** {@inheritDoc Listener.hear} */
  hear(line: Uint8Array): void {
    this.transport.write(line);
    if (this.transport.bufferedBytes <= this.#house.settings.unreadBytesMax) return;
    // The room is being walked through just now: it is told when the connection has ended.
    this.#why = "did not read";
    this.transport.abortConnection();
  }

  #obey(text: string): void {
    const { conversation } = this.#house;
    if (this.#person === undefined) {
      this.#arrive(text);
      return;
    }
    const isStaying = conversation.receiveLine(this.#person, text);
    if (!isStaying) this.#finish("quit");
  }

  #arrive(name: string): void {
    this.#person = this.#house.conversation.arrive(name, this);
    if (this.#person === undefined) return;
    this.#house.arrived(this.#person, this.transport.getPeer().toString());
    this.#stopAlarm();
    this.#watch();
  }

  /** One timer that looks when something could be due; a line does not touch it. */
  #watch(): void {
    const { clock } = this.#house;
    this.#alarm = clock.callLater(Math.max(0, this.#idle.deadline - clock.seconds()), () => {
      this.#expire();
    });
  }

  #expire(): void {
    const { clock, settings } = this.#house;
    const due = this.#idle.expire(clock.seconds());
    if (due === "end") {
      const time = duration(settings.idleTimeout);
      this.#finish("silent", house(`You have said nothing for ${time}. Goodbye.`));
      return;
    }
    if (due === "warn") {
      tell(this, house(`Say something within ${duration(settings.idleWarning)}, or you will go.`));
    }
    this.#watch();
  }

  /** Say a last line, leave the rooms, close. */
  #finish(why: string, lastLine?: string, { isTold = true } = {}): void {
    if (this.#why !== undefined) return;
    if (lastLine !== undefined) tell(this, lastLine);
    this.#why = why;
    this.#stopAlarm();
    this.#depart(why, isTold);
    this.transport.loseConnection();
  }

  #depart(why: string, isTold = true): void {
    const person = this.#person;
    if (person === undefined) return;
    this.#person = undefined;
    this.#house.conversation.depart(person, isTold ? why : undefined);
    this.#house.departed(person, why);
  }

  #stopAlarm(): void {
    if (this.#alarm?.active === true) this.#alarm.cancel();
    this.#alarm = undefined;
  }
}
