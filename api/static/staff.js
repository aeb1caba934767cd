// Keeps the numbers in the side navigation true, and leads a key to the search. Everything works without.
{
  const EVERY = 60_000; // milliseconds
  const side = document.querySelector("[data-waiting]");
  let known = "";

  // A page that nobody looks at asks nothing, and asking does not keep anybody signed in.
  const look = async () => {
    if (document.hidden) return;
    const headers = known ? { "If-None-Match": known } : {};
    const answer = await fetch(side.dataset.waiting, { headers, redirect: "manual" });
    if (answer.status !== 200) return;
    known = answer.headers.get("ETag") ?? "";
    for (const [work, shown] of Object.entries(await answer.json())) {
      for (const place of document.querySelectorAll(`[data-work="${work}"]`)) {
        place.hidden = !shown;
        place.lastElementChild.textContent = shown;
      }
    }
  };
  if (side) {
    const again = () => look().catch(() => {});
    setInterval(again, EVERY);
    document.addEventListener("visibilitychange", again);
  }

  const search = document.getElementById("palette");
  const writes = (element) => element.matches("textarea, select, input:not([type=radio], [type=checkbox])");
  document.addEventListener("keydown", (event) => {
    const held = event.ctrlKey || event.metaKey;
    const slash = event.key === "/" && !held && !event.altKey && !writes(event.target);
    if (!search || !(slash || (event.key === "k" && held))) return;
    event.preventDefault();
    document.querySelector(".folded details")?.removeAttribute("open");
    search.focus();
    search.select();
  });
}
