// A certified OpenID Connect provider (panva's oidc-provider), which a test sets up anew as often as it likes.
//
// Each line that it reads is a setup, or {"down": true}; each line that it writes says that it is done. What it knows of
// people and codes stays from one setup to the next, as behind any number of restarts.
import { generateKeyPairSync, randomUUID } from "node:crypto";
import { createServer } from "node:http";
import { createInterface } from "node:readline";
import { Provider } from "oidc-provider";

const KINDS = {
  RS256: ["rsa", { modulusLength: 2048 }],
  PS256: ["rsa", { modulusLength: 2048 }],
  ES256: ["ec", { namedCurve: "P-256" }],
  Ed25519: ["ed25519", {}],
};

const kept = new Map();

// What a provider keeps in its database.
class Kept {
  constructor(model) {
    this.model = model;
  }
  async upsert(id, payload) {
    kept.set(`${this.model} ${id}`, payload);
  }
  async find(id) {
    return kept.get(`${this.model} ${id}`);
  }
  async findByUid(uid) {
    return [...kept.entries()].find(([key, one]) => key.startsWith(`${this.model} `) && one.uid === uid)?.[1];
  }
  async consume(id) {
    kept.get(`${this.model} ${id}`).consumed = Math.floor(Date.now() / 1000);
  }
  async destroy(id) {
    kept.delete(`${this.model} ${id}`);
  }
  async revokeByGrantId(grantId) {
    for (const [key, one] of kept) if (one.grantId === grantId) kept.delete(key);
  }
}

let behind = 0;
const machine = Date.now.bind(Date);
Date.now = () => machine() + behind;

let current = (_, answer) => answer.writeHead(503).end();
const server = createServer((request, answer) => current(request, answer));
const listen = (port) => new Promise((done) => server.listen(port, "127.0.0.1", done));
const rest = () => new Promise((done) => (server.close(done), server.closeAllConnections()));
await listen(0);
const { port } = server.address();
const issuer = `http://127.0.0.1:${port}`;
const keys = {};

function newKey(algorithm) {
  const { privateKey } = generateKeyPairSync(...KINDS[algorithm]);
  return { ...privateKey.export({ format: "jwk" }), alg: algorithm, use: "sig", kid: randomUUID() };
}

function setUp(asked) {
  behind = asked.now * 1000 - machine();
  if (asked.renew || !keys[asked.algorithm]) keys[asked.algorithm] = newKey(asked.algorithm);
  const provider = new Provider(issuer, {
    adapter: Kept,
    clients: [
      {
        client_id: asked.client_id,
        client_secret: asked.secret,
        redirect_uris: [asked.return_to],
        token_endpoint_auth_method: asked.method,
        id_token_signed_response_alg: asked.algorithm,
        grant_types: ["authorization_code"],
        response_types: ["code"],
      },
    ],
    clientAuthMethods: [asked.method],
    cookies: { keys: ["signs the cookies of a test"] },
    jwks: { keys: [keys[asked.algorithm]] },
    claims: { openid: ["sub"], profile: ["name", "birthdate"], civil: ["nid"] },
    conformIdTokenClaims: !asked.in_token, // what a scope asks for is then told at userinfo alone
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ ...asked.claims, sub: id }) }),
    ttl: { IdToken: 300, AccessToken: 300, Grant: 3600, Session: 3600, Interaction: 600 },
  });
  provider.on("server_error", (_, error) => console.error(error));
  current = provider.callback();
}

console.log(JSON.stringify({ issuer }));
for await (const line of createInterface({ input: process.stdin })) {
  const asked = JSON.parse(line);
  if (asked.down) {
    await rest();
  } else {
    if (!server.listening) await listen(port);
    setUp(asked);
  }
  console.log(JSON.stringify({ done: true }));
}
server.close();
server.closeAllConnections();
