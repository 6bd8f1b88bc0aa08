/**
 * The town hall with real clients: nc, socat, telnet and Python's Twisted talk with each other, and
 * nothing that one of them does disturbs another.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { assert, describe, it } from "vitest";
import { start } from "./fixtures/lines/running.ts";
import { connectTo, type SocketPeer } from "./fixtures/lines/socket-peer.ts";
import { openTownhall } from "./fixtures/townhall/open-townhall.ts";
import { peer, pythonPeer } from "./peers.ts";

const nc = peer("nc", "netcat-openbsd");
const socat = peer("socat", "socat");
const telnet = peer("telnet", "telnet");
const twisted = pythonPeer("twisted", "python3-twisted");

const LINE_CLIENT = fileURLToPath(new URL("fixtures/lines/line_client.py", import.meta.url));

function hex(text: string): string {
  return Buffer.from(text).toString("hex");
}

/** The lines said by people, without those of the house. */
function said(listener: SocketPeer): string[] {
  return listener.received.split("\r\n").filter((line) => line !== "" && !line.startsWith("-- "));
}

describe("the town hall, with clients of others", () => {
  it("nc, socat, telnet and Twisted talk with each other", async (context) => {
    const commands = [nc, socat, telnet, twisted].map((one) => one.path(context));
    const [ncPath = "", socatPath = "", telnetPath = "", python = ""] = commands;
    const { port } = await openTownhall(context);
    const number = String(port);
    const nancy = start(context, ncPath, ["127.0.0.1", number]);
    const tina = start(context, telnetPath, ["127.0.0.1", number]);
    const sam = start(context, socatPath, ["-", `TCP:127.0.0.1:${number},crnl`]);
    const tess = start(context, python, [LINE_CLIENT, number]);

    nancy.send("nancy\n");
    await nancy.out(/^-- You are in hall, alone\.\r$/mu);
    tina.send("tina\n");
    await tina.out(/^-- You are in hall, with nancy\.\s*$/mu);
    sam.send("sam\n");
    await sam.out(/^-- You are in hall, with nancy, tina\.$/mu);
    await tess.out(/^made$/mu);
    tess.send(`send ${hex("tess")}\n`);
    await tess.out(new RegExp(`^line ${hex("-- You are in hall, with nancy, tina, sam.")}$`, "mu"));

    nancy.send("grüß euch\n");
    tina.send("hello from telnet\n");
    sam.send("hello from socat\n");
    tess.send(`send ${hex("hello from Twisted")}\n`);
    const lines = [
      "<nancy> grüß euch",
      "<tina> hello from telnet",
      "<sam> hello from socat",
      "<tess> hello from Twisted",
    ];
    for (const [index, hearer] of [nancy, tina, sam, tess].entries()) {
      for (const line of lines.toSpliced(index, 1)) {
        await hearer.out(new RegExp(`^${hearer === tess ? `line ${hex(line)}` : line}\\s*$`, "mu"));
      }
    }

    nancy.send("/msg TESS psst\n");
    await tess.out(new RegExp(`^line ${hex("[nancy to you] psst")}$`, "mu"));
    tess.send(`send ${hex("/quit")}\n`);
    await tess.out(/^lost ConnectionDone$/mu);
    tina.send("/quit\n");
    await tina.err(/closed by foreign host/u);
    sam.end();
    await sam.out(/^-- Goodbye\.$/mu);
    await nancy.out(/^-- sam has gone \(left\)\r$/mu);
    nancy.send("/who\n");
    await nancy.out(/^-- In hall: nancy\.\r$/mu);
    assert.notInclude(sam.stdout + tina.stdout, "psst");
  });

  it("printf 'bob\\nhello\\n' | nc -N: it is heard, and answered", async (context) => {
    const command = nc.path(context);
    const hall = await openTownhall(context);
    const alice = await hall.guest("alice");
    const bob = start(context, command, ["-N", "127.0.0.1", String(hall.port)]);
    bob.send("bob\nhello\n/who");
    bob.end();
    assert.deepEqual(await bob.exit(), { code: 0, signal: null });
    assert.equal(
      bob.stdout,
      [
        "-- Welcome to the town hall. What is your name?",
        "-- Hello, bob. Type /help for what you can do here.",
        "-- You are in hall, with alice.",
        "-- In hall: alice, bob.",
        "-- Goodbye.",
        "",
      ].join("\r\n"),
    );
    await alice.got(/^<bob> hello\r\n-- bob has gone \(left\)\r$/mu);
  });
});

