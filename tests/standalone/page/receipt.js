// What the owner of a receipt can check: their own request, where it stands in the line, and its place.

const secret = (base, what, reference) => hexOf(hmac(unhex(base), utf8(`mawid-${what}\n${reference}`))).slice(0, 32);

// The request of the receipt stands in the line, as it was asked.
async function checkInside(draw) {
  const file = "receipt";
  need(draw.receipt.length <= LARGEST_RECEIPT, "large", { file });
  const own = readObject(draw.receipt, file, RECEIPT);
  const reference = draw.statement.reference;
  const address = `${draw.log.name}?receipt=${askedOf(own)}`;
  need(own.draw === reference, "other-draw", { file, draw: own.draw, reference, address });
  checkWish(own.wish, file);
  need(!("also" in own.wish) || draw.statement.format === NEWEST, "value", { file, key: "wish" });
  const nonce = secret(own.base, "draw-nonce", reference);
  const receipt = hexOf(sha256(exact({ ...own.wish, nonce })));
  const row = draw.line[own.leaf];
  need(row && row.receipt === receipt, "not-inside", { file, address });
  const salt = secret(own.base, "link-salt", reference);
  const before = own.link && hexOf(sha256(exact({ ...own.link, salt })));
  need(row.before === before, "other-link", { file });
  draw.own = own;
  const number = draw.numbers.get(row.person);
  const ahead = draw.sorted.slice(0, row.position);
  draw.found.own = {
    row,
    number,
    wish: own.wish,
    all: draw.line.length,
    aheadByTurns: ahead.filter((other) => other.priority > row.priority).length,
    aheadByChance: ahead.filter((other) => other.priority === row.priority).length,
  };
  return passed("inside", { row: row.leaf + 2 });
}

// The receipt that the log holds.
function askedOf(own) {
  const { holds, together, ...asked } = own.wish;
  return hexOf(sha256(exact({ ...asked, nonce: own.base })));
}

function checkWish(wish, file) {
  const facts = { file, key: "wish" };
  const { offices, bands, windows = {}, holds } = wish;
  need(new Set(offices).size === offices.length, "value", facts);
  need(bands.every((band, i) => i === 0 || bands[i - 1] < band), "value", facts);
  const services = [wish.service, ...(wish.also || [])];
  need(new Set(services).size === services.length, "value", facts);
  need(!("windows" in wish) || Object.keys(windows).length, "value", facts);
  need(Object.keys(windows).every((office) => offices.includes(office)), "value", facts);
  const days = [...Object.values(windows), ...(holds ? [holds] : [])];
  if (wish.last_day) days.push([wish.first_day, wish.last_day]);
  need(days.every(([first, last]) => first <= last), "value", facts);
}

// The office wrote the request into the log before the list was closed.
async function checkLogged({ own, statement, log }) {
  const facts = { file: "receipt" };
  need(own.log_proof !== null, "not-logged", facts);
  need(own.logged < statement.receipts.size, "logged-late", facts);
  const receipt = askedOf(own);
  need(utf8(own.log_proof).length <= SMALL, "large", facts);
  const proof = readProof(own.log_proof, facts);
  checkProof(proof, exact({ receipt, type: "receipt" }), log, facts);
  need(proof.index === own.logged, "proof", facts);
  need(proof.size !== statement.receipts.size || hexOf(proof.root) === statement.receipts.root, "fork", facts);
  return passed("logged", { at: own.logged });
}

// The place of the receipt is the one that was given, and one that was asked for.
async function checkPlace(draw) {
  const { own, bins, result, found } = draw;
  const facts = { file: "receipt" };
  const { served } = found.own.row;
  if (own.place === null) return passed("no-place-yet");
  const { siblings, ...place } = own.place;
  const salt = secret(own.base, "place-salt", own.draw);
  const record = leafHash(exact({ ...place, leaf: own.leaf, salt }));
  const root = rootOfPath(own.leaf, draw.line.length, record, siblings.map(unhex));
  need(root && hexOf(root) === result.places_root, "other-place", facts);
  const empty = place.bin === null && place.first_slot === null && !place.units.length;
  need((served === "0") === empty, "served-differs", facts);
  if (empty) return passed("no-place");
  const bin = bins[place.bin];
  need(bin && bin.slots.includes(place.first_slot), "value", { ...facts, key: "place" });
  const at = bin.slots.indexOf(place.first_slot);
  const fits = place.units.every((units, i) => at + i < bin.free.length && units <= bin.free[at + i]);
  const units = place.units.reduce((sum, each) => sum + each, 0);
  need(fits && units === own.wish.units, "value", { ...facts, key: "place" });
  need(accepts(own.wish, bin), "not-asked-for", facts);
  found.own.bin = bin;
  found.own.isFirst = at === 0;
  return passed("place", { office: bin.office });
}

function accepts(wish, bin) {
  const within = ([first, last]) => first <= bin.day && (last === null || bin.day <= last);
  const stretches = [[wish.first_day, wish.last_day], ["", wish.needed_by], wish.holds || ["", null]];
  const weekday = (new Date(`${bin.day}T00:00:00Z`).getUTCDay() + 6) % 7;
  const room = wish.accessible ? bin.accessible === "1" : bin.pool === "draw";
  const asked = wish.offices.includes(bin.office) && wish.bands.includes(bin.band) && (wish.weekdays >> weekday) & 1;
  return room && asked && [...stretches, (wish.windows || {})[bin.office] || ["", null]].every(within);
}
