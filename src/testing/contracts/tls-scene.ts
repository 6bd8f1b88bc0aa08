/**
 * What contracts of TLS are made of: certificates, options of both sides, connections.
 *
 * @module
 */
import { IReactorTCP } from "../../internet/interfaces-reactor.ts";
import {
  IReactorSSL,
  type ITLSClientOptions,
  type ITLSServerOptions,
  type TLSLimits,
} from "../../internet/interfaces-tls.ts";
import {
  CertificateOptions,
  type CertificateOptionsContent,
} from "../../internet/tls/certificate-options.ts";
import { type ClientTLSContent, optionsForClientTLS } from "../../internet/tls/client-options.ts";
import type { PrivateCertificate } from "../../internet/tls/private-certificate.ts";
import { selfSignedCertificate } from "../../internet/tls/self-signed.ts";
import { trustRootFromCertificates } from "../../internet/tls/trust-root.ts";
import type { ReactorUnderTest } from "./harness.ts";
import { portNumber } from "./network.ts";
import { TLSRelay } from "./tls-relay.ts";
import { type TLSHooks, TLSWitness } from "./tls-witness.ts";
import { DoesNotApply, type Trial } from "./trial.ts";
import type { Witness, WitnessHooks } from "./witness.ts";
import { WitnessClientFactory, WitnessFactory } from "./witness-factories.ts";

/** Each has signed itself. */
export interface TLSCertificates {
  /** For `localhost` and `127.0.0.1`. */
  readonly own: PrivateCertificate;
  /** For `other.example`. */
  readonly other: PrivateCertificate;
  /** For `localhost`, and out of date. */
  readonly expired: PrivateCertificate;
}

let made: Promise<TLSCertificates> | undefined;

async function makeCertificates(): Promise<TLSCertificates> {
  const long = new Date("2001-01-01");
  return {
    own: await selfSignedCertificate({ names: ["localhost", "127.0.0.1"] }),
    other: await selfSignedCertificate({ names: ["other.example"] }),
    expired: await selfSignedCertificate({ names: ["localhost"], notBefore: long, days: 1 }),
  };
}

/** How {@link TLSScene.pair} connects. */
export interface TLSPairOptions {
  readonly server?: TLSHooks | TLSWitness;
  readonly client?: TLSHooks | TLSWitness;
  readonly serverOptions?: ITLSServerOptions;
  readonly clientOptions?: ITLSClientOptions;
  readonly limits?: TLSLimits;
}

/** Both ends of a connection. */
export interface TLSPair {
  readonly server: TLSWitness;
  readonly client: TLSWitness;
}

/** Both ends, and the network between them. */
export interface RelayedPair extends TLSPair {
  readonly relay: TLSRelay;
}

/** See the top of this file. */
export class TLSScene {
  readonly trial: Trial;
  readonly reactor: ReactorUnderTest & IReactorTCP & IReactorSSL;
  readonly certificates: TLSCertificates;

  private constructor(trial: Trial, certificates: TLSCertificates) {
    this.trial = trial;
    const reactor = trial.needs(IReactorSSL);
    if (!reactor.provides(IReactorTCP)) throw new DoesNotApply("a relay needs TCP");
    this.reactor = reactor;
    this.certificates = certificates;
  }

  /** @throws {DoesNotApply} The reactor does not speak TLS. */
  static async set(trial: Trial): Promise<TLSScene> {
    trial.needs(IReactorSSL);
    made ??= makeCertificates();
    return new TLSScene(trial, await made);
  }

  /** A server's options: it shows a certificate for `localhost`. */
  serverOptions(content: Partial<CertificateOptionsContent> = {}): CertificateOptions {
    const { own } = this.certificates;
    return new CertificateOptions({ privateKey: own, certificate: own.certificate, ...content });
  }

  /** Those that show this one. */
  showing(shown: PrivateCertificate): CertificateOptions {
    const { certificate } = shown;
    return this.serverOptions({ privateKey: shown, certificate, now: () => certificate.notBefore });
  }

