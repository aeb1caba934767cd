// The counter's page: keeps what an hour without the network needs, and sends what such an hour left.
{
  const WHEN_LOST = 120_000; // milliseconds
  const own = document.currentScript.dataset;

  // The page without the network, and what it is made of; fetched again when a file or the language changed.
  const keepPage = async () => {
    const made = `${own.page}?made=${own.made}`;
    const pages = await caches.open(counterStore.NAME);
    if (await pages.match(made)) return;
    const addresses = [own.page, ...own.files.split(" ")];
    const answers = await Promise.all(addresses.map((one) => fetch(one, { redirect: "manual" })));
    if (!answers.every((one) => one.ok)) return;
    for (const old of await pages.keys()) await pages.delete(old);
    await Promise.all(answers.map((one, index) => pages.put(addresses[index], one)));
    await pages.put(made, new Response(""));
  };
  const tell = async (how) => {
    const idle = !document.getElementById("arrival") && !document.getElementById("text").value;
    if (how === "sent" && idle) location.replace("/desk/today"); // who came is on the sheet now
    if (how === "well" || how === "sent") {
      await keepPage();
      document.documentElement.dataset.kept = "1";
    }
    await counterNetwork.show(how);
  };
  if (counterStore.able) {
    navigator.serviceWorker
      .register("/desk/worker.js", { scope: "/desk/today" })
      .catch(() => {})
      .then(() => counterNetwork.keepMeeting(tell, WHEN_LOST));
  }
}
