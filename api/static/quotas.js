// Checks a row of quotas while somebody types; saving checks it too, so everything works without.
const form = document.querySelector("form[data-check]");
const split = document.getElementById("split");
let waiting = 0;
let asked = 0;

function mark(input, text) {
  const field = input.closest(".field");
  const id = `${input.name}-error`;
  field.classList.toggle("wrong", Boolean(text));
  document.getElementById(id)?.remove();
  const told = new Set((input.getAttribute("aria-describedby") ?? "").split(" ").filter((one) => one && one !== id));
  if (text) {
    const error = Object.assign(document.createElement("span"), { className: "error", id });
    const label = Object.assign(document.createElement("span"), { className: "unseen", textContent: form.dataset.error });
    error.append(label, ` ${text}`);
    input.before(error);
    told.add(id);
    input.setAttribute("aria-invalid", "true");
  } else input.removeAttribute("aria-invalid");
  if (told.size) input.setAttribute("aria-describedby", [...told].join(" "));
  else input.removeAttribute("aria-describedby");
}

function show({ faults, split: places }) {
  for (const input of form.querySelectorAll(".pools input")) mark(input, faults[input.name]);
  split.hidden = !places.length;
  for (const [pool, , count] of places) split.querySelector(`[data-pool="${pool}"]`)?.replaceChildren(count);
}

async function check() {
  const turn = ++asked;
  const body = new URLSearchParams(new FormData(form));
  const answer = await fetch(form.dataset.check, { method: "POST", body }).catch(() => null);
  if (turn !== asked || !answer?.ok || !answer.headers.get("content-type")?.startsWith("application/json")) return;
  show(await answer.json());
}

form?.addEventListener("input", () => {
  clearTimeout(waiting);
  waiting = setTimeout(check, 400);
});
