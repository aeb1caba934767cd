// What everyone can check of a draw, and what the owner of a receipt can: the same for this page and for programs.

const DRAND_SCHEME = "BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_";
const WITNESSES_SCHEME = "MAWID_WITNESSES_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_";
const OWN_GROUP = "this-installation";
const WAIT = 600;
const UNLINKED = "before-format-2";

// Check the files of a draw or a night (a Map of name to bytes), then a receipt if there is one (bytes). `pause` lets others work.
// Returns whether all is right, each check as {ok, code, facts} up to the first that is wrong, and what was found.
async function checkDraw(files, receipt = null, pause = async () => {}) {
  const draw = { files, pause, found: {} };
  const checks = [];
  const steps = files.has(NIGHT) ? nightChecks(receipt) : [checkFiles, checkLog, checkWitnesses, checkAnnounced, checkLists,
    checkSeed, checkBeacon, checkLine, checkServed, ...(files.has("audit.json") ? [checkAudit] : []), checkPriorities,
    ...(receipt ? [checkInside, checkLogged, checkPlace] : [])];
  draw.receipt = receipt;
  for (const step of steps) {
    try {
      await pause();
      checks.push({ ok: true, ...(await step(draw)) });
    } catch (error) {
      if (!(error instanceof Wrong)) throw error;
      checks.push({ ok: false, code: error.code, facts: error.facts });
      break;
    }
  }
  return { ok: checks.every(({ ok }) => ok), checks, found: draw.found };
}

const passed = (code, facts = {}) => ({ code, facts });
const entryOf = (bytes) => bytes.subarray(0, -1);

// Every file is there and reads in one way only, and is the one that the result states.
async function checkFiles(draw) {
  const { files, pause } = draw;
  for (const file of Object.keys(LARGEST)) need(files.has(file), "missing", { file });
  const known = [...files.keys()].filter((file) => file in KNOWN);
  for (const file of known) need(files.get(file).length <= KNOWN[file], "large", { file });
  const read = (name, what, indent) => readObject(files.get(name), name, what, indent);
  draw.announcement = read("announcement.json", ANNOUNCEMENT);
  draw.statement = read("statement.json", STATEMENT);
  draw.result = read("result.json", RESULT);
  draw.found = { reference: draw.statement.reference, announcement: draw.announcement, statement: draw.statement };
  checkTimes(draw.announcement, "announcement.json");
  checkTimes(draw.statement, "statement.json");
  const modelled = draw.statement.format !== "mawid-draw-2";
  need("model" in draw.statement === modelled, "value", { file: "statement.json", key: "model" });
  for (const file of Object.keys(draw.result.files)) {
    if (file in LARGEST) need(hexOf(sha256(files.get(file))) === draw.result.files[file], "hash", { file });
  }
  draw.beacon = read("beacon.json", BEACON_FILE);
  if (files.has("audit.json")) draw.audit = read("audit.json", AUDIT_FILE);
  draw.line = await readTable(files.get("line.csv"), "line.csv", LINE, pause);
  draw.turns = await readTable(files.get("turns.csv"), "turns.csv", TURNS, pause);
  draw.bins = await readTable(files.get("bins.csv"), "bins.csv", BINS, pause);
  checkBins(draw.bins, draw.statement);
  draw.report = read("report.json", REPORT, 0);
  draw.certificate = read("certificate.json", CERTIFICATE, 0);
  checkCertificate(draw);
  return passed("files", { number: known.length });
}

function checkCertificate({ certificate, statement, result, files }) {
  const facts = { file: "certificate.json" };
  const { sha256: own, ...rest } = certificate;
  need(hexOf(sha256(utf8(`${writeJson(rest, 0)}\n`))) === own, "hash", facts);
  const stated = { ...result.files, "statement.json": hexOf(sha256(files.get("statement.json"))) };
  for (const key of Object.keys(certificate.files)) {
    need(certificate.files[key] === stated[key], "differs", { ...facts, key, other: "result.json" });
  }
  const fixed = { bins: "bins.csv", requests: "requests.jsonl.gz", turns: "turns.jsonl.gz" };
  for (const name of Object.keys(fixed)) {
    const key = fixed[name];
    need(statement[name].sha256 === stated[key], "differs", { file: "result.json", key, other: "statement.json" });
  }
  readPrices(certificate, statement);
}

