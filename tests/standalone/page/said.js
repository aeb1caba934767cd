// Sentences with their gaps filled in.

// Checks that passed, but leave something to ask.
const DOUBTFUL = ["no-witnesses", "drand-other", "own-group", "announced-again", "no-place-yet", "audit-late", "wish-late"];

// Slips of whoever chose the files, rather than faults of whoever published them.
const SLIPS = ["other-draw", "not-logged", "zip", "large", "file-twice"];

const RECEIPT_PREFIX = "mawid-receipt";
const WISH_PREFIX = "mawid-wish";

// The sentence with its gaps filled in: a list of texts, and of {name, value} for what is filled in.
function sentence(words, facts, language) {
  const known = { prefix: RECEIPT_PREFIX, wish: WISH_PREFIX, ...facts };
  const parts = words[language === "ar" ? 1 : 0].split(/\{([a-z]+)\}/);
  return parts.map((text, i) => (i % 2 ? { name: text, value: known[text] } : text));
}

// What a check says, in words; a code's row is told as a sentence of its own.
function checkInWords({ ok, code, facts }, language) {
  const parts = sentence((ok ? RIGHT : WRONG)[code], facts, language);
  return facts.row && !ok ? [...parts, " ", ...sentence(PAGE["line-of-file"], facts, language)] : parts;
}
