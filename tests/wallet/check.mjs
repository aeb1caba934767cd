// Holds what Mawid issued against another implementation. Reads {credential, jwks, list, now} and prints {payload} or {refused}.
import { webcrypto } from "node:crypto";
import { SDJwtVcInstance } from "@sd-jwt/sd-jwt-vc";

const chunks = [];
for await (const chunk of process.stdin) chunks.push(chunk);
const given = JSON.parse(Buffer.concat(chunks).toString());

const P256 = { name: "ECDSA", namedCurve: "P-256" };
const key = await webcrypto.subtle.importKey("jwk", given.jwks.keys[0], P256, false, ["verify"]);
const verifier = (data, signature) =>
  webcrypto.subtle.verify({ name: "ECDSA", hash: "SHA-256" }, key, Buffer.from(signature, "base64url"), Buffer.from(data));

const wallet = new SDJwtVcInstance({
  hasher: async (data) => new Uint8Array(await webcrypto.subtle.digest("SHA-256", Buffer.from(data))),
  hashAlg: "sha-256",
  verifier,
  statusVerifier: verifier,
  statusListFetcher: async () => given.list,
});
try {
  const presented = given.frame ? await wallet.present(given.credential, given.frame) : given.credential;
  const { payload } = await wallet.verify(presented, { currentDate: given.now });
  console.log(JSON.stringify({ payload }));
} catch (error) {
  console.log(JSON.stringify({ refused: String(error.message) }));
}
