/**
 * A plugin for TypeDoc: methods by which objects print themselves are no part of the manual.
 *
 * @module
 */
import { Converter } from "typedoc";

const LEFT_OUT = new Set(["[INSPECT]", "[asyncDispose]", "[dispose]"]);

export function load(app) {
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    for (const reflection of Object.values(project.reflections)) {
      if (LEFT_OUT.has(reflection.name)) project.removeReflection(reflection);
    }
  });
}
