/* The loader of modules, on tables of sources made up here. */

import { load, widget } from "../src/aebook/widgets/loader.js";
import { joined } from "../src/aebook/widgets/workers.js";

function equal(actual, expected) {
  const [one, other] = [actual, expected].map((value) => JSON.stringify(value));
  if (one !== other) throw new Error(`${one} is not ${other}`);
}

function refused(act, words) {
  try {
    act();
  } catch (error) {
    if (words.test(error.message)) return;
    throw error;
  }
  throw new Error(`is taken, where ${words} was to be said`);
}

const SOURCES = {
  "lib/one.js": "export const one = () => 1;\n",
  "a/spec.json": '{ "two": 2 }',
  "a/view.js": 'import { one } from "../lib/one.js";\nimport { sum } from "./more.js";\n' +
    "export default { render: ({ words, el }) => [words.said, sum(one()), el.classList.said] };\n",
  "a/more.js":
    'import {\n  one,\n} from "../lib/one.js";\nimport SPEC from "./spec.json" with { type: "json" };\n' +
    "export const sum = (number) => number + one() + SPEC.two;\n",
  "a/words.en.js": 'export default { said: "yes" };\n',
  "a/words.ko.js": 'export default { said: "네" };\n',
};

Deno.test("a module's relative imports are loaded with it, JSON too, each once", async () => {
  const { sum } = await load(SOURCES, "a/more.js");
  equal(sum(10), 13);
  equal((await load(SOURCES, "a/more.js")).sum === sum, true);
});

Deno.test("a widget has the words of its language, or English ones", async () => {
  const { render } = await widget(SOURCES, "a", () => {});
  for (const [language, said] of Object.entries({ en: "yes", ko: "네", fr: "yes" })) {
    const el = {
      classList: {
        add(...names) {
          this.said = names;
        },
      },
    };
    equal(render({ model: { get: () => language }, el }), [said, 4, ["aebook", "aebook-widget"]]);
  }
});

Deno.test("a module that is not there, and modules that import each other, are named", () => {
  refused(() => load({ "a.js": 'import { b } from "./b.js";\n' }, "a.js"), /no module b\.js; there are a\.js/);
  const circle = { "a.js": 'import { b } from "./b.js";\n', "b.js": 'import { a } from "./a.js";\n' };
  refused(() => load(circle, "a.js"), /import each other: a\.js,b\.js,a\.js/);
});

Deno.test("a worker gets one classic script that does what the modules do", () => {
  const script = joined(
    { ...SOURCES, "a/worker.js": 'import { sum } from "./more.js";\nself.out = sum(5);\n' },
    "a/worker.js",
  );
  equal(/^\s*(import|export)\b/m.test(script), false);
  const self = {};
  new Function("self", script)(self);
  equal(self.out, 8);
});

Deno.test("what cannot be one script is refused with the line, or the name, that stands in the way", () => {
  const worker = (text) => () => joined({ "w.js": text, "v.js": "export const v = 1;\n" }, "w.js");
  for (
    const line of [
      'import { v as w } from "./v.js";',
      'import * as v from "./v.js";',
      "export default 3;",
      "export { a };",
    ]
  ) {
    refused(worker(`${line}\n`), /cannot be part of a worker's one script because of: (?:import|export)/);
  }
});

const WIDGETS = new URL("../src/aebook/widgets/", import.meta.url);
const NAMED = /^(?:async )?(?:const|let|class|function\*?) (\w+)/gm;

/** The names that a script gives at its top level, those given twice. */
function twice(script) {
  const names = [...script.matchAll(NAMED)].map(([, name]) => name);
  return names.filter((name, at) => names.indexOf(name) !== at);
}

Deno.test("in one scope each name of ours stands for one thing", () => {
  const sources = {}, workers = ["lib/net.js"];
  for (const { name: folder } of [...Deno.readDirSync(WIDGETS)].filter((each) => each.isDirectory)) {
    for (const { name } of Deno.readDirSync(new URL(folder, WIDGETS))) {
      if (/\.js(on)?$/.test(name)) {
        sources[`${folder}/${name}`] = Deno.readTextFileSync(new URL(`${folder}/${name}`, WIDGETS));
      }
      if (name === "worker.js") workers.push(`${folder}/${name}`);
    }
  }
  for (const path of workers) equal([path, ...twice(joined(sources, path))], [path]);
  equal(twice("function a() {}\nconst b = 1;\nfunction a() {}\n"), ["a"]);
});
