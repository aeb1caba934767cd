// Ask for a turn and read where it stands: node example.js http://localhost:8000 nour 'a turn in the sandbox'
import { randomUUID } from "node:crypto";
import { mawid } from "mawid-client";

const [site, username, password] = process.argv.slice(2) as [string, string, string];
const session = await mawid(site).POST("/api/v1/sessions", { body: { username, password } });
const client = mawid(site, session.data!.access_token);
const person = (await client.GET("/api/v1/household/members")).data!.members[0]!;
const asked = await client.POST("/api/v1/requests", {
  params: { header: { "Idempotency-Key": randomUUID() } },
  body: { service: "passport-renewal", people: [person.id], offices: ["damascus"], bands: ["morning", "midday"] },
});
if (asked.error) throw new Error(asked.error.detail);
const shown = await client.GET("/api/v1/requests/{reference}", { params: { path: { reference: asked.data.reference } } });
console.log(asked.data.reference, shown.data!.state);
