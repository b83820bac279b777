/* The desk: whose it is, today's reception from begin to end, and what to do when there is no signal. */
(function () {
  "use strict";
  var Desk = window.Desk = window.Desk || {};
  var view = Desk.view, store = Desk.store, el = view.el;
  var root = document.getElementById("desk");
  var OUTCOMES = [["attended", "到岗"], ["on_leave", "请假"], ["absent", "未到"]];
  if (!root) { return; }

  var desk = {
    ring: null, page: null, queue: null, matter: null, list: null, labels: {}, chosen: null, ticks: {}, records: [], bodies: {},
    counted: null, said: "", others: 0
  };

  /* ---- starting ---- */
  async function begin() {
    if (!Desk.canKeep()) { return plain("这个浏览器或者这个网址不能离线登记，请用下面的网页登记。"); }
    if (navigator.serviceWorker) {
      navigator.serviceWorker.register(root.dataset.worker, { scope: root.dataset.page }).catch(function () { /* works with signal */ });
    }
    var told = await ask();
    if (told.state) {
      desk.ring = await store.admit(told.state.owner, told.state.keys, told.state.until);
      desk.page = Object.assign(told.state.desk, { loadedAt: Date.now() });
      await store.putPage(desk.ring, desk.page);
    } else {
      desk.ring = await store.lastRing();
      desk.page = desk.ring ? await store.getPage(desk.ring) : null;
      if (!desk.page) { return plain(told.isReached ? "请先登录。" : "没有网络，这部手机上也没有您的登记身份。请先联网登录一次，以后没有网络也能登记。", told.isReached); }
    }
    desk.page.categories.forEach(function (pair) { desk.labels[pair[0]] = pair[1]; });
    build();
    await clearOld();
    desk.queue = new Desk.Queue({ ring: desk.ring, addresses: addresses(), changed: changed });
    desk.queue.status.isReached = told.isReached;
    desk.queue.status.isSignedOut = told.isReached && !told.state;
    if (navigator.storage && navigator.storage.persist) { navigator.storage.persist().catch(function () { /* asked in vain */ }); }
    await refresh();
    await resumeLast();
    await desk.queue.watch();
  }

  function addresses() {
    var data = root.dataset;
    return { token: data.token, begin: data.begin, end: data.end, attendance: data.attendance, duty: data.duty,
      matter: data.matter, photos: data.photos };
  }

  /* What the server tells now: {state} when signed in, and whether it was reached at all. */
  async function ask() {
    try {
      var answer = await Desk.reach(root.dataset.state, { redirect: "manual" });
      if (answer.ok) { return { isReached: true, state: await answer.json() }; }
      return { isReached: answer.status < 500 };
    } catch (lost) { return { isReached: false }; }
  }

  /* Without the script's help the page still has its links to the plain forms. */
  function plain(words, isSignIn) {
    root.hidden = false;
    view.fill(root, el("div", { "class": "notice notice--warn", role: "status" }, el("p", null, words),
      isSignIn && el("p", null, el("a", { "class": "btn", href: root.dataset.signIn }, "登录"))));
  }

  function build() {
    var parts = desk.parts = {
      status: el("div", { "class": "desk-status", role: "status" }),
      chooser: el("div", { "class": "desk-chooser" }), reception: el("section", { "class": "panel desk-reception" }),
      matter: el("section", { "class": "panel" }), end: el("section", { "class": "panel desk-end" })
    };
    desk.matter = new Desk.Matter({
      ring: desk.ring, page: desk.page, mostPhotos: Number(root.dataset.mostPhotos), place: place,
      changed: function () { refreshList(); },
      failed: function () {
        desk.matter.say("手机存储空间不够，刚才这一件没有存下。请删去几张照片或者清理手机后，再点“保存这一件”。", true);
      },
      saved: function () { desk.counted = null; next("已存好。可以接着登记下一位。"); desk.queue.send(true); },
      putAside: function () { next("已放进草稿，可以先登记另一件。"); }
    });
    parts.matter.appendChild(desk.matter.node);
    desk.list = new Desk.List(desk);
    root.hidden = false;
    view.fill(root, parts.status, parts.chooser, parts.reception, parts.matter, parts.end, desk.list.node);
    var bare = document.getElementById("desk-plain");
    if (bare) { bare.hidden = true; }
    var first = desk.page.days.filter(function (day) { return day.is_today; })[0];
    desk.chosen = first ? first.id : null;
  }

  /* Lines of earlier days that are safely on the server leave the phone. */
  async function clearOld() {
    var mine = await store.list(desk.ring.owner);
    for (var i = 0; i < mine.length; i += 1) {
      if (mine[i].state === "sent" && view.dayOf(new Date(mine[i].sentAt).toISOString()) < view.dayOf()) { await store.drop(mine[i].uid); }
    }
    var counts = await store.recount();
    desk.others = Object.keys(counts).reduce(function (sum, owner) { return sum + (owner === desk.ring.owner ? 0 : counts[owner]); }, 0);
  }

  /* A tab that was killed in the middle of a sentence opens with the sentence. */
  async function resumeLast() {
    var drafts = desk.records.filter(function (one) { return one.state === "draft" && one.kind === "matter"; });
    if (!drafts.length || !desk.matter.isEmpty()) { return; }
    await desk.matter.resume(drafts[drafts.length - 1], "");
    desk.matter.say("已恢复您上次没写完的内容。");
    await refresh();
  }

  /* ---- what stands: the server's word, then what this phone has entered since ---- */
  async function readRecords() {
    desk.records = await store.list(desk.ring.owner);
    var bodies = {};
    for (var i = 0; i < desk.records.length; i += 1) {
      var one = desk.records[i];
      try { bodies[one.uid] = await store.body(desk.ring, one); } catch (unreadable) { bodies[one.uid] = {}; }
    }
    desk.bodies = bodies;
  }

  function dayById(id) { return desk.page.days.filter(function (day) { return String(day.id) === String(id); })[0] || null; }

  function chosenDay() {
    var day = dayById(desk.chosen);
    if (!day) { return null; }
    var now = Object.assign({}, day, { deputies: day.deputies.map(function (one) { return Object.assign({}, one); }),
      own: day.own_turn, people: 0 });
    var known = {};
    desk.page.entered.forEach(function (one) {
      known[one.number] = true;
      if (one.day === day.id) { now.people += one.people; }
    });
    desk.records.forEach(function (record) {
      var body = desk.bodies[record.uid];
      var isNewer = record.state === "waiting" || (record.state === "sent" && record.sentAt >= desk.page.loadedAt);
      if (String(body.reception_day) !== String(day.id) || !isNewer) { return; }
      if (record.kind === "begin") { now.began_at = body.typed_at; }
      if (record.kind === "end") {
        now.ended_at = body.ended_at || body.typed_at;
        now.began_at = body.began_at || now.began_at;
        now.visitor_count = body.visitor_count === undefined ? now.visitor_count : body.visitor_count;
      }
      if (record.kind === "duty") { now.own = "attended"; }
      if (record.kind === "attendance" && body.outcomes) {
        now.deputies.forEach(function (one) { one.outcome = body.outcomes[one.id] || one.outcome; });
      }
      if (record.kind === "matter" && !known[record.number]) { now.people += Number(body.people_count) || 1; }
    });
    return now;
  }

  function place() {
    var day = dayById(desk.chosen);
    return { reception_day: day ? String(day.id) : "" };
  }

  /* ---- showing ---- */
  async function refresh() {
    await readRecords();
    showStatus();
    showChooser();
    var day = chosenDay();
    showReception(day);
    desk.parts.matter.hidden = Boolean(day && !day.began_at && day.is_today);
    desk.matter.showPlace(day);
    showEnd(day);
    await desk.list.show();
  }

  var listing = 0;
  function refreshList() {
    clearTimeout(listing);
    listing = setTimeout(async function () { await readRecords(); showStatus(); await desk.list.show(); }, 50);
  }

  /* A word about what was just done; it stands beside the state of the queue, which is always in sight. */
  var saying = 0;
  function say(words) {
    desk.said = words;
    showStatus();
    clearTimeout(saying);
    saying = setTimeout(function () { desk.said = ""; showStatus(); }, 15000);
  }

  /* The form is empty again: show its beginning, with a word about what became of the last one. */
  async function next(words) {
    desk.matter.say("");
    await refresh();
    say(words);
    desk.parts.matter.scrollIntoView({ block: "start" });
  }

  function count(state) { return desk.records.filter(function (one) { return one.state === state; }).length; }

  function showStatus() {
    var status = desk.queue ? desk.queue.status : { isReached: navigator.onLine };
    var waiting = count("waiting"), trouble = count("conflict") + count("refused");
    var words, tone = "ok";
    if (status.isSending) { words = "正在发送，还有" + waiting + "条"; tone = "info"; }
    else if (status.isSignedOut) { words = "登录已过期，" + (waiting ? waiting + "条待发送，" : "") + "请重新登录，内容都在"; tone = "warn"; }
    else if (waiting) { words = waiting + "条待发送，联网后自动发送"; tone = "warn"; }
    else if (!status.isReached) { words = "没有网络，可以照常登记，联网后自动发送"; tone = "warn"; }
    else { words = "已联网，没有待发送的"; }
    view.fill(desk.parts.status,
      el("div", { "class": "desk-status__line" }, view.mark(words, tone),
        status.isSignedOut ? el("a", { "class": "btn", href: root.dataset.signIn }, "重新登录")
          : waiting > 0 && !status.isSending && view.button("立即发送", function () { return desk.queue.send(true); })),
      desk.said && el("p", { "class": "desk-said" }, desk.said),
      trouble > 0 && el("div", { "class": "notice notice--bad" }, el("span", null, trouble + "条没有收下，要您看一看"),
        view.button("去看看", function () { desk.list.node.scrollIntoView({ block: "start" }); })),
      desk.others > 0 && el("p", { "class": "quiet small" }, "这部手机上还有别的账号或者职务未发送的记录，内容已加密，这里看不到也不会发送；请原登记人登录本页发送。"));
  }

  function showChooser() {
    var days = desk.page.days;
    if (days.length < 1) { return view.fill(desk.parts.chooser, el("p", { "class": "notice" }, "今天没有需要您登记的接待日。群众反映的事，随时可以登记。")); }
    if (days.length === 1 && desk.chosen !== null && days[0].is_today) { return view.fill(desk.parts.chooser); }
    view.fill(desk.parts.chooser, el("h2", null, "登记哪一次"), el("div", { "class": "btns" },
      days.map(function (day) {
        return pick((day.is_today ? "今天" : view.dayWords(day.day)) + "　" + day.station, day.id);
      }), pick("不在接待日的事", null)));
  }

  function pick(words, id) {
    var button = view.button(words, function () { desk.chosen = id; desk.ticks = {}; desk.counted = null; refresh(); });
    button.setAttribute("aria-pressed", String(String(desk.chosen) === String(id)));
    return button;
  }

  function showReception(day) {
    var part = desk.parts.reception;
    part.hidden = !day;
    if (!day) { return; }
    var times = day.ended_at
      ? "已结束，" + (day.began_at ? view.clock(day.began_at) + "—" : "") + view.clock(day.ended_at) + "，来访" + day.visitor_count + "人"
      : (day.began_at ? view.clock(day.began_at) + "开始" : "计划" + day.hours);
    view.fill(part, el("h2", null, day.station),
      el("p", null, view.mark(day.ended_at ? "已结束" : (day.began_at ? "正在接待" : day.state_label),
        day.ended_at ? "ok" : (day.began_at ? "info" : "none")), " ", times),
      day.theme && el("p", null, "主题：" + day.theme),
      day.is_station ? attendance(day) : dutyOf(day),
      !day.began_at && !day.ended_at && day.may_run && day.is_today && el("p", { "class": "desk-big" },
        view.button("开始接待", function () { return start(day); }, "btn--primary btn--wide")),
      !day.began_at && !day.ended_at && !day.may_run && el("p", { "class": "quiet" }, "还没有开始，由联络站或者值班代表登记开始。"));
  }

  function dutyOf(day) {
    var names = day.deputies.map(function (one) { return one.name; }).join("、");
    return [names && el("p", null, "值班代表：" + names),
      day.own === "attended" ? el("p", null, view.mark("您已登记到岗", "ok"))
        : (day.own === "" || day.began_at || !day.is_today) &&
          el("p", null, view.button("登记我到岗", function () { return enter("duty", { expects_turn: day.own === "scheduled" }); }))];
  }

  /* Who came: three large buttons a deputy, as seen by the station. */
  function attendance(day) {
    var planned = day.deputies.filter(function (one) { return one.is_planned || one.outcome || desk.ticks[one.id]; });
    var others = day.deputies.filter(function (one) { return planned.indexOf(one) < 0; });
    var select = el("select", null, el("option", { value: "" }, "选一位代表"),
      others.map(function (one) { return el("option", { value: one.id }, one.name); }));
    var box = [el("h3", null, "谁来了"),
      planned.length === 0 && el("p", { "class": "quiet" }, "这次没有排班，请在下面添加到场的代表。"),
      planned.map(function (one) { return row(day, one); }),
      others.length > 0 && view.fold("添加其他到场的代表", view.field("代表", select),
        view.button("添加", function () { if (select.value) { desk.ticks[select.value] = "attended"; refresh(); } })),
      (day.began_at || !day.is_today) && changedTicks(day) && el("p", null, view.button("保存到岗情况", function () { return saveTicks(day); }))];
    return day.began_at ? view.fold.apply(null, ["到岗情况" + summary(planned)].concat(box)) : box;
  }

  function summary(planned) {
    var here = planned.filter(function (one) { return (desk.ticks[one.id] || one.outcome) === "attended"; });
    return here.length ? "：" + here.map(function (one) { return one.name; }).join("、") + "到岗" : "（还没有登记）";
  }

  function row(day, one) {
    var now = desk.ticks[one.id] || one.outcome;
    return el("div", { "class": "desk-person", role: "group", "aria-label": one.name }, el("span", { "class": "strong" }, one.name),
      el("div", { "class": "btns" }, OUTCOMES.map(function (pair) {
        var button = view.button(pair[1], function () { desk.ticks[one.id] = pair[0]; refresh(); });
        button.setAttribute("aria-pressed", String(now === pair[0]));
        button.dataset.deputy = one.id;
        return button;
      })));
  }

  function changedTicks(day) {
    return day.deputies.some(function (one) { return desk.ticks[one.id] && desk.ticks[one.id] !== one.outcome; });
  }

  /* ---- entering ---- */
  async function enter(kind, facts) {
    var uid = store.newUid();
    var body = Object.assign({ typed_at: new Date().toISOString(), reception_day: String(desk.chosen) }, facts);
    await store.put(desk.ring, { uid: uid, kind: kind, state: "waiting", tries: 0, next: 0, code: "" }, body, true);
    await refresh();
    desk.queue.send(true);
  }

  async function saveTicks(day) {
    var outcomes = {}, names = [];
    day.deputies.forEach(function (one) {
      if (desk.ticks[one.id] && desk.ticks[one.id] !== one.outcome) {
        outcomes[one.id] = desk.ticks[one.id];
        names.push(one.name + OUTCOMES.filter(function (pair) { return pair[0] === desk.ticks[one.id]; })[0][1]);
      }
    });
    desk.ticks = {};
    if (names.length) { await enter("attendance", { outcomes: outcomes, names: names.join("、") }); }
  }

  async function start(day) {
    if (day.is_station) { await saveTicks(day); }
    await enter("begin", {});
    if (!day.is_station && day.own === "scheduled") { await enter("duty", { expects_turn: true }); }
    say("已登记" + view.clock(new Date().toISOString()) + "开始。来了群众，在下面登记。");
    desk.matter.node.querySelector("textarea").focus({ preventScroll: true });
    desk.parts.matter.scrollIntoView({ block: "start" });
  }

  /* ---- the end: the number of visitors is counted along and may be put right ---- */
  function showEnd(day) {
    var part = desk.parts.end;
    part.hidden = !day || !day.may_run || (day.is_today && !day.began_at);
    if (part.hidden) { return; }
    if (day.ended_at || !day.is_today) { return view.fill(part, correction(day)); }
    var number = desk.counted === null ? day.people : desk.counted;
    var shown = el("output", { "aria-live": "polite" }, number + "人");
    var step = function (by) { return function () { desk.counted = Math.max(0, number + by); showEnd(day); }; };
    var less = view.button("－", step(-1)), more = view.button("＋", step(1));
    less.setAttribute("aria-label", "少一人");
    more.setAttribute("aria-label", "多一人");
    view.fill(part, el("h2", null, "结束接待"),
      el("div", { "class": "desk-stepper", role: "group", "aria-label": "来访人数" }, el("span", null, "来访人数"), less, shown, more),
      view.button("结束接待", async function () {
        if (day.is_station) { await saveTicks(day); }
        await desk.matter.keep();
        desk.counted = null;
        await enter("end", { visitor_count: number });
        say("已登记结束。时间和人数不对的，可以更正。");
      }, "btn--wide"),
      el("p", { "class": "quiet" }, "点一下就登记现在的时间为结束时间。"));
  }

  /* Hours and numbers of a reception that is over, or that nobody registered on its day. */
  function correction(day) {
    var began = el("input", { type: "time", value: view.clockField(day.began_at) || day.hours.slice(0, 5) });
    var ended = el("input", { type: "time", value: view.clockField(day.ended_at) || day.hours.slice(-5) });
    var number = el("input", { type: "number", min: 0, max: 9999, inputmode: "numeric",
      value: day.ended_at ? day.visitor_count : day.people });
    var fault = el("p", { "class": "field__error", role: "alert", hidden: true });
    var form = [view.field("开始时间", began), view.field("结束时间", ended), view.field("来访人数", number), fault,
      view.button(day.ended_at ? "保存更正" : "登记这次接待", async function () {
        var wrong = !began.value || !ended.value || number.value === "" ? "请填写开始时间、结束时间和来访人数。"
          : (ended.value < began.value ? "结束时间不能早于开始时间，请改正。" : "");
        fault.textContent = wrong;
        fault.hidden = !wrong;
        if (wrong) { return; }
        if (day.is_station) { await saveTicks(day); }
        await enter("end", { began_at: view.at(day.day, began.value), ended_at: view.at(day.day, ended.value),
          visitor_count: Number(number.value), is_correction: Boolean(day.ended_at) });
        say("已存好。");
      })];
    return day.ended_at ? view.fold.apply(null, ["时间或者人数不对，更正"].concat(form)) : [el("h2", null, "补登这次接待")].concat(form);
  }

  /* ---- what the queue and the list ask for ---- */
  var reloading = 0;
  async function changed(what) {
    if (what === "other") { return leave(); }
    if (what === "sent" || what === "settled") {
      await refresh();
      clearTimeout(reloading);
      reloading = setTimeout(reload, 400);
      return;
    }
    if (desk.parts) { await readRecords(); showStatus(); }
  }

  async function reload() {
    var asked = Date.now();
    var told = await ask();
    if (!told.state) { return; }
    if (told.state.owner !== desk.ring.owner) { return leave(); }
    desk.page.entered = told.state.desk.entered;
    desk.page.days = told.state.desk.days;
    desk.page.loadedAt = asked;
    await store.putPage(desk.ring, desk.page);
    await refresh();
  }

  /* Somebody else has signed in on this phone: nothing of the former may stay on the screen. */
  async function leave() {
    await desk.matter.keep();
    view.fill(root);
    location.replace(root.dataset.page);
  }

  desk.refresh = refresh;
  desk.day = dayById;
  desk.stationOf = function (id) { var day = dayById(id); return day && day.is_station ? String(day.station_id) : ""; };
  desk.resend = async function (record, body) {
    record.state = "waiting";
    record.code = record.link = "";
    record.next = record.tries = 0;
    delete record.answer;
    await store.put(desk.ring, record, body, true);
    await refresh();
    desk.queue.send(true);
  };
  desk.edit = async function (record, reason) {
    if (desk.queue.isRunning && record.state === "waiting") { return say("正在发送，请稍候再修改。"); }
    if (record.state === "waiting") { record.state = "draft"; await store.put(desk.ring, record); }
    await desk.matter.resume(record, reason);
    desk.parts.matter.hidden = false;
    await refresh();
    desk.parts.matter.hidden = false;
    desk.matter.heading.focus();
    desk.parts.matter.scrollIntoView({ block: "start" });
  };
  desk.addPhotos = async function (one, input) {
    var file = input.files[0];
    if (!file) { return; }
    var uid = store.newUid();
    try { await store.addPhoto(desk.ring, uid, await Desk.photos.compress(file)); } catch (damaged) { return say("这不是照片或者已损坏，请重新拍。"); }
    await store.put(desk.ring, { uid: uid, kind: "photos", state: "waiting", tries: 0, next: 0, code: "" },
      { typed_at: new Date().toISOString(), opinion: one.id, label: one.number }, true);
    say("照片已存好。");
    await refresh();
    desk.queue.send(true);
  };

  begin();
})();
