import { assert, it } from "vitest";
import { MEMORY, describeOn, inMemory } from "../../../test/fixtures/networks.ts";
import { type ProxiedClient, ProxyStage } from "../../../test/fixtures/web/proxy-stage.ts";
import { Protocol } from "../../internet/protocol.ts";
import type { LogEvent } from "../../logger/event.ts";
import { globalLogPublisher } from "../../logger/global.ts";
import type { MemoryChild, RecordedSpawn } from "../../testing/index.ts";
import { Resource } from "../server/resource.ts";
import type { CGIOptions } from "./cgi-runner.ts";
import { CGIScript } from "./cgi-script.ts";

const describe = describeOn([MEMORY]);

const GET = "GET /cgi/find/a%20b/c?q=%41 HTTP/1.1\r\nHost: A.example:81\r\n";
const OK = "Content-Type: text/plain\n\n";

/** A site with a script at `/cgi/find`, of which the test plays the program. */
class ScriptStage extends ProxyStage {
  constructor(options: Partial<CGIOptions> = {}) {
    super((reactor) => {
      const script = new CGIScript("/srv/find.sh", { reactor, ...options });
      return new Resource().putChild("cgi", new Resource().putChild("find", script));
    });
  }

  get spawned(): readonly RecordedSpawn[] {
    return inMemory(this.reactor).processes.spawned;
  }

  /** The program that was started last. */
  get child(): MemoryChild {
    return this.spawned.at(-1)?.child ?? assert.fail("nothing was started");
  }

  get env(): Readonly<Record<string, string | undefined>> {
    return this.spawned.at(-1)?.options.env ?? {};
  }

  /** The program writes. */
  write(data: string | Uint8Array, fd = 1): void {
    this.child.write(fd, data);
    this.reactor.flush();
  }

  exit(code = 0): void {
    this.child.exit(code);
    this.reactor.flush();
  }

  status(client: ProxiedClient): string | undefined {
    return client.received.match(/^HTTP\/1.1 (\d+)/u)?.[1];
  }
}

describe("the environment of a script (RFC 3875 §4.1)", () => {
  it("tells of the request", () => {
    const one = new ScriptStage({ env: { HOME: "/srv" } });
    one.ask(`${GET}Accept: a\r\nAccept: b\r\nCookie: x=1\r\nContent-Type: text/x\r\n\r\n`);
    const { REMOTE_PORT: port, ...rest } = one.env;
    assert.match(port ?? "", /^\d+$/u);
    assert.deepEqual(rest, {
      HOME: "/srv",
      GATEWAY_INTERFACE: "CGI/1.1",
      SERVER_SOFTWARE: "sennit",
      SERVER_PROTOCOL: "HTTP/1.1",
      SERVER_NAME: "a.example",
      SERVER_PORT: "80",
      REQUEST_METHOD: "GET",
      REQUEST_URI: "/cgi/find/a%20b/c?q=%41",
      REQUEST_SCHEME: "http",
      SCRIPT_NAME: "/cgi/find",
      SCRIPT_FILENAME: "/srv/find.sh",
      PATH_INFO: "/a b/c",
      QUERY_STRING: "q=%41",
      REMOTE_ADDR: "127.0.0.1",
      REMOTE_HOST: "127.0.0.1",
      CONTENT_TYPE: "text/x",
      REDIRECT_STATUS: "200",
      HTTP_HOST: "A.example:81",
      HTTP_ACCEPT: "a, b",
      HTTP_COOKIE: "x=1",
    });
    const [{ executable, options } = assert.fail()] = one.spawned;
    assert.equal(executable, "/srv/find.sh");
    assert.deepEqual([options.path, options.args], ["/srv", ["/srv/find.sh"]]);
    assert.isTrue(options.processGroup);
  });

  it("says nothing that is dangerous, secret or for the connection (§4.1.18, httpoxy)", () => {
    const one = new ScriptStage();
    one.ask(
      `${GET}Proxy: evil\r\nProxy-Authorization: x\r\nAuthorization: x\r\nConnection: X-Mine\r\n` +
        "X-Mine: 1\r\nX_Forwarded_For: 1\r\nTE: x\r\nX.Y: 1\r\n\r\n",
    );
    const names = Object.keys(one.env).filter((name) => name.startsWith("HTTP_"));
    assert.deepEqual(names, ["HTTP_HOST"]);
    assert.equal(one.env["PATH"], "/usr/local/bin:/usr/bin:/bin");
    assert.isUndefined(one.env["CONTENT_LENGTH"]);
  });

  it("gives bytes beyond ASCII as they came", () => {
    const one = new ScriptStage();
    one.ask(`${GET}X-Name: \xc3\xa9\r\n\r\n`);
    assert.equal(one.env["HTTP_X_NAME"], "é");
  });

  it("has no path that could be read in two ways", () => {
    for (const path of ["a%2fb", "a/../b", "%00"]) {
      const one = new ScriptStage();
      const client = one.ask(`GET /cgi/find/${path} HTTP/1.1\r\nHost: a\r\n\r\n`);
      assert.equal(one.status(client), "404", path);
      assert.lengthOf(one.spawned, 0);
    }
  });

  it("names the interpreter, if there is one", () => {
    const one = new ScriptStage({ interpreter: "/usr/bin/php-cgi" });
    one.ask(`${GET}\r\n`);
    const [{ executable, options } = assert.fail()] = one.spawned;
    assert.deepEqual(
      [executable, options.args],
      ["/usr/bin/php-cgi", ["/usr/bin/php-cgi", "/srv/find.sh"]],
    );
  });
});

