// Asks that this page be kept for when there is no network, and says so when it is. The page itself needs neither.
{
  const note = document.querySelector("[data-kept-note]");
  const { serviceWorker } = navigator;
  if (note && serviceWorker) {
    serviceWorker.addEventListener("message", () => {
      note.hidden = false;
    });
    serviceWorker
      .register("/keeper.js")
      .then(() => serviceWorker.ready)
      .then((registered) => registered.active.postMessage("keep"))
      .catch(() => {});
  }
}
