/**
 * TLS in a replay: its handshakes and its sessions, and nothing of its bytes.
 *
 * @module
 */
import { assert, describe, it } from "vitest";
import { Factory } from "../../internet/factory.ts";
import { providesTLS } from "../../internet/interfaces-tls.ts";
import { Protocol } from "../../internet/protocol.ts";
import { LineReceiver } from "../../protocols/line-receiver.ts";
import type { Recording } from "../../recorder/wire/recorded-event.ts";
import { readRecording } from "../../recorder/wire/recording-reader.ts";
import { replayRecording } from "./replay-recording.ts";

const HEADER =
  '{"sennit-recording":1,"role":"server","place":"","protocol":"",' +
  '"host":"","peer":"","tls":"none"}';
const CLOSED = { t: 3, type: "closed", reason: "ConnectionDone", message: "", failed: false };

/** A recording with these events, and its end. */
function recording(...events: readonly object[]): Recording {
  const lines = [...events, CLOSED].map((event) => JSON.stringify(event));
  return readRecording([HEADER, ...lines, ""].join("\n"));
}

const incoming = (t: number, text: string): object => ({ t, type: "in", text });
const outgoing = (t: number, text: string): object => ({ t, type: "out", text });

describe("a replay of TLS", () => {
  const SESSION = {
    version: "TLSv1.3",
    cipher: "X",
    negotiatedProtocol: "h2",
    serverName: "example.com",
    resumed: false,
    peerCertificate: "cGVlcg==",
  };

  it("has its handshakes and sessions, and nothing of its bytes", async () => {
    class Starting extends LineReceiver {
      override lineReceived(line: Buffer): void {
        const { transport } = this;
        if (!providesTLS(transport)) assert.fail("no TLS");
        if (line.toString() === "STARTTLS") {
          assert.isFalse(transport.secure);
          transport.startTLS({ role: "server", settingsFor: () => undefined });
          assert.isTrue(transport.secure);
          assert.isUndefined(transport.tlsSession);
        } else this.sendLine(`${line.toString()} over ${String(transport.negotiatedProtocol)}`);
      }
      handshakeCompleted(): void {
        const { transport } = this;
        if (!providesTLS(transport)) assert.fail("no TLS");
        this.sendLine(`agreed with ${String(transport.getPeerCertificate()?.raw)}`);
      }
    }
    const { header, events } = recording(
      incoming(0, "STARTTLS\r\nclient hello"),
      { t: 0, type: "start-tls", unread: 12 },
      { t: 1, type: "handshake", session: SESSION },
      outgoing(1, "agreed with peer\r\n"),
      incoming(2, "hello\r\n"),
      outgoing(2, "hello over h2\r\n"),
    );
    const tls: Recording = { header: { ...header, tls: "possible" }, events, cutOff: false };
    const { report, runs } = await replayRecording(tls, Factory.forProtocol(Starting), {
      cuts: "all",
    });
    assert.equal(report, "");
    assert.equal(runs, 2 + 9 + 6);
  });

  it("that began with the connection is there from the start", async () => {
    class Secure extends Protocol {
      override connectionMade(): void {
        const { transport } = this;
        this.transport.write(String(providesTLS(transport) && transport.secure));
      }
    }
    const { header, events } = recording(outgoing(0, "true"));
    const tls: Recording = { header: { ...header, tls: "begun" }, events, cutOff: false };
    assert.equal((await replayRecording(tls, Factory.forProtocol(Secure))).report, "");
  });
});
