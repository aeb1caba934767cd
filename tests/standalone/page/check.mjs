// Check a draw by the very program of the page: node check.mjs FOLDER [RECEIPT_FILE]
// Without arguments: for each line of JSON {"folder": …, "receipt": …?} that comes in, a line of JSON goes out.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { runInThisContext } from "node:vm";
import { inflateRawSync } from "node:zlib";

const page = readFileSync(fileURLToPath(new URL("../../../api/static/mawid-verify.html", import.meta.url)), "utf8");
const unpack = (id) => {
  const packed = new RegExp(`id="${id}">([^<]*)<`).exec(page)[1];
  return inflateRawSync(Buffer.from(packed, "base64")).toString();
};
const plain = /<script>([^]*)<\/script>/.exec(page)[1].replace(/\nif \(typeof BigInt[^]*/, "");
const { KNOWN, checkDraw, checkInWords } = runInThisContext(
  [unpack("library"), plain, unpack("program"), "({ KNOWN, checkDraw, checkInWords })"].join("\n;"),
);

const words = (check, language) =>
  checkInWords(check, language)
    .map((part) => (typeof part === "string" ? part : [].concat(part.value).join(", ")))
    .join("");

async function check(folder, receipt) {
  const names = Object.keys(KNOWN).filter((name) => existsSync(join(folder, name)));
  const read = (path) => new Uint8Array(readFileSync(path));
  const files = new Map(names.map((name) => [name, read(join(folder, name))]));
  const { ok, checks } = await checkDraw(files, receipt ? read(receipt) : null);
  const said = (each) => ({ ok: each.ok, code: each.code, words: words(each, "en"), ar: words(each, "ar") });
  return { ok, checks: checks.map(said) };
}

const answer = async (folder, receipt) => console.log(JSON.stringify(await check(folder, receipt)));
const [folder, receipt] = process.argv.slice(2);
if (folder) {
  await answer(folder, receipt);
} else {
  for await (const line of createInterface({ input: process.stdin })) {
    const asked = JSON.parse(line);
    await answer(asked.folder, asked.receipt);
  }
}
