/**
 * The prefixes `fd` and `systemd`.
 *
 *     fd:3[:domain]
 *     systemd:domain=INET:index=0       the first of the sockets that systemd opened for us
 *     systemd:domain=UNIX:name=app      the one whose FileDescriptorName= is app
 *
 * Spec: sd_listen_fds(3), systemd.socket(5). After: twisted.internet.endpoints._SystemdParser.
 * Differs: the domain may be left out; where several sockets have a name, an index is needed.
 *
 * @module
 */
import { quote } from "../../core/text.ts";
import { UnsupportedError } from "../errors.ts";
import type { IReactorCore } from "../interfaces-reactor.ts";
import { IReactorSocket, type SocketDomain } from "../interfaces-socket.ts";
import type { ListenFDs } from "../listen-fds.ts";
import { type ArgumentSyntax, EndpointArguments } from "./_arguments.ts";
import { AdoptedStreamServerEndpoint } from "./adopted-server.ts";
import type { IStreamServerEndpointStringParser } from "./interfaces-string-parser.ts";

const DESCRIPTOR_MAX = 2_147_483_647;
const DOMAINS: readonly SocketDomain[] = ["INET", "INET6", "UNIX"];

const FD: ArgumentSyntax = {
  what: "fd server endpoint",
  usage: "fd:3[:domain]",
  names: ["fileno", "domain"],
};

const SYSTEMD: ArgumentSyntax = {
  what: "systemd server endpoint",
  usage: "systemd:domain=INET:index=0, or name=… for index",
  names: ["domain", "index", "name"],
};

function withSocket(reactor: IReactorCore): IReactorSocket {
  if (reactor.provides(IReactorSocket)) return reactor;
  throw new UnsupportedError(IReactorSocket.label, reactor.constructor.name);
}

function domainOf(fields: EndpointArguments): { domain?: SocketDomain } {
  const text = fields.optional("domain");
  if (text === undefined) return {};
  const domain = DOMAINS.find((one) => one === text);
  if (domain !== undefined) return { domain };
  return fields.refuse(`expected domain to be ${DOMAINS.join(", ")}, got ${quote(text)}`);
}

/** Which of the inherited descriptors is meant. @throws {EndpointDescriptionError} */
function inherited(fields: EndpointArguments, { descriptors }: ListenFDs): number {
  const index = fields.wholeNumber("index", DESCRIPTOR_MAX);
  const name = fields.optional("name");
  if ((index === undefined) === (name === undefined)) fields.refuse("give index or name, one only");
  const found = descriptors.filter((one, at) =>
    name === undefined ? at === index : one.name === name,
  );
  const [first, ...more] = found;
  if (first !== undefined && more.length === 0) return first.fileDescriptor;
  const wanted = name === undefined ? `index ${String(index)}` : `name ${quote(name)}`;
  if (more.length > 0) return fields.refuse(`several sockets have ${wanted}: say which by index`);
  const names = descriptors.map((one) => quote(one.name)).join(", ");
  const what = names === "" ? "no sockets (LISTEN_PID and LISTEN_FDS say so)" : `sockets ${names}`;
  return fields.refuse(`there is no ${wanted}: this process was given ${what}`);
}

/** `fd:3[:domain]` makes an {@link AdoptedStreamServerEndpoint}. */
export const fdServerParser: IStreamServerEndpointStringParser = {
  prefix: "fd",
  usage: FD.usage,
  parseStreamServer(reactor, positional, keywords) {
    const fields = new EndpointArguments(FD, positional, keywords);
    fields.required("fileno");
    const descriptor = fields.wholeNumber("fileno", DESCRIPTOR_MAX) ?? 0;
    return new AdoptedStreamServerEndpoint(withSocket(reactor), descriptor, domainOf(fields));
  },
};

/** `systemd:domain:index` makes an {@link AdoptedStreamServerEndpoint}. */
export const systemdServerParser: IStreamServerEndpointStringParser = {
  prefix: "systemd",
  usage: SYSTEMD.usage,
  parseStreamServer(reactor, positional, keywords) {
    const fields = new EndpointArguments(SYSTEMD, positional, keywords);
    const domain = domainOf(fields);
    const able = withSocket(reactor);
    const descriptor = inherited(fields, able.inheritedDescriptors);
    return new AdoptedStreamServerEndpoint(able, descriptor, domain);
  },
};
