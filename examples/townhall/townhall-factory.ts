/**
 * A town hall: what its connections share, and who may come in.
 *
 * @module
 */
import { Factory, Protocol } from "sennit/internet";
import type { Logger } from "sennit/logger";
import { Conversation, encodeForAll } from "./conversation.ts";
import { settingsFrom, type TownhallOptions, type TownhallSettings } from "./options.ts";
import { type Person, Rooms } from "./rooms.ts";
import { house } from "./sentences.ts";
import { type TownhallClock, type TownhallHouse, TownhallProtocol } from "./townhall-protocol.ts";

/** What a town hall is made of. */
export interface TownhallFactoryOptions extends TownhallOptions {
  /** Tells the time to every connection: the reactor. */
  readonly clock: TownhallClock;
  /** Hears who comes and goes, never what is said. Default: nobody does. */
  readonly log?: Pick<Logger, "info">;
}

/** For whom there is no space. */
class TurnedAway extends Protocol {
  override connectionMade(): void {
    this.transport.write(encodeForAll(house("The town hall is full. Please come back later.")));
    this.transport.loseConnection();
  }
}

/**
 * Makes a connection's protocol, as long as there is space.
 *
 * @throws {RangeError} An option that makes no sense.
 */
export class TownhallFactory extends Factory implements TownhallHouse {
  readonly settings: TownhallSettings;
  readonly conversation: Conversation;
  readonly clock: TownhallClock;
  readonly #rooms: Rooms;
  readonly #log: Pick<Logger, "info"> | undefined;
  #connections = 0;

  constructor({ clock, log, ...options }: TownhallFactoryOptions) {
    super();
    this.settings = settingsFrom(options);
    this.clock = clock;
    this.#log = log;
    this.#rooms = new Rooms(this.settings);
    this.conversation = new Conversation({ ...this.settings, rooms: this.#rooms });
    this.noisy = false;
  }

  /** People with a name. */
  get personCount(): number {
    return this.#rooms.personCount;
  }

  /** Connections that have not ended, with and without a name. */
  get connectionCount(): number {
    return this.#connections;
  }

  override buildProtocol(): Protocol {
    if (this.#connections >= this.settings.peopleMax) return new TurnedAway();
    this.#connections += 1;
    return new TownhallProtocol(this);
  }

  arrived({ name }: Person, from: string): void {
    this.#log?.info("{name} has come from {from}", { name, from });
  }

  departed({ name }: Person, why: string): void {
    this.#log?.info("{name} has gone ({why})", { name, why });
  }

  ended(): void {
    this.#connections -= 1;
  }
}
