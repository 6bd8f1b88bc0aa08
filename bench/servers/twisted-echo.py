"""TCP echo on Python's Twisted, with the reactor it picks by itself (epoll on Linux).

Prints its port, and runs until SIGTERM.
"""

from twisted.internet import reactor
from twisted.internet.protocol import Factory, Protocol


class Echo(Protocol):
    def connectionMade(self):
        self.transport.setTcpNoDelay(True)

    def dataReceived(self, data):
        self.transport.write(data)


port = reactor.listenTCP(0, Factory.forProtocol(Echo), interface="127.0.0.1", backlog=1024)
print(port.getHost().port, flush=True)
reactor.run()
