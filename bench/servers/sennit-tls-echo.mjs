/**
 * TLS echo on sennit.
 *
 * Prints its port, and runs until SIGTERM.
 *
 * @module
 */
import { load } from "../lib/sennit.mjs";

const { Factory, Protocol } = await load("sennit/internet");
const { NodeReactor } = await load("sennit/reactors");
const { selfSignedCertificate } = await load("sennit/tls");

class Echo extends Protocol {
  dataReceived(data) {
    this.transport.write(data);
  }
}

const certificate = await selfSignedCertificate({ names: ["localhost"] });
const reactor = new NodeReactor();
const port = reactor.listenSSL(0, Factory.forProtocol(Echo), certificate.options(), {
  interface: "127.0.0.1",
  backlog: 1024,
});
port.listening.addCallback((bound) => console.log(bound.getHost().port));
reactor.run();
