/**
 * TCP echo on sennit, as it is built: a protocol, a factory, a reactor.
 *
 * Prints its port, and runs until SIGTERM.
 *
 * @module
 */
import { load } from "../lib/sennit.mjs";

const { Factory, Protocol } = await load("sennit/internet");
const { NodeReactor } = await load("sennit/reactors");

class Echo extends Protocol {
  connectionMade() {
    this.transport.setTcpNoDelay(true);
  }

  dataReceived(data) {
    this.transport.write(data);
  }
}

const reactor = new NodeReactor();
const port = reactor.listenTCP(0, Factory.forProtocol(Echo), {
  interface: "127.0.0.1",
  backlog: 1024,
});
port.listening.addCallback((bound) => console.log(bound.getHost().port));
reactor.run();
