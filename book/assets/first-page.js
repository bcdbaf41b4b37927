/* Follows the browser's language, once: whoever comes back to the first page comes to choose. Where the browser
   keeps nothing, so that once could not be told from always, it does not follow. */
(() => {
  try {
    if (localStorage.followed) return;
    localStorage.followed = "yes";
  } catch {
    return;
  }
  const links = new Map(
    [...document.querySelectorAll("article [lang]")].map((one) => [one.lang, one.querySelector("a")]),
  );
  const language = navigator.languages.map((tag) => tag.split("-")[0]).find((code) => links.has(code));
  if (language) location.replace(`${links.get(language).href}#browser-language`);
})();
