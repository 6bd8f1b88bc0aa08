/**
 * The page, and people in browsers who talk with people at `nc`.
 *
 * @module
 */
import { maybeDeferred } from "sennit/defer";
import { ClientFactory, Protocol } from "sennit/internet";
import { Logger } from "sennit/logger";
import { successResultOf } from "sennit/testing";
import { assert, it } from "vitest";
import { describeOnAll as describe, makeReactor } from "../../test/fixtures/networks.ts";
import townhall from "./townhall.ts";

const KEY = "dGhlIHNhbXBsZSBub25jZQ==";
const MASK = Buffer.of(1, 2, 3, 4);

/** Keeps what it receives, as it came. */
class Client extends Protocol {
  received = Buffer.alloc(0);
  isOver = false;

  override dataReceived(data: Buffer): void {
    this.received = Buffer.concat([this.received, data]);
  }

  override connectionLost(): void {
    this.isOver = true;
  }

  /** What has come since the last call, as text. */
  take(): string {
    const text = this.received.toString();
    this.received = Buffer.alloc(0);
    return text;
  }
}

class Scene {
  readonly reactor = makeReactor();
  readonly service = townhall({
    reactor: this.reactor,
    args: [],
    log: new Logger({ namespace: "townhall", observer: () => {} }),
  });

  constructor() {
    const started = maybeDeferred(() => this.service.startService());
    this.reactor.flush();
    successResultOf(started);
  }

  connect(port: number, first: string): Client {
    const client = new Client();
    this.reactor.connectTCP(
      "127.0.0.1",
      port,
      ClientFactory.building(() => client),
    );
    this.reactor.flush();
    this.send(client, first);
    return client;
  }

  send(client: Client, data: Uint8Array | string): void {
    client.transport.write(data);
    this.reactor.flush();
  }

  /** Somebody in a browser, before they have a name. */
  browser(): Client {
    const fields = [
      "GET /lines HTTP/1.1",
      "Host: 127.0.0.1:8080",
      "Origin: http://127.0.0.1:8080",
      "Connection: Upgrade",
      "Upgrade: websocket",
      "Sec-WebSocket-Version: 13",
      `Sec-WebSocket-Key: ${KEY}`,
    ];
    return this.connect(8080, `${fields.join("\r\n")}\r\n\r\n`);
  }

  /** They send a line of less than 126 bytes. */
  say(browser: Client, line: string): void {
    const text = Buffer.from(`${line}\n`);
    const masked = text.map((byte, at) => byte ^ (MASK[at % 4] ?? 0));
    this.send(browser, Buffer.concat([Buffer.of(0x81, 0x80 | text.length), MASK, masked]));
  }
}

describe("townhallSite()", () => {
  it("lets people in browsers and people at nc talk with each other", () => {
    const scene = new Scene();
    const page = scene.browser();
    assert.match(page.take(), /^HTTP\/1.1 101 .*What is your name/su);
    scene.say(page, "ada");
    assert.include(page.take(), "Hello, ada");
    const bob = scene.connect(8023, "bob\n");
    assert.include(page.take(), "-- bob has come in");
    scene.say(page, "grüß dich");
    assert.match(bob.take(), /<ada> grüß dich\r\n$/u);
    scene.send(bob, "hello\n");
    assert.include(page.take(), "<bob> hello\r\n");
  });

  it("ends a browser's place when its WebSocket ends", () => {
    const scene = new Scene();
    const page = scene.browser();
    scene.say(page, "ada");
    const bob = scene.connect(8023, "bob\n");
    page.transport.abortConnection();
    scene.reactor.flush();
    assert.include(bob.take(), "-- ada has gone");
  });

  it("says goodbye to browsers too when it closes", () => {
    const scene = new Scene();
    const page = scene.browser();
    scene.say(page, "ada");
    page.take();
    const stopped = maybeDeferred(() => scene.service.stopService());
    scene.reactor.advance(scene.service.stopBound);
    successResultOf(stopped);
    assert.include(page.take(), "The town hall closes. Goodbye.");
    assert.isTrue(page.isOver);
    assert.isEmpty(scene.reactor.getDelayedCalls());
  });

  it("refuses pages of other sites", () => {
    const scene = new Scene();
    const request =
      "GET /lines HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nOrigin: http://evil.example\r\n" +
      `Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n`;
    const other = scene.connect(8080, `${request}Sec-WebSocket-Key: ${KEY}\r\n\r\n`);
    assert.match(other.take(), /^HTTP\/1.1 403 /u);
  });
});
