/**
 * A simulated web server as there were before HTTP/1.1: it says no lengths, so its answers end with
 * the connection; nobody is told to go on; one connection is one request.
 *
 * @module
 */
import type { Failure } from "../../src/defer/failure.ts";
import { Factory } from "../../src/internet/factory.ts";
import type { IProtocolFactory } from "../../src/internet/interfaces-factory.ts";
import type { IDelayedCall } from "../../src/internet/interfaces-reactor.ts";
import { Protocol } from "../../src/internet/protocol.ts";
import type { SimulatedReactor } from "../../src/reactors/simulated/simulated-reactor.ts";
import type { RequestHead } from "../../src/web/http/wire/events.ts";
import { type RequestEvent, RequestReader } from "../../src/web/http/wire/request-reader.ts";
import { bytesOf, type Sent, type WebLedger } from "./web-ledger.ts";

/** Seconds that a connection lasts at most. */
const CONNECTION_MAX = 100;

/** The server, for one run of its program. */
export function oldShop(ledger: WebLedger, reactor: SimulatedReactor): IProtocolFactory {
  return Factory.building(() => new OldShop(ledger, reactor));
}

class OldShop extends Protocol {
  readonly #ledger: WebLedger;
  readonly #reactor: SimulatedReactor;
  readonly #reader = new RequestReader();
  readonly #body: Buffer[] = [];
  #sent: Sent | undefined;
  #next: IDelayedCall | undefined;
  #deadline: IDelayedCall | undefined;

  constructor(ledger: WebLedger, reactor: SimulatedReactor) {
    super();
    this.#ledger = ledger;
    this.#reactor = reactor;
  }

  override connectionMade(): void {
    this.#deadline = this.#reactor.callLater(CONNECTION_MAX, () =>
      this.transport.abortConnection(),
    );
  }

  override dataReceived(data: Buffer): void {
    this.#reader.receive(data);
    for (let event = this.#reader.next(); event !== undefined; event = this.#reader.next()) {
      this.#take(event);
    }
  }

  #take(event: RequestEvent): void {
    if (event.type === "request") this.#begin(event);
    else if (event.type === "data") this.#body.push(event.data);
    else if (this.#sent !== undefined) this.#answer(this.#sent);
  }

  #begin({ fields, target }: RequestHead): void {
    const number = fields.list[fields.list.indexOf("x-id") + 1];
    const isMarked = fields.list.includes("x-id");
    const id = isMarked ? String(number) : /[?&]id=(?<id>\d+)/u.exec(target)?.groups?.["id"];
    const sent = this.#ledger.of(id);
    if (sent === undefined) {
      this.#ledger.sim.unreachable("a request has lost its number");
      return;
    }
    sent.begun += 1;
    sent.program = this.#reactor;
    this.#sent = sent;
  }

  #answer(sent: Sent): void {
    const { id, errand } = sent;
    const { upload, bytes = 0 } = errand;
    if (upload !== undefined && !Buffer.concat(this.#body).equals(bytesOf(id, upload.bytes))) {
      this.#ledger.sim.unreachable("an upload has other bytes than were sent");
    }
    if (upload !== undefined) sent.counted += 1;
    this.transport.write(`HTTP/1.0 200 OK\r\nX-Id: ${String(id)}\r\n\r\n`);
    this.#say(sent, bytesOf(id, bytes));
  }

  #say(sent: Sent, rest: Buffer): void {
    const { piece, pause } = sent.errand;
    this.transport.write(rest.subarray(0, piece));
    if (rest.length > piece) {
      this.#next = this.#reactor.callLater(pause, () => this.#say(sent, rest.subarray(piece)));
    } else this.transport.loseConnection();
  }

  override connectionLost(_reason: Failure): void {
    for (const call of [this.#next, this.#deadline]) if (call?.active === true) call.cancel();
    if (this.#sent === undefined) return;
    this.#sent.over += 1;
    this.#sent.logged += 1;
  }
}
