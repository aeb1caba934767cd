// The page: choosing files, and what is shown of the checks.

const $ = (id) => document.getElementById(id);
const chosen = { draw: new Map(), receipt: null, receiptName: "", unknown: [], run: 0, outcome: null };
const ARABIC = "ar-SY-u-nu-arab-ca-gregory";
let language = "ar";

function number(value) {
  return Number(value).toLocaleString(language === "ar" ? ARABIC : "en");
}

function element(name, content = [], properties = {}) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...[].concat(content));
  return made;
}

// What is filled into a sentence stands apart from its direction; counts are in the digits of the language, but not
// what somebody may look up in a file.
function fill({ name, value }) {
  if (Array.isArray(value)) {
    return value.flatMap((each, i) => [...(i ? [language === "ar" ? "، " : ", "] : []), element("bdi", each)]);
  }
  const isCount = ["number", "bigint"].includes(typeof value) && !["row", "round", "at"].includes(name);
  return [element("bdi", isCount ? number(value) : `${value}`, { className: name })];
}

const shown = (parts) => parts.flatMap((part) => (typeof part === "string" ? part : fill(part)));
const say = (word, facts = {}) => shown(sentence(PAGE[word], facts, language));

function show(id, word, names) {
  $(id).hidden = !names.length;
  $(id).replaceChildren(...(names.length ? say(word, { names, number: names.length }) : []));
}

// A phone may have put a number, or .txt, to the name of a file that it downloaded.
function nameOf(name) {
  const plain = name.replace(/ ?\(\d+\)(?=\.)/, "");
  const bare = plain.replace(/\.txt$/, "");
  return plain in KNOWN ? plain : bare in KNOWN ? bare : plain;
}

const bytesOf = (file) =>
  new Promise((done, failed) => {
    const reader = new FileReader();
    reader.onload = () => done(new Uint8Array(reader.result));
    reader.onerror = () => failed(new Wrong("zip", { file: file.name }));
    reader.readAsArrayBuffer(file);
  });

async function take(files, isReceipt) {
  const run = ++chosen.run;
  chosen.unknown = [];
  let fault = null;
  for (const file of files) {
    const name = nameOf(file.name);
    try {
      if (/\.zip$/i.test(name)) {
        need(file.size <= LARGEST_ZIP, "large", { file: name });
        const found = unzip(await bytesOf(file), (each) => KNOWN[each], { file: name });
        chosen.draw = found;
        if (!found.size) chosen.unknown.push(file.name);
      } else if (name in KNOWN) {
        need(file.size <= KNOWN[name], "large", { file: name });
        chosen.draw.set(name, await bytesOf(file));
      } else if (isReceipt || [RECEIPT_PREFIX, WISH_PREFIX].some((one) => name.startsWith(one))) {
        need(file.size <= LARGEST_RECEIPT, "large", { file: name });
        [chosen.receipt, chosen.receiptName] = [await bytesOf(file), file.name];
      } else {
        chosen.unknown.push(file.name);
      }
    } catch (error) {
      fault = failure(error);
    }
  }
  if (run === chosen.run) await check(run, fault);
}

function failure(error) {
  const checks = error instanceof Wrong ? [{ ok: false, code: error.code, facts: error.facts }] : [];
  return { ok: false, checks, found: {} };
}

async function check(run, fault) {
  chosen.outcome = fault;
  const complete = Object.keys(needed(chosen.draw)).every((name) => chosen.draw.has(name));
  showChosen();
  showOutcome();
  if (fault || !complete) return;
  $("working").replaceChildren(...say("working"));
  let last = performance.now();
  const pause = async () => {
    if (performance.now() - last < 50) return;
    await new Promise((done) => setTimeout(done));
    if (run !== chosen.run) throw new Wrong("stopped");
    last = performance.now();
  };
  await new Promise((done) => setTimeout(done, 20));
  const outcome = await checkDraw(chosen.draw, chosen.receipt, pause).catch(failure);
  if (run !== chosen.run) return;
  $("working").replaceChildren();
  chosen.outcome = outcome;
  showOutcome();
  $("outcome").focus();
}

function showChosen() {
  const missing = Object.keys(needed(chosen.draw)).filter((name) => !chosen.draw.has(name));
  if (!missing.length) show("draw-chosen", "complete", [...chosen.draw.keys()]);
  else show("draw-chosen", "still-missing", chosen.draw.size ? missing : []);
  show("receipt-chosen", "chosen", chosen.receipt ? [chosen.receiptName] : []);
  show("unknown", "unknown", chosen.unknown);
}

const row = (word, ...content) => element("div", [element("dt", say(word)), element("dd", content)]);
const line = (word, facts) => element("p", say(word, facts));

function showOutcome() {
  const { outcome } = chosen;
  const parts = outcome ? [verdict, own, checkList, unknowable, again].flatMap((part) => part(outcome)) : [];
  $("outcome").replaceChildren(...parts);
}

