/**
 * WebSocket echo on sennit.
 *
 * Prints its port, and runs until SIGTERM.
 *
 * @module
 */
import { load } from "../lib/sennit.mjs";

const { NodeReactor } = await load("sennit/reactors");
const { Site, WebSocketProtocol, WebSocketResource } = await load("sennit/web");

class Echo extends WebSocketProtocol {
  textMessageReceived(text) {
    this.transport.sendTextMessage(text);
  }

  bytesMessageReceived(bytes) {
    this.transport.sendBytesMessage(bytes);
  }
}

const reactor = new NodeReactor();
const site = new Site(new WebSocketResource(() => new Echo()), { reactor });
const port = reactor.listenTCP(0, site, { interface: "127.0.0.1", backlog: 1024 });
port.listening.addCallback((bound) => console.log(bound.getHost().port));
reactor.run();
