// Stands between the counter's page and the network, and nothing else: where the network or the server is away it
// shows the page that was kept for that. It keeps no data and changes no answer.
const PAGES = "mawid-counter";
const PAGE = "/desk/today/offline";
const PATIENCE = 8000; // milliseconds
const AWAY = [502, 503, 504];
const typed = new Map(); // by the window that waits for it; never written down

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

const orNothing = (promise) =>
  Promise.race([promise.catch(() => null), new Promise((done) => setTimeout(done, PATIENCE, null))]);

const page = async (event) => {
  const form = event.request.method === "POST" ? event.request.clone() : null;
  const answer = await orNothing(fetch(event.request)); // the request as it is: who sent it stays known
  if (answer && !AWAY.includes(answer.status)) return answer;
  const kept = await caches.match(PAGE, { ignoreVary: true });
  if (!kept) return answer ?? Response.error();
  if (form) {
    const fields = await form.formData();
    const step = event.request.url.replace(/.*\//, "");
    typed.set(event.resultingClientId, { text: fields.get("text"), action: fields.get("action"), step });
  }
  return kept;
};
const file = async (request) => (await caches.match(request, { ignoreVary: true })) ?? fetch(request);

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (origin !== location.origin) return;
  if (request.mode === "navigate") {
    const ours = request.method === "GET" || request.referrer.startsWith(`${location.origin}/`);
    if (ours) event.respondWith(page(event));
  } else if (pathname.startsWith("/static/")) {
    event.respondWith(file(request));
  }
});
self.addEventListener("message", (event) => {
  event.ports[0].postMessage(typed.get(event.source.id) ?? null);
  typed.delete(event.source.id);
});
