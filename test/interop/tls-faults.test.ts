/**
 * TLS on a bad day: connections that are cut at each record, bytes that come one by one, readers
 * that do not read, and many clients of which half never finish their handshakes.
 *
 * @module
 */
import { once } from "node:events";
import { connect as connectPlain } from "node:net";
import { connect as connectTLS } from "node:tls";
import { fileURLToPath } from "node:url";
import { afterAll, assert, beforeAll, describe, it, type TestContext } from "vitest";
import { CertificateOptions } from "../../src/internet/tls/certificate-options.ts";
import type { TLSTuning } from "../../src/internet/tls/tls-tuning.ts";
import type { TLSWitness } from "../../src/testing/contracts/tls-witness.ts";
import { startServer } from "./fixtures/node/plain-echo.ts";
import { type Cut, RecordProxy } from "./fixtures/tls/record-proxy.ts";
import {
  arrived,
  endOf,
  TLSFiles,
  type TLSPort,
  TLSStage,
  until,
} from "./fixtures/tls/tls-stage.ts";

const MIB = 1 << 20;
const FAUCET = fileURLToPath(new URL("fixtures/tls/tls-faucet.mjs", import.meta.url));

let files: TLSFiles;
beforeAll(async () => {
  files = await TLSFiles.make();
});
afterAll(() => files.remove());

function serverOptions(tuning: TLSTuning = {}): CertificateOptions {
  const { own } = files;
  return new CertificateOptions({ privateKey: own, certificate: own.certificate, ...tuning });
}

const { get } = Reflect;

/** As where handles are not as we know them: TLS sits on a stream. */
function withoutHandles(context: TestContext): void {
  Object.defineProperty(Reflect, "get", {
    value: (target: object, key: PropertyKey): unknown =>
      key === "readStart" ? undefined : get(target, key),
  });
  context.onTestFinished(() => {
    Object.defineProperty(Reflect, "get", { value: get });
  });
}

/** A question, the answer, and a close in good order, if nothing comes in between. */
class Conversation {
  readonly #stage: TLSStage;
  readonly #port: TLSPort;
  readonly #sockets = openSockets();

  private constructor(stage: TLSStage, port: TLSPort) {
    this.#stage = stage;
    this.#port = port;
  }

  static async prepare(context: TestContext, tuning: TLSTuning): Promise<Conversation> {
    const stage = new TLSStage(context);
    const echo = (one: { write(data: Buffer): void }, data: Buffer): void => one.write(data);
    return new Conversation(stage, await stage.listen(serverOptions(tuning), { data: echo }));
  }

  /** @returns Was the cut made? */
  async hold(cut: Cut): Promise<boolean> {
    const proxy = await RecordProxy.open(this.#port.number, cut);
    const before = this.#port.witnesses.length;
    const client = this.#stage.dial(proxy.port, files.clientOptions(), {
      handshake: (one) => one.write("question"),
      data: (one) => {
        if (one.text === "question") one.lose();
      },
    });
    const server = await arrived(this.#port, before);
    const ends = [await endOf(client), await endOf(server)];
    const what = JSON.stringify({ ...cut, ends, calls: [client.calls, server.calls] });
    if (proxy.wasCut) this.#check(client, server, what);
    else assert.deepEqual(ends, ["ERR_CONNECTION_DONE", "ERR_CONNECTION_DONE"], what);
    proxy.close();
    return proxy.wasCut;
  }

