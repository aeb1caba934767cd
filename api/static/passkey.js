// Makes or asks a passkey, and sends its answer in the form. Where there are no scripts, or no passkeys, the form stays
// hidden and the code remains.
{
  const toBytes = (text) =>
    Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (character) => character.charCodeAt(0));
  const toText = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer)))
      .replace(/\+/g, "-")
      .replace(/\//g, "_")
      .replace(/=+$/, "");
  const withIds = (list) => (list || []).map((one) => ({ ...one, id: toBytes(one.id) }));

  const make = (options) =>
    navigator.credentials.create({
      publicKey: {
        ...options,
        challenge: toBytes(options.challenge),
        user: { ...options.user, id: toBytes(options.user.id) },
        excludeCredentials: withIds(options.excludeCredentials),
      },
    });
  const ask = (options) =>
    navigator.credentials.get({
      publicKey: {
        ...options,
        challenge: toBytes(options.challenge),
        allowCredentials: withIds(options.allowCredentials),
      },
    });

  const asJson = ({ id, type, rawId, response }) => {
    const said = {};
    for (const part of ["clientDataJSON", "attestationObject", "authenticatorData", "signature"]) {
      if (response[part]) said[part] = toText(response[part]);
    }
    return JSON.stringify({ id, type, rawId: toText(rawId), response: said });
  };

  const form = document.getElementById("passkey");
  if (form && window.PublicKeyCredential) {
    const status = document.getElementById("passkey-status");
    form.hidden = false;
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (form.dataset.asking) return;
      const name = form.elements.passkey_name;
      if (name && !name.value.trim()) {
        status.textContent = form.dataset.unnamed;
        name.focus();
        return;
      }
      form.dataset.asking = "1";
      status.textContent = form.dataset.waiting;
      try {
        const options = JSON.parse(form.dataset.options);
        form.elements.credential.value = asJson(await (options.user ? make(options) : ask(options)));
        form.submit();
      } catch (error) {
        delete form.dataset.asking;
        status.textContent = error.name === "InvalidStateError" ? form.dataset.known : form.dataset.failed;
      }
    });
  }
}
