/**
 * TLS on streams that take nothing more: closed all the same, after a while.
 *
 * @module
 */
import { setImmediate as nextPass } from "node:timers/promises";
import { assert, it } from "vitest";
import { ConnectionDone } from "../../internet/errors.ts";
import { optionsForClientTLS } from "../../internet/tls/client-options.ts";
import { selfSignedCertificate } from "../../internet/tls/self-signed.ts";
import { trustRootFromCertificates } from "../../internet/tls/trust-root.ts";
import { StreamEnd } from "../../testing/contracts/stream-pair.ts";
import { TLSWitness } from "../../testing/contracts/tls-witness.ts";
import { NodeReactor } from "./node-reactor.ts";

/** Seconds, of real time: more than a closed connection may linger. */
const PATIENCE = 10;

async function until(holds: () => boolean): Promise<void> {
  const deadline = performance.now() + PATIENCE * 1000;
  while (!holds()) {
    assert.isBelow(performance.now(), deadline, `waited for ${holds.toString()}`);
    await nextPass();
  }
}

it("a peer that has closed, and takes nothing more, does not keep the stream", async () => {
  await using reactor = new NodeReactor();
  const certificate = await selfSignedCertificate({ names: ["localhost"] });
  const trustRoot = trustRootFromCertificates([certificate]);
  const [near, far] = StreamEnd.pair();
  const [server, client] = [new TLSWitness(), new TLSWitness()];
  reactor.connectStream(near, server);
  reactor.connectStream(far, client);
  server.tls.startTLS(certificate.options());
  client.tls.startTLS(optionsForClientTLS("localhost", { trustRoot }));
  await until(() => server.handshakes === 1 && client.handshakes === 1);
  near.stalled = true;
  client.lose();
  await until(() => server.reason !== undefined);
  assert.instanceOf(server.reason?.value, ConnectionDone);
  await until(() => near.destroyed);
  await until(() => reactor.getDelayedCalls().length === 0);
});