// Announcement, statement and result stand in the log, in this order.
async function checkLog(draw) {
  const log = readKey(draw.announcement.log, LOG_KEY, { file: "announcement.json", key: "log" });
  draw.log = log;
  draw.proofs = {};
  for (const name of ["announcement", "statement", "result"]) {
    const file = `${name}.tlog-proof`;
    draw.proofs[name] = readProof(textOf(draw.files.get(file), { file }), { file });
    checkProof(draw.proofs[name], entryOf(draw.files.get(`${name}.json`)), log, { file });
  }
  const { announcement, statement, result } = draw.proofs;
  const size = draw.statement.receipts.size;
  need(draw.statement.announcement.index === announcement.index, "log-order", { file: "announcement.tlog-proof" });
  need(announcement.index < size && size <= statement.index, "log-order", { file: "statement.tlog-proof" });
  need(statement.index < result.index, "log-order", { file: "result.tlog-proof" });
  return passed("log", { name: log.name, at: statement.index });
}

// Enough witnesses signed each of the three; the statement before the value of the lottery could exist.
async function checkWitnesses(draw) {
  const { announcement, statement } = draw;
  const facts = { file: "announcement.json", key: "witnesses" };
  const witnesses = announcement.witnesses.map((vkey) => readKey(vkey, WITNESS_KEY, facts));
  const rising = announcement.witnesses.every((vkey, i, all) => i === 0 || byCodePoint(all[i - 1], vkey) < 0);
  need(rising && new Set(witnesses.map(({ name }) => name)).size === witnesses.length, "order", facts);
  need(announcement.need <= witnesses.length, "value", { file: "announcement.json", key: "need" });
  need(witnesses.length || announcement.beacon.kind === "witnesses", "value", facts);
  const until = announcement.beacon.kind === "drand" ? timeOf(announcement.beacon, announcement.beacon.round) : MOST;
  for (const name of ["announcement", "statement", "result"]) {
    const file = `${name}.tlog-proof`;
    const times = cosigned(draw.proofs[name], witnesses, { file });
    const inTime = (time) => name !== "statement" || (time >= secondOf(statement.closes_at) && time < until);
    const number = [...times.values()].filter(inTime).length;
    need(number >= announcement.need, "few-witnesses", { file, number, need: announcement.need });
    if (name === "result") draw.resultSeen = [...times.values()];
    if (name === "statement") draw.found.witnesses = [...times.keys()].filter((each) => inTime(times.get(each)));
  }
  return passed(announcement.need ? "witnesses" : "no-witnesses", {
    number: draw.found.witnesses.length,
    need: announcement.need,
    names: draw.found.witnesses,
  });
}

const timeOf = ({ genesis, period }, round) => BigInt(genesis) + (BigInt(round) - 1n) * BigInt(period);

// The first round that comes out ten minutes after an instant, or later.
function firstRound({ genesis, period }, instant) {
  const after = BigInt(secondOf(instant) + WAIT) - BigInt(genesis);
  return after <= 0n ? 1n : (after + BigInt(period) - 1n) / BigInt(period) + 1n;
}

