// Keeps what is typed on this page and not sent yet, sealed, on this phone for a day (docs/pwa.md). The key is the
// account's and comes only with its pages: whoever signs in here next cannot read it. keeper.js removes it once sent.
{
  const STORE = "mawid-typed";
  const DAY = 86_400_000; // milliseconds
  const CHOSEN = ["radio", "checkbox"];
  const SECRET = ["hidden", "password", "file", "submit", "button"];
  const LONG_NUMBER = /\p{Nd}{9}/u; // of a person, a phone, a card
  const page = location.pathname;
  const form = document.querySelector("main form[method=post]");
  const show = (name, whether) => {
    document.querySelector(`[data-typed=${name}]`).hidden = !whether;
  };

  const fields = () =>
    [...form.elements].filter((one) => one.name && !SECRET.includes(one.type) && !one.closest("[data-private]"));
  const isLong = (one) => !CHOSEN.includes(one.type) && LONG_NUMBER.test(one.value.replace(/[\s./-]/g, ""));
  const typed = () =>
    fields().map((one) => (isLong(one) ? null : CHOSEN.includes(one.type) ? [one.value, one.checked] : [one.value]));
  const put = (values) => {
    for (const [index, one] of fields().entries()) {
      if (!values[index]) continue;
      const [value, checked] = values[index];
      if (checked === undefined) one.value = value;
      else if (one.value === value) one.checked = checked;
    }
  };

  const run = async (secret) => {
    const came = typed(); // before anything is awaited: whoever types meanwhile has changed it
    const before = JSON.stringify(came);
    const bytes = Uint8Array.from(atob(secret), (sign) => sign.charCodeAt(0));
    const key = await crypto.subtle.importKey("raw", bytes, "AES-GCM", false, ["encrypt", "decrypt"]);
    const store = await caches.open(STORE);
    const sealed = (iv) => ({ name: "AES-GCM", iv, additionalData: new TextEncoder().encode(page) });

    const keep = async () => {
      const values = typed();
      const changed = values.some((one, index) => one && JSON.stringify(one) !== JSON.stringify(came[index]));
      if (!changed) {
        await store.delete(page);
        show("kept", false);
        return;
      }
      const iv = crypto.getRandomValues(new Uint8Array(12));
      const plain = new TextEncoder().encode(JSON.stringify(values));
      const body = new Blob([iv, await crypto.subtle.encrypt(sealed(iv), key, plain)]);
      await store.put(page, new Response(body, { headers: { "X-Until": Date.now() + DAY } }));
      show("kept", true); // and not before it is
    };
    const kept = async () => {
      for (const one of await store.keys()) {
        const until = Number((await store.match(one)).headers.get("X-Until"));
        if (!(until > Date.now())) await store.delete(one);
      }
      const found = await store.match(page);
      if (!found) return null;
      const all = new Uint8Array(await found.arrayBuffer());
      try {
        const plain = await crypto.subtle.decrypt(sealed(all.slice(0, 12)), key, all.slice(12));
        return JSON.parse(new TextDecoder().decode(plain));
      } catch {
        await store.delete(page); // another account's
        return null;
      }
    };

    const values = await kept();
    const untouched = before === JSON.stringify(typed());
    // Where a page came back with what is wrong, what was sent is in it already.
    if (values && !document.getElementById("error-summary") && untouched) {
      put(values);
      show("back", before !== JSON.stringify(typed()));
    }
    let last = Promise.resolve();
    const keepNext = () => {
      last = last.then(keep).catch(() => {});
    };
    form.addEventListener("input", keepNext);
    if (!untouched) keepNext(); // typed before this listened
    document.documentElement.dataset.typing = "1";
    await navigator.serviceWorker.register("/keeper.js");
    (await navigator.serviceWorker.ready).active.postMessage("typing");
  };
  const { key } = document.currentScript.dataset;
  if (form && self.caches && navigator.serviceWorker) run(key).catch(() => {});
}
