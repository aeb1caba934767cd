// Keeps passes and plans for when there is no network (docs/pwa.md). Only pages that say for how long come in, without
// their forms and scripts, so that no token of a session is written down. A form that cannot be sent is answered with a
// page that says so; what was typed is kept by typed.js, and removed here. Other pages go past it untouched.
const KEPT = "mawid-kept";
const TYPED = "mawid-typed";
const NOT_SENT = "/without-network/form";
const LIST = "/without-network";
const KEEPING = /^\/(appointments\/[^/]+\/pass|plan\/[^/]+)$/;
const TYPING = /^\/((ask|abroad)(\/[a-z]+)?|online\/cases\/[^/]+\/questions\/[^/]+|requests\/[^/]+\/(urgent|appeal))$/;
const LISTING = /^\/(me)?$/;
const LEAVING = /^\/(sign-out|sign-in|register|me\/account\/close)$/;
const FOR_GOOD = /^\/(sign-out|me\/account\/close)$/;
const PATIENCE = 8000; // milliseconds
const MOST = 12;
const AWAY = [502, 503, 504];
let leavings = 0;

const opened = () => caches.open(KEPT);
const without = (url) => url.split("#")[0];
const isOver = (answer) => !(Number(answer.headers.get("X-Until")) > Date.now());
// A page as it is shown without network: nothing that acts, and its first line tells of when it is.
const bare = (html) =>
  html
    .replace(/<(form|script)\b[^]*?<\/\1>/g, "")
    .replace("<body", '<body class="kept"')
    .replace("data-away hidden", "data-away");
const leave = (pathname) => {
  leavings += 1;
  // What was typed is sealed for its account, which may be the one that signs in again.
  return Promise.all([caches.delete(KEPT), FOR_GOOD.test(pathname ?? "") && caches.delete(TYPED)]);
};
const tidy = async () => {
  const kept = await opened();
  const requests = await kept.keys();
  for (const [index, one] of requests.entries()) {
    if (index < requests.length - MOST || isOver(await kept.match(one))) await kept.delete(one);
  }
};
const put = async (url, answer, until, text) => {
  const headers = new Headers({ "X-Until": until });
  for (const name of ["Content-Type", "Content-Security-Policy", "Content-Language"]) {
    headers.set(name, answer.headers.get(name) ?? "");
  }
  await (await opened()).put(url, new Response(text, { headers }));
};
const keep = async (url, answer) => {
  const before = leavings;
  const seconds = Number(answer.headers.get("X-Mawid-Keep"));
  if (!seconds) {
    if (answer.status >= 400 && answer.status < 500) await (await opened()).delete(url);
    return;
  }
  const until = Date.now() + seconds * 1000;
  const html = await answer.text();
  const style = html.match(/\/static\/mawid\.css\?v=\w+/)[0];
  const others = await Promise.all([style, LIST].map((one) => fetch(one)));
  const texts = await Promise.all(others.map((one) => one.text()));
  if (before !== leavings || !others.every((one) => one.ok)) return;
  await put(style, others[0], until, texts[0]);
  await put(LIST, others[1], until, bare(texts[1]));
  await put(url, answer, until, bare(html));
  await tidy();
  if (before !== leavings) await leave();
};
// The page that answers a form without network comes before it is needed, while somebody types.
const keepNotSent = async () => {
  const before = leavings;
  const answer = await fetch(NOT_SENT);
  const html = await answer.text();
  const style = await fetch(html.match(/\/static\/mawid\.css\?v=\w+/)[0]);
  if (before !== leavings || !answer.ok || !style.ok) return;
  const until = Date.now() + 86_400_000; // a day, as long as what is typed
  await put(style.url, style, until, await style.text());
  await put(NOT_SENT, answer, until, bare(html));
  if (before !== leavings) await leave();
};
const notSent = async (pathname) => {
  const found = await (await opened()).match(NOT_SENT);
  if (!found || isOver(found)) return null;
  const html = (await found.text()).replace('href="/me" data-return', `href="${pathname.replace(/&/g, "&amp;")}"`);
  return new Response(html, found);
};
const send = async (event, pathname) => {
  const answer = await fetch(event.request).catch(() => null);
  if (!answer || AWAY.includes(answer.status)) return (await notSent(pathname)) ?? answer ?? Response.error();
  if (answer.ok || answer.type === "opaqueredirect") await (await caches.open(TYPED)).delete(pathname);
  return answer;
};
const list = async () => {
  const kept = await opened();
  const page = await kept.match(LIST);
  if (!page || isOver(page)) return null;
  let lines = "";
  for (const { url } of await kept.keys()) {
    const answer = KEEPING.test(new URL(url).pathname) && (await kept.match(url));
    if (!answer || isOver(answer)) continue;
    const title = (await answer.text()).match(/<title>(.*?)<\/title>/)[1];
    lines += `<li><a href="${url.replace(/&/g, "&amp;")}">${title}</a></li>`;
  }
  return new Response((await page.text()).replace("<li data-kept></li>", lines), page);
};
const page = async (event, find) => {
  const asked = fetch(event.request);
  const found = await find();
  const late = new Promise((done) => setTimeout(done, PATIENCE, null));
  const answer = found ? await Promise.race([asked.catch(() => null), late]) : await asked;
  if (!answer || AWAY.includes(answer.status)) return found ?? answer;
  return answer;
};
const copy = async (url) => {
  const answer = await (await opened()).match(url);
  return answer && !isOver(answer) ? answer : list();
};
const kept = async (event) => {
  const url = without(event.request.url);
  const answer = await page(event, () => copy(url));
  if (!answer.headers.has("X-Until")) event.waitUntil(keep(url, answer.clone()));
  return answer;
};

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(tidy().then(() => self.clients.claim())));
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (origin !== location.origin) return;
  if (request.mode !== "navigate") {
    if (pathname === "/static/mawid.css") {
      event.respondWith(fetch(request).catch(async () => (await caches.match(request.url)) ?? Response.error()));
    }
  } else if (request.method === "POST") {
    if (LEAVING.test(pathname)) event.waitUntil(leave(pathname));
    else if (TYPING.test(pathname)) event.respondWith(send(event, pathname));
  } else if (TYPING.test(pathname)) {
    event.respondWith(page(event, () => notSent(pathname)));
  } else if (KEEPING.test(pathname)) {
    event.respondWith(kept(event));
  } else if (LISTING.test(pathname)) {
    event.respondWith(page(event, list));
  }
});
// A page that came before this script asks to be kept; whoever asks is told when it is.
self.addEventListener("message", (event) => {
  const url = without(event.source.url);
  const asked = async () => {
    if (event.data === "typing") return keepNotSent();
    if (!KEEPING.test(new URL(url).pathname)) return;
    await tidy();
    if (!(await (await opened()).match(url))) await keep(url, await fetch(url));
    if (await (await opened()).match(url)) event.source.postMessage("kept");
  };
  event.waitUntil(asked());
});
