/**
 * The prefix `haproxy`: any other place to listen, behind a proxy.
 *
 *     haproxy:tcp:8080:interface=127.0.0.1        haproxy:unix:/run/x.sock:trusted=unix\:
 *     haproxy:tcp:8080:trusted=10.0.0.0/8,192.0.2.1:headerTimeout=5
 *
 * All fields but `trusted` and `headerTimeout` are the inner description.
 *
 * After: twisted.protocols.haproxy._parser.HAProxyServerParser. Differs: two keywords of its own.
 *
 * @module
 */
import { HAProxyServerEndpoint } from "../haproxy/haproxy-server-endpoint.ts";
import type { HAProxyOptions } from "../haproxy/haproxy-wrapping-factory.ts";
import { UnsupportedError } from "../errors.ts";
import { type IReactorCore, IReactorTime } from "../interfaces-reactor.ts";
import { type ArgumentSyntax, EndpointArguments } from "./_arguments.ts";
import type { IStreamServerEndpointStringParser } from "./interfaces-string-parser.ts";
import { formatStringDescription } from "./string-description.ts";

const SYNTAX: ArgumentSyntax = {
  what: "haproxy server endpoint",
  usage: "haproxy:inner description[:trusted=address,range,...][:headerTimeout=seconds]",
  names: ["trusted", "headerTimeout"],
};

function withTime(reactor: IReactorCore): IReactorTime {
  if (reactor.provides(IReactorTime)) return reactor;
  throw new UnsupportedError(IReactorTime.label, reactor.constructor.name);
}

function optionsOf(fields: EndpointArguments, isTrustGiven: boolean): HAProxyOptions {
  const trusted = fields.optional("trusted")?.split(",");
  // Elsewhere an empty field is as good as none; here it would trust everybody.
  if (isTrustGiven && trusted === undefined) fields.refuse("trusted is empty");
  const headerTimeout = fields.seconds("headerTimeout");
  return {
    ...(trusted !== undefined && { trusted }),
    ...(headerTimeout !== undefined && { headerTimeout }),
  };
}

/** `haproxy:<inner description>` makes a {@link HAProxyServerEndpoint}. */
export const haproxyServerParser: IStreamServerEndpointStringParser = {
  prefix: "haproxy",
  usage: SYNTAX.usage,
  parseStreamServer(reactor, positional, keywords, inner) {
    const isOwn = (name: string): boolean => SYNTAX.names.includes(name);
    const all = [...keywords];
    const own = new Map(all.filter(([name]) => isOwn(name)));
    const fields = new EndpointArguments(SYNTAX, [], own);
    if (positional.length === 0) fields.refuse("the inner description is missing");
    const options = optionsOf(fields, own.has("trusted"));
    const others = all.filter(([name]) => !isOwn(name));
    const wrapped = inner(formatStringDescription(positional, others));
    try {
      return new HAProxyServerEndpoint(withTime(reactor), wrapped, options);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      return fields.refuse(error.message);
    }
  },
};
