// Asks the server about what somebody is typing, once they pause, and shows its answer to the last that was typed.
const checkWhileTyping = (element, { body, show }) => {
  const PAUSE = 400; // milliseconds
  let waiting = 0;
  let asked = 0;

  const check = async () => {
    const turn = ++asked;
    const answer = await fetch(element.dataset.check, { method: "POST", body: body() }).catch(() => null);
    if (turn !== asked || !answer?.ok || !answer.headers.get("content-type")?.startsWith("application/json")) return;
    show(await answer.json());
  };

  element?.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(check, PAUSE);
  });
};
