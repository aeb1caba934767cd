// The counter's page without the network: reads passes, checks them against the kept day sheet, keeps check-ins.
{
  const PATIENCE = 8000; // milliseconds
  const WHEN_LOST = 15_000; // milliseconds until the network is looked for where nothing waits for it
  const { fill, clock, noted, digits, shown } = counterNetwork;
  const form = document.getElementById("scan");
  const field = form.elements.text;
  const place = (name) => document.getElementById(name);
  let office = null; // what the office needs, null where nothing is kept
  let lines = null; // the day sheet, null where this window cannot read it
  let key = null; // null where the browser cannot check passes

  const now = () => Date.now() + office.ahead;
  const sameDay = (at) => {
    const day = new Intl.DateTimeFormat("en-CA", { timeZone: office.office.zone, dateStyle: "short" });
    return day.format(at) === office.day;
  };
  const dayOf = (at) => {
    const language = document.documentElement.lang === "ar" ? "ar-SY" : "en-GB";
    const how = { timeZone: office.office.zone, weekday: "long", day: "numeric", month: "long" };
    return new Intl.DateTimeFormat(`${language}-u-nu-${place("kept").dataset.digits}`, how).format(at);
  };
  const comma = () => (document.documentElement.lang === "ar" ? "، " : ", ");
  const usedHere = async (reference, line) =>
    (await counterStore.recorded()).find(
      (one) => one.reference === reference && (!one.sent || line?.state !== "confirmed"),
    );

  // What the door would say, in the order in which the server asks (booking/desk/counter/arrive.py).
  const judge = async ({ reference, starts, of, late }, line) => {
    const begins = line?.starts ?? starts;
    const used = await usedHere(reference, line);
    if (used) return { said: "used", time: noted(used.at, office) };
    if (line && line.state !== "confirmed") return { said: line.state };
    if (!line && of !== office.office.id) return { said: "other_office" };
    if (!line && !sameDay(begins)) return { said: "other_day", time: dayOf(begins) };
    if (!line && lines) return { said: "not_on_sheet" };
    const time = clock(begins, office.office.zone);
    if (now() < begins - office.early * 1000) {
      return { said: "early", time, from: clock(begins - office.early * 1000, office.office.zone) };
    }
    if (now() > begins + office.late * 1000 && !late) return { said: "late", time };
    return { said: "admitted", time };
  };

  const say = (said, slots = {}, act = null) => {
    const words = fill(`said-${said}`, slots);
    const button = words.querySelector("button");
    if (button) button.addEventListener("click", act);
    place("arrival-place").replaceChildren(words);
  };
  // One after the other, in every window: a scanner may read a pass twice at once.
  const arrive = (found, text) => navigator.locks.request("mawid-counter", () => judgeAndKeep(found, text));
  const judgeAndKeep = async (found, text) => {
    const line = lines?.find((one) => one.reference === found.reference);
    const { said, ...slots } = await judge(found, line);
    Object.assign(slots, { reference: shown(found.reference), people: line?.people.join(comma()) ?? "" });
    slots.service = line?.service ?? "";
    if (said !== "admitted") {
      say(said, slots, () => arrive({ ...found, late: true }, text));
      return;
    }
    const one = {
      id: crypto.randomUUID(),
      text,
      reference: found.reference,
      at: new Date().toISOString(),
      late: Boolean(found.late),
      office: office.office.id,
      by: office.by,
    };
    await counterStore.record(one);
    say("admitted", slots, async () => {
      say((await counterStore.forget(one.id)) ? "undone" : "sent", slots);
      await show();
    });
    await show();
  };

  const folded = (text) =>
    text
      .toLowerCase()
      .replace(/[\u064B-\u0652\u0640]/g, "")
      .replace(/[أإآٱ]/g, "ا")
      .replace(/ى/g, "ي")
      .replace(/ة/g, "ه");
  const find = (typed) => {
    if (!lines) return say("no_sheet");
    const words = folded(typed).split(/\s+/).filter(Boolean);
    const plain = typed.replace(/[\s-]/g, "").toUpperCase();
    let found = 0;
    for (const row of place("lines").rows) {
      const { reference, people } = row.dataset;
      const fits = reference === plain || words.every((word) => people.includes(word));
      row.hidden = !fits;
      found += Number(fits);
    }
    return say(typed ? "found" : "all", { count: digits(found) });
  };
  const meetText = async (typed) => {
    const text = typed.trim();
    if (!counterPass.isPass(text)) return find(text);
    if (!key) return say("no_ed25519");
    const found = await counterPass.read(text, office, key);
    if (!found) return say("forged");
    const scanned = counterPass.asScanned(text, office);
    return arrive({ reference: found.reference, starts: found.starts, of: found.office }, scanned);
  };
  const step = async (reference, late) => {
    const line = lines?.find((one) => one.reference === reference);
    if (line) await arrive({ reference, starts: line.starts, of: office.office.id, late }, reference);
    else say(lines ? "not_on_sheet" : "no_sheet", { reference: shown(reference), people: "" });
  };

  const showLines = async () => {
    const used = await counterStore.recorded();
    const rows = (lines ?? []).map((line) => {
      const here = used.find((one) => one.reference === line.reference && !one.sent);
      const row = fill("row", {
        time: line.time,
        people: line.people.join(comma()),
        service: line.service,
        reference: shown(line.reference),
      });
      const state = here ? "kept" : line.state;
      row.querySelector("[data-slot=state]").append(fill(`state-${state}`));
      const button = row.querySelector("button");
      if (state === "confirmed") button.addEventListener("click", () => step(line.reference, false));
      else button.remove();
      row.firstElementChild.dataset.reference = line.reference;
      row.firstElementChild.dataset.people = folded(line.people.join(" "));
      return row;
    });
    place("lines").replaceChildren(...rows);
    place("sheet").hidden = !lines;
    place("no-sheet").hidden = Boolean(lines);
  };
  const show = async (how) => {
    await showLines();
    await counterNetwork.show(how);
  };
  const read = async () => {
    office = await counterStore.office();
    if (office && now() >= office.until) {
      await counterStore.clear();
      office = null;
    }
    lines = office && (await counterStore.lines());
    key = office && (await counterPass.keyOf(office));
    place("desk").hidden = !office;
    place("nothing").hidden = Boolean(office);
    if (!office) return;
    place("office").textContent = office.office.name;
    place("as-of").textContent = clock(office.now, office.office.zone);
  };
  let before = null;
  const tell = async (how) => {
    const same = how === "lost" && before === "lost" && office && now() < office.until;
    before = how;
    if (same) return; // whoever works on the sheet is left alone
    await read();
    place("lost").hidden = how !== "lost";
    place("back").hidden = how !== "well" && how !== "sent";
    place("sign-in").hidden = how !== "signed out";
    await show(how);
  };
  // What was pressed when the network was away: a pass or a search goes on here, another step is told as not done.
  const unsent = () =>
    new Promise((done) => {
      const worker = navigator.serviceWorker?.controller;
      if (!worker) return done(null);
      const channel = new MessageChannel();
      channel.port1.onmessage = (event) => done(event.data);
      setTimeout(done, PATIENCE, null);
      return worker.postMessage("typed", [channel.port2]);
    });

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const text = field.value;
    field.value = "";
    field.focus();
    await meetText(text);
  });
  const begin = async () => {
    if (!counterStore.able) return;
    await read();
    const since = await counterStore.lostAt();
    place("since").textContent = noted(since, office);
    await show();
    field.focus(); // it was hidden while the page came
    const pressed = await unsent();
    history.replaceState(null, "", "/desk/today");
    if (office && pressed?.text) await meetText(pressed.text);
    else if (office && ["check_in", "accept_late"].includes(pressed?.action)) {
      await step(pressed.step, pressed.action === "accept_late");
    } else if (pressed) say("not_done");
    await counterNetwork.keepMeeting(tell, WHEN_LOST);
  };
  begin();
}
