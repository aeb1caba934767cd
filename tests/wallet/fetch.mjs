// A wallet of others (OpenWallet Foundation's OpenID4VCI) fetches what a page offered. Reads {offer, transactionCode, now} and prints
// {credentials, holder, again} or {refused: {at, status, error}}; at "token" or "credential".
import { createHash, randomBytes, webcrypto } from "node:crypto";
import { clientAuthenticationAnonymous, setGlobalConfig } from "@openid4vc/oauth2";
import { Openid4vciClient } from "@openid4vc/openid4vci";

const chunks = [];
for await (const chunk of process.stdin) chunks.push(chunk);
const given = JSON.parse(Buffer.concat(chunks).toString());
setGlobalConfig({ allowInsecureUrls: true }); // the test serves Mawid on this machine

const P256 = { name: "ECDSA", namedCurve: "P-256" };
const keys = await webcrypto.subtle.generateKey(P256, true, ["sign", "verify"]);
const { kty, crv, x, y } = await webcrypto.subtle.exportKey("jwk", keys.publicKey);
const holder = { kty, crv, x, y };
const written = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
const never = () => {
  throw new Error("nothing of this is asked for");
};

const wallet = new Openid4vciClient({
  callbacks: {
    hash: (data, algorithm) => createHash(algorithm.replace("-", "")).update(data).digest(),
    generateRandom: (bytes) => randomBytes(bytes),
    signJwt: async (_, { header, payload }) => {
      const signed = `${written(header)}.${written(payload)}`;
      const signature = await webcrypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, keys.privateKey, Buffer.from(signed));
      return { jwt: `${signed}.${Buffer.from(signature).toString("base64url")}`, signerJwk: holder };
    },
    clientAuthentication: clientAuthenticationAnonymous(),
    verifyJwt: never,
    encryptJwe: never,
    decryptJwe: never,
  },
});

let at = "offer";
try {
  const credentialOffer = await wallet.resolveCredentialOffer(given.offer);
  const issuerMetadata = await wallet.resolveIssuerMetadata(credentialOffer.credential_issuer);
  const [credentialConfigurationId] = credentialOffer.credential_configuration_ids;
  at = "token";
  const { accessTokenResponse } = await wallet.retrievePreAuthorizedCodeAccessTokenFromOffer({
    credentialOffer,
    issuerMetadata,
    txCode: given.transactionCode,
  });
  const ask = async () => {
    const { c_nonce: nonce } = await wallet.requestNonce({ issuerMetadata });
    const { jwt } = await wallet.createCredentialRequestJwtProof({
      issuerMetadata,
      credentialConfigurationId,
      nonce,
      issuedAt: new Date(given.now * 1000),
      signer: { method: "jwk", publicJwk: holder, alg: "ES256" },
    });
    return wallet.retrieveCredentials({
      issuerMetadata,
      credentialConfigurationId,
      accessToken: accessTokenResponse.access_token,
      proofs: { jwt: [jwt] },
    });
  };
  at = "credential";
  const { credentialResponse } = await ask();
  const again = await ask().then(
    () => "given",
    (error) => /"error": "(\w+)"/.exec(String(error))?.[1],
  );
  console.log(JSON.stringify({ credentials: credentialResponse.credentials, holder, again }));
} catch (error) {
  const said = error.errorResponse ?? error.response?.credentialErrorResponseResult?.data;
  console.log(JSON.stringify({ refused: { at, error: said?.error ?? String(error), status: error.response?.status } }));
}
