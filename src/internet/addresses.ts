/**
 * Where a connection comes from and goes to. Addresses are values: compare them with `equals`.
 *
 * After: twisted.internet.address. Here `toString()` gives what a log or an endpoint wants.
 *
 * @module
 */

/** What every address can do. */
export interface IAddress {
  /** Tells the kinds apart. */
  readonly kind: "IPv4" | "IPv6" | "UNIX" | "hostname" | "none";
  /** Same kind and same parts. */
  equals(other: IAddress): boolean;
  /** For people and logs: `192.0.2.1:25`, `[2001:db8::1]:25`, `/run/x.sock`. */
  toString(): string;
}

/** A TCP or UDP address over IPv4. */
export class IPv4Address implements IAddress {
  readonly kind = "IPv4";
  readonly type: "TCP" | "UDP";
  /** Dotted quad. */
  readonly host: string;
  /** 0 to 65535; 0 means not bound yet. */
  readonly port: number;

  constructor(type: "TCP" | "UDP", host: string, port: number) {
    this.type = type;
    this.host = host;
    this.port = port;
  }

  equals(other: IAddress): boolean {
    return (
      other instanceof IPv4Address &&
      other.type === this.type &&
      other.host === this.host &&
      other.port === this.port
    );
  }

  toString(): string {
    return `${this.host}:${String(this.port)}`;
  }
}

/** A TCP or UDP address over IPv6. */
export class IPv6Address implements IAddress {
  readonly kind = "IPv6";
  readonly type: "TCP" | "UDP";
  /** Without brackets and without the scope. */
  readonly host: string;
  readonly port: number;
  readonly flowInfo: number;
  /** The zone of a link-local address (`eth0`, `2`), or empty. */
  readonly scopeID: string;

  constructor(type: "TCP" | "UDP", host: string, port: number, flowInfo = 0, scopeID = "") {
    this.type = type;
    this.host = host;
    this.port = port;
    this.flowInfo = flowInfo;
    this.scopeID = scopeID;
  }

  equals(other: IAddress): boolean {
    return (
      other instanceof IPv6Address &&
      other.type === this.type &&
      other.host === this.host &&
      other.port === this.port &&
      other.flowInfo === this.flowInfo &&
      other.scopeID === this.scopeID
    );
  }

  toString(): string {
    const zone = this.scopeID === "" ? "" : `%${this.scopeID}`;
    return `[${this.host}${zone}]:${String(this.port)}`;
  }
}

/**
 * The path of a UNIX socket; `\0` and a name for an abstract one; empty for the unnamed end of a
 * connection.
 */
export class UNIXAddress implements IAddress {
  readonly kind = "UNIX";
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }

  equals(other: IAddress): boolean {
    return other instanceof UNIXAddress && other.name === this.name;
  }

  toString(): string {
    // An abstract name begins with a NUL: shown as ss(8) and others do.
    return this.name === "" ? "(unnamed UNIX socket)" : this.name.replaceAll("\0", "@");
  }
}

/** A name that is not resolved yet: what a client was asked to connect to. */
export class HostnameAddress implements IAddress {
  readonly kind = "hostname";
  readonly hostname: string;
  readonly port: number;

  constructor(hostname: string, port: number) {
    this.hostname = hostname;
    this.port = port;
  }

  equals(other: IAddress): boolean {
    return (
      other instanceof HostnameAddress &&
      other.hostname === this.hostname &&
      other.port === this.port
    );
  }

  toString(): string {
    return `${this.hostname}:${String(this.port)}`;
  }
}

/**
 * The end of something that has no address: a pipe, an in-memory wire, a connection already gone.
 */
export class NoAddress implements IAddress {
  readonly kind = "none";
  /** What it is, for logs. */
  readonly label: string;

  constructor(label: string) {
    this.label = label;
  }

  equals(other: IAddress): boolean {
    return other instanceof NoAddress && other.label === this.label;
  }

  toString(): string {
    return this.label;
  }
}
