/* Mounts the widgets of a page: no Jupyter kernel, no server, no network, over http and over file://.

   A widget's place is <div data-aebook-widget="NAME" data-state="{…}">, with a fallback inside. It is mounted when
   it comes near the screen, and its scripts are asked for then: data-later of this script's element says which.
   The sources of modules are in window.aebookModules, and bytes that a view asks for come into window.aebookBytes:
   scripts put them there, for a page opened from the disk may not import or fetch.
   What a reader changes is kept in the address, to be sent to somebody: ?NAME.setting=JSON, of the second of that
   NAME ?NAME2.setting=JSON. */
(() => {
  const { src, dataset } = document.currentScript, later = JSON.parse(dataset.later ?? "{}");
  const widgets = {}, asked = {}, bytes = {}, mounted = new Map();
  let house = null;

  /** The modules that every page with a widget needs; loader.js imports nothing itself. */
  async function loadHouse() {
    const sources = globalThis.aebookModules;
    const loader = new Blob([sources["loader.js"]], { type: "text/javascript" });
    const { load, widget } = await import(URL.createObjectURL(loader));
    const widgetOf = (name) => (widgets[name] ??= widget(sources, name, bytesAt));
    return { ...(await load(sources, "lib/state.js")), widgetOf };
  }

  /** Loads a script that lies beside this one, once. */
  function loaded(path) {
    asked[path] ??= new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = new URL(path, src);
      script.onload = resolve;
      script.onerror = () => {
        delete asked[path]; // who asks again may have more luck
        reject(new Error(`${script.src} cannot be loaded`));
      };
      document.head.append(script);
    });
    return asked[path];
  }

  /** The bytes that the script file of that path holds, a copy for each who asks. */
  async function bytesAt(_, path) {
    await loaded(`${path}.js`);
    bytes[path] ??= Uint8Array.from(atob(globalThis.aebookBytes[path]), (letter) => letter.charCodeAt(0));
    return bytes[path].slice();
  }

  /** What anywidget calls a model, with its state in the page alone; what is sent goes nowhere. */
  function makeModel(state, save) {
    let heard = [];
    const fire = (event, ...said) => {
      for (const one of heard.filter((each) => each.event === event)) one.listener(model, ...said);
    };
    const model = {
      get: (name) => state[name],
      set(name, value) {
        if (state[name] === value) return;
        state[name] = value;
        fire(`change:${name}`, value);
        fire("change");
      },
      on(events, listener) {
        heard = [...heard, ...events.split(" ").map((event) => ({ event, listener }))];
      },
      off(events, listener) {
        const named = ({ event }) => !events || events.split(" ").includes(event);
        heard = heard.filter((one) => !(named(one) && (!listener || one.listener === listener)));
      },
      send() {},
      save_changes: () => save(state),
    };
    return model;
  }

  /** What the page's address says of the widget that goes by that name, as far as the widget takes it. */
  function fromAddress(name, accepts) {
    const found = {};
    for (const [key, text] of new URLSearchParams(location.search)) {
      if (!key.startsWith(`${name}.`)) continue;
      const setting = key.slice(name.length + 1);
      try {
        const value = JSON.parse(text);
        if (accepts(setting, value)) found[setting] = value;
      } catch {
        // mistyped
      }
    }
    return found;
  }

  /** Puts what differs from the first state into the address; the other widgets' part stays. */
  function intoAddress(name, initial, state, isKept) {
    const query = new URLSearchParams(location.search);
    for (const key of [...query.keys()]) if (key.startsWith(`${name}.`)) query.delete(key);
    for (const [setting, value] of Object.entries(state)) {
      const text = JSON.stringify(value);
      if (isKept(setting) && text !== JSON.stringify(initial[setting])) query.set(`${name}.${setting}`, text);
    }
    const written = query.toString().replace(/%2C|%5B|%5D/g, decodeURIComponent); // legible
    history.replaceState(history.state, "", `${location.pathname}${written && `?${written}`}${location.hash}`);
  }

  /** Puts the widget's view in the place of the fallback, which stays where something goes wrong. */
  async function mount(place, name) {
    const kind = place.dataset.aebookWidget;
    await Promise.all((later[kind] ?? []).map(loaded));
    house ??= loadHouse();
    const spec = JSON.parse(globalThis.aebookModules[`${kind}/spec.json`]);
    const { defaultsOf, isKept, takes, widgetOf } = await house, widget = await widgetOf(kind);
    const language = document.documentElement.lang;
    const initial = { language, ...defaultsOf(spec), ...JSON.parse(place.dataset.state) };
    let due = 0;
    const save = (state) => {
      clearTimeout(due); // browsers allow few changes of the address a second
      due = setTimeout(() => intoAddress(name, initial, state, (setting) => isKept(spec, setting, state)), 300);
    };
    const model = makeModel({ ...initial }, save), ends = new AbortController();
    const given = { model, signal: ends.signal }, el = document.createElement("div");
    const cleanups = [await widget.initialize(given), await widget.render({ ...given, el })];
    mounted.set(place, () => {
      ends.abort();
      for (const cleanup of cleanups) if (typeof cleanup === "function") cleanup();
    });
    const there = fromAddress(name, (setting, value) => takes(spec, setting, value));
    for (const [setting, value] of Object.entries(there)) model.set(setting, value);
    place.replaceChildren(el);
    place.dataset.ready = "yes";
  }

  const waiting = new Map(), counts = {};
  for (const place of document.querySelectorAll("[data-aebook-widget]")) {
    const kind = place.dataset.aebookWidget, number = (counts[kind] = (counts[kind] ?? 0) + 1);
    waiting.set(place, number > 1 ? `${kind}${number}` : kind);
  }

  function begin(place) {
    const name = waiting.get(place);
    if (!name) return; // it has begun
    waiting.delete(place);
    mount(place, name).catch((error) => {
      place.dataset.ready = "no"; // gives back its room
      console.error(error);
    });
  }

  const beginAll = () => [...waiting.keys()].forEach(begin);

  /** Mounts each place once it is less than a screen away; where no one tells how far it is, at once. */
  function mountWhenNear() {
    if (!globalThis.IntersectionObserver) return beginAll();
    const near = (entries) => {
      for (const { target, isIntersecting } of entries) {
        if (!isIntersecting) continue;
        observer.unobserve(target);
        begin(target);
      }
    };
    const observer = new IntersectionObserver(near, { rootMargin: "100% 0%" });
    for (const place of waiting.keys()) observer.observe(place);
  }

  /** Ends the view of a place that is taken out of the page. */
  function endWhenGone() {
    for (const [place, end] of mounted) {
      if (place.isConnected) continue;
      mounted.delete(place);
      end();
    }
  }
  // What changes within a view is nobody's business here, and watching it would slow each of its drawings.
  const watch = new MutationObserver(endWhenGone);
  for (const place of waiting.keys()) {
    for (let above = place.parentElement; above; above = above.parentElement) {
      watch.observe(above, { childList: true });
    }
  }
  mountWhenNear();
  addEventListener("beforeprint", beginAll); // on paper nothing comes near
})();