describe("the input of a script", () => {
  it("is the body, as it comes, and ends with it", () => {
    const one = new ScriptStage();
    const client = one.ask(`${GET.replace("GET", "POST")}Content-Length: 4\r\n\r\nab`);
    assert.equal(one.env["CONTENT_LENGTH"], "4");
    assert.equal(one.child.received().toString(), "ab");
    assert.isFalse(one.child.isClosed(0));
    client.send("cd");
    assert.equal(one.child.received().toString(), "abcd");
    assert.isTrue(one.child.isClosed(0));
    one.ask(`${GET}\r\n`);
    assert.isTrue(one.child.isClosed(0), "without a body it ends at once");
    one.ask(`${GET}Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n`);
    assert.equal(one.child.received().toString(), "a");
    assert.isUndefined(one.env["CONTENT_LENGTH"]);
  });

  it("waits for a script that does not read, and is thrown away for one that will not", () => {
    const one = new ScriptStage();
    const client = one.ask(`${GET.replace("GET", "PUT")}Content-Length: 900000\r\n\r\n`);
    one.child.pause();
    for (let at = 0; at < 9; at += 1) client.send(Buffer.alloc(100_000));
    assert.isAbove(client.transport.bufferedBytes, 500_000);
    one.child.closeFD(0);
    one.write(`${OK}enough`);
    one.exit();
    assert.equal(one.status(client), "200");
  });
});

describe("the answer of a script", () => {
  it("streams, with its status and fields", () => {
    const one = new ScriptStage();
    const client = one.ask(`${GET}\r\n`);
    one.write("Status: 203 Fine\nContent-Type: text/plain\nSet-Cookie: a\nSet-Cookie: b\n");
    assert.equal(client.received, "");
    one.write("Connection: close\nTransfer-Encoding: gzip\n\n");
    assert.match(
      client.take(),
      /^HTTP\/1.1 203 Fine\r\n(?:.*\r\n)*Set-Cookie: a\r\nSet-Cookie: b\r\n/u,
    );
    one.write("hello");
    assert.equal(client.take(), "5\r\nhello\r\n");
    one.exit();
    assert.equal(client.take(), "0\r\n\r\n");
    assert.isUndefined(client.ended, "how the connection goes on is not the script's to say");
  });

  it("may be a redirect", () => {
    const one = new ScriptStage();
    const client = one.ask(`${GET}\r\n`);
    one.write("Location: https://a.example/\n\n");
    one.exit();
    assert.match(client.received, /^HTTP\/1.1 302 Found\r\n(?:.*\r\n)*Location: https:/u);
  });

  it("goes at the client's pace, and then nobody counts the seconds", () => {
    const one = new ScriptStage({ bodyTimeout: 5 });
    const client = one.ask(`${GET}\r\n`);
    const stdout = new Protocol();
    one.child.attach(1, stdout);
    one.write(OK);
    client.transport.pauseProducing();
    for (let at = 0; at < 9; at += 1) one.write(Buffer.alloc(100_000));
    assert.isAbove(stdout.transport.bufferedBytes, 500_000);
    one.reactor.advance(59);
    client.transport.resumeProducing();
    one.reactor.flush();
    one.exit();
    assert.isAbove(client.received.length, 900_000);
    assert.isTrue(client.received.endsWith("\r\n0\r\n\r\n"));
  });

  it("to HEAD has no body", () => {
    const one = new ScriptStage();
    const client = one.ask(`${GET.replace("GET", "HEAD")}\r\n`);
    one.write(`Content-Length: 5\n${OK}hello`);
    one.exit();
    assert.match(client.received, /Content-Length: 5\r\n(?:.*\r\n)*\r\n$/u);
  });
});