// The statement and the result keep to what was announced.
async function checkAnnounced({ announcement, statement, result, files }) {
  const file = "statement.json";
  for (const key of Object.keys(PROMISED)) {
    const same = writeJson(announcement[key]) === writeJson(statement[key]);
    need(same, "differs", { file, key, other: "announcement.json" });
  }
  const entry = hexOf(sha256(entryOf(files.get("announcement.json"))));
  need(statement.announcement.sha256 === entry, "hash", { file: "announcement.json" });
  need(announcement.at < announcement.closes_at, "times", { file: "announcement.json" });
  need(statement.closed_at >= statement.closes_at, "times", { file });
  need((statement.quota.version === null) === (statement.quota.sha256 === null), "value", { file, key: "quota" });
  need(result.reference === statement.reference, "differs", { file: "result.json", key: "reference", other: file });
  need(result.at >= statement.closed_at, "times", { file: "result.json" });
  const { beacon } = announcement;
  if (beacon.kind === "drand") {
    need(BigInt(beacon.round) === firstRound(beacon, announcement.closes_at), "round", { file: "announcement.json" });
    need(BigInt(secondBefore(result.at)) >= timeOf(beacon, beacon.round), "times", { file: "result.json" });
    const audit = result.audit && BigInt(result.audit.round);
    need(audit === firstRound(beacon, result.at), "round", { file: "result.json" });
  } else {
    const members = new Set(beacon.of).size;
    const right = members === beacon.of.length && beacon.need <= members;
    need(right, "value", { file: "announcement.json", key: "beacon.of" });
    need(result.audit === null, "value", { file: "result.json", key: "audit" });
  }
  return announcement.again ? passed("announced-again", announcement.again) : passed("announced");
}

// The lists of the line and of the turns are the ones that the statement fixed.
async function checkLists({ line, turns, statement, pause }) {
  const lists = [
    ["line.csv", line, statement.requests, ["before", "person", "priority", "receipt"]],
    ["turns.csv", turns, statement.turns, ["before", "priority", "reason", "receipt"]],
  ];
  for (const [file, rows, tree, keys] of lists) {
    const record = (row) => Object.fromEntries(keys.map((key) => [key, row[key]]));
    need(rows.length === tree.number, "number", { file });
    const hashesOfLeaves = [];
    for (let i = 0; i < rows.length; i++) {
      need(i === 0 || rows[i - 1].receipt < rows[i].receipt, "order", { file, row: i + 2 });
      hashesOfLeaves.push(leafHash(exact(record(rows[i]))));
      if (i % 4096 === 0) await pause();
    }
    need(hexOf(await rootOf(hashesOfLeaves, pause)) === tree.root, "root", { file });
  }
  return passed("lists", { number: line.length, turns: turns.length });
}

// The secret number is the one that was promised before anyone asked.
async function checkSeed({ files, statement, result }) {
  const text = textOf(files.get("seed.txt"), { file: "seed.txt" });
  need(/^[0-9a-f]{64}\n$/.test(text), "spelling", { file: "seed.txt" });
  need(hexOf(sha256(unhex(text.trim()))) === statement.seed_commitment, "seed", { file: "seed.txt" });
  need(text.trim() === result.seed, "differs", { file: "result.json", key: "seed", other: "seed.txt" });
  return passed("seed");
}

// The value of the lottery is the one signature that the beacon's key can make for this draw.
async function checkBeacon(draw) {
  const { beacon, result, statement } = draw;
  const file = "beacon.json";
  const said = statement.beacon;
  const statementHash = sha256(entryOf(draw.files.get("statement.json")));
  const differs = { file: "result.json", key: "statement", other: "statement.json" };
  need(result.statement === hexOf(statementHash), "differs", differs);
  const due = { kind: said.kind, reference: statement.reference, round: said.kind === "drand" ? said.round : null };
  for (const key of Object.keys(due)) need(beacon[key] === due[key], "differs", { file, key, other: "statement.json" });
  for (const key of ["signature", "value"]) {
    need(beacon[key] === result.beacon[key], "differs", { file, key, other: "result.json" });
  }
  const drand = said.kind === "drand";
  const right = isSigned(beacon.signature, said, said.round, utf8("mawid-witness-round-v1\n"), statementHash);
  need(right, "beacon", { file });
  need(hexOf(sha256(unhex(beacon.signature))) === beacon.value, "value-of-beacon", { file });
  draw.key = joined(unhex(result.seed), unhex(beacon.value), statementHash);
  const whose = `${said.of}` === OWN_GROUP ? "own-group" : "group";
  if (!drand) return passed(whose, { need: said.need, names: said.of });
  const known = Object.keys(QUICKNET).every((key) => said[key] === QUICKNET[key]);
  return passed(known ? "drand" : "drand-other", { round: said.round });
}

