/**
 * Contracts of `connectTCP` with names: whom it asks, and what it makes of the answers.
 *
 * @module
 */
import { AssertionError, assert } from "../../core/assert.ts";
import {
  CannotListenError,
  type ConnectError,
  DNSLookupError,
  TimeoutError,
  UnknownHostError,
  UserError,
} from "../../internet/errors.ts";
import type { IConnector } from "../../internet/interfaces-factory.ts";
import { type ConnectTCPOptions, IReactorTCP } from "../../internet/interfaces-reactor.ts";
import {
  type IHostnameResolver,
  IReactorPluggableNameResolver,
  type ResolutionError,
  type ResolveHostNameOptions,
} from "../../internet/interfaces-resolver.ts";
import { addressFromLiteral } from "../../internet/names/address-literal.ts";
import { HostResolution } from "../../internet/names/host-resolution.ts";
import { expectEqual, expectReason } from "./expect.ts";
import { type Contracts, DoesNotApply, type Trial } from "./trial.ts";
import { WitnessClientFactory, WitnessFactory } from "./witness-factories.ts";

const NAME = "host.example";
/** Nobody's address (RFC 3849). */
const NOBODY = "2001:db8::1";

/** Answers as it is told, by the contract's own hand. */
class ManualResolver implements IHostnameResolver {
  readonly asked: [name: string, options: ResolveHostNameOptions | undefined][] = [];
  readonly resolutions: HostResolution[] = [];
  cancelled = 0;

  resolveHostName(
    receiver: Parameters<IHostnameResolver["resolveHostName"]>[0],
    name: string,
    options?: ResolveHostNameOptions,
  ): HostResolution {
    this.asked.push([name, options]);
    const resolution = new HostResolution(name, receiver, () => {
      this.cancelled += 1;
    });
    this.resolutions.push(resolution);
    resolution.begin();
    return resolution;
  }

  /** Tell these, and the end. */
  answer(literals: readonly string[], error?: ResolutionError): void {
    for (const resolution of this.resolutions.splice(0)) {
      for (const literal of literals) {
        const address = addressFromLiteral(literal);
        if (address !== undefined) resolution.addressResolved(address);
      }
      resolution.resolutionComplete(error);
    }
  }
}

function install(trial: Trial): ManualResolver {
  const resolver = new ManualResolver();
  trial.needs(IReactorPluggableNameResolver).installNameResolver(resolver);
  return resolver;
}

interface Attempt {
  readonly factory: WitnessClientFactory;
  readonly connector: IConnector;
}

function connect(trial: Trial, host: string, port = 9, options: ConnectTCPOptions = {}): Attempt {
  const factory = new WitnessClientFactory(() => trial.witness());
  const connector = trial.needs(IReactorTCP).connectTCP(host, port, factory, options);
  return { factory, connector };
}

/** Where ports listen: the harness may be about another kind of transport. */
function hostOf(trial: Trial): string {
  return addressFromLiteral(trial.host) === undefined ? "127.0.0.1" : trial.host;
}

/** A port there. @returns Its number. */
async function listen(trial: Trial, host = hostOf(trial)): Promise<number> {
  const factory = new WitnessFactory(() => trial.witness());
  const port = trial.needs(IReactorTCP).listenTCP(0, factory, { interface: host });
  await trial.fired(port.listening);
  const address = port.getHost();
  if ("port" in address && typeof address.port === "number") return address.port;
  throw new AssertionError(`Expected a port number, found ${address.toString()}`);
}

/** A port on `::1` alone. @returns Its number. @throws {DoesNotApply} There is no IPv6. */
async function listenOverIPv6(trial: Trial): Promise<number> {
  try {
    return await listen(trial, "::1");
  } catch (error) {
    if (error instanceof CannotListenError) throw new DoesNotApply("this machine has no ::1");
    throw error;
  }
}

async function failureOf(trial: Trial, { factory }: Attempt): Promise<ConnectError> {
  await trial.settle(() => factory.count("failed") > 0);
  expectEqual(factory.asked, ["start", "connecting", "failed", "stop"]);
  const Class = factory.reasons[0]?.check(UnknownHostError, DNSLookupError);
  assert(Class !== undefined, `Expected a ResolutionError, found ${String(factory.reasons[0])}`);
  return expectReason<ConnectError>(factory.reasons[0], Class);
}

