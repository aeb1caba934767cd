// Looks again while a study or a plan is being made; the link does it without.
const waits = document.querySelector("[data-again]");
if (waits) setTimeout(() => location.reload(), 2500);
