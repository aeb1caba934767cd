// The short check by this device: tries numbers until one fits, away from the page's own thread, then sends the form.
// Where it cannot run (no scripts, an old browser, plain http) the form stays hidden and the code by SMS remains.
{
  const form = document.getElementById("proof");
  const subtle = window.crypto && window.crypto.subtle;
  const AT_ONCE = 8;

  const bytes = (hex) => Uint8Array.from(hex.match(/../g), (pair) => parseInt(pair, 16));
  const hex = (buffer) => Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, "0")).join("");

  const derive = async ({ nonce, salt, cost, keyLength }, counter) => {
    const password = new Uint8Array([...bytes(nonce), 0, 0, 0, 0]);
    new DataView(password.buffer).setUint32(password.length - 4, counter);
    const key = await subtle.importKey("raw", password, "PBKDF2", false, ["deriveBits"]);
    const pbkdf2 = { name: "PBKDF2", hash: "SHA-256", salt: bytes(salt), iterations: cost };
    return hex(await subtle.deriveBits(pbkdf2, key, 8 * keyLength));
  };

  const solve = async (parameters, tell) => {
    const { tries } = parameters.data;
    for (let first = 0; first < tries; first += AT_ONCE) {
      tell(first / tries);
      const counters = Array.from({ length: AT_ONCE }, (_, index) => first + index);
      const keys = await Promise.all(counters.map((counter) => derive(parameters, counter)));
      const found = keys.findIndex((key) => key.startsWith(parameters.keyPrefix));
      if (found >= 0) return { counter: counters[found], derivedKey: keys[found] };
    }
    throw new Error("no solution");
  };

  if (form && subtle) {
    const status = document.getElementById("proof-status");
    const say = (words) => {
      if (status.textContent !== words) status.textContent = words;
    };
    form.hidden = false;
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (form.dataset.sent) return;
      form.dataset.sent = "1";
      const challenge = JSON.parse(form.dataset.challenge);
      const steps = JSON.parse(form.dataset.steps);
      try {
        const tell = (part) => say(steps[Math.floor(part * steps.length)]);
        const solution = await solve(challenge.parameters, tell);
        form.elements.solution.value = btoa(JSON.stringify({ challenge, solution }));
        say(form.dataset.done);
        form.submit();
      } catch {
        delete form.dataset.sent;
        say(form.dataset.failed);
      }
    });
  }
}
