// Signed out, or about to be: nothing of the counter stays on this computer but what was never sent.
{
  const end = async () => {
    if (!counterStore.able) return;
    await counterStore.clear();
    const worker = await navigator.serviceWorker.getRegistration("/desk/today");
    await worker?.unregister();
  };
  const form = document.querySelector("form[data-leaves]");
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
