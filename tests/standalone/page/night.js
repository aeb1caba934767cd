// A night of the exchange: whether one's own wish counted in it as it was made. Who got which place is not checked here.

const NIGHT = "night.json";
const OF_NIGHT = {
  "announcement.json": SMALL,
  "announcement.proof": SMALL,
  "statement.json": SMALL,
  "statement.proof": SMALL,
  [NIGHT]: 2 ** 29,
};
Object.assign(KNOWN, OF_NIGHT);
const needed = (files) => (files.has(NIGHT) ? OF_NIGHT : LARGEST);

const OF_BOTH = { reference: CODE, closes_at: INSTANT, seed_commitment: HASH, beacon: BEACON };
const NIGHT_ANNOUNCEMENT = shape.object({
  ...OF_BOTH,
  type: shape.one("exchange_announcement"),
  at: INSTANT,
  log: VKEY,
  witnesses: shape.list(VKEY, 0, 4096),
  need: COUNT,
});
const NIGHT_STATEMENT = shape.object({
  ...OF_BOTH,
  type: shape.one("exchange_statement"),
  format: shape.one("mawid-exchange-1"),
  closed_at: INSTANT,
  holders: ROWS,
  inputs: HASH,
});
const HOLDERS = shape.list(
  shape.object({
    id: HALF,
    priority: COUNT,
    holds: COUNT,
    wishes: shape.list(COUNT),
    "wish?": HASH,
  }),
);
const MARKETS = shape.list(shape.object({ units: COUNT, kinds: shape.list(shape.anything), holders: HOLDERS }));
const NIGHT_FILE = shape.object({ format: shape.one("mawid-exchange-1"), markets: MARKETS });
const CHOICE = shape.object({ bands: shape.list(CODE), first: DAY, last: DAY, office: CODE });
const OWN_WISH = shape.object({ choices: shape.list(CHOICE, 1), nonce: HALF });

// These files have no line feed at their end.
const readBare = (bytes, file, what) => readObject(utf8(`${textOf(bytes, { file })}\n`), file, what);

async function checkNightFiles(night) {
  const { files } = night;
  for (const file of Object.keys(OF_NIGHT)) {
    need(files.has(file), "missing", { file });
    need(files.get(file).length <= OF_NIGHT[file], "large", { file });
  }
  const announcement = readBare(files.get("announcement.json"), "announcement.json", NIGHT_ANNOUNCEMENT);
  const statement = readBare(files.get("statement.json"), "statement.json", NIGHT_STATEMENT);
  for (const key of Object.keys(OF_BOTH)) {
    const same = writeJson(announcement[key]) === writeJson(statement[key]);
    need(same, "differs", { file: "statement.json", key, other: "announcement.json" });
  }
  need(hexOf(sha256(files.get(NIGHT))) === statement.inputs, "hash", { file: NIGHT });
  await night.pause();
  const { markets } = readBare(files.get(NIGHT), NIGHT, NIGHT_FILE);
  night.lines = new Map();
  let holders = 0;
  for (const market of markets) {
    market.holders.forEach(({ wish }, line) => {
      need(wish === undefined || !night.lines.has(wish), "order", { file: NIGHT });
      if (wish !== undefined) night.lines.set(wish, { units: market.units, line });
    });
    holders += market.holders.length;
  }
  need(holders === statement.holders, "number", { file: NIGHT });
  Object.assign(night, { announcement, statement });
  night.found = { night: statement.reference, announcement, statement };
  return passed("night", { number: holders });
}

async function checkNightLog(night) {
  const { announcement, statement, files } = night;
  night.log = readKey(announcement.log, LOG_KEY, { file: "announcement.json", key: "log" });
  const proofs = ["announcement", "statement"].map((name) => {
    const facts = { file: `${name}.proof` };
    const proof = readProof(textOf(files.get(facts.file), facts), facts);
    checkProof(proof, files.get(`${name}.json`), night.log, facts);
    return proof;
  });
  const facts = { file: "statement.proof" };
  need(proofs[0].index < proofs[1].index, "log-order", facts);
  night.closing = proofs[1].index;
  const keys = announcement.witnesses.map((vkey) => readKey(vkey, WITNESS_KEY, { ...facts, key: "witnesses" }));
  const { beacon, closes_at: closes } = statement;
  const until = beacon.kind === "drand" ? timeOf(beacon, beacon.round) : MOST;
  const seen = [...cosigned(proofs[1], keys, facts)].filter(([, time]) => secondOf(closes) <= time && time < until);
  need(seen.length >= announcement.need, "few-witnesses", { ...facts, number: seen.length, need: announcement.need });
  return passed("night-log", { name: night.log.name, number: seen.length });
}

// The wish stood in the log before the night closed, and the night has a line of it, as it was made.
async function checkOwnWish(night) {
  const facts = { file: "receipt" };
  need(night.receipt.length <= LARGEST_RECEIPT, "large", facts);
  const own = readJson(textOf(night.receipt, facts), facts);
  need(isObject(own) && "wish" in own, "key-missing", { ...facts, key: "wish" });
  OWN_WISH(own.wish, { ...facts, key: "wish" });
  need(typeof own.log_proof === "string", "not-logged", facts);
  need(utf8(own.log_proof).length <= SMALL, "large", facts);
  const receipt = hexOf(sha256(exact(own.wish)));
  const proof = readProof(own.log_proof, facts);
  checkProof(proof, exact({ receipt, type: "receipt" }), night.log, facts);
  if (proof.index > night.closing) return passed("wish-late", { at: proof.index });
  const nonce = secret(own.wish.nonce, "exchange-nonce", night.statement.reference);
  const line = night.lines.get(hexOf(sha256(exact({ ...own.wish, nonce }))));
  const ended = hexOf(sha256(exact({ ended: own.wish.nonce })));
  need(line, "wish-missing", { address: `${night.log.name}?receipt=${receipt}`, ended });
  return passed("wish", line);
}

const nightChecks = (receipt) => [checkNightFiles, checkNightLog, ...(receipt ? [checkOwnWish] : [])];
