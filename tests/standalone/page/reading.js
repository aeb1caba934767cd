// Read JSON and tables in their one spelling: whatever could be read in two ways is refused.

const MOST = 2n ** 63n - 1n;
const DEEPEST = 32;
const TOKEN = /[[\]{},:]|"(?:[^"\\\u0000-\u001f]|\\.)*"|(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|[a-z]+/y;

class Fraction {
  // A decimal fraction, in the shortest form that reads back; it stands in report.json alone.
  constructor(text, facts) {
    this.text = text;
    const number = Number(text);
    const [digits, power] = number.toExponential().split("e");
    let shortest = String(number).includes(".") ? String(number) : `${number}.0`;
    if (power < -4 || power > 15) {
      shortest = `${digits}e${power[0]}${power.slice(1).padStart(2, "0")}`;
    }
    need(text === (number === 0 ? "0.0" : shortest), "spelling", facts);
  }
}

// Objects come without a prototype; integers as numbers, or as BigInt where a number would not hold them.
function readJson(text, facts) {
  let at = 0;
  const bad = () => new Wrong("json", facts);

  function token() {
    while (" \n\r\t".includes(text[at] || "x")) at++;
    TOKEN.lastIndex = at;
    const found = TOKEN.exec(text);
    if (!found) throw bad();
    at = TOKEN.lastIndex;
    return found[0];
  }

  function string(word) {
    if (word[0] !== '"') throw bad();
    let value;
    try {
      value = JSON.parse(word);
    } catch (error) {
      throw bad();
    }
    if (/[\ud800-\udfff]/u.test(value)) throw bad(); // half of a character
    return value;
  }

  function object(depth) {
    const value = Object.create(null);
    let word = token();
    if (word === "}") return value;
    for (;;) {
      const key = string(word);
      need(!(key in value), "key-twice", facts);
      if (token() !== ":") throw bad();
      value[key] = any(token(), depth);
      word = token();
      if (word === "}") return value;
      if (word !== ",") throw bad();
      word = token();
    }
  }

  function array(depth) {
    const value = [];
    let word = token();
    if (word === "]") return value;
    for (;;) {
      value.push(any(word, depth));
      word = token();
      if (word === "]") return value;
      if (word !== ",") throw bad();
      word = token();
    }
  }

  function any(word, depth) {
    if (depth > DEEPEST) throw bad();
    if (word === "{") return object(depth + 1);
    if (word === "[") return array(depth + 1);
    if (word === "true" || word === "false") return word === "true";
    if (word === "null") return null;
    if (word[0] === '"') return string(word);
    if (!/^[0-9]/.test(word)) throw bad();
    if (/[.eE]/.test(word)) return new Fraction(word, facts);
    need(word.length < 20 && BigInt(word) <= MOST, "number", facts);
    return Number.isSafeInteger(Number(word)) ? Number(word) : BigInt(word);
  }

  const value = any(token(), 0);
  need(/^[ \n\r\t]*$/.test(text.slice(at)), "json", facts);
  return value;
}

function byCodePoint(a, b) {
  if (!/[\ud800-\udfff]/.test(a + b)) return a < b ? -1 : Number(a > b);
  const [one, other] = [Array.from(a), Array.from(b)];
  for (let i = 0; i < Math.min(one.length, other.length); i++) {
    if (one[i] !== other[i]) return one[i].codePointAt(0) - other[i].codePointAt(0);
  }
  return one.length - other.length;
}

// Write JSON in the one way: keys sorted, nothing escaped that need not be; indented by one space, or without blanks.
function writeJson(value, indent = null) {
  if (value instanceof Fraction) return value.text;
  if (typeof value === "bigint") return `${value}`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  const deeper = indent === null ? null : indent + 1;
  const parts = Array.isArray(value)
    ? value.map((each) => writeJson(each, deeper))
    : Object.keys(value)
        .sort(byCodePoint)
        .map((key) => JSON.stringify(key) + (indent === null ? ":" : ": ") + writeJson(value[key], deeper));
  const [open, close] = Array.isArray(value) ? "[]" : "{}";
  if (!parts.length || indent === null) return open + parts.join(",") + close;
  const feed = `\n${" ".repeat(deeper)}`;
  return open + feed + parts.join(`,${feed}`) + `\n${" ".repeat(indent)}` + close;
}

const exact = (value) => utf8(writeJson(value));

