/* Loads the modules of widgets from their sources, where no module can be imported from a file: in JupyterLab, and
   in pages, which are opened from the disk too. `sources` is a table of texts by their path in this folder.

   load(sources, path)           the module, as import() gives it; its relative imports become Blob URLs, JSON too
   widget(sources, name, bytes)  the widget as anywidget takes one, its functions given more than anywidget gives:
                                 language and words, weights(name), data(name), worker(path)

   An import is one statement that begins a line: import { a, b } from "./x.js"; */

export const IMPORT = /^(import|export)\b([^;"']*?)"(\.{1,2}\/[^"]+)"(?:\s*with\s*\{[^}]*\})?;\n?/gm;
const addresses = new WeakMap(); // of the modules of each table of sources

/** The module at that path, loaded once for each table. */
export const load = (sources, path) => import(addressOf(sources, path, []));

function addressOf(sources, path, above) {
  if (above.includes(path)) throw new Error(`modules that import each other: ${[...above, path]}`);
  if (!addresses.has(sources)) addresses.set(sources, new Map());
  const known = addresses.get(sources);
  if (!known.has(path)) {
    const linked = (_, word, names, lead) =>
      `${word}${names}"${addressOf(sources, leadsTo(path, lead), [...above, path])}";\n`;
    const source = sourceOf(sources, path);
    const text = path.endsWith(".json") ? `export default ${source};` : source.replace(IMPORT, linked);
    known.set(path, URL.createObjectURL(new Blob([text], { type: "text/javascript" })));
  }
  return known.get(path);
}

export function sourceOf(sources, path) {
  if (Object.hasOwn(sources, path)) return sources[path];
  throw new Error(`no module ${path}; there are ${Object.keys(sources)}`);
}

export const leadsTo = (path, lead) => new URL(lead, `file:///${path}`).pathname.slice(1);

/** A widget: its view.js with its words. `bytes(model, path)` promises those of weights/NAME or NAME/FILE. */
export async function widget(sources, name, bytes) {
  const { default: view } = await load(sources, `${name}/view.js`), tables = {};
  for (const path of Object.keys(sources)) {
    const [, language] = path.match(`^${name}/words\\.(\\w+)\\.js$`) ?? [];
    if (language) tables[language] = (await load(sources, path)).default;
  }
  const workers = Object.hasOwn(sources, "workers.js") ? await load(sources, "workers.js") : null;
  const more = (model) => {
    const language = [model.get("language"), "en", ...Object.keys(tables)].find((one) => one in tables);
    return {
      language: language ?? model.get("language"),
      words: tables[language],
      weights: (one) => bytes(model, `weights/${one}`),
      data: (one) => bytes(model, `${name}/${one}`),
      worker: (path) => workers.begin(sources, `${name}/${path}`),
    };
  };
  const initialize = (given) => view.initialize?.({ ...given, ...more(given.model) });
  const render = (given) => {
    given.el.classList.add("aebook", "aebook-widget"); // the one for the colours of lib/tokens.css
    return view.render({ ...given, ...more(given.model) });
  };
  return { initialize, render };
}
