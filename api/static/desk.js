// Keys for the desk; everything works without. A letter presses, opens or enters what carries it as data-key.
const typing = (element) => element.matches("textarea, select, input:not([type=radio])");
const cases = [...document.querySelectorAll("[data-case]")];

function press(target) {
  if (target.tagName === "FORM") return target.querySelector("textarea").focus();
  if (target.tagName !== "SUMMARY") return target.click();
  for (const other of document.querySelectorAll("details.decision")) other.open = other.contains(target);
  target.parentElement.querySelector("input[type=radio][name=reason], textarea")?.focus();
}

document.addEventListener("keydown", (event) => {
  const at = document.activeElement;
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) return at.form?.requestSubmit();
  if (event.key === "Escape") return at.blur();
  if (event.ctrlKey || event.metaKey || event.altKey || typing(at)) return undefined;
  const key = event.key.toLowerCase();
  if (cases.length && (key === "j" || key === "k")) {
    const next = cases.indexOf(at) + (key === "j" ? 1 : -1);
    return cases[Math.max(0, Math.min(cases.length - 1, next))].focus();
  }
  const target = /^[a-z]$/.test(key) && document.querySelector(`[data-key="${key}"]`);
  if (target) {
    event.preventDefault();
    press(target);
  }
  return undefined;
});
for (const select of document.querySelectorAll("[data-picks]")) {
  select.addEventListener("change", () => (document.getElementById(select.dataset.picks).checked = true));
}
for (const button of document.querySelectorAll("[data-turn]")) {
  button.hidden = false;
  button.addEventListener("click", () => {
    const paper = button.closest(".paper");
    const turns = (Number(paper.dataset.turns || 0) + 1) % 4;
    paper.classList.remove("turn-1", "turn-2", "turn-3");
    if (turns) paper.classList.add(`turn-${turns}`);
    paper.dataset.turns = turns;
  });
}
