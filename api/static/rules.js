// Checks rules while somebody types; saving checks them too, so everything works without.
const area = document.querySelector("textarea[data-check]");
const list = document.getElementById("faults");

function lineStart(line) {
  return area.value.split("\n").slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0);
}

function goTo(fault) {
  const at = lineStart(fault.line) + fault.column - 1;
  const word = /^\w+/.exec(area.value.slice(at))?.[0].length ?? 1;
  area.focus();
  area.setSelectionRange(at, at + word);
}

function show({ faults, sound }) {
  area.closest(".field").classList.toggle("wrong", faults.length > 0);
  area.setAttribute("aria-invalid", String(faults.length > 0));
  document.querySelector(".marked")?.remove();
  if (!faults.length) {
    const told = Object.assign(document.createElement("p"), { className: "sound", textContent: area.value.trim() ? sound : "" });
    return list.replaceChildren(told);
  }
  const items = faults.map((fault) => {
    const item = Object.assign(document.createElement("li"), { className: "error" });
    if (fault.line) {
      const button = Object.assign(document.createElement("button"), { type: "button", className: "link", textContent: fault.text });
      button.addEventListener("click", () => goTo(fault));
      item.append(button);
    } else item.textContent = fault.text;
    return item;
  });
  const all = document.createElement("ul");
  all.append(...items);
  return list.replaceChildren(all);
}

checkWhileTyping(area, {
  body: () => new URLSearchParams({ csrf: area.form.elements.csrf.value, source: area.value }),
  show,
});
