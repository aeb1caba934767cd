// What this computer keeps of the counter for an hour without the network; docs/security.md says why just this.
// Names lie here encrypted, and the key only in the window that was signed in. What waits to be sent has no names.
const counterStore = (() => {
  const NAME = "mawid-counter";
  const STORES = ["kept", "queue", "told"];
  const RECORDED = "counter-recorded"; // what a window is told of its own records

  const open = () =>
    new Promise((done, fail) => {
      const asked = indexedDB.open(NAME, 1);
      asked.onupgradeneeded = () => {
        asked.result.createObjectStore("kept", { keyPath: "name" });
        asked.result.createObjectStore("queue", { keyPath: "id" });
        asked.result.createObjectStore("told", { keyPath: "id" });
      };
      asked.onsuccess = () => done(asked.result);
      asked.onerror = () => fail(asked.error);
    });
  // Runs `work` in one transaction over all stores, and gives the result of the request that it returns.
  const run = async (mode, work) => {
    const base = await open();
    try {
      const change = base.transaction(STORES, mode);
      const asked = work(Object.fromEntries(STORES.map((name) => [name, change.objectStore(name)])));
      await new Promise((done, fail) => {
        change.oncomplete = done;
        change.onerror = change.onabort = () => fail(change.error);
      });
      return asked?.result;
    } finally {
      base.close();
    }
  };

  const bytesOf = (text) => Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));
  // The key of this window: it goes when the window closes, and then nobody reads the names.
  const windowKey = async (make) => {
    let kept = JSON.parse(sessionStorage.getItem(NAME));
    if (!kept) {
      if (!make) return null;
      const secret = String.fromCharCode(...crypto.getRandomValues(new Uint8Array(32)));
      kept = { id: crypto.randomUUID(), secret: btoa(secret) };
      sessionStorage.setItem(NAME, JSON.stringify(kept));
    }
    const key = await crypto.subtle.importKey("raw", bytesOf(kept.secret), "AES-GCM", false, ["encrypt", "decrypt"]);
    return { name: `sheet-${kept.id}`, key };
  };

  const keep = async ({ lines, token, ...office }) => {
    const { name, key } = await windowKey(true);
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const plain = new TextEncoder().encode(JSON.stringify(lines));
    const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, key, plain);
    await run("readwrite", ({ kept }) => {
      kept.put({ ...office, name: "office" });
      kept.put({ name, iv, sealed, until: office.until });
      kept.delete("lost");
    });
  };
  const office = () => run("readonly", ({ kept }) => kept.get("office"));
  // The lines of the day sheet; null where this window cannot read them.
  const lines = async () => {
    const own = await windowKey(false);
    const found = own && (await run("readonly", ({ kept }) => kept.get(own.name)));
    if (!found) return null;
    try {
      const plain = await crypto.subtle.decrypt({ name: "AES-GCM", iv: found.iv }, own.key, found.sealed);
      return JSON.parse(new TextDecoder().decode(plain));
    } catch {
      return null;
    }
  };
  // When the network was missed first.
  const lostAt = async () => {
    const known = await run("readonly", ({ kept }) => kept.get("lost"));
    if (known) return known.at;
    const at = Date.now();
    await run("readwrite", ({ kept }) => kept.put({ name: "lost", at }));
    return at;
  };

  const recorded = () => run("readonly", ({ queue }) => queue.getAll());
  const record = async (one) => {
    await run("readwrite", ({ queue }) => queue.put(one));
    dispatchEvent(new Event(RECORDED));
  };
  // Takes a record back; not one that may be with the server already. Tells whether it is gone.
  const forget = async (id) => {
    let gone = false;
    await run("readwrite", ({ queue }) => {
      const asked = queue.get(id);
      asked.onsuccess = () => {
        if (!asked.result || asked.result.tried) return;
        queue.delete(id);
        gone = true;
      };
    });
    return gone;
  };
  // Gives the first records of an office that were never sent, and marks them as tried.
  const take = async (officeId, most) => {
    let taken = [];
    await run("readwrite", ({ queue }) => {
      const asked = queue.getAll();
      asked.onsuccess = () => {
        const ours = asked.result.filter((one) => !one.sent && one.office === officeId);
        taken = ours.slice(0, most).map((one) => ({ ...one, tried: true }));
        for (const one of taken) queue.put(one);
      };
    });
    return taken;
  };
  const told = () => run("readonly", (stores) => stores.told.getAll());
  const seen = (id) => run("readwrite", (stores) => stores.told.delete(id));
  // Keeps what the server answered: a check-in that it took is marked as sent, another one is told until it was seen.
  const settle = (sent, results) =>
    run("readwrite", (stores) => {
      for (const { id, finding } of results) {
        const one = sent.find((each) => each.id === id);
        if (finding === "admitted") {
          stores.queue.put({ ...one, sent: true });
        } else {
          stores.told.put({ id, finding, reference: one.reference, at: one.at });
          stores.queue.delete(id);
        }
      }
    });

  // Leaves nothing but what was never sent, or never told.
  const clear = async () => {
    sessionStorage.removeItem(NAME);
    const known = await indexedDB.databases?.();
    if (known && !known.some((base) => base.name === NAME)) return;
    const every = await recorded();
    await run("readwrite", ({ kept, queue }) => {
      kept.clear();
      for (const one of every) if (one.sent) queue.delete(one.id);
    });
    await caches?.delete(NAME);
  };

  const able = window.isSecureContext && "serviceWorker" in navigator && "indexedDB" in window;
  return {
    NAME,
    RECORDED,
    able,
    keep,
    office,
    lines,
    lostAt,
    recorded,
    record,
    forget,
    take,
    told,
    seen,
    settle,
    clear,
  };
})();
