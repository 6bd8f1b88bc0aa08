"""UDP echo on Python's Twisted, with the reactor it picks by itself (epoll on Linux).

Prints its port, and runs until SIGTERM.
"""

from twisted.internet import reactor
from twisted.internet.protocol import DatagramProtocol


class Echo(DatagramProtocol):
    def datagramReceived(self, data, addr):
        self.transport.write(data, addr)


port = reactor.listenUDP(0, Echo(), interface="127.0.0.1")
print(port.getHost().port, flush=True)
reactor.run()
