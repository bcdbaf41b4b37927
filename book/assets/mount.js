/* Mounts the widgets of a page: no Jupyter kernel, no server, no network, over http and over file://.

   A widget's place is <div data-aebook-widget="explorer" data-state="{…}">, with a fallback inside; the source of
   its module is in window.aebookModules, put there by a script file, because a page opened from the disk may not
   import one. What a reader changes is kept in the address, to be sent to somebody. */
(() => {
  const modules = {};

  /** The module of that name, loaded once a page. */
  function load(name) {
    const source = new Blob([window.aebookModules[name]], { type: "text/javascript" });
    return (modules[name] ??= import(URL.createObjectURL(source)));
  }

  /** What anywidget calls a model, with its state in the page alone; "change" is the one event it has. */
  function makeModel(state, save) {
    const listeners = new Set();
    return {
      get: (name) => state[name],
      set(name, value) {
        if (state[name] === value) return;
        state[name] = value;
        for (const listener of [...listeners]) listener();
      },
      on: (event, listener) => event === "change" && listeners.add(listener),
      off: (event, listener) => listeners.delete(listener),
      save_changes: () => save(state),
    };
  }

  /** What the page's address says of the widget of that name, as far as the widget takes it. */
  function fromAddress(name, accepts) {
    const found = {};
    for (const [key, text] of new URLSearchParams(location.search)) {
      if (!key.startsWith(`${name}.`)) continue;
      const setting = key.slice(name.length + 1);
      try {
        const value = JSON.parse(text);
        if (accepts(setting, value)) found[setting] = value;
      } catch {} // mistyped
    }
    return found;
  }

  /** Puts what differs from the first state into the address; the other widgets' part stays. */
  function intoAddress(name, initial, state) {
    const query = new URLSearchParams(location.search);
    for (const key of [...query.keys()]) if (key.startsWith(`${name}.`)) query.delete(key);
    for (const [setting, value] of Object.entries(state)) {
      const follows = (state[`${setting}_kind`] ?? "typed") !== "typed"; // numbers that nobody typed
      const text = JSON.stringify(value);
      if (!follows && text !== JSON.stringify(initial[setting])) query.set(`${name}.${setting}`, text);
    }
    const written = query.toString().replace(/%2C|%5B|%5D/g, decodeURIComponent); // legible
    history.replaceState(history.state, "", `${location.pathname}${written && `?${written}`}${location.hash}`);
  }

  /** Puts the module's view in the place of the fallback, which stays where something goes wrong. */
  async function mount(place, number) {
    const module = await load(place.dataset.aebookWidget);
    const name = number ? `${place.dataset.aebookWidget}${number + 1}` : place.dataset.aebookWidget;
    const initial = { language: document.documentElement.lang, ...module.DEFAULTS, ...JSON.parse(place.dataset.state) };
    let due = 0;
    const save = (state) => {
      clearTimeout(due); // browsers allow few changes of the address a second
      due = setTimeout(() => intoAddress(name, initial, state), 300);
    };
    const model = makeModel({ ...initial }, save);
    const el = document.createElement("div");
    module.default.render({ model, el });
    const there = fromAddress(name, module.accepts);
    for (const [setting, value] of Object.entries(there)) model.set(setting, value);
    place.replaceChildren(el);
    place.dataset.ready = "yes";
  }

  const places = document.querySelectorAll("[data-aebook-widget]");
  places.forEach((place, number) =>
    mount(place, number).catch((error) => {
      place.dataset.ready = "no"; // gives back its room
      console.error(error);
    }),
  );
})();
