/**
 * The cases of the Autobahn test suite, in memory.
 *
 * @module
 */
import { assert, describe, it } from "vitest";
import { Echo, socket } from "../fixtures/web/websocket-scene.ts";
import { AUTOBAHN_CASES } from "./autobahn-cases.ts";

describe("WebSocketResource, as Autobahn asks it", () => {
  for (const [number, { sent, heard, chunkBytes }] of Object.entries(AUTOBAHN_CASES)) {
    it(`case ${number}`, () => {
      const cut = chunkBytes === undefined ? {} : { chunkBytes };
      const scene = socket({ diary: new Echo(), ...cut });
      for (const piece of sent) scene.send(piece);
      assert.deepEqual(scene.heard(), heard);
    });
  }

  it("all sections are there", () => {
    const sections = new Set(Object.keys(AUTOBAHN_CASES).map((number) => number.split(".")[0]));
    assert.deepEqual([...sections], ["1", "2", "3", "4", "5", "6", "7", "9"]);
  });
});
