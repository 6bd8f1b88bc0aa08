/**
 * UDP echo on sennit, as it is built: a protocol, a reactor.
 *
 * Prints its port, and runs until SIGTERM.
 *
 * @module
 */
import { load } from "../lib/sennit.mjs";

const { DatagramProtocol } = await load("sennit/internet");
const { NodeReactor } = await load("sennit/reactors");

class Echo extends DatagramProtocol {
  startProtocol() {
    console.log(this.transport.getHost().port);
  }

  datagramReceived(data, address) {
    this.transport.write(data, address);
  }
}

const reactor = new NodeReactor();
reactor.listenUDP(0, new Echo(), { interface: "127.0.0.1" });
reactor.run();
