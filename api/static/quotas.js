// Checks a row of quotas while somebody types; saving checks it too, so everything works without.
const form = document.querySelector("form[data-check]");
const split = document.getElementById("split");

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

checkWhileTyping(form, { body: () => new URLSearchParams(new FormData(form)), show });
