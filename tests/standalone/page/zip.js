// Files out of a zip, by their names without folders. What is damaged in it shows when the files are checked.

const LARGEST_ZIP = 2 ** 28;

function unzip(bytes, wanted, facts) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const bad = (right) => need(right, "zip", facts);
  const inside = (at, size) => bad(at + size <= bytes.length);
  let end = bytes.length - 22;
  while (end >= 0 && view.getUint32(end, true) !== 0x06054b50) end--;
  bad(end >= 0);
  const found = new Map();
  let at = view.getUint32(end + 16, true);
  for (let left = view.getUint16(end + 10, true); left > 0; left--) {
    inside(at, 46);
    bad(view.getUint32(at, true) === 0x02014b50);
    const method = view.getUint16(at + 10, true);
    const [packed, size] = [20, 24].map((offset) => view.getUint32(at + offset, true));
    const [name, extra, comment] = [28, 30, 32].map((offset) => view.getUint16(at + offset, true));
    const local = view.getUint32(at + 42, true);
    inside(at + 46, name);
    const path = String.fromCharCode(...bytes.subarray(at + 46, at + 46 + name));
    at += 46 + name + extra + comment;
    const base = path.split("/").pop();
    const most = wanted(base);
    if (!most || path.startsWith("__MACOSX/")) continue;
    need(!found.has(base), "file-twice", { file: base });
    need(size <= most, "large", { file: base });
    inside(local, 30);
    const begin = local + 30 + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
    inside(begin, packed);
    const content = bytes.subarray(begin, begin + packed);
    bad(method === 0 || method === 8);
    found.set(base, method === 0 ? content : inflated(content, most, { file: base }).content);
    bad(found.get(base).length === size);
  }
  return found;
}
