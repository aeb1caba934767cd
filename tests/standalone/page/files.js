// What each file of ring 1 may hold. What contradicts itself is refused here; what is wrong, in checks.js.

const SMALL = 65536;
const LARGEST = {
  "announcement.json": SMALL,
  "announcement.tlog-proof": SMALL,
  "statement.json": SMALL,
  "statement.tlog-proof": SMALL,
  "result.json": SMALL,
  "result.tlog-proof": SMALL,
  "beacon.json": SMALL,
  "seed.txt": 1024,
  "line.csv": 2 ** 29,
  "turns.csv": 2 ** 29,
  "bins.csv": 2 ** 25,
  "report.json": 2 ** 24,
  "certificate.json": 2 ** 24,
};
// What comes later is checked where it is there.
const LATER = { "audit.json": SMALL };
const KNOWN = { ...LARGEST, ...LATER };
const LARGEST_RECEIPT = 2 ** 20;
const MOST_UNITS = 32767;
const DAY_SECONDS = 86400;

// The network of drand that this page knows: quicknet. Any other key is only the word of whoever announced it.
const QUICKNET = {
  chain: "52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971",
  key:
    "83cf0f2896adee7eb8b5f01fcad3912212c437e0073e911fb90022d3e760183c8c4b450b6a0a6c3ac6a5776a2d106451" +
    "0d1fec758c921cc22b0e17e63aaf4bcb5ed66304de9cf809bd274ca73bab4af5a6e9c76a4bc09e76eae8991ef5ece45a",
  genesis: 1692803367,
  period: 3,
};

// Blanks by their numbers, since languages disagree on which characters those are.
const BLANKS = "\\u0009-\\u000d\\u001c-\\u0020\\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";
const SENTENCE = shape.text(/^[^\u0000-\u001f\u007f]{1,200}$/u);
const VKEY = shape.text(new RegExp(`^[^${BLANKS}+]+\\+[0-9a-f]{8}\\+[A-Za-z0-9+/]{44}$`, "u"));
const NAME = shape.text(new RegExp(`^[^\\u0000-\\u0020\\u007f+${BLANKS}]{1,64}$`, "u"));
const MOST_ROWS = 2 ** 31 - 1;
const VERSION = shape.whole(1);
const ROWS = shape.whole(0, MOST_ROWS);
const SIGNATURE = shape.text(/^[0-9a-f]{96}$/);
const POINT = shape.text(/^[0-9a-f]{192}$/);
const TREE = shape.object({ number: ROWS, root: HASH, sha256: HASH });
const VERSIONS = shape.object({ mawid: CODE, numpy: CODE, ortools: CODE, python: CODE });
const MECHANISM = shape.one("exchange", "in-line-order");
const PRIORITY = shape.whole(0, MOST_UNITS);

const DRAND = shape.object({
  kind: shape.one("drand"),
  chain: HASH,
  key: POINT,
  genesis: shape.whole(0, 2 ** 33),
  period: shape.whole(1, DAY_SECONDS),
  round: shape.whole(1, Number.MAX_SAFE_INTEGER),
});
const WITNESSES = shape.object({
  kind: shape.one("witnesses"),
  key: POINT,
  need: shape.whole(1, 32),
  of: shape.list(NAME, 1, 32),
});
const BEACON = (value, facts) => (isObject(value) && value.kind === "drand" ? DRAND : WITNESSES)(value, facts);