function verdict({ ok, checks, found }) {
  const { own: mine, reference, night } = found;
  const wrong = checks.find((each) => !each.ok);
  const isSlip = wrong && SLIPS.includes(wrong.code);
  const wrongTitle = isSlip ? "choose-again" : "not-right";
  const rightTitle = !mine ? "all-right" : mine.row.served === "1" ? "you-got" : "you-got-none";
  const content = [element("h2", say(ok ? rightTitle : wrongTitle))];
  if (reference) content.push(element("p", say("all-right-draw", { reference })));
  if (night) content.push(element("p", say("all-right-night", { night })));
  if (wrong) content.push(element("p", shown(checkInWords(wrong, language)), { className: "wrong" }));
  else if (!ok) content.push(line("damaged"));
  else if (mine) content.push(line("yours-right"));
  if (ok && mine && mine.row.served === "0") content.push(line("you-keep"));
  if (!ok && checks.some((each) => each.code === "priorities")) content.push(line("draw-still-right"));
  if (!ok && !isSlip) content.push(line("what-to-do"));
  return element("div", content, { className: ok ? "verdict" : "verdict bad" });
}

function own({ ok, found: { own: mine } }) {
  if (!ok || !mine) return [];
  const { row: at, all, bin, number: lottery } = mine;
  const share = number(Math.floor((parseInt(lottery.slice(0, 8), 16) / 2 ** 32) * 1000) / 10);
  const why = [
    line("why-lost", { lost: at.priority }),
    line("why-turns", { turns: mine.aheadByTurns }),
    line("why-chance", { chance: mine.aheadByChance }),
    ...(at.served === "0" ? [line("why-none")] : []),
  ];
  const rows = [
    row("in-list", ...say("in-list-is", { row: at.leaf + 2 })),
    row("position", ...say("position-is", { position: at.position + 1, all })),
    row("why", ...why),
    row("lottery-number", line("lottery-is", { share })),
  ];
  if (bin) {
    const band = BANDS[bin.band] ? BANDS[bin.band][language === "ar" ? 1 : 0] : bin.band;
    const form = { weekday: "long", day: "numeric", month: "long", year: "numeric", timeZone: "UTC" };
    const day = new Date(`${bin.day}T12:00:00Z`).toLocaleDateString(language === "ar" ? ARABIC : "en-GB", form);
    const facts = { office: bin.office, day, band };
    rows.push(row("appointment", line("office", facts), line("day", facts), line("band", facts), line("exact-time")));
  }
  return [element("h2", say("your-request")), element("dl", rows)];
}

function checkList({ checks }) {
  if (!checks.length) return [];
  const items = checks.map((each) => {
    const mark = !each.ok ? "wrong" : DOUBTFUL.includes(each.code) ? "doubtful" : "ok";
    const words = element("span", shown(checkInWords(each, language)));
    return element("li", [element("b", say(mark)), words], { className: mark });
  });
  return [element("h2", say("checks")), element("ul", items)];
}

function unknowable({ ok, found: { own: mine, night, announcement, statement } }) {
  if (!ok) return [];
  const ofDraw = ["cannot-rules", "cannot-people", "cannot-page", ...(mine ? [] : ["cannot-yours"])];
  const words = night ? ["cannot-outcome", "cannot-ended", "cannot-page"] : ofDraw;
  const keys = [announcement.log, ...announcement.witnesses];
  const prints = { commitment: statement.seed_commitment, ...(night ? {} : { requests: statement.requests.root }) };
  if (mine) prints["lottery-number"] = mine.number;
  const items = words.map((word) => element("li", element("span", say(word))));
  items.push(element("li", element("div", [line("cannot-keys"), ...keys.map((key) => element("code", key))])));
  const details = Object.keys(prints).flatMap((word) => [line(word), element("code", prints[word])]);
  return [
    element("h2", say("cannot-know")),
    element("ul", items),
    element("details", [element("summary", say("details")), ...details]),
  ];
}

function again() {
  const properties = { id: "again", type: "button", onclick: () => location.reload() };
  return element("p", element("button", say("again"), properties));
}

function speak(wanted) {
  language = wanted;
  Object.assign(document.documentElement, { lang: wanted, dir: wanted === "ar" ? "rtl" : "ltr" });
  document.title = PAGE.title[wanted === "ar" ? 1 : 0];
  for (const each of document.querySelectorAll("[data-word]")) each.replaceChildren(...say(each.dataset.word));
  const other = wanted === "ar" ? "en" : "ar";
  Object.assign($("language"), { lang: other, textContent: other === "en" ? "English" : "العربية" });
  showChosen();
  showOutcome();
}

function begin() {
  for (const id of ["draw", "receipt"]) {
    $(id).onchange = ({ target }) => {
      take([...target.files], id === "receipt");
      target.value = "";
    };
  }
  $("language").onclick = () => speak(language === "ar" ? "en" : "ar");
  document.ondragover = (event) => {
    event.preventDefault();
    document.body.className = "over";
  };
  document.ondragleave = () => {
    document.body.className = "";
  };
  document.ondrop = (event) => {
    event.preventDefault();
    document.body.className = "";
    take([...event.dataTransfer.files], false);
  };
  $("source").ontoggle = () => {
    $("source").querySelector("pre").textContent = unpacked("program");
  };
  const asked = location.hash.slice(1) || navigator.language || "";
  speak(asked.startsWith("en") ? "en" : "ar");
  $("old").hidden = true;
}

if (typeof document !== "undefined") begin();
