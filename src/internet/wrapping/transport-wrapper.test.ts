/**
 * What a wrapper says of the transport below. That it keeps the contracts of transports is seen in
 * `test/conformance`.
 *
 * @module
 */
import { inspect } from "node:util";
import { assert, describe, it } from "vitest";
import { StringTransport } from "../../testing/string-transport.ts";
import type { ITLSTransport, RawCertificate, TLSSession } from "../interfaces-tls.ts";
import { providesTLS } from "../interfaces-tls.ts";
import { type IStreamTransport, providesTCP } from "../interfaces-transport.ts";
import { Protocol } from "../protocol.ts";
import { TransportWrapper } from "./transport-wrapper.ts";

const SESSION: TLSSession = {
  version: "TLSv1.3",
  cipher: "TLS_AES_256_GCM_SHA384",
  negotiatedProtocol: "h2",
  serverName: "",
  resumed: false,
  peerCertificate: { raw: Buffer.from("peer") },
  hostCertificate: undefined,
};

/** Says that it speaks TLS, and keeps what it is asked. */
class SecureTransport extends StringTransport implements ITLSTransport {
  readonly asked: unknown[] = [];
  readonly secure = true;
  readonly tlsSession = SESSION;
  readonly negotiatedProtocol = "h2";

  startTLS(...args: readonly unknown[]): void {
    this.asked.push(args);
  }

  getPeerCertificate(): RawCertificate | undefined {
    return SESSION.peerCertificate;
  }
}

/** A transport that is a stream and nothing else. */
function bareTransport(): IStreamTransport {
  return new Protocol().transport;
}

describe("TransportWrapper", () => {
  it("has TCP's switches where the transport below has them", () => {
    const lower = new StringTransport();
    const wrapper = new TransportWrapper(lower, new Protocol());
    assert(providesTCP(wrapper));
    wrapper.setTcpNoDelay(false);
    wrapper.setTcpKeepAlive(true, 30);
    assert.deepEqual([lower.getTcpNoDelay(), lower.getTcpKeepAlive()], [false, true]);
    assert.deepEqual([wrapper.getTcpNoDelay(), wrapper.getTcpKeepAlive()], [false, true]);
  });

  it("has TLS where the transport below has it", () => {
    const lower = new SecureTransport();
    const wrapper = new TransportWrapper(lower, new Protocol());
    assert(providesTLS(wrapper));
    const options = { role: "server" as const, settingsFor: () => undefined };
    wrapper.startTLS(options, { handshakeTimeout: 3 });
    assert.deepEqual(lower.asked, [[options, { handshakeTimeout: 3 }]]);
    assert.isTrue(wrapper.secure);
    assert.strictEqual(wrapper.tlsSession, SESSION);
    assert.equal(wrapper.negotiatedProtocol, "h2");
    assert.strictEqual(wrapper.getPeerCertificate(), SESSION.peerCertificate);
  });

  it("has nothing that the transport below has not", () => {
    const wrapper = new TransportWrapper(bareTransport(), new Protocol());
    assert.isFalse(providesTCP(wrapper));
    assert.isFalse(providesTLS(wrapper));
    assert.isFalse(wrapper.secure);
    assert.isUndefined(wrapper.tlsSession);
    assert.isUndefined(wrapper.negotiatedProtocol);
    assert.isFalse(providesTLS(new TransportWrapper(new StringTransport(), new Protocol())));
  });

  it("has a protocol of its own, and the addresses from below", () => {
    const lower = new StringTransport();
    lower.connect(new Protocol());
    const protocol = new Protocol();
    const wrapper = new TransportWrapper(lower, protocol);
    assert.strictEqual(wrapper.protocol, protocol);
    assert.strictEqual(wrapper.getPeer(), lower.getPeer());
    assert.strictEqual(wrapper.getHost(), lower.getHost());
    assert.equal(inspect(wrapper), "TransportWrapper(198.51.100.1:12345, over 198.51.100.1:12345)");
  });

  it("asks its control, where it has one, to pause, resume and end", () => {
    const asked: string[] = [];
    const control = {
      pauseProducing: () => void asked.push("pause"),
      resumeProducing: () => void asked.push("resume"),
      loseConnection: () => void asked.push("lose"),
      abortConnection: () => void asked.push("abort"),
    };
    const lower = new StringTransport();
    lower.connect(new Protocol());
    const wrapper = new TransportWrapper(lower, new Protocol(), control);
    wrapper.pauseProducing();
    wrapper.resumeProducing();
    wrapper.stopProducing();
    wrapper.loseConnection();
    wrapper.abortConnection();
    assert.deepEqual(asked, ["pause", "resume", "lose", "lose", "abort"]);
    assert.isTrue(lower.reading);
    assert.equal(lower.end, "open");
  });

  it("passes on the rest", () => {
    const lower = new StringTransport();
    lower.connect(new Protocol());
    const wrapper = new TransportWrapper(lower, new Protocol());
    lower.stalled = true;
    wrapper.write("a");
    wrapper.writeSequence(["b", Buffer.from("c")]);
    assert.equal(wrapper.bufferedBytes, 3);
    const drained = wrapper.drained();
    assert.isFalse(drained.called);
    lower.stalled = false;
    lower.reactor.flush();
    assert.isTrue(drained.called);
    assert.equal(lower.value().toString(), "abc");
    wrapper.loseWriteConnection();
    assert.equal(lower.end, "half-closed");
    wrapper.write("late");
    assert.equal(wrapper.droppedBytes, 4);
    wrapper.loseConnection();
    assert.isTrue(wrapper.connected && wrapper.disconnecting && !wrapper.disconnected);
    lower.reactor.flush();
    assert.isTrue(!wrapper.connected && wrapper.disconnected);
  });
});
