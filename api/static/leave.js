// Where somebody signs out, or the next one signs in: nothing stays on this device that was kept for the one before.
{
  const form = document.querySelector("form[data-leaves]");
  const { counter } = document.currentScript.dataset;
  form?.addEventListener("submit", async (event) => {
    event.preventDefault();
    const kept = ["mawid-kept", "mawid-typed"].map((one) => self.caches?.delete(one)); // keeper.js, typed.js
    const ends = [...kept, self.leaveCounter?.()];
    await Promise.allSettled(ends);
    form.submit();
  });
  // Only a computer of a counter has this worker; others need not load what clears after it.
  const clearCounter = async () => {
    const worker = await navigator.serviceWorker?.getRegistration("/desk/today");
    if (!worker?.scope.endsWith("/desk/today")) return;
    for (const src of counter.split(" ")) {
      document.head.append(Object.assign(document.createElement("script"), { src, async: false }));
    }
  };
  if (counter) clearCounter();
}
