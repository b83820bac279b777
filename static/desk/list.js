/* What was entered today, each with its state: drafts, what waits, what was refused and why, what is saved.
   Where the server has another view of things, a person chooses; nothing is thrown away unasked. */
(function () {
  "use strict";
  var Desk = window.Desk = window.Desk || {};
  var view = Desk.view, store = Desk.store, el = view.el;

  /* desk: {ring, page, queue, matter, refresh(), resend(record, change), day(id)} */
  function List(desk) {
    this.desk = desk;
    this.node = el("section", { "class": "panel desk-list", "aria-label": "今天登记的" });
    this.asked = "";
  }

  var WORDS = { draft: ["没写完", "info"], waiting: ["待发送", "warn"], sent: ["已发送", "ok"], refused: ["没有收下", "bad"],
    conflict: ["要您决定", "bad"] };

  List.prototype.show = async function () {
    var list = this, desk = this.desk;
    var records = await store.list(desk.ring.owner);
    var lines = [];
    var known = {};
    desk.page.entered.forEach(function (one) { known[one.number] = true; });
    for (var i = 0; i < records.length; i += 1) {
      var line = await this._read(records[i]);
      if (line && !(line.record.state === "sent" && (known[line.record.number] || line.record.kind !== "matter"))) { lines.push(line); }
    }
    var first = lines.filter(function (line) { return line.record.state === "conflict" || line.record.state === "refused"; });
    var drafts = lines.filter(function (line) { return line.record.state === "draft" && line.record.uid !== desk.matter.uid; });
    var rest = lines.filter(function (line) { return line.record.state === "waiting" || line.record.state === "sent"; });
    var total = first.length + drafts.length + rest.length + desk.page.entered.length;
    view.fill(this.node, el("h2", null, "今天登记的"),
      !total && el("p", { "class": "quiet" }, "还没有登记。"),
      el("ol", { "class": "desk-lines" },
        first.concat(drafts, rest).map(function (line) { return list._local(line); }),
        desk.page.entered.slice().reverse().map(function (one) { return list._saved(one); })));
    return lines;
  };

  List.prototype._read = async function (record) {
    try {
      return {
        record: record,
        body: await store.body(this.desk.ring, record),
        answer: record.answer ? await store.unseal(this.desk.ring, record.uid + "!", record.answer) : {}
      };
    } catch (unreadable) { return { record: record, body: {}, answer: { reason: "这条记录在本机上无法打开，请联系系统管理员。" } }; }
  };

  List.prototype.title = function (line) {
    var body = line.body, desk = this.desk;
    if (line.record.kind === "begin") { return "开始接待　" + view.clock(body.typed_at); }
    if (line.record.kind === "end") {
      return "结束接待　" + view.clock(body.ended_at || body.typed_at) 
        + (body.visitor_count === undefined ? "" : "，来访" + body.visitor_count + "人");
    }
    if (line.record.kind === "duty") { return "本人到岗"; }
    if (line.record.kind === "attendance") { return "到岗情况" + (body.names ? "：" + body.names : ""); }
    if (line.record.kind === "photos") { return (body.label || "") + "　补充照片"; }
    return (desk.labels[body.category] ? desk.labels[body.category] + "　" : "") + (body.label || "没有写内容");
  };

  List.prototype._local = function (line) {
    var record = line.record, list = this;
    var words = WORDS[record.state];
    if (this.asked === record.uid) { return this._question(line); }
    return el("li", { "data-uid": record.uid, "data-state": record.state },
      el("div", { "class": "desk-line" }, el("span", { "class": "strong" }, this.title(line)), view.mark(words[0], words[1])),
      el("p", { "class": "quiet small" }, line.answer.number ? "编号" + line.answer.number + "　" : "",
        line.body.typed_at ? view.dayWords(view.dayOf(line.body.typed_at)) + view.clock(line.body.typed_at) + "录入" : ""),
      line.answer.reason && record.state !== "sent" && record.state !== "waiting" &&
        el("p", { "class": "notice notice--bad" }, line.answer.reason),
      el("div", { "class": "btns" }, list._ways(line)));
  };

  /* What a person can do about a record. */
  List.prototype._ways = function (line) {
    var record = line.record, list = this, desk = this.desk, body = line.body;
    var ways = [];
    var offer = function (words, act) { ways.push(view.button(words, act)); };
    var change = function (facts) { return function () { return desk.resend(record, Object.assign({}, body, facts)); }; };
    if (record.state === "sent") { return line.record.link ? [el("a", { "class": "btn", href: record.link }, "查看")] : []; }
    if (record.state === "draft") { offer("继续填写", function () { desk.edit(record, ""); }); }
    if (record.state === "waiting" && record.kind === "matter" && !record.tries) { offer("修改", function () { desk.edit(record, ""); }); }
    if (record.state === "conflict" || record.state === "refused") {
      if (record.kind === "matter") {
        if (record.code === "day_off") {
          offer("作为今天的新登记",
            change({ reception_day: "", typed_at: new Date().toISOString(), station: desk.stationOf(body.reception_day) }));
        }
        offer("修改后再发送", function () { desk.edit(record, line.answer.reason); });
      } else if (record.code === "already_begun" || record.code === "already_ended") { offer("改为我登记的", change({ is_correction: true })); }
      else if (record.code === "turn_gone" && record.kind === "duty") { offer("我到岗了，照样登记", change({ expects_turn: false })); }
      else if (record.kind === "begin" || record.kind === "end") { ways.push(list._times(line)); }
      else if (record.kind === "photos") { list._photoWays(line, offer, change); }
      if (record.link) { ways.push(el("a", { "class": "btn", href: record.link }, "查看现在的登记")); }
    }
    if (!(record.state === "waiting" && record.tries)) {
      offer(record.state === "conflict" || record.state === "refused" ? "不再发送，删除" : "删除",
        function () { list.asked = record.uid; list.show(); });
    }
    return ways;
  };

  List.prototype._photoWays = function (line, offer, change) {
    var desk = this.desk, record = line.record, target = /\/(\d+)\/$/.exec(record.link);
    if (record.code === "merged" && target) { offer("添加到并入的那一件", change({ opinion: target[1] })); }
    if (record.code) {
      offer("作为新登记", async function () {
        var uid = store.newUid();
        await store.put(desk.ring, { uid: uid, kind: "matter", state: "draft", tries: 0, next: 0 },
          { content: line.body.label + "的补充情况：", handling: "pass", urgency: "ordinary", contact_way: "face_to_face",
            people_count: "1", reception_day: "", typed_at: line.body.typed_at, label: line.body.label });
        await store.movePhotos(record.uid, uid);
        await store.drop(record.uid);
        desk.edit(await store.get(uid), "");
      });
    }
  };

  /* Times the server cannot believe are put right by who was there. */
  List.prototype._times = function (line) {
    var desk = this.desk, record = line.record, body = line.body;
    var hours = el("input", { type: "time", value: view.clockField(body.ended_at || body.typed_at) });
    var day = desk.day(body.reception_day);
    return el("div", { "class": "desk-times" },
      view.field(record.kind === "begin" ? "开始时间" : "结束时间", hours),
      view.button("改时间后再发送", function () {
        if (!hours.value) { return; }
        var at = view.at(day ? day.day : view.dayOf(body.typed_at), hours.value);
        desk.resend(record, Object.assign({}, body,
          record.kind === "begin" ? { typed_at: at } : { typed_at: new Date().toISOString(), ended_at: at }));
      }));
  };

  List.prototype._question = function (line) {
    var list = this, desk = this.desk, record = line.record;
    return el("li", { "data-uid": record.uid },
      el("div", { "class": "notice notice--warn", role: "alert" },
        el("p", null, "确定删除“" + this.title(line) + "”吗？只在这部手机上，删除后不能恢复。"),
        el("div", { "class": "btns" },
          view.button("确定删除", async function () { await store.drop(record.uid); list.asked = ""; desk.refresh(); }, "btn--danger"),
          view.button("不删", function () { list.asked = ""; list.show(); }))));
  };

  /* A matter the server holds, as the office sees it now. */
  List.prototype._saved = function (one) {
    var desk = this.desk;
    var input = el("input", { type: "file", accept: "image/*", id: view.id("more"), "class": "sr-only",
      change: function () { desk.addPhotos(one, input); } });
    return el("li", { "data-number": one.number },
      el("div", { "class": "desk-line" }, el("span", { "class": "strong" }, one.category + "　" + one.excerpt),
        view.mark(one.state, one.is_done ? "ok" : "info")),
      el("p", { "class": "quiet small" }, "编号" + one.number + (one.files ? "　照片" + one.files + "张" : "")),
      el("div", { "class": "btns" }, el("a", { "class": "btn", href: one.link }, "查看"),
        one.is_mine && !one.is_done && el("span", { "class": "desk-file" }, input,
          el("label", { "class": "btn", "for": input.id }, "补拍照片"))));
  };

  Desk.List = List;
})();
