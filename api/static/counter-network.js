// Fetches the day sheet, sends the check-ins that wait, and shows both; for the counter's page and its page without
// the network. Whoever leaves ends what is kept.
const counterNetwork = (() => {
  const PATIENCE = 8000; // milliseconds
  const MOST = 40; // check-ins in one call
  const SELDOM = 160_000; // milliseconds; two minutes in the middle
  class SignedOutError extends Error {}
  class RefusedError extends Error {}

  const call = async (path, options = {}) => {
    const signal = AbortSignal.timeout(PATIENCE);
    const answer = await fetch(path, { redirect: "manual", cache: "no-store", signal, ...options });
    if (answer.type === "opaqueredirect" || answer.status === 401) throw new SignedOutError();
    if (answer.status >= 502 && answer.status <= 504) throw new TypeError("the server is away");
    if (!answer.ok) throw new RefusedError();
    return answer.json();
  };
  const refresh = async () => {
    const sheet = await call("/desk/today/sheet");
    sheet.ahead = sheet.now - Date.now(); // by how much the server's clock is ahead of this one
    await counterStore.keep(sheet);
    return sheet;
  };
  const waiting = async () => (await counterStore.recorded()).filter((one) => !one.sent);
  const send = async (sheet) => {
    let some = false;
    for (;;) {
      const now = await counterStore.take(sheet.office.id, MOST);
      if (!now.length) return some;
      const entries = now.map(({ id, text, at, late, by }) => ({ key: id, text, at, accept_late: late, by }));
      const { results } = await call("/desk/today/offline", {
        method: "POST",
        headers: { "Content-Type": "application/json", "X-Mawid-Token": sheet.token },
        body: JSON.stringify({ sent_at: new Date().toISOString(), entries }),
      });
      await counterStore.settle(now, results);
      some = true;
    }
  };
  // Tells how it went: "well", "sent" (and some check-ins went with it), "lost" (no network), "signed out" or "refused".
  const meet = async () => {
    try {
      const sheet = await refresh();
      if (!(await send(sheet))) return "well";
      await refresh();
      return "sent";
    } catch (error) {
      const office = await counterStore.office();
      if (office && Date.now() + office.ahead >= office.until) await counterStore.clear(); // the day is over
      if (error instanceof SignedOutError) return "signed out";
      return error instanceof RefusedError ? "refused" : "lost";
    }
  };

  // Whether check-ins wait that this office can send.
  const hasWork = async () => {
    const office = await counterStore.office();
    return (await waiting()).some((one) => one.office === office?.office.id);
  };
  const meetOnce = async (tell) => {
    const how = await meet();
    await tell(how);
    return [how, await hasWork()];
  };
  // Meets now and for ever, one meeting after the other: soon where check-ins wait for the network, seldom where the
  // server has nothing to do.
  const keepMeeting = async (tell, whenLost) => {
    for (let failed = 0; ; ) {
      const [how, work] = await meetOnce(tell).catch(() => ["lost", false]);
      if (how === "lost" && work) {
        failed += 1;
        await again.pause(again.afterFailures(failed));
      } else {
        failed = 0;
        const away = how === "lost" || (how === "signed out" && work);
        const recorded = how === "lost" ? again.FIRST : again.LONGEST; // whoever is with the network may still undo
        const left = work && how !== "refused" ? again.LONGEST : SELDOM; // recorded while the others were sent
        await again.pause(away ? whenLost : left, { [counterStore.RECORDED]: recorded });
      }
    }
  };

  const fill = (name, slots = {}) => {
    const piece = document.getElementById(name).content.cloneNode(true);
    for (const [slot, value] of Object.entries(slots)) {
      for (const place of piece.querySelectorAll(`[data-slot="${slot}"]`)) place.textContent = value;
    }
    return piece;
  };
  const clock = (at, zone) => {
    const language = document.documentElement.lang;
    const digits = document.getElementById("kept").dataset.digits;
    const how = { hour: "numeric", minute: "2-digit", hour12: true, timeZone: zone };
    if (language === "ar") how.dayPeriod = "long";
    return new Intl.DateTimeFormat(`${language === "ar" ? "ar" : "en-GB"}-u-nu-${digits}`, how).format(at);
  };
  const digits = (text) => {
    const zero = document.getElementById("kept").dataset.digits === "arab" ? 0x660 : 0x30;
    return String(text).replace(/\d/g, (digit) => String.fromCharCode(zero + Number(digit)));
  };
  const shown = (reference) => reference.replace(/^(...)(...)(...)$/, "$1-$2-$3");

  // When something happened that this computer's clock has noted, as the server's clock would say.
  const noted = (at, office) => clock(new Date(at).getTime() + (office?.ahead ?? 0), office?.office.zone);

  // Shows what waits and what the server did not take, until somebody has seen it.
  const show = async (how) => {
    const place = document.getElementById("kept");
    const [office, wait, told] = await Promise.all([counterStore.office(), waiting(), counterStore.told()]);
    const parts = [];
    const elsewhere = office ? wait.filter((one) => one.office !== office.office.id) : [];
    if (elsewhere.length) parts.push(fill("say-elsewhere", { count: digits(elsewhere.length) }));
    if (wait.length > elsewhere.length) {
      const reason = { "signed out": "say-sign-in", refused: "say-refused" }[how] ?? "say-waiting";
      parts.push(fill(reason, { count: digits(wait.length - elsewhere.length) }));
    }
    if (told.length) {
      const list = fill("say-not-taken");
      for (const one of told) {
        const line = fill("say-line", { reference: shown(one.reference), time: noted(one.at, office) });
        line.querySelector("a").href = `/desk/today/${one.reference}`;
        line.querySelector("[data-slot=why]").append(fill(`why-${one.finding}`));
        line.querySelector("button").addEventListener("click", async () => {
          await counterStore.seen(one.id);
          await show(how);
        });
        list.querySelector("ul").append(line);
      }
      parts.push(list);
    }
    place.replaceChildren(...parts);
    place.hidden = !parts.length;
  };
  return { keepMeeting, show, fill, clock, noted, digits, shown };
})();
