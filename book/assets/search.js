/* Finds words in the text of the book (search-texts.js), over http and over file://, as they are typed.

   No dictionary, but these rules:
   - A word is looked for as typed and without its ending (손실은: 손실), and whatever follows it in the text is fine
     (손실: 손실이; 합성: 합성곱). Whole words, with an ending or without, count more than the beginning of a longer
     one, and that more than its inside. One syllable, one or two letters, or a number must be a whole word.
   - After two syllables a space in the text makes no difference (전치합성곱: 전치 합성곱), and words side by side
     in the query may be one in the text (전치 합성곱: 전치합성곱; output padding: output_padding).
   - What looks or means alike is alike: full width and half (２８: 28), É and e, ² and 2; × and x between or beside
     digits, with spaces or without (28x28: 28 × 28), on either side of one number (2x: ×2).
   - Headings count more than text, rare words more than frequent ones. A page is shown if more than half as many
     of the query's words are found on it as on any; the pages in the reader's language come first. */
import { h } from "../../src/aebook/widgets/lib/dom.js";

(() => {
  const ENDINGS = (
    "은 는 이 가 을 를 의 도 만 와 과 로 으로 에 에서 에게 부터 까지 보다 처럼 마다 들 나 이나 란 이란 라는 이라는 에는 " +
    "에도 에서는 에서도 에서의 에게는 로는 로도 로부터 으로는 으로도 으로부터 와는 과는 와의 과의 까지는 부터는 들은 들이 들을 들의 " +
    "이다 이고 이며 이면 인 입니다 인가요 일까요 하다 하는 하고 하며 하면 하여 해 한 할 하기 합니다 했습니다 되다 되는 되고 되면 된 될 됩니다"
  ).replaceAll(" ", "|");
  const KOREAN_ENDING = new RegExp(`(?:${ENDINGS})$`);
  const ENGLISH_STEM = /^(?:(.+(?:s|x|ch|sh))es|(.{2,}[^su])s|(.{4,})(?:ed|ing))$/;
  const LETTER = "(?:(?!\\p{Script=Hangul})[\\p{L}\\p{N}])"; // or a digit, and not in Hangul
  const PARTICLE_OF_LATIN = new RegExp(`([a-z\\d])(?:${ENDINGS})(?![가-힣])`, "g");
  const KOREAN_REST = `(?<=[가-힣])(?:${ENDINGS})?(?![가-힣])`;
  const REST_OF_WORD = new RegExp(`${KOREAN_REST}|(?<=${LETTER})(?:e?s|e?d|ing)?(?!${LETTER})`, "uy");
  const INSIDE_WORD = new RegExp(`[가-힣]{2}|${LETTER}{2}`, "u");
  const WORD = new RegExp(`[가-힣]+|${LETTER}+`, "gu");
  const TIMES = "×✕✖⨯";
  const TIMES_DIGIT = new RegExp(`(?<=\\d) *[${TIMES}] *|[${TIMES}] *(?=\\d)`, "g");
  const LONGEST_QUERY = 20_000; // characters; what is beyond them is not looked at
  const LONGEST_ADDRESS = 2000; // a longer query is not kept in it
  const LONGEST_WORD = 100; // the book has no longer one, and a pattern of thousands is too much for a browser
  const MOST_WORDS = 30;
  const SHOWN = 3; // places of a page; the others are folded

  const root = document.documentElement;
  const { elements: [field], dataset: say } = document.querySelector(".search-form");
  const pages = globalThis.aebookTexts;
  const plainTexts = new Map();
  for (const { sections } of pages) sections[0].title = true;
  const sections = pages.flatMap((page) => page.sections);
  const byScore = (a, b) => b.score - a.score;

  /** One character as it is compared: small, of half width, without its accents. */
  const plainCharacter = (character) => character.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

  /** Every character as it is compared, but for the letters and signs that are so already. */
  const plainly = (text, plain) => text.replace(/[A-Z]|[^\p{ASCII}가-힣]/gu, plain);

  /** The same in its place: a sign of times is an x; none has another length (aebook_search.py leaves none). */
  function plainInPlace(character) {
    const plain = TIMES.includes(character) ? "x" : plainCharacter(character);
    return plain.length === character.length ? plain : character;
  }

  /** A text as it is compared, made once for each. */
  function plainText(text) {
    if (!plainTexts.has(text)) plainTexts.set(text, plainly(text, plainInPlace));
    return plainTexts.get(text);
  }

  const everything = plainText(sections.map(({ heading, text }) => `${heading} ${text}`).join(" "));

  /** A query as it is compared; a sign of times that no digit stands beside says nothing. */
  function plainQuery(query) {
    const whole = query.slice(0, LONGEST_QUERY).normalize("NFKC").replace(/\p{Cf}/gu, "");
    const times = whole.replace(TIMES_DIGIT, "x").replace(new RegExp(`[${TIMES}]`, "g"), " ");
    const plain = plainly(times, plainCharacter).replace(/(\d) *x *(?=\d)/g, "$1x");
    return plain.replace(PARTICLE_OF_LATIN, "$1 ");
  }

  /** A pattern for the word as typed and without its ending (길이 is hardly 길 with its particle, but 길은 is). */
  function patternOf(word) {
    if (word.length > LONGEST_WORD) return "(?!)"; // never found
    const factor = word.match(/^(?:(\d+)x|x(\d+))$/)?.slice(1).find(Boolean);
    if (factor) return `(?:${factor} ?x|x ?${factor})`;
    const korean = word.replace(KOREAN_ENDING, "");
    const stem = korean === word ? word.match(ENGLISH_STEM)?.slice(1).find(Boolean) : korean;
    const sure = stem?.length > 1 || /[은는을를]$/.test(word) || !everything.includes(word);
    const forms = stem && sure ? [word, stem] : [word];
    const spaced = (form) => form.slice(0, 2) + form.slice(2).replace(/[가-힣]/g, " ?$&");
    return `(?:${forms.map(spaced).join("|")})`.replace(/(?<=\d)x(?=\d)/g, " ?x ?");
  }

  /** What to look for: each word of the query and, where there are several, all of them in a row. */
  function termsOf(query) {
    const patterns = [...new Set(plainQuery(query).match(WORD))].slice(0, MOST_WORDS).map(patternOf);
    const words = patterns.map((source) => ({ pattern: new RegExp(source, "gu"), weight: 1, isWord: true }));
    const row = { pattern: new RegExp(patterns.join("[^\\p{L}\\p{N}]*"), "gu"), weight: words.length };
    return words.length > 1 ? [row, ...words] : words;
  }

  /** Where the term stands in a text, and how well: a whole word (4), at the beginning of one (2), inside (1). */
  function hitsOf({ pattern, weight }, shown) {
    const text = plainText(shown);
    const hits = [...text.matchAll(pattern)].map(({ 0: found, index: start }) => {
      const end = start + found.length;
      REST_OF_WORD.lastIndex = end;
      const inside = start > 0 && INSIDE_WORD.test(text.slice(start - 1, start + 1));
      const grade = inside ? 1 : REST_OF_WORD.test(text) ? 4 : 2;
      const short = grade < 4 && /^(?:.|[a-z]{2}|x? ?\d+ ?x?)$/u.test(found);
      return { start, end, worth: short || TIMES.includes(shown.slice(start, end)) ? 0 : weight * grade };
    });
    return hits.filter(({ worth }) => worth);
  }

  /** How well the term is found in a section: by the best hit, and a little by the number of hits. */
  function worthIn({ heading, text, title }, term) {
    const [inText, inHeading] = [text, heading].map((part) => hitsOf(term, part).map(({ worth }) => worth));
    const sum = (worths) => worths.length && Math.max(...worths) * (1 + Math.log2(worths.length) / 4);
    return sum(inText) + (title ? 8 : 4) * sum(inHeading);
  }

  /** The page with its places, best first; each of them counts half as much as the one before. */
  function rated(page, terms) {
    const sum = (section) =>
      terms.reduce((all, { worths, rarity }) => all + rarity * (worths.get(section) ?? 0), 0);
    const all = page.sections.map((section) => ({ ...section, score: sum(section) }));
    const places = all.filter(({ score }) => score).sort(byScore);
    const holds = ({ worths }) => page.sections.some((section) => worths.has(section));
    const words = terms.filter((term) => term.isWord && (holds(term) || holds(terms[0]))); // all, where the row is
    const score = places.reduceRight((rest, place) => place.score + rest / 2, 0);
    return { ...page, places, score, found: words.length, own: page.language === root.lang };
  }

  /** The pages on which more than half as many of the words are found as on any, best first. */
  function find(terms) {
    for (const term of terms) {
      term.worths = new Map(
        sections.map((section) => [section, worthIn(section, term)]).filter(([, worth]) => worth),
      );
      term.rarity = Math.log(1 + sections.length / (term.worths.size || 1));
      term.weight *= term.rarity;
    }
    const results = pages.map((page) => rated(page, terms));
    const enough = Math.max(...results.map(({ found }) => found)) / 2;
    return results.filter(({ found }) => found > enough).sort((a, b) => b.own - a.own || byScore(a, b));
  }

  /** The text from one place to another, with what is found in it marked. */
  function marked(text, terms, from = 0, to = text.length) {
    const hits = terms.flatMap((term) => hitsOf(term, text)).sort((a, b) => a.start - b.start);
    const parts = [];
    for (const { start, end } of hits) {
      if (start < from || end > to) continue;
      parts.push(text.slice(from, start), h("mark", {}, text.slice(start, end)));
      from = end;
    }
    return [...parts, text.slice(from, to)];
  }

  /** The part of the text around its best hit, between spaces. */
  function excerpt(text, terms) {
    const at = terms.flatMap((term) => hitsOf(term, text)).sort((a, b) => b.worth - a.worth)[0]?.start ?? 0;
    const from = at > 50 ? text.lastIndexOf(" ", at - 40) + 1 : 0;
    const space = text.indexOf(" ", at + 110);
    const to = space < 0 ? text.length : space;
    return [from > 0 ? "… " : "", ...marked(text, terms, from, to), to < text.length ? " …" : ""];
  }

  /** One page of the results: its title, and its best places with what they say. */
  function resultOf({ page, language, own, sections, places }, terms) {
    const address = `${root.dataset.content_root}${page}.html`;
    const link = (href, text) => h("a", { href }, ...marked(text, terms));
    const items = places.map(({ title, anchor, heading, text }) => {
      const said = h("p", {}, ...excerpt(text, terms));
      return h("li", {}, ...(title ? [] : [link(`${address}#${anchor}`, heading)]), said);
    });
    const badge = h("span", { class: "badge", hidden: own }, say[language]);
    const more = h("summary", { lang: root.lang }, say.more.replace("{n}", items.length - SHOWN));
    const folded = h("details", { hidden: items.length <= SHOWN }, more, h("ul", {}, ...items.slice(SHOWN)));
    const heading = h("h2", {}, link(address, sections[0].heading), " ", badge);
    return h("li", { lang: language }, heading, h("ul", {}, ...items.slice(0, SHOWN)), folded);
  }

  /** Shows what is found of what stands in the field, and keeps that in the address. */
  function show() {
    const terms = termsOf(field.value);
    const results = find(terms);
    const said = say[{ 0: "none", 1: "one" }[results.length] ?? "many"].replace("{n}", results.length);
    const without = field.value ? say.wordless : "";
    document.querySelector(".search-status").textContent = terms.length ? said : without;
    document.querySelector(".search-results").replaceChildren(...results.map((result) => resultOf(result, terms)));
    const keeps = field.value && field.value.length <= LONGEST_ADDRESS;
    history.replaceState(
      null,
      "",
      location.pathname + (keeps ? `?${new URLSearchParams({ q: field.value })}` : ""),
    );
  }

  field.value = new URLSearchParams(location.search).get("q") ?? "";
  if (!field.value) field.focus();
  field.addEventListener("input", show);
  show();
})();