const PROMISED = {
  reference: CODE,
  opens_at: INSTANT,
  closes_at: INSTANT,
  horizon_first: DAY,
  horizon_last: DAY,
  confirm_seconds: shape.whole(1),
  seed_commitment: HASH,
  beacon: BEACON,
};
const ANNOUNCEMENT = shape.object({
  ...PROMISED,
  type: shape.one("announcement"),
  at: INSTANT,
  log: VKEY,
  witnesses: shape.list(VKEY, 0, 4096),
  need: COUNT,
  again: shape.orNull(shape.object({ of: CODE, reason: SENTENCE })),
});
const UNITS = (key, facts) => need(/^[1-9][0-9]{0,4}$/.test(key) && Number(key) <= MOST_UNITS, "key-unknown", facts);
// The first format whose wishes may name more services of the visit, and whose certificate prices by size, of so many.
const NEWEST = "mawid-draw-5";
const MOST_SIZES = 32;
const STATEMENT = shape.object({
  ...PROMISED,
  type: shape.one("statement"),
  format: shape.one("mawid-draw-2", "mawid-draw-3", "mawid-draw-4", NEWEST),
  closed_at: INSTANT,
  announcement: shape.object({ index: COUNT, sha256: HASH }),
  receipts: shape.object({ size: COUNT, root: HASH }),
  requests: TREE,
  turns: TREE,
  bins: shape.object({ number: ROWS, places: COUNT, sha256: HASH }),
  mechanism: MECHANISM,
  compensation_rule: shape.one("even", "policy"),
  compensation: shape.each(UNITS, shape.whole(1000, MOST_UNITS)),
  solver_seconds: shape.whole(1, 3600),
  quota: shape.object({ version: shape.orNull(VERSION), sha256: shape.orNull(HASH) }),
  rules: shape.orNull(shape.object({ version: VERSION, sha256: HASH })),
  "model?": shape.orNull(shape.object({ version: VERSION, sha256: HASH })),
  versions: VERSIONS,
});
const hashes = (...names) => shape.object(Object.fromEntries(names.map((name) => [name, HASH])));
const RESULT = shape.object({
  type: shape.one("result"),
  at: INSTANT,
  reference: CODE,
  statement: HASH,
  beacon: shape.object({ signature: SIGNATURE, value: HASH }),
  seed: HASH,
  places_root: HASH,
  files: hashes("line.csv", "turns.csv", "bins.csv", "report.json", "certificate.json", "beacon.json",
    "requests.jsonl.gz", "turns.jsonl.gz", "plan.csv"),
  served_requests: ROWS,
  served_people: COUNT,
  audit: shape.orNull(shape.object({ round: shape.whole(1) })),
});
const VALUE = {
  kind: shape.one("drand", "witnesses"),
  reference: CODE,
  round: shape.orNull(shape.whole(1)),
  signature: SIGNATURE,
  value: HASH,
};
const BEACON_FILE = shape.object(VALUE);
const AUDIT_FILE = shape.object({ ...VALUE, result: HASH });

const FIGURES = ["reference", "mechanism", "status", "objective", "bound", "gap", "gap_people", "asked_requests",
  "asked_people", "served_requests", "served_people", "first_choice", "first_choice_share", "places", "used",
  "half_served_by", "deadlines", "groups", "together?"];
const REPORT = shape.object({
  ...Object.fromEntries(FIGURES.map((name) => [name, shape.anything])),
  format: shape.one("mawid-report-2"),
});
const STATED = {
  mechanism: shape.one("exchange", "in-line-order", "first-come"),
  status: shape.one("optimal", "bounded", "baseline"),
  objective: COUNT,
  bound: COUNT,
};
const PRICES = shape.object({ type: shape.one("<i8"), rows: COUNT, data: shape.text(/^[A-Za-z0-9+/=]*$/) });
const CERTIFICATE = shape.object({
  certificate: shape.object({
    ...STATED,
    format: shape.one("mawid-certificate-3"),
    plan_bound: COUNT,
    versions: VERSIONS,
    columns: shape.object({ prices: PRICES, "by_size?": PRICES }),
  }),
  plan: shape.object({ ...STATED, served_requests: COUNT, served_people: COUNT, served_units: COUNT }),
  files: hashes("statement.json", "line.csv", "turns.csv", "bins.csv", "plan.csv", "requests.jsonl.gz",
    "turns.jsonl.gz", "report.json"),
  sha256: HASH,
});

const LINE = {
  leaf: field.whole(),
  person: field.is(HALF),
  priority: field.whole(MOST_UNITS),
  receipt: field.is(HASH),
  before: field.orNull(HASH),
  position: field.whole(),
  served: field.is(shape.one("0", "1")),
};
const TURNS = {
  row: field.whole(),
  receipt: field.is(HASH),
  priority: field.whole(MOST_UNITS),
  reason: field.is(shape.one("under-review", "register", "displaced", "unlogged", "before-format-2")),
  before: field.orNull(HASH),
};
const BINS = {
  bin: field.whole(),
  office: field.is(CODE),
  accessible: field.is(shape.one("0", "1")),
  day: field.is(DAY),
  band: field.is(CODE),
  pool: field.is(shape.one("draw", "accessible")),
  starts_at: field.is(INSTANT),
  slots: field.wholes,
  free: field.wholes,
};