/** By name. */
export const connectByNameContracts: Contracts = {
  "a name is asked of the resolver that is installed, an address is not": async (trial) => {
    const resolver = install(trial);
    const port = await listen(trial);
    const direct = connect(trial, hostOf(trial), port);
    await trial.settle(() => direct.factory.count("made") === 1);
    expectEqual(resolver.asked.length, 0, "questions");
    const named = connect(trial, NAME, port);
    expectEqual(resolver.asked[0]?.[0], NAME);
    resolver.answer([hostOf(trial)]);
    await trial.settle(() => named.factory.count("made") === 1);
  },

  "of several addresses the first over IPv4 is taken": async (trial) => {
    const resolver = install(trial);
    const port = await listen(trial);
    const { factory } = connect(trial, NAME, port);
    const four = hostOf(trial).includes(":") ? [] : ["::1", hostOf(trial), "192.0.2.1"];
    resolver.answer(four.length > 0 ? four : [hostOf(trial)]);
    await trial.settle(() => factory.count("made") === 1);
  },

  "without one over IPv4 the first over IPv6 is taken": async (trial) => {
    const resolver = install(trial);
    const port = await listenOverIPv6(trial);
    const { factory } = connect(trial, NAME, port);
    resolver.answer(["::1", NOBODY]);
    await trial.settle(() => factory.count("made") + factory.count("failed") === 1);
    expectEqual(factory.reasons, []);
  },

  "an IPv4 address is taken before the answer is complete, and the rest let go": async (trial) => {
    const resolver = install(trial);
    const port = await listen(trial);
    const { factory, connector } = connect(trial, NAME, port);
    const [resolution] = resolver.resolutions;
    const address = addressFromLiteral("127.0.0.1");
    if (address !== undefined) resolution?.addressResolved(address);
    await trial.settle(() => factory.count("made") + factory.count("failed") === 1);
    expectEqual(resolver.cancelled, 1, "cancelled");
    connector.disconnect();
  },

  "family is what is asked for, and others are not taken": async (trial) => {
    const resolver = install(trial);
    const six = connect(trial, NAME, 9, { family: 6 });
    const four = connect(trial, NAME, 9, { family: 4 });
    const kinds = resolver.asked.map(([, options]) => options?.addressTypes?.join());
    expectEqual(kinds, ["IPv6", "IPv4"]);
    const [first, second] = resolver.resolutions.splice(0);
    resolver.resolutions.push(...(first === undefined ? [] : [first]));
    resolver.answer(["127.0.0.1"]);
    resolver.resolutions.push(...(second === undefined ? [] : [second]));
    resolver.answer(["::1"]);
    await failureOf(trial, six);
    await failureOf(trial, four);
  },

  "no address fails the attempt: the class, the message, the cause": async (trial) => {
    const resolver = install(trial);
    const attempt = connect(trial, NAME);
    const cause = new UnknownHostError("nobody of that name");
    resolver.answer([], cause);
    const error = await failureOf(trial, attempt);
    expectEqual(error.constructor, UnknownHostError);
    expectEqual(error.cause, cause);
    expectEqual(error.message, `Cannot connect to ${NAME}:9: nobody of that name`);
    expectEqual(error.destination?.toString(), `${NAME}:9`);
  },

  "no address, and no reason, fails the attempt with DNSLookupError": async (trial) => {
    const resolver = install(trial);
    const attempt = connect(trial, NAME);
    resolver.answer([]);
    expectEqual((await failureOf(trial, attempt)).constructor, DNSLookupError);
  },

  "a resolver that throws fails the attempt, later, with the cause": async (trial) => {
    const boom = new Error("boom");
    trial.needs(IReactorPluggableNameResolver).installNameResolver({
      resolveHostName: () => {
        throw boom;
      },
    });
    const attempt = connect(trial, NAME);
    expectEqual(attempt.factory.asked, ["start", "connecting"], "what was asked inside the call");
    const error = await failureOf(trial, attempt);
    expectEqual([error.constructor, error.cause], [DNSLookupError, boom]);
  },

  "a resolver that answers from inside the call is not too fast": async (trial) => {
    const port = await listen(trial);
    trial.needs(IReactorPluggableNameResolver).installNameResolver({
      resolveHostName(receiver, name) {
        const resolution = new HostResolution(name, receiver);
        resolution.begin();
        const address = addressFromLiteral(hostOf(trial));
        if (address !== undefined) resolution.addressResolved(address);
        resolution.resolutionComplete();
        return resolution;
      },
    });
    const { factory } = connect(trial, NAME, port);
    expectEqual(factory.asked, ["start", "connecting"], "what was asked inside the call");
    await trial.settle(() => factory.count("made") === 1);
  },

  "stopConnecting() while resolving cancels, and a late answer is no matter": async (trial) => {
    const resolver = install(trial);
    const { factory, connector } = connect(trial, NAME);
    const [resolution] = resolver.resolutions;
    connector.stopConnecting();
    expectEqual(resolver.cancelled, 1, "cancelled");
    const address = addressFromLiteral("127.0.0.1");
    if (address !== undefined) resolution?.addressResolved(address);
    resolution?.resolutionComplete();
    await trial.settle(() => connector.state === "disconnected");
    await trial.passes();
    expectEqual(factory.asked, ["start", "connecting", "failed", "stop"]);
    expectReason(factory.reasons[0], UserError);
  },

  "stopConnecting() right after the answer is in time": async (trial) => {
    const resolver = install(trial);
    const port = await listen(trial);
    const { factory, connector } = connect(trial, NAME, port);
    resolver.answer([hostOf(trial)]);
    connector.stopConnecting();
    await trial.settle(() => connector.state === "disconnected");
    await trial.passes();
    expectEqual(factory.asked, ["start", "connecting", "failed", "stop"]);
  },

  "the attempt's timeout covers a resolver that never answers": async (trial) => {
    const resolver = install(trial);
    const { factory, connector } = connect(trial, NAME, 9, { timeout: 0.05 });
    await trial.settle(() => connector.state === "disconnected");
    expectReason(factory.reasons[0], TimeoutError);
    expectEqual(resolver.cancelled, 1, "cancelled");
  },

  "connect() again asks again": async (trial) => {
    const resolver = install(trial);
    const { factory, connector } = connect(trial, NAME);
    resolver.answer([]);
    await trial.settle(() => connector.state === "disconnected");
    connector.connect();
    resolver.answer([]);
    await trial.settle(() => factory.count("failed") === 2);
    expectEqual(resolver.asked.length, 2, "questions");
  },
};