  /** All have ended: nothing is left of them. */
  async over(): Promise<void> {
    const { port } = this.#port;
    await until(() => port.connections.size === 0);
    await until(() => this.#stage.reactor.getDelayedCalls().length === 0);
    await until(() => openSockets() === this.#sockets);
  }

  #check(client: TLSWitness, server: TLSWitness, what: string): void {
    // Who had closed before the cut has closed; the other one must see that it was cut.
    const closed = client.text === "question";
    assert.equal(codeOf(client), closed ? "ERR_CONNECTION_DONE" : "ERR_CONNECTION_LOST", what);
    const ends = closed ? ["ERR_CONNECTION_DONE", "ERR_CONNECTION_LOST"] : ["ERR_CONNECTION_LOST"];
    assert.include(ends, codeOf(server), what);
    for (const one of [client, server]) {
      assert.equal("question".startsWith(one.text), true, what);
      if (one.handshakes === 0) assert.match(String(one.reason?.value.message), /handshake/u, what);
    }
  }
}

/** Of this thread. */
function openSockets(): number {
  return process.getActiveResourcesInfo().filter((one) => one === "TCPSocketWrap").length;
}

function codeOf(witness: TLSWitness): unknown {
  const error = witness.reason?.value;
  return error === undefined ? undefined : get(error, "code");
}

describe("cut at each record of the conversation", () => {
  for (const [name, tuning, prepare] of [
    ["TLS 1.3", {}, undefined],
    ["TLS 1.2", { lowerMaximumSecurityTo: "TLSv1.2" }, undefined],
    ["TLS 1.3 on a stream", {}, withoutHandles],
    ["TLS 1.2 on a stream", { lowerMaximumSecurityTo: "TLSv1.2" }, withoutHandles],
  ] as const) {
    for (const by of ["reset", "end"] as const) {
      it(`${name}, by a ${by}: both are told, with a typed reason`, async (context) => {
        prepare?.(context);
        const conversation = await Conversation.prepare(context, tuning);
        for (const from of ["client", "server"] as const) {
          let record = 0;
          for (let wasCut = true; wasCut; record += 1) {
            for (const passing of ["none", "header", "half", "all"] as const) {
              wasCut = await conversation.hold({ from, record, passing, by });
            }
          }
          assert.isAbove(record, 3, `records from the ${from}`);
        }
        await conversation.over();
      });
    }
  }
});

it("every byte by itself: the same conversation, in both versions", async (context) => {
  for (const tuning of [{}, { lowerMaximumSecurityTo: "TLSv1.2" }] as const) {
    const stage = new TLSStage(context);
    const port = await stage.listen(serverOptions(tuning), {
      data: (one, data) => one.write(data),
    });
    const proxy = await RecordProxy.open(port.number);
    context.onTestFinished(() => proxy.close());
    const client = stage.dial(proxy.port, files.clientOptions(), {
      made: (one) => one.write("x".repeat(1000)),
      data: (one) => {
        if (one.bytes === 1000) one.lose();
      },
    });
    const server = await arrived(port);
    assert.equal(await endOf(client), "ERR_CONNECTION_DONE");
    assert.equal(await endOf(server), "ERR_CONNECTION_DONE");
    assert.deepEqual([server.bytes, client.bytes], [1000, 1000]);
  }
});

it("500 handshakes at once, of which half never finish", async (context) => {
  const stage = new TLSStage(context);
  const sockets = openSockets();
  const limits = { handshakeTimeout: 3, backlog: 500 };
  const port = await stage.listen(
    serverOptions(),
    { data: (one, data) => one.write(data) },
    limits,
  );
  const bad = Array.from({ length: 250 }, (_, at) => {
    const socket = connectPlain(port.number, "127.0.0.1");
    socket.on("error", () => {}); // Its end is seen by the server.
    if (at % 2 === 0) socket.write(Buffer.from([22, 3, 1, 2, 0, 1, 0]));
    socket.resume();
    return socket;
  });
  context.onTestFinished(() => {
    for (const socket of bad) socket.destroy();
  });
  const good = Array.from({ length: 250 }, (_, at) =>
    stage.dial(port.number, files.clientOptions(), {
      made: (one) => one.write(`client ${String(at)}`),
    }),
  );
  await until(() => good.every((one, at) => one.text === `client ${String(at)}`));
  await until(() => port.witnesses.filter((one) => one.reason !== undefined).length === 250);
  for (const { reason, handshakes } of port.witnesses) {
    if (handshakes === 0) assert.equal(get(reason?.value ?? {}, "phase"), "handshake");
    else assert.isUndefined(reason);
  }
  for (const one of good) one.lose();
  await until(() => port.port.connections.size === 0 && openSockets() === sockets);
});

describe("1 GiB over TLS to a reader that does not read for a while", () => {
  for (const way of ["producer", "drained"]) {
    it(`${way}: all arrives, and memory stays bounded`, async (context) => {
      const { server, port } = await startServer(context, process.execPath, [FAUCET, way]);
      const socket = connectTLS({ port, host: "127.0.0.1", rejectUnauthorized: false });
      context.onTestFinished(() => {
        socket.destroy();
      });
      socket.pause();
      await server.out(/^held up$/mu);
      let bytes = 0;
      const ended = once(socket, "close");
      socket.on("data", (data: Buffer) => {
        bytes += data.length;
      });
      socket.resume();
      await ended;
      assert.equal(bytes, 2 ** 30);
      const [, code, grown] = await server.out(/^(\w+) grown by (\d+)$/mu);
      assert.equal(code, "ERR_CONNECTION_DONE");
      assert.isBelow(Number(grown), 64 * MIB);
    });
  }

  it("heedless, never read: it is dropped, and memory stays bounded", async (context) => {
    const { server, port } = await startServer(context, process.execPath, [FAUCET, "heedless"]);
    const socket = connectTLS({ port, host: "127.0.0.1", rejectUnauthorized: false });
    context.onTestFinished(() => {
      socket.destroy();
    });
    socket.on("error", () => {}); // The reset.
    socket.pause();
    const [, code, grown] = await server.out(/^(\w+) grown by (\d+)$/mu);
    assert.equal(code, "ERR_CONNECTION_SEND_BUFFER_FULL");
    assert.isBelow(Number(grown), 64 * MIB);
  });
});
