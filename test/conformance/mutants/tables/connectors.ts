/**
 * Reactors that are wrong about connectors.
 *
 * @module
 */
import type { Mutant } from "../mutant.ts";

const CONNECTOR = "reactors/base/connector.ts";
const TRANSPORT = "reactors/base/stream-transport.ts";
const MEMORY_CONNECTOR = "reactors/memory/memory-connector.ts";
const BEGIN = "if (!this.#transport.begin(protocol)) return;";

/** For `connectors`. */
export const connectorMutants: readonly Mutant[] = [
  {
    name: "a connector that is connected goes on connecting",
    file: CONNECTOR,
    find: 'this.#state = "connected";',
    replace: "",
    kills: ["state: connecting, connected, disconnected"],
  },
  {
    name: "clientConnectionMade() comes twice",
    file: CONNECTOR,
    find: "() => this.#factory.clientConnectionMade(this),",
    replace: `() => {
        this.#factory.clientConnectionMade(this);
        this.#factory.clientConnectionMade(this);
      },`,
    kills: ["the factory is asked in order, and told of the connection once"],
  },
  {
    name: "an attempt succeeds at once",
    file: MEMORY_CONNECTOR,
    find: "this.#reactor.later(() => {",
    replace: "const now = (f) => f();\n      now(() => {",
    kills: ["no protocol is built and nothing is told before connectTCP() returns"],
  },
  {
    name: "startedConnecting() comes later",
    file: CONNECTOR,
    find: "() => this.#factory.startedConnecting(this),",
    replace: "() => this.#reactor.later(() => this.#factory.startedConnecting(this)),",
    kills: ["startedConnecting() comes while connecting, with the connector"],
  },
  {
    name: "clientConnectionMade() comes before the protocol knows",
    file: CONNECTOR,
    find: BEGIN,
    replace: `const [transport, built] = [this.#transport, protocol];
    this.#reactor.soon(() => transport.begin(built));`,
    kills: ["clientConnectionMade() comes after connectionMade(), with the connector"],
  },
  {
    name: "clientConnectionMade() comes in any case",
    file: CONNECTOR,
    find: BEGIN,
    replace: "this.#transport.begin(protocol);",
    kills: ["clientConnectionMade() does not come when connectionMade() threw"],
  },
  {
    name: "the factory is told of the end before the protocol",
    file: TRANSPORT,
    find: 'this.#guard("connectionLost", () => this.#protocol?.connectionLost(reason));',
    replace: "this.#reactor.soon(() => this.#protocol?.connectionLost(reason));",
    kills: ["clientConnectionLost() comes after connectionLost(), with its reason"],
  },
  {
    name: "a name that was found is told to nobody",
    file: "reactors/base/find-address.ts",
    find: "if (open) found(result);",
    replace: "",
    kills: ["a name is resolved"],
  },
  {
    name: "connect() while connecting begins another attempt",
    file: CONNECTOR,
    find: 'if (this.#state !== "disconnected") {',
    replace: 'if (this.#state === "connected") {',
    kills: ["connect() while connecting or connected is refused"],
  },
  {
    name: "stopConnecting() tells from inside",
    file: CONNECTOR,
    find: "this.#reactor.soon(() => {\n      this.failed(",
    replace: "const now = (f) => f();\n    now(() => {\n      this.failed(",
    kills: ["stopConnecting() gives up: UserError, later, and no protocol"],
  },
  {
    name: "the attempt begins after startedConnecting()",
    file: CONNECTOR,
    find: "else this.#begin();",
    replace: "else this.#reactor.soon(() => this.#begin());",
    kills: ["stopConnecting() from inside startedConnecting() is in time"],
  },
  {
    name: "what is being given up is given up once more",
    file: CONNECTOR,
    find: 'if (this.#state !== "connecting" || this.#attempt === undefined) {',
    replace: 'if (this.#state !== "connecting") {',
    kills: ["stopConnecting() is refused when the attempt is being given up"],
  },
  {
    name: "stopConnecting() of what is not connecting tells of a failure",
    file: CONNECTOR,
    find: 'if (this.#state !== "connecting" || this.#attempt === undefined) {',
    replace: 'if (this.#state === "connecting" && this.#attempt === undefined) {',
    kills: ["stopConnecting() is refused when there is no attempt"],
  },
  {
    name: "disconnect() of what is being given up is refused",
    file: CONNECTOR,
    find: "if (this.#attempt !== undefined) this.stopConnecting(); // Else",
    replace: "this.stopConnecting(); // Else",
    kills: ["disconnect() while connecting gives up, also when asked twice"],
  },
  {
    name: "disconnect() aborts",
    file: CONNECTOR,
    find:
      "} else if (this.#transport !== undefined) " +
      "topTransport(this.#transport).loseConnection();",
    replace: "} else if (this.#transport !== undefined) this.#transport.abortConnection();",
    kills: ["disconnect() while connected closes in good order"],
  },
  {
    name: "disconnect() from inside buildProtocol() does nothing",
    file: CONNECTOR,
    find: "topTransport(this.#transport).loseConnection();\n      });",
    replace: "return;\n      });",
    kills: ["disconnect() from inside buildProtocol() closes what is built"],
  },
  {
    name: "it counts as connecting until the protocol has begun",
    file: CONNECTOR,
    find: 'this.#state = "connected";',
    replace: 'this.#reactor.soon(() => (this.#state = "connected"));',
    kills: ["disconnect() from inside connectionMade() closes"],
  },
];