  /** A client's options: it wants `localhost`, and trusts all of our certificates. */
  clientOptions(content: ClientTLSContent = {}, hostname = "localhost"): ITLSClientOptions {
    const { own, other, expired } = this.certificates;
    const trustRoot = trustRootFromCertificates([own, other, expired]);
    return optionsForClientTLS(hostname, { trustRoot, ...content });
  }

  witness(given: TLSHooks | TLSWitness = {}): TLSWitness {
    return this.trial.enter(given instanceof TLSWitness ? given : new TLSWitness(given));
  }

  /** A port of TLS. @returns Its number. */
  async listen(
    build: () => TLSWitness | undefined,
    options: ITLSServerOptions = this.serverOptions(),
    limits: TLSLimits = {},
  ): Promise<number> {
    const where = { interface: this.trial.host, ...limits };
    const port = this.reactor.listenSSL(0, new WitnessFactory(build), options, where);
    return portNumber(await this.trial.fired(port.listening));
  }

  /** Begin to connect to a port. */
  dial(
    port: number,
    given: TLSHooks | TLSWitness = {},
    options: ITLSClientOptions = this.clientOptions(),
    limits: TLSLimits = {},
  ): TLSWitness {
    const client = this.witness(given);
    const factory = new WitnessClientFactory(() => client);
    this.reactor.connectSSL(this.trial.host, port, factory, options, limits);
    return client;
  }

  /** A port of TCP without TLS. @returns Its number. */
  async listenPlain(build: () => Witness): Promise<number> {
    const where = { interface: this.trial.host };
    const port = this.reactor.listenTCP(0, new WitnessFactory(build), where);
    return portNumber(await this.trial.fired(port.listening));
  }

  /** Begin to connect to a port, without TLS. */
  dialPlain(port: number, hooks: WitnessHooks = {}): Witness {
    const client = this.trial.witness(hooks);
    const factory = new WitnessClientFactory(() => client);
    this.reactor.connectTCP(this.trial.host, port, factory);
    return client;
  }

  /** Both ends; the handshake has begun. */
  async pair(how: TLSPairOptions = {}): Promise<TLSPair> {
    const server = this.witness(how.server);
    const port = await this.listen(() => server, how.serverOptions, how.limits);
    const client = this.dial(port, how.client, how.clientOptions, how.limits);
    await this.trial.settle(() => server.made && client.made);
    return { server, client };
  }

  /** Both ends; the handshake is done. */
  async secured(how: TLSPairOptions = {}): Promise<TLSPair> {
    const pair = await this.pair(how);
    await this.trial.settle(() => pair.server.handshakes === 1 && pair.client.handshakes === 1);
    return pair;
  }

  /** The same, with a network between them that can be told to misbehave. */
  async relayed(how: TLSPairOptions = {}): Promise<RelayedPair> {
    const server = this.witness(how.server);
    const port = await this.listen(() => server, how.serverOptions, how.limits);
    const relay = await TLSRelay.open(this.trial, this.reactor, port);
    const client = this.dial(relay.place, how.client, how.clientOptions, how.limits);
    await this.trial.settle(() => server.handshakes === 1 && client.handshakes === 1);
    return { server, client, relay };
  }

  /** Both ends of a connection without TLS, and the network between them. */
  async plainRelay(server: Witness, client: Witness): Promise<TLSRelay> {
    const port = await this.listenPlain(() => server);
    const relay = await TLSRelay.open(this.trial, this.reactor, port);
    const factory = new WitnessClientFactory(() => client);
    this.reactor.connectTCP(this.trial.host, relay.place, factory);
    await this.trial.settle(() => server.made && client.made);
    return relay;
  }

  /** Wait for the ends of both. */
  async ended({ server, client }: TLSPair): Promise<void> {
    await this.trial.settle(() => server.reason !== undefined && client.reason !== undefined);
  }
}
