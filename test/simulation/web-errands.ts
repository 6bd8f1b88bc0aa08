/**
 * What the clients of a simulated web server want, drawn from the workload.
 *
 * @module
 */
import type { SimulatedHost } from "../../src/reactors/simulated/host.ts";
import type { Simulation } from "../../src/testing/simulation/simulation.ts";
import { visit } from "./web-browser.ts";
import type { Errand, Upload, WebLedger } from "./web-ledger.ts";
import { UPLOAD_LIMIT } from "./web-shop.ts";
import { drawLength, isWhole } from "./whole.ts";

/** More than two kernels hold. */
const LARGE = 200_000;
const SIZES = [10, 0, 1, 100, 3000, 10, 100, 20_000, 1, 3000, LARGE] as const;

const STREAMED = ["/pieces", "/said", "/pushed", "/pulled", "/early", "/web", "/trailed"] as const;
const UPLOADED = [
  "/counted",
  "/bits",
  "/slowly",
  "/ignored",
  "/hasty",
  "/limited",
  "/mirror",
] as const;

const PLAIN: Errand = {
  method: "GET",
  place: "",
  path: "/whole",
  version: "1.1",
  status: 200,
  bytes: 10,
  piece: 4096,
  pause: 0,
  upload: undefined,
  isCut: false,
  isGarbage: false,
  isLast: false,
  isHalfClosed: false,
  drip: 0,
  think: 0,
};

/** It has no body, and changes something all the same: nobody in between may send it again. */
const POKE: Errand = {
  ...PLAIN,
  method: "POST",
  path: "/slowly",
  upload: { bytes: 0, chunk: 0, pause: 0, expects: false },
};

/** A client that has errands to do. */
export interface Client {
  readonly host: SimulatedHost;
  /** What is left of them. */
  readonly left: readonly Errand[];
  /** What it needs to ask for once, in good weather. */
  readonly once: readonly Errand[];
}

/**
 * A client with errands, which it does as a drawn temper has it.
 *
 * @param old Places of servers that speak HTTP/1.0.
 */
export function addClient(
  ledger: WebLedger,
  name: string,
  places: readonly string[] = [""],
  old: readonly string[] = [],
): Client {
  const { sim } = ledger;
  const left = Array.from({ length: sim.between(1, 6) }, () => {
    if (old.length > 0 && sim.chance(0.15)) return { ...drawOld(sim), place: sim.oneOf(old) };
    const isPoke = ledger.isProxied && sim.chance(0.1);
    return { ...(isPoke ? POKE : drawErrand(sim)), place: sim.oneOf(places) };
  });
  const depth = sim.oneOf([1, 1, 2, 4]);
  const readPause = sim.oneOf([0, 0, 0, 0.01, 0.1]);
  const manner = { ledger, left, depth, readPause, isCareful: false };
  // Others may lose what is behind an answer that closes the connection, or come too late for it.
  const isSure = depth === 1 && left.every(({ think }) => think < 60);
  const once = isSure ? [...left] : [];
  return { host: sim.host(name, (reactor) => visit({ ...manner, reactor })), left, once };
}

/** Shrinking makes it a plain GET. */
function drawErrand(sim: Simulation): Errand {
  const think = sim.oneOf([0, 0, 0, 0.01, 0.5, 60]);
  const bytes = drawLength(sim, SIZES);
  const piece = sim.oneOf([4096, 1, 100, 30_000]);
  const pause = sim.oneOf([0, 0, 0.001, 0.1]);
  const drip = isWhole(sim) ? 0 : sim.oneOf([0, 0, 0, 0.3]);
  const isLast = sim.chance(0.1);
  const common = {
    ...PLAIN,
    think,
    drip,
    isLast,
    bytes,
    piece: Math.max(piece, bytes >> 7),
    pause,
  };
  const kind = sim.oneOf(["plain", "plain", "upload", "streamed", "old", "trouble"] as const);
  switch (kind) {
    case "upload":
      return upload(sim, common);
    case "streamed":
      return streamed(sim, common);
    case "old": {
      const path = sim.oneOf(["/whole", "/pieces", "/cut"]);
      const isCut = path === "/cut";
      const isHalfClosed = sim.chance(0.2);
      const least = isCut ? 1 : 0;
      const some = Math.max(bytes, least);
      return { ...common, path, isCut, bytes: some, version: "1.0", isHalfClosed };
    }
    case "trouble":
      return trouble(sim, common);
    default: {
      const path = sim.oneOf(["/whole", "/later", "/pieces"]);
      const method = sim.oneOf(["GET", "HEAD"]);
      return { ...common, path, method, isHalfClosed: sim.chance(0.1) };
    }
  }
}

/** What a server of HTTP/1.0 is asked for. */
function drawOld(sim: Simulation): Errand {
  const bytes = drawLength(sim, SIZES);
  const piece = Math.max(sim.oneOf([4096, 1, 100, 30_000]), bytes >> 7);
  const errand = { ...PLAIN, path: "/old", bytes, piece, pause: sim.oneOf([0, 0, 0.001, 0.1]) };
  if (!sim.chance(0.3)) return errand;
  const upload = { bytes: drawLength(sim, SIZES), chunk: 0, pause: 0, expects: sim.chance(0.5) };
  return { ...errand, method: "POST", upload };
}

/** Whoever makes bytes by itself makes enough of them to be told to pause. */
function streamed(sim: Simulation, common: Errand): Errand {
  const path = sim.oneOf(STREAMED);
  if (path !== "/pushed" || isWhole(sim)) return { ...common, path };
  return { ...common, path, bytes: LARGE, piece: Math.max(common.piece, LARGE >> 7) };
}

function trouble(sim: Simulation, common: Errand): Errand {
  const page = { ...common, bytes: undefined };
  switch (sim.oneOf(["missing", "broken", "garbage", "cut"] as const)) {
    case "missing":
      return { ...page, path: "/missing", status: 404 };
    case "broken":
      return { ...page, path: "/broken", status: 500 };
    case "garbage":
      return { ...page, status: 400, isGarbage: true };
    default:
      return { ...common, path: "/cut", isCut: true, bytes: Math.max(common.bytes ?? 0, 1) };
  }
}

function upload(sim: Simulation, common: Errand): Errand {
  const bytes = drawLength(sim, SIZES);
  const chunk = sim.oneOf([0, 4096, 10, 70_000]);
  const body: Upload = {
    bytes,
    chunk: chunk === 0 ? 0 : Math.max(chunk, bytes >> 7),
    pause: sim.oneOf([0, 0, 0.001, 0.3]),
    expects: sim.chance(0.3),
  };
  const errand = { ...common, method: "POST", upload: body };
  const path = sim.oneOf(UPLOADED);
  if (path === "/mirror") return { ...errand, path, bytes };
  if (path !== "/limited" || bytes <= UPLOAD_LIMIT) return { ...errand, path };
  return { ...errand, path, status: 413, bytes: undefined };
}
