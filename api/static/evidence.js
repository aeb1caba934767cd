// A phone's photo is made smaller before it is sent, and sent in parts, so that a network that breaks costs one part.
// Everything works without: the form sends the file as it is.
{
  const LONGEST = 2400; // pixels
  const SMALL = 1_000_000; // bytes
  const PART = 256 * 1024; // bytes
  const PATIENCE = 30_000; // milliseconds for a part
  const field = document.getElementById("file");
  const form = field?.form;

  const smaller = async (file) => {
    if (!file.type.startsWith("image/") || file.size < SMALL) return file;
    try {
      const photo = await createImageBitmap(file, { imageOrientation: "from-image" });
      const scale = Math.min(1, LONGEST / Math.max(photo.width, photo.height));
      const canvas = document.createElement("canvas");
      [canvas.width, canvas.height] = [photo.width * scale, photo.height * scale].map(Math.round);
      canvas.getContext("2d").drawImage(photo, 0, 0, canvas.width, canvas.height);
      const made = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.85));
      return made && made.size < file.size ? made : file;
    } catch {
      return file; // the browser cannot read it: it is sent as it is, and the server says what is wrong
    }
  };

  const call = async (address, method, headers, body) => {
    const answer = await fetch(address, {
      method,
      body,
      redirect: "manual", // to the sign-in page: the form leads there too, and back
      signal: AbortSignal.timeout(PATIENCE),
      headers: { "Tus-Resumable": "1.0.0", "X-Mawid-Token": form.elements.csrf.value, ...headers },
    });
    if (answer.status >= 502 && answer.status <= 504) throw new TypeError("not now");
    return answer;
  };
  // The name under which this device remembers an upload that broke off: the content's hash, where it can be made.
  const nameOf = async (file) => {
    if (!crypto.subtle) return null;
    const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", await file.arrayBuffer()));
    return `upload-${Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
  };
  // How many bytes have come; null where the upload is not there any more.
  const received = async (address) => {
    const answer = await call(address, "HEAD");
    return answer.ok ? Number(answer.headers.get("Upload-Offset")) : null;
  };
  const begin = async (file) => {
    const answer = await call(form.dataset.uploads, "POST", { "Upload-Length": String(file.size) });
    return answer.status === 201 ? answer.headers.get("Location") : null;
  };

  // Sends a file and gives its address; null where only the form is left, which then says what is wrong.
  const send = async (file, tell) => {
    const name = await nameOf(file);
    let address = name && localStorage.getItem(name);
    let offset = null; // unknown: ask
    for (let failed = 0; ; ) {
      try {
        if (address && offset === null) offset = await received(address);
        if (!address || offset === null) {
          address = await begin(file);
          if (!address) return null;
          if (name) localStorage.setItem(name, address);
          offset = 0;
        }
        tell("sending", Math.floor((100 * offset) / file.size));
        if (offset === file.size) {
          if (name) localStorage.removeItem(name);
          return address;
        }
        const headers = { "Content-Type": "application/offset+octet-stream", "Upload-Offset": String(offset) };
        const answer = await call(address, "PATCH", headers, file.slice(offset, offset + PART));
        if (![204, 404, 409, 410].includes(answer.status)) return null;
        offset = answer.status === 204 ? Number(answer.headers.get("Upload-Offset")) : null;
        failed = 0;
      } catch {
        offset = null;
        failed += 1;
        tell("waiting");
        await again.pause(again.afterFailures(failed));
      }
    }
  };

  const status = document.getElementById("upload-status");
  const tell = (what, percent = "") => {
    status.hidden = false;
    status.classList.toggle("act", what === "waiting");
    status.textContent = `${form.dataset[what]} ${percent === "" ? "" : `${percent}%`}`.trim();
  };
  form?.addEventListener("submit", async (event) => {
    const [file] = field.files;
    if (!file || !form.dataset.uploads) return;
    event.preventDefault();
    if (form.dataset.busy) return;
    form.dataset.busy = "1";
    // What was pressed, which the script's own submit does not tell.
    document.getElementById("then")?.setAttribute("value", event.submitter?.value ?? "");
    tell("sending", 0);
    const made = await smaller(file);
    const address = await send(made, tell).catch(() => null);
    if (address) {
      form.elements.upload.value = address.replace(/.*\//, "");
      field.value = "";
    } else if (made !== file) {
      const chosen = new DataTransfer();
      chosen.items.add(new File([made], "photo.jpg", { type: "image/jpeg" }));
      field.files = chosen.files;
    }
    tell("checking");
    form.submit();
  });
  addEventListener("pageshow", () => form && delete form.dataset.busy);
}
