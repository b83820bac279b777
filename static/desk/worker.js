/* The desk without signal. Kept: one page that names nobody and the files it is made of, under a version of
   their contents. Everything else, above all every page with personal data, goes to the network untouched.
   The server writes the constant DESK (version, page, shell, assets) before the first line. */
/* global DESK */
const CACHE = `desk-${DESK.version}`;
const PATIENCE = 5000;

async function install() {
  // Without the session: what is kept must be the same for everybody.
  const wanted = [DESK.shell, ...DESK.assets].map((url) => new Request(url, { credentials: "omit", cache: "reload" }));
  await (await caches.open(CACHE)).addAll(wanted);
  await self.skipWaiting();
}

async function activate() {
  const names = await caches.keys();
  const old = names.filter((name) => name.startsWith("desk-") && name !== CACHE);
  await Promise.all(old.map((name) => caches.delete(name)));
  await self.clients.claim();
}

async function kept(what) { return (await caches.open(CACHE)).match(what); }

/* The network first; when it stays silent, the page that names nobody. */
function page(request) {
  return new Promise((done) => {
    const clock = setTimeout(async () => {
      const shell = await kept(DESK.shell);
      if (shell) { done(shell); }
    }, PATIENCE);
    fetch(request).then(async (answer) => {
      clearTimeout(clock);
      const isGateway = answer.status >= 502 && answer.status <= 504;
      done((isGateway && (await kept(DESK.shell))) || answer);
    }, async () => {
      clearTimeout(clock);
      done((await kept(DESK.shell)) || Response.error());
    });
  });
}

self.addEventListener("install", (event) => { event.waitUntil(install()); });
self.addEventListener("activate", (event) => { event.waitUntil(activate()); });
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) { return; }
  if (request.mode === "navigate") {
    if (url.pathname === DESK.page) { event.respondWith(page(request)); }
    return;
  }
  if (DESK.assets.includes(url.pathname)) {
    event.respondWith(kept(url.pathname).then((found) => found || fetch(request)));
  }
});
