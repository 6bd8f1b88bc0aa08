"""The web of the benchmark on twisted.web. Prints its port, and runs until SIGTERM."""

import json
import sys

from twisted.internet import epollreactor

epollreactor.install()

from twisted.internet import reactor  # noqa: E402
from twisted.web.resource import Resource  # noqa: E402
from twisted.web.server import Site  # noqa: E402
from twisted.web.static import File  # noqa: E402


class Hello(Resource):
    def render_GET(self, request):
        request.setHeader(b"Content-Type", b"text/plain; charset=utf-8")
        return b"Hello, World!"


class User(Resource):
    isLeaf = True

    def render_GET(self, request):
        request.setHeader(b"Content-Type", b"application/json")
        user = request.postpath[0].decode()
        roles = ["reader", "writer"]
        return json.dumps({"id": user, "name": "Ada Lovelace", "roles": roles}).encode()


class Upload(Resource):
    isLeaf = True

    def render_POST(self, request):
        request.setHeader(b"Content-Type", b"text/plain; charset=utf-8")
        return str(len(request.content.read())).encode()


class Files(File):
    def getChild(self, path, request):
        return Hello() if path == b"" else super().getChild(path, request)


root = Files(sys.argv[1])
api = Resource()
api.putChild(b"users", User())
root.putChild(b"api", api)
root.putChild(b"upload", Upload())
port = reactor.listenTCP(0, Site(root), interface="127.0.0.1", backlog=1024)
print(port.getHost().port, flush=True)
reactor.run()
