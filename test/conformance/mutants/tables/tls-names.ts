/**
 * Reactors that are wrong about who is at the other end of TLS.
 *
 * @module
 */
import type { Mutant } from "../mutant.ts";
import { TLS_EDITS } from "./tls-edits.ts";

const CONDUIT = "reactors/node/tls-conduit.ts";
const CONTEXT = "reactors/node/tls-context.ts";
const OPTIONS = "internet/tls/certificate-options.ts";
const VERIFY_MODE = "[trustRoot !== undefined, requireCertificate]";

const ANOTHER_NAME =
  "a certificate for another name is refused, and nothing is said to whoever shows it";
const ADDRESSES = "addresses are verified as names are, and not sent as names";
const COMMON_NAME = "a common name is no name";
const COME_AND_GO = "names may come and go: new connections see it, old ones do not";
const CHAIN = "a chain up to a trusted authority is accepted, without the one in between it is not";
const ASKED_FOR = "a client's certificate is asked for, verified and told";
const NOT_REQUIRED = "where a certificate is wanted and not required, clients without one come in";

/** For `names and certificates in TLS`. */
export const tlsNameMutants: readonly Mutant[] = [
  { ...TLS_EDITS.noNames, kills: [ANOTHER_NAME, ADDRESSES, COMMON_NAME] },
  {
    name: "a common name is a name where there are no others",
    file: CONTEXT,
    find: "certificate.subjectaltname !== undefined",
    replace: "true",
    kills: [COMMON_NAME],
    on: "node",
  },
  {
    name: "addresses are sent as names",
    file: CONTEXT,
    find: "...(isIP(hostname) === 0 && { servername: hostname }),",
    replace: "servername: hostname,",
    kills: [ADDRESSES],
    on: "node",
  },
  {
    name: "servers are not verified",
    file: CONTEXT,
    find: "rejectUnauthorized: settings.trustRoot !== undefined,",
    replace: "rejectUnauthorized: false,",
    kills: [
      ANOTHER_NAME,
      "a certificate that nobody trusted has signed is refused",
      "a certificate that is out of date is refused",
      CHAIN,
      "a server that was refused is refused again, whatever sessions there are",
    ],
    on: "node",
  },
  {
    name: "servers are verified, whatever the client asks for",
    file: CONTEXT,
    find: "rejectUnauthorized: settings.trustRoot !== undefined,",
    replace: "rejectUnauthorized: true,",
    kills: ["who asks for no verification gets none, and it says insecure"],
    on: "node",
  },
  {
    name: "the chain is not shown",
    file: OPTIONS,
    find: "certificate: [leaf, ...chain].map(",
    replace: "certificate: [leaf].map(",
    kills: [CHAIN],
    on: "node",
  },
  {
    name: "all names have the same certificate",
    file: CONTEXT,
    find: "done(null, contextOf(chosen));",
    replace: "done(null, contextOf(settings));",
    kills: ["each name has its certificate, and is told"],
    on: "node",
  },
  {
    name: "a name that is not served is served all the same",
    file: CONTEXT,
    find: "this.#settings = this.#options.settingsFor(serverName);",
    replace: "this.#settings = this.#options.settingsFor(serverName) ?? this.#first;",
    kills: [
      "a name that is not served is refused: TLSHandshakeError here, a loss there",
      COME_AND_GO,
    ],
    on: "node",
  },
  {
    name: "keys are looked at when it is too late to refuse them",
    file: CONTEXT,
    find: "contextOf(this.#settings); // Its keys may not fit.",
    replace: "",
    kills: ["settings whose keys do not fit are logged, and end that connection alone"],
    on: "node",
  },
  {
    name: "the default is for clients without a name",
    file: "internet/tls/sni-map.ts",
    find: "return this.#names.get(name) ?? wildcard ?? this.#default;",
    replace: "return this.#names.get(name) ?? wildcard;",
    kills: ["a default serves names that are not there, and clients without one"],
    on: "node",
  },
  {
    name: "that nothing is served is told as a loss",
    file: "reactors/node/tls-errors.ts",
    find: '/^ERR_(?:SSL|TLS|OSSL)/u.test(name) || name === "EPROTO"',
    replace: "false",
    kills: ["nothing served at all: clients without a name are refused"],
    on: "node",
  },
  {
    name: "what settingsFor() throws is not logged",
    file: CONTEXT,
    find: "log.failure(",
    replace: "((..._unsaid: unknown[]) => {})(",
    kills: ["settingsFor() that throws is logged, and ends that connection alone"],
    on: "node",
  },
  {
    name: "clients are not asked for certificates",
    file: CONTEXT,
    find: VERIFY_MODE,
    replace: "[false, false]",
    kills: [ASKED_FOR, NOT_REQUIRED],
    on: "node",
  },
  {
    name: "whoever may show a certificate must",
    file: CONTEXT,
    find: VERIFY_MODE,
    replace: "[trustRoot !== undefined, trustRoot !== undefined]",
    kills: [NOT_REQUIRED],
    on: "node",
  },
  {
    name: "clients are asked for certificates that nobody wants",
    file: CONTEXT,
    find: VERIFY_MODE,
    replace: "[true, requireCertificate]",
    kills: ["a client that shows a certificate where none is asked for comes in"],
    on: "node",
  },
  {
    name: "that a certificate is required is found out when the handshake is done",
    file: CONTEXT,
    find: VERIFY_MODE,
    replace: "[trustRoot !== undefined, false]",
    kills: ["a client that was refused is told by an alert"],
    on: "node",
  },
  {
    name: "no certificate is required",
    file: OPTIONS,
    find: "requireCertificate: trustRoot !== undefined && requireCertificate,",
    replace: "requireCertificate: false,",
    kills: ["a client without the certificate that is required is refused"],
    on: "node",
  },
  {
    name: "what clients show is not looked at",
    file: CONDUIT,
    find: "return verificationError(handle);",
    replace: "return undefined;",
    kills: ["a client whose certificate nobody trusted has signed is refused, required or not"],
    on: "node",
  },
  {
    name: "a resumed session is a proof",
    file: CONDUIT,
    find: "!choice.trustsAlike(settings)",
    replace: "false",
    kills: ["a resumed session is no proof where other certificates are wanted"],
    on: "node",
  },
  {
    name: "keys that do not fit are nobody's business",
    file: "reactors/node/tls-context.ts",
    find: "contextOf(this.#settings); // Its keys may not fit.",
    replace: `try { contextOf(this.#settings); } catch (error) {
          this.error = new TLSHandshakeError("keys", { cause: error });
          return undefined;
        }`,
    kills: ["settings whose keys do not fit are logged, and end that connection alone"],
    on: "node",
  },
];
