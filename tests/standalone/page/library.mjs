// Packs what the page borrows: run `npm ci && node library.mjs` here after changing a version in package.json.
import { writeFileSync } from "node:fs";
import { deflateRawSync } from "node:zlib";
import { buildSync } from "esbuild";

const LIBRARY = `
export { bls12_381 } from "@noble/curves/bls12-381.js";
export { ed25519 } from "@noble/curves/ed25519.js";
export { sha256 } from "@noble/hashes/sha2.js";
export { hmac } from "@noble/hashes/hmac.js";
`;
const { outputFiles } = buildSync({
  stdin: { contents: LIBRARY, resolveDir: "." },
  bundle: true,
  minify: true,
  write: false,
  format: "iife",
  globalName: "noble",
  target: "es2020",
  legalComments: "none",
});
writeFileSync("noble.deflate", deflateRawSync(outputFiles[0].contents, { level: 9 }));
