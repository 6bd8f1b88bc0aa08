/**
 * A bank and its clients: transfers in lines of JSON, each done once however often it is asked for,
 * and kept on a disk before it is acknowledged. The reference application of the simulator: it
 * survives anything.
 *
 * @module
 */
import { ClientFactory, Factory } from "../../src/internet/factory.ts";
import { fileErrorCode } from "../../src/internet/interfaces-files.ts";
import type { IDelayedCall } from "../../src/internet/interfaces-reactor.ts";
import { LineReceiver } from "../../src/protocols/line-receiver.ts";
import type { SimulatedReactor } from "../../src/reactors/simulated/simulated-reactor.ts";
import { type NamedScenario, simulation } from "../../src/testing/simulation/module.ts";
import type { Simulation } from "../../src/testing/simulation/simulation.ts";

const PORT = 7000;
const ACCOUNTS = 5;
const MONEY = 100;
/** Seconds without an answer after which a client hangs up and dials again. */
const PATIENCE = 3;
const STATE = "/bank/state.json";

interface Transfer {
  readonly id: string;
  readonly from: number;
  readonly to: number;
  readonly amount: number;
}

interface State {
  readonly accounts: number[];
  readonly done: string[];
}

function isTransfer(value: unknown): value is Transfer {
  return typeof value === "object" && value !== null && "id" in value && "amount" in value;
}

function isState(value: unknown): value is State {
  return typeof value === "object" && value !== null && "accounts" in value && "done" in value;
}

/** What the bank knows: on its disk, and from there in its memory. */
class Ledger {
  readonly #reactor: SimulatedReactor;
  #state: State = { accounts: Array.from({ length: ACCOUNTS }, () => MONEY), done: [] };
  /** One after the other: each write is of the whole state. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(reactor: SimulatedReactor) {
    this.#reactor = reactor;
  }

  /** What an earlier run of the program has left. */
  async load(): Promise<void> {
    const { files } = this.#reactor;
    await files.makeDirectory("/bank", { recursive: true });
    await files.syncDirectory("/");
    const bytes = await files.readFile(STATE).catch((error: unknown) => {
      if (fileErrorCode(error) === "ENOENT") return undefined;
      throw error; // A disk that fails is no empty one.
    });
    const state: unknown = bytes === undefined ? undefined : JSON.parse(bytes.toString());
    if (isState(state)) this.#state = state;
  }

  /** Do it, unless it is done. Resolves when it is on the disk. */
  apply(transfer: Transfer): Promise<void> {
    const done = this.#turn.then(() => this.#apply(transfer));
    this.#turn = done.catch(() => undefined);
    return done;
  }

  async #apply({ id, from, to, amount }: Transfer): Promise<void> {
    const { accounts, done } = this.#state;
    if (done.includes(id)) return;
    const next = { accounts: [...accounts], done: [...done, id] };
    next.accounts[from] = (next.accounts[from] ?? 0) - amount;
    next.accounts[to] = (next.accounts[to] ?? 0) + amount;
    await this.#reactor.files.writeFile(STATE, Buffer.from(JSON.stringify(next)), {
      durable: true,
    });
    this.#state = next;
  }
}

class Teller extends LineReceiver {
  readonly #ledger: Ledger;

  constructor(ledger: Ledger) {
    super();
    this.#ledger = ledger;
  }

  override lineReceived(line: Buffer): void {
    const transfer: unknown = JSON.parse(line.toString());
    if (!isTransfer(transfer)) throw new TypeError("Cannot read a transfer");
    void this.#ledger.apply(transfer).then(
      () => this.sendLine(`done ${transfer.id}`),
      () => this.transport.loseConnection(), // The disk fails: the client asks again.
    );
  }
}

async function bank(reactor: SimulatedReactor): Promise<void> {
  const ledger = new Ledger(reactor);
  for (let tries = 0; ; tries += 1) {
    try {
      await ledger.load();
      break;
    } catch (error) {
      if (tries > 1000) throw error; // A disk that never comes back.
      await pause(reactor, 0.1);
    }
  }
  reactor.listenTCP(
    PORT,
    Factory.building(() => new Teller(ledger)),
  );
}

function pause(reactor: SimulatedReactor, seconds: number): Promise<void> {
  return new Promise((resolve) => {
    reactor.callLater(seconds, resolve);
  });
}

/** Asks for its transfers, one after the other, until each is done. */
class Customer extends LineReceiver {
  readonly #book: Book;
  #patience: IDelayedCall | undefined;

  constructor(book: Book) {
    super();
    this.#book = book;
  }

  override connectionMade(): void {
    this.#ask();
  }

  #ask(): void {
    const [next] = this.#book.left;
    if (next === undefined) {
      this.transport.loseConnection();
      return;
    }
    this.sendLine(JSON.stringify(next));
    this.#patience = this.#book.reactor.callLater(PATIENCE, () => this.transport.abortConnection());
  }

  override lineReceived(line: Buffer): void {
    const [next] = this.#book.left;
    if (line.toString() !== `done ${next?.id ?? ""}`) return;
    this.#calm();
    this.#book.left.shift();
    this.#ask();
  }

  override connectionLost(): void {
    this.#calm();
  }

  #calm(): void {
    if (this.#patience?.active === true) this.#patience.cancel();
    this.#patience = undefined;
  }
}

interface Book {
  readonly reactor: SimulatedReactor;
  readonly left: Transfer[];
}

function customer(book: Book): void {
  const { reactor } = book;
  const factory = ClientFactory.building(() => new Customer(book));
  const again = (connector: { connect(): void }): void => {
    if (book.left.length === 0) return;
    reactor.callLater(0.1 + reactor.random(), () => connector.connect());
  };
  factory.clientConnectionLost = again;
  factory.clientConnectionFailed = again;
  reactor.connectTCP("bank", PORT, factory, { timeout: PATIENCE });
}

function draw(sim: Simulation, who: number, count: number): Transfer[] {
  return Array.from({ length: count }, (_, index) => ({
    id: `${String(who)}.${String(index)}`,
    from: sim.pick(ACCOUNTS),
    to: sim.pick(ACCOUNTS),
    amount: sim.between(1, 50),
  }));
}

/** How large it is. */
interface BankOptions {
  readonly clients?: number;
  readonly transfers?: number;
}

/** The scenario, in any size. */
function bankScenario({ clients = 3, transfers = 4 }: BankOptions = {}): NamedScenario {
  return simulation("the bank survives anything", async (sim) => {
    const server = sim.host("bank", bank);
    const books: Transfer[][] = [];
    const customers = sim.hosts(clients, "client");
    for (const [who, host] of customers.entries()) {
      const left = draw(sim, who, transfers);
      books.push(left);
      host.start((reactor) => customer({ reactor, left }));
    }
    const ids = books.flat().map(({ id }) => id);
    const swarm = sim.swarm({ until: 10, crash: [server] });
    await swarm.done;
    await sim.eventually(
      "every transfer is done",
      () => books.every(({ length }) => length === 0),
      {
        within: 120,
      },
    );
    check(server.disk.json(STATE), ids);
  });
}

/** What is on the disk at the end. */
function check(state: unknown, ids: readonly string[]): void {
  if (!isState(state)) throw new Error("Expected a state on the disk");
  const money = state.accounts.reduce((sum, one) => sum + one, 0);
  if (money !== ACCOUNTS * MONEY) throw new Error(`Money is not conserved: ${String(money)}`);
  for (const id of ids) {
    const times = state.done.filter((one) => one === id).length;
    if (times !== 1) throw new Error(`Transfer ${id} was done ${String(times)} times`);
  }
}

export default bankScenario();
