/* The desk without signal. Kept: one page that names nobody and the files it is made of, under a version of
   their contents. Everything else, above all every page with personal data, goes to the network untouched. */
var CACHE = "desk-" + DESK.version;
var PATIENCE = 5000;

self.addEventListener("install", function (event) {
  // Without the session: what is kept must be the same for everybody.
  var wanted = [DESK.shell].concat(DESK.assets).map(function (url) {
    return new Request(url, { credentials: "omit", cache: "reload" });
  });
  event.waitUntil(
    caches.open(CACHE).then(function (cache) { return cache.addAll(wanted); }).then(function () { return self.skipWaiting(); })
  );
});

self.addEventListener("activate", function (event) {
  event.waitUntil(
    caches.keys().then(function (names) {
      return Promise.all(names.filter(function (name) { return name.indexOf("desk-") === 0 && name !== CACHE; })
        .map(function (name) { return caches.delete(name); }));
    }).then(function () { return self.clients.claim(); })
  );
});

function shell() {
  return caches.open(CACHE).then(function (cache) { return cache.match(DESK.shell); });
}

/* The network first; when it stays silent, the page that names nobody. */
function page(request) {
  return new Promise(function (done) {
    var clock = setTimeout(function () { shell().then(function (kept) { if (kept) { done(kept); } }); }, PATIENCE);
    fetch(request).then(function (answer) {
      clearTimeout(clock);
      if (answer.status < 502 || answer.status > 504) { done(answer); return; }
      shell().then(function (kept) { done(kept || answer); });
    }, function () {
      clearTimeout(clock);
      shell().then(function (kept) { done(kept || Response.error()); });
    });
  });
}

self.addEventListener("fetch", function (event) {
  var request = event.request;
  var url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) { return; }
  if (request.mode === "navigate") {
    if (url.pathname === DESK.page) { event.respondWith(page(request)); }
    return;
  }
  if (DESK.assets.indexOf(url.pathname) >= 0) {
    event.respondWith(caches.open(CACHE).then(function (cache) {
      return cache.match(url.pathname).then(function (kept) { return kept || fetch(request); });
    }));
  }
});