describe("a script that fails", () => {
  it("is 502 if there is no answer", () => {
    const acts: ((one: ScriptStage) => void)[] = [
      (one) => one.exit(),
      (one) => one.exit(3),
      (one) => one.write("hello\n"),
      (one) => one.write("a".repeat(20_000)),
      (one) => one.write("Status: 101 No\n\n"),
      (one) => {
        one.write("Content-Type: a\n");
        one.child.closeFD(1);
        one.reactor.flush();
      },
    ];
    for (const [at, act] of acts.entries()) {
      const one = new ScriptStage();
      const client = one.ask(`${GET}\r\n`);
      act(one);
      assert.equal(one.status(client), "502", String(at));
      assert.isFalse(one.child.isAlive);
      assert.isUndefined(client.ended);
    }
    const one = new ScriptStage();
    inMemory(one.reactor).processes.missing.add("/srv/find.sh");
    assert.equal(one.status(one.ask(`${GET}\r\n`)), "502");
  });

  it("after its answer is believed, unless a signal ends it", () => {
    const one = new ScriptStage();
    const client = one.ask(`${GET}\r\n`);
    one.write(`${OK}hi`);
    one.exit(1);
    assert.isTrue(client.received.endsWith("0\r\n\r\n"));
    const cut = one.ask(`${GET}\r\n`);
    one.write(`${OK}hi`);
    one.child.die("SIGSEGV");
    one.reactor.flush();
    assert.equal(cut.ended?.value.name, "ConnectionLost");
    assert.notInclude(cut.received, "0\r\n\r\n");
  });

  it("by being slow is 504, or cut; TERM, and then KILL", () => {
    const one = new ScriptStage({ answerTimeout: 5, bodyTimeout: 5, killTimeout: 2 });
    const client = one.ask(`${GET.replace("GET", "POST")}Content-Length: 4\r\n\r\nab`);
    one.child.ignores.add("SIGTERM");
    one.reactor.advance(4);
    client.send("cd");
    one.reactor.advance(4);
    assert.equal(client.received, "");
    one.reactor.advance(1);
    assert.equal(one.status(client), "504");
    assert.deepEqual(one.child.signals, ["SIGTERM"]);
    one.reactor.advance(2);
    assert.deepEqual(one.child.signals, ["SIGTERM", "SIGKILL"]);
    const cut = one.ask(`${GET}\r\n`);
    one.write(`${OK}hi`);
    one.reactor.advance(5);
    assert.equal(cut.ended?.value.name, "ConnectionLost");
    assert.isFalse(one.child.isAlive);
  });

  it("by not ending has its answer, and is ended", () => {
    const one = new ScriptStage();
    const client = one.ask(`${GET}\r\n`);
    one.write(`${OK}hi`);
    one.child.closeFD(1);
    one.reactor.flush();
    assert.isFalse(client.received.endsWith("0\r\n\r\n"));
    one.reactor.advance(5);
    assert.isTrue(client.received.endsWith("0\r\n\r\n"));
    assert.isFalse(one.child.isAlive);
  });

  it("whose client goes is ended, also before it has begun", () => {
    for (const start of ["", `${OK}hi`]) {
      const one = new ScriptStage();
      const client = one.ask(`${GET}\r\n`);
      if (start !== "") one.write(start);
      client.transport.abortConnection();
      one.reactor.flush();
      assert.deepEqual(one.child.signals, ["SIGTERM"]);
      assert.lengthOf(one.reactor.getDelayedCalls(), 0);
    }
  });

  it("by being too many is 503, until one has ended", () => {
    const one = new ScriptStage({ maxProcesses: 1 });
    const client = one.ask(`${GET}\r\n`);
    assert.equal(one.status(one.ask(`${GET}\r\n`)), "503");
    one.write(`${OK}hi`);
    one.child.exit(0, [2]); // Something that it has started holds its standard error.
    one.reactor.flush();
    assert.equal(one.status(client), "200");
    assert.equal(one.status(one.ask(`${GET}\r\n`)), "503");
    one.reactor.advance(5);
    assert.isUndefined(one.status(one.ask(`${GET}\r\n`)));
    assert.throws(() => new ScriptStage({ maxProcesses: -1 }), RangeError);
  });

  it("by complaining without end costs little, also in the log", () => {
    const complaints: string[] = [];
    const observer = ({ script, text }: LogEvent): void => {
      if (script === "/srv/find.sh" && typeof text === "string") complaints.push(text);
    };
    globalLogPublisher.addObserver(observer);
    const one = new ScriptStage();
    const client = one.ask(`${GET}\r\n`);
    for (let at = 0; at < 100; at += 1) one.write("no! ".repeat(10_000), 2);
    one.write(`${OK}hi`);
    one.exit();
    globalLogPublisher.removeObserver(observer);
    assert.equal(one.status(client), "200");
    assert.deepEqual(
      complaints.map(({ length }) => length),
      [8191],
    );
  });
});