const WISH = {
  service: CODE,
  party: shape.whole(1, 127),
  units: shape.whole(1, MOST_UNITS),
  offices: shape.list(CODE, 1, 128),
  first_day: DAY,
  last_day: shape.orNull(DAY),
  weekdays: shape.whole(0, 127),
  bands: shape.list(CODE),
  needed_by: shape.orNull(DAY),
  accessible: shape.one(true, false),
  door: shape.one("home", "abroad"),
  "also?": shape.list(CODE, 1, 128),
  "windows?": shape.each(CODE, shape.list(DAY, 2, 2)),
  "holds?": shape.list(DAY, 2, 2),
  "together?": HALF,
};
const RECEIPT = shape.object({
  format: shape.one("mawid-receipt-2"),
  draw: CODE,
  leaf: COUNT,
  base: HALF,
  wish: shape.object(WISH),
  link: shape.orNull(shape.object({ draw: CODE, list: shape.one("line", "turns"), row: COUNT })),
  logged: COUNT,
  log_proof: shape.orNull(shape.text(/^/)),
  place: shape.orNull(
    shape.object({
      bin: shape.orNull(COUNT),
      first_slot: shape.orNull(COUNT),
      units: shape.list(shape.whole(1, MOST_UNITS)),
      siblings: shape.list(HASH, 0, 63),
    }),
  ),
});

// Times and days of an announcement or a statement have to follow each other.
function checkTimes(said, file) {
  const days = (Date.parse(said.horizon_last) - Date.parse(said.horizon_first)) / 1000 / DAY_SECONDS;
  const right = said.opens_at < said.closes_at && said.closes_at.slice(0, 10) <= said.horizon_first;
  need(right && days >= 0 && days <= 366, "times", { file });
}

// Bins do not contradict each other: above all no slot of one pool stands in two of them.
function checkBins(bins, statement) {
  const file = "bins.csv";
  const seen = { slots: new Set(), places: new Map(), offices: new Map(), begins: new Map() };
  const earliest = secondOf(statement.closed_at) + DAY_SECONDS;
  const same = (map, key, value, row) => {
    if (!map.has(key)) map.set(key, value);
    need(map.get(key) === value, "bin", { file, row });
  };
  const turns = bins.map((each) => [each.office, each.day, each.starts_at, each.pool].join(" "));
  let places = 0;
  bins.forEach((each, number) => {
    const row = number + 2;
    const starts = secondOf(each.starts_at);
    const into = starts - secondOf(`${each.day}T00:00:00+00:00`);
    need(number === 0 || rises(bins[number - 1], each), "order", { file, row });
    need(each.starts_at.endsWith(":00+00:00") && into >= -14 * 3600 && into < 36 * 3600, "bin", { file, row });
    need(statement.horizon_first <= each.day && each.day <= statement.horizon_last, "bin", { file, row });
    need(starts >= earliest && each.slots.length === each.free.length, "bin", { file, row });
    need(each.free.every((units) => units > 0 && units < 2 ** 31), "bin", { file, row });
    const free = each.free.reduce((sum, units) => sum + units, 0);
    need(free < 2 ** 31, "bin", { file, row });
    places += free;
    same(seen.offices, each.office, each.accessible, row);
    same(seen.begins, `${each.office} ${each.starts_at}`, each.slots[0], row);
    for (const slot of each.slots) {
      need(!seen.slots.has(`${each.pool} ${slot}`), "slot-twice", { file, row, slot: `${slot}` });
      seen.slots.add(`${each.pool} ${slot}`);
      same(seen.places, slot, [each.office, each.day, each.band].join(" "), row);
    }
  });
  checkSlots(bins, same);
  need(turns.length === statement.bins.number && places === statement.bins.places, "number", { file });
}

function rises(one, other) {
  for (const key of ["office", "day", "starts_at", "pool"]) {
    if (one[key] !== other[key]) return one[key] < other[key];
  }
  return false;
}

// The bins of both pools tell alike when a slot begins, and which one follows it.
function checkSlots(bins, same) {
  const [begins, after, ahead] = [new Map(), new Map(), new Map()];
  bins.forEach(({ slots, starts_at: starts }, number) => {
    same(begins, slots[0], starts, number + 2);
    for (let i = 1; i < slots.length; i++) {
      same(after, slots[i - 1], slots[i], number + 2);
      same(ahead, slots[i], slots[i - 1], number + 2);
    }
  });
  bins.forEach(({ slots }, number) => {
    const known = slots.filter((slot) => begins.has(slot)).map((slot) => begins.get(slot));
    need(known.every((begin, i) => i === 0 || known[i - 1] < begin), "bin", { file: "bins.csv", row: number + 2 });
  });
}

function readPrices(certificate, statement) {
  const bins = statement.bins.number;
  for (const [key, { rows, data }] of Object.entries(certificate.certificate.columns)) {
    const facts = { file: "certificate.json", key };
    need(key === "prices" || statement.format === NEWEST, "key-unknown", facts);
    const many = key === "prices" ? rows === bins : rows > 0 && rows % bins === 0 && rows <= MOST_SIZES * bins;
    need(many, "number", facts);
    need(unzlib(unbase64(data, "packed", facts), 8 * rows, facts).length === 8 * rows, "packed", facts);
  }
}
