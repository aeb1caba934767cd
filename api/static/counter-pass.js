// Reads a pass and checks its signature as booking/scheduling/appointments/passes.py does, in the browser.
const counterPass = (() => {
  const SIGNS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"; // base 32, RFC 4648
  const BODY = 19;
  const SIGNATURE = 64;
  const VERSION = 1;
  const SHORTEST = 40;

  const isPass = (text) => text.length >= SHORTEST && !/\s/.test(text);
  // The keyboard may be in Arabic while the scanner types.
  const asScanned = (text, { pairs, signs }) => {
    let plain = text.replace(/\s+/g, "");
    for (const [pair, letter] of Object.entries(pairs)) plain = plain.replaceAll(pair, letter);
    return Array.from(plain, (sign) => signs[sign] ?? sign).join("").toUpperCase();
  };
  const decode = (text) => {
    const bytes = [];
    let bits = 0;
    let value = 0;
    for (const sign of text) {
      const five = SIGNS.indexOf(sign);
      if (five < 0) return null;
      value = (value << 5) | five;
      bits += 5;
      if (bits >= 8) {
        bits -= 8;
        bytes.push((value >> bits) & 255);
        value &= (1 << bits) - 1;
      }
    }
    return bytes.length === BODY + SIGNATURE ? Uint8Array.from(bytes) : null;
  };
  // A key to check with; null where this browser has no Ed25519.
  const keyOf = async (office) => {
    try {
      const raw = Uint8Array.from(atob(office.verification), (sign) => sign.charCodeAt(0));
      return await crypto.subtle.importKey("raw", raw, "Ed25519", false, ["verify"]);
    } catch {
      return null;
    }
  };
  // What a pass says, or null of one that was not signed by us.
  const read = async (text, office, key) => {
    const data = decode(asScanned(text, office));
    if (!data) return null;
    const body = data.subarray(0, BODY);
    if (!(await crypto.subtle.verify("Ed25519", key, data.subarray(BODY), body))) return null;
    const view = new DataView(body.buffer, body.byteOffset, BODY);
    if (view.getUint8(0) !== VERSION) return null;
    return {
      reference: new TextDecoder("ascii").decode(body.subarray(1, 10)),
      office: view.getUint32(10),
      starts: view.getUint32(14) * 60_000,
    };
  };
  return { isPass, asScanned, keyOf, read };
})();