describe("the town hall, with people who misbehave", () => {
  it("nobody's reset, end, long line, noise or negotiation disturbs another", async (context) => {
    const hall = await openTownhall(context, { settings: ["linesPerSecond=1000"] });
    const alice = await hall.guest("alice");
    const bob = await hall.guest("bob");
    const expected: string[] = [];
    /** Alice says something, and Bob has heard it, with all that she said before. */
    const talk = async (): Promise<void> => {
      const line = `line ${String(expected.length)}`;
      expected.push(`<alice> ${line}`);
      alice.send(`${line}\n`);
      await bob.got(new RegExp(`^<alice> ${line}\r$`, "mu"));
      assert.deepEqual(said(bob), expected);
    };
    const offender = async (name: string): Promise<SocketPeer> => {
      const one = await hall.guest(name);
      await talk();
      return one;
    };

    const reset = await offender("reset");
    reset.reset();
    await bob.got(/^-- reset has gone \(connection lost\)\r$/mu);
    await talk();

    const halfClosed = await offender("half");
    halfClosed.end();
    assert.equal(await halfClosed.closed(), "ended");
    await bob.got(/^-- half has gone \(left\)\r$/mu);
    await talk();

    const vanished = await offender("vanished");
    vanished.send("half a line");
    vanished.destroy();
    await bob.got(/^-- vanished has gone \((?:left|connection lost)\)\r$/mu);
    // Node's destroy() is an end of file to the other side: half a line is a line then.
    if (said(bob).at(-1) === "<vanished> half a line") expected.push("<vanished> half a line");
    await talk();

    const long = await offender("long");
    long.send("x".repeat(1_048_576));
    await long.got(/^-- A line has at most 1024 bytes\. Goodbye\.\r$/mu);
    await bob.got(/^-- long has gone \(line too long\)\r$/mu);
    await talk();

    const noisy = await connectTo(context, hall.port);
    noisy.send(Buffer.from(Array.from({ length: 4096 }, (_, index) => (index * 167) % 256)));
    await talk();
    noisy.reset();

    const hostile = await offender("hostile");
    hostile.send(Buffer.from([0x1b, 0x5b, 0x32, 0x4a, 0xc3, 0x28, 0x00, 0x61, 0x0a]));
    expected.push("<hostile> [2J\ufffd(a");
    await bob.got(/^<hostile> .*\r$/mu);
    await talk();

    const negotiating = await offender("telnet");
    negotiating.send(Buffer.from([0xff, 0xfb, 0x0a, 0xff, 0xfa, 0x1f, 0x00, 0x50, 0xff, 0xf0]));
    negotiating.send("hello\r\n");
    expected.push("<telnet> hello");
    await bob.got(/^<telnet> hello\r$/mu);
    await talk();
    assert.notMatch(bob.received, /noisy|\p{Cc}(?<![\r\n])/u);
  });

  it("somebody who floods is warned, then goes; others hear the rest", async (context) => {
    const hall = await openTownhall(context);
    const alice = await hall.guest("alice");
    const bob = await hall.guest("bob");
    bob.send(Array.from({ length: 1000 }, (_, number) => `line ${String(number)}\n`).join(""));
    await bob.got(/^-- Slower, please: .*\r\n-- Too many lines\. Goodbye\.\r$/mu);
    await alice.got(/^-- bob has gone \(too many lines\)\r$/mu);
    assert.deepEqual(
      said(alice),
      Array.from({ length: 9 }, (_, n) => `<bob> line ${String(n)}`),
    );
    alice.send("/who\n");
    await alice.got(/^-- In hall: alice\.\r$/mu);
  });

  it("somebody who does not read goes, and the others miss nothing", async (context) => {
    const settings = ["linesPerSecond=1000000", "burstLines=1000000"];
    const hall = await openTownhall(context, { settings });
    const alice = await hall.guest("alice");
    const bob = await hall.guest("bob");
    const sloth = await hall.guest("sloth");
    sloth.pause();
    // More than the sockets between hold, which is some megabytes; but never more at once than
    // they.
    const lines = Array.from({ length: 20_000 }, (_, n) => `${String(n)} ${"x".repeat(1000)}`);
    for (let first = 0; first < lines.length; first += 100) {
      const batch = lines.slice(first, first + 100);
      alice.send(batch.map((line) => `${line}\n`).join(""));
      await bob.passed(`<alice> ${batch.at(-1) ?? ""}\r\n`);
    }
    assert.include(bob.received, "-- sloth has gone (did not read)\r\n");
    assert.deepEqual(
      said(bob),
      lines.map((line) => `<alice> ${line}`),
    );
  });

  it("somebody who is silent is warned, then goes", async (context) => {
    const settings = ["idleTimeout=0.6", "idleWarning=0.3", "nameTimeout=0.2"];
    const hall = await openTownhall(context, { settings });
    const stranger = await connectTo(context, hall.port);
    await stranger.got(/^-- You have not told your name\. Goodbye\.\r$/mu);
    const bob = await hall.guest("bob");
    await bob.got(/^-- Say something within 0\.3 seconds, or you will go\.\r$/mu);
    await bob.got(/^-- You have said nothing for 0\.6 seconds\. Goodbye\.\r$/mu);
    assert.equal(await bob.closed(), "ended");
  });
});

describe("the town hall, closing", () => {
  it("says goodbye to everybody, and ends by the signal", async (context) => {
    const hall = await openTownhall(context);
    const people = [await hall.guest("alice"), await hall.guest("bob")];
    people.push(await connectTo(context, hall.port));
    await people[2]?.got(/What is your name/u);
    hall.running.signal("SIGTERM");
    for (const one of people) {
      await one.got(/-- The town hall closes\. Goodbye\.\r\n$/u);
      assert.equal(await one.closed(), "ended");
      assert.notInclude(one.received, "has gone");
    }
    assert.deepEqual(await hall.running.exit(), { code: null, signal: "SIGTERM" });
    assert.equal(hall.running.stderr, "");
  });
});