// Shapes: what a value may be. Each is a function that throws, or does not; `where` names the value.
const shape = {
  whole: (low = 0, high = MOST) => (value, facts) =>
    need((typeof value === "number" || typeof value === "bigint") && low <= value && value <= high, "value", facts),
  text: (pattern) => (value, facts) => need(typeof value === "string" && pattern.test(value), "value", facts),
  one: (...allowed) => (value, facts) => need(allowed.includes(value), "value", facts),
  orNull: (inner) => (value, facts) => value === null || inner(value, facts),
  list: (inner, least = 0, most = Infinity) => (value, facts) => {
    need(Array.isArray(value) && least <= value.length && value.length <= most, "value", facts);
    value.forEach((each, i) => inner(each, { ...facts, key: `${facts.key}[${i}]` }));
  },
  each: (name, inner) => (value, facts) => {
    need(isObject(value), "value", facts);
    for (const key of Object.keys(value)) {
      name(key, facts);
      inner(value[key], { ...facts, key: `${facts.key}.${key}` });
    }
  },
  // A key that ends in a question mark may be missing.
  object: (parts) => (value, facts) => {
    need(isObject(value), "value", facts);
    const under = (key) => ({ ...facts, key: facts.key ? `${facts.key}.${key}` : key });
    for (const name of Object.keys(parts)) {
      const key = name.replace("?", "");
      need(key in value || name !== key, "key-missing", under(key));
      if (key in value) parts[name](value[key], under(key));
    }
    const known = Object.keys(parts).map((name) => name.replace("?", ""));
    for (const key of Object.keys(value)) need(known.includes(key), "key-unknown", under(key.slice(0, 40)));
  },
  anything: () => {},
};
const isObject = (value) => value !== null && typeof value === "object" && !Array.isArray(value) && !isFraction(value);
const isFraction = (value) => value instanceof Fraction;

const HASH = shape.text(/^[0-9a-f]{64}$/);
const HALF = shape.text(/^[0-9a-f]{32}$/);
const CODE = shape.text(/^[A-Za-z0-9][A-Za-z0-9._-]{0,59}$/);
const COUNT = shape.whole();

function DAY(value, facts) {
  need(typeof value === "string" && /^[2-9][0-9]{3}-[0-9]{2}-[0-9]{2}$/.test(value), "value", facts);
  const day = new Date(`${value}T00:00:00Z`);
  need(!Number.isNaN(day.getTime()) && day.toISOString().slice(0, 10) === value, "value", facts);
}

function INSTANT(value, facts) {
  const parts = typeof value === "string" && /^(.{10})T(..):(..):(..)(\.[0-9]{6})?\+00:00$/.exec(value);
  need(parts, "value", facts);
  DAY(parts[1], facts);
  const within = (text, most) => /^[0-9]{2}$/.test(text) && Number(text) <= most;
  need(within(parts[2], 23) && within(parts[3], 59) && within(parts[4], 59), "value", facts);
  need(parts[5] !== ".000000", "value", facts);
}

// The last whole second that is not after an instant, and the first that is not before it.
// Instants in their one spelling compare as texts do.
const secondBefore = (instant) => Date.parse(`${instant.slice(0, 19)}Z`) / 1000;
const secondOf = (instant) => secondBefore(instant) + (instant.length > 25 ? 1 : 0);

// Read a file that is one JSON object: in one line, or indented where `indent` is 0.
function readObject(bytes, file, what, indent = null) {
  const facts = { file, key: "" };
  const text = textOf(bytes, facts);
  const value = readJson(text, facts);
  need(isObject(value), "json", facts);
  what(value, facts);
  need(`${writeJson(value, indent)}\n` === text, "spelling", facts);
  return value;
}

// Read a table whose fields are never quoted; a column's reader returns its value. The first column counts from 0.
async function readTable(bytes, file, columns, pause) {
  const names = Object.keys(columns);
  const rows = [];
  const lines = textOf(bytes, { file }).split("\n");
  need(lines[0] === names.join(","), "columns", { file });
  need(lines.length > 1 && lines[lines.length - 1] === "", "cut", { file });
  for (let number = 0; number < lines.length - 2; number++) {
    if (number % 4096 === 0) await pause();
    const facts = { file, row: number + 2 };
    const fields = lines[number + 1].split(",");
    need(fields.length === names.length, "columns", facts);
    const row = {};
    names.forEach((name, i) => {
      row[name] = columns[name](fields[i], { ...facts, key: name });
    });
    need(row[names[0]] === number, "order", facts);
    rows.push(row);
  }
  return rows;
}

const field = {
  whole: (most = MOST) => (text, facts) => {
    need(/^(?:0|[1-9][0-9]{0,18})$/.test(text) && BigInt(text) <= most, "value", facts);
    return Number.isSafeInteger(Number(text)) ? Number(text) : BigInt(text);
  },
  wholes: (text, facts) => text.split(" ").map((each) => field.whole()(each, facts)),
  is: (what) => (text, facts) => {
    what(text, facts);
    return text;
  },
  orNull: (what) => (text, facts) => (text === "" ? null : field.is(what)(text, facts)),
};
