// Looks again while a study runs; the link does it without.
const waits = document.querySelector("[data-again]");
if (waits) setTimeout(() => location.reload(), 2500);
