// Signed out, or about to be: nothing of the counter stays on this computer but what was never sent.
{
  const form = document.querySelector("form[data-leaves]");
  const end = async () => {
    if (form) await globalThis.caches?.delete("mawid-kept"); // the pass and the plan; see keeper.js
    if (!counterStore.able) return;
    await counterStore.clear();
    const worker = await navigator.serviceWorker.getRegistration("/desk/today");
    if (worker?.scope.endsWith("/desk/today")) await worker.unregister(); // not the one that keeps passes
  };
  if (!form) {
    end().catch(() => {});
  } else {
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      await end().catch(() => {});
      form.submit();
    });
  }
}
