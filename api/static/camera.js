// Reads a square with the camera into the form of its button and sends it, where the browser can do that by itself;
// nowhere is it needed.
{
  const button = document.getElementById("camera");
  const view = document.getElementById("view");
  const EVERY = 200; // milliseconds

  const send = (text) => {
    button.form.elements[button.dataset.into].value = text;
    button.form.requestSubmit();
  };

  const look = async (detector) => {
    const [code] = await detector.detect(view);
    if (!code) return setTimeout(() => look(detector), EVERY);
    for (const track of view.srcObject.getTracks()) track.stop();
    send(code.rawValue);
  };

  const open = async () => {
    try {
      view.srcObject = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
      view.hidden = false;
      await view.play();
      await look(new BarcodeDetector({ formats: ["qr_code"] }));
    } catch {
      view.hidden = true;
      document.getElementById("camera-failed").hidden = false;
    }
  };

  if (button && "BarcodeDetector" in window && navigator.mediaDevices) {
    BarcodeDetector.getSupportedFormats().then((formats) => {
      button.hidden = !formats.includes("qr_code");
    });
    button.addEventListener("click", open);
  }
}
