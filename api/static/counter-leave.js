// Signed out, or about to be (leave.js): nothing of the counter stays on this computer but what was never sent.
self.leaveCounter = async () => {
  if (!counterStore.able) return;
  await counterStore.clear();
  const worker = await navigator.serviceWorker.getRegistration("/desk/today");
  if (worker?.scope.endsWith("/desk/today")) await worker.unregister(); // not the one that keeps passes
};
if (!document.querySelector("form[data-leaves]")) self.leaveCounter().catch(() => {});
