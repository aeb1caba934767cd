
// Unpack the library and the program, and run them; the page's policy knows the fingerprint of each.
function unpacked(id) {
  const letters = atob(document.getElementById(id).textContent);
  const bytes = Uint8Array.from(letters, (letter) => letter.charCodeAt(0));
  return new TextDecoder().decode(inflated(bytes, 2 ** 20, { file: id }).content);
}

if (typeof BigInt === "function") {
  // The library asks for it; browsers from before 2021 have not got it.
  Object.hasOwn = Object.hasOwn || ((object, key) => Object.prototype.hasOwnProperty.call(object, key));
  for (const id of ["library", "program"]) {
    const script = document.createElement("script");
    script.textContent = unpacked(id);
    document.head.append(script);
  }
}
