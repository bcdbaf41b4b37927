/* Workers: from the disk they can import nothing, so each gets one classic script, its modules joined. */

import { IMPORT, leadsTo, sourceOf } from "./loader.js";

const OF_NO_WORKER = /^(?:export (?:default|\{|\*)|import (?:\*|[^;"']*? as )).*$/m;

/** Begins a worker of the module at that path. */
export function begin(sources, path) {
  const script = new Blob([joined(sources, path)], { type: "text/javascript" }),
    address = URL.createObjectURL(script);
  const worker = new Worker(address);
  worker.addEventListener("message", () => URL.revokeObjectURL(address), { once: true });
  return worker;
}

/** The module at that path and all that it imports, in one scope, where each name stands for one thing. */
export function joined(sources, path) {
  const texts = new Map();
  join(sources, path, texts);
  const script = [...texts.values()].join("\n").replace(/^export /gm, "");
  return `"use strict";\n${script}`;
}

/** Adds to `texts`, by their paths, what the module imports and then itself, without its imports. */
function join(sources, path, texts) {
  const source = sourceOf(sources, path), [wrong] = source.match(OF_NO_WORKER) ?? [];
  if (wrong) throw new Error(`${path} cannot be part of a worker's one script because of: ${wrong}`);
  for (const [, , names, lead] of source.matchAll(IMPORT)) {
    const next = leadsTo(path, lead), key = next.endsWith(".json") ? `${next}${names}` : next;
    if (texts.has(key)) continue;
    if (key === next) join(sources, next, texts);
    else texts.set(key, `const ${names.replace(/\s+from\s*$/, "").trim()} = ${sourceOf(sources, next)};`);
  }
  texts.set(path, source.replace(IMPORT, ""));
}
