/**
 * The one reactor that scripts share.
 *
 * @module
 */
import { NodeReactor } from "../node/node-reactor.ts";

/** The process-wide reactor: Node's. Making it opens nothing and starts nothing. */
export const reactor: NodeReactor = new NodeReactor();