// Whether the beacon's key signed a round; or, where it is the key of witnesses, a hash after some words.
function isSigned(signature, said, round, words, hash) {
  const drand = said.kind === "drand";
  const message = drand ? sha256(unhex(BigInt(round).toString(16).padStart(16, "0"))) : sha256(words, hash);
  return bls(unhex(signature), message, unhex(said.key), drand ? DRAND_SCHEME : WITNESSES_SCHEME);
}

function bls(signature, message, key, scheme) {
  try {
    const { G1, G2, shortSignatures } = noble.bls12_381;
    const [point, owner] = [G1.Point.fromBytes(signature), G2.Point.fromBytes(key)];
    point.assertValidity();
    owner.assertValidity();
    if (point.is0() || owner.is0()) return false;
    return shortSignatures.verify(point, shortSignatures.hash(message, scheme), owner);
  } catch (error) {
    return false;
  }
}

// Everyone stands where chance put them: more draws lost first, then the lower lottery number, then the receipt.
async function checkLine(draw) {
  const { line, pause } = draw;
  const numbers = new Map();
  const keyed = noble.hmac.create(noble.sha256, draw.key);
  for (const { person } of line) {
    if (numbers.size % 2048 === 0) await pause();
    if (!numbers.has(person)) numbers.set(person, hexOf(keyed.clone().update(unhex(person)).digest()));
  }
  draw.numbers = numbers;
  const sorted = line.slice().sort((a, b) => {
    if (a.priority !== b.priority) return b.priority - a.priority;
    const [one, other] = [numbers.get(a.person), numbers.get(b.person)];
    if (one !== other) return one < other ? -1 : 1;
    return a.receipt < b.receipt ? -1 : 1;
  });
  sorted.forEach((row, position) => need(row.position === position, "line", { file: "line.csv", row: row.leaf + 2 }));
  draw.sorted = sorted;
  return passed("line", { number: line.length });
}

// As many got a place as the result and the report say.
async function checkServed({ line, report, result, statement }) {
  const served = line.filter((row) => row.served === "1").length;
  const file = "report.json";
  const due = { reference: statement.reference, asked_requests: line.length, served_requests: served };
  due.served_people = result.served_people;
  need(result.served_requests === served, "served", { file: "result.json", number: served });
  for (const key of Object.keys(due)) need(report[key] === due[key], "differs", { file, key, other: "line.csv" });
  return passed("served", { served, number: line.length, people: result.served_people });
}

// The value that picks the lines which observers open is the one signature that there can be for this result.
async function checkAudit({ audit, statement, result, announcement, files, resultSeen }) {
  const file = "audit.json";
  const said = statement.beacon;
  const hash = sha256(entryOf(files.get("result.json")));
  const round = result.audit && result.audit.round;
  const due = { kind: said.kind, reference: statement.reference, result: hexOf(hash), round };
  for (const key of Object.keys(due)) need(audit[key] === due[key], "differs", { file, key, other: "result.json" });
  need(isSigned(audit.signature, said, round, utf8("mawid-audit-round-v1\n"), hash), "audit", { file });
  need(hexOf(sha256(unhex(audit.signature))) === audit.value, "value-of-beacon", { file });
  const inTime = round === null ? resultSeen : resultSeen.filter((time) => time < timeOf(said, round));
  return passed(inTime.length < announcement.need ? "audit-late" : "audit");
}

// Nobody has more lost draws than the list can show, and no earlier request counts for two.
async function checkPriorities({ line, turns }) {
  const seen = new Set();
  const least = (file, row) => {
    if (file === "line.csv") return [0, row.before === null ? 0 : MOST_UNITS];
    return [1, row.before === null && row.reason !== UNLINKED ? 1 : MOST_UNITS];
  };
  for (const [file, rows] of [["line.csv", line], ["turns.csv", turns]]) {
    rows.forEach((row, number) => {
      const [low, high] = least(file, row);
      need(low <= row.priority && row.priority <= high, "priority", { file, row: number + 2 });
      const once = row.before === null || (!seen.has(row.before) && row.reason !== UNLINKED);
      need(once, "link-twice", { file, row: number + 2 });
      seen.add(row.before);
    });
  }
  return passed("priorities");
}
