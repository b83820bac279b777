/* What was entered today, each with its state: drafts, what waits, what was refused and why, what is saved.
   Where the server has another view of things, a person chooses; nothing is thrown away unasked. */
import { store } from "./store.js";
import * as view from "./view.js";

const { el } = view;

const WORDS = { draft: ["没写完", "info"], waiting: ["待发送", "warn"], sent: ["已发送", "ok"], refused: ["没有收下", "bad"],
  conflict: ["要您决定", "bad"] };

export class List {
  /* desk: {ring, page, queue, matter, refresh(), resend(record, change), day(id)} */
  constructor(desk) {
    this.desk = desk;
    this.node = el("section", { class: "panel desk-list", "aria-label": "今天登记的" });
    this.asked = "";
  }

  async show() {
    const desk = this.desk;
    const { page, ring } = desk;
    if (!ring) { return []; }
    const records = await store.list(ring.owner);
    const lines = [];
    const known = {};
    page.entered.forEach((one) => { known[one.number] = true; });
    for (const record of records) {
      const line = await this._read(record);
      if (line && !(line.record.state === "sent" && (known[line.record.number] || line.record.kind !== "matter"))) { lines.push(line); }
    }
    // Locked meanwhile: nothing of it may come back to the screen.
    if (!desk.ring) { return []; }
    const first = lines.filter((line) => line.record.state === "conflict" || line.record.state === "refused");
    const drafts = lines.filter((line) => line.record.state === "draft" && line.record.uid !== desk.matter.uid);
    const rest = lines.filter((line) => line.record.state === "waiting" || line.record.state === "sent");
    const total = first.length + drafts.length + rest.length + desk.page.entered.length;
    view.fill(this.node, el("h2", null, "今天登记的"),
      !total && el("p", { class: "quiet" }, "还没有登记。"),
      el("ol", { class: "desk-lines" },
        first.concat(drafts, rest).map((line) => this._local(line)),
        desk.page.entered.slice().reverse().map((one) => this._saved(one))));
    return lines;
  }

  async _read(record) {
    try {
      return {
        record,
        body: await store.body(this.desk.ring, record),
        answer: record.answer ? await store.unseal(this.desk.ring, `${record.uid}!`, record.answer) : {}
      };
    } catch { return { record, body: {}, answer: { reason: "这条记录在本机上无法打开，请联系系统管理员。" } }; }
  }

  title(line) {
    const body = line.body;
    const desk = this.desk;
    if (line.record.kind === "begin") { return `开始接待　${view.clock(body.typed_at)}`; }
    if (line.record.kind === "end") {
      return `结束接待　${view.clock(body.ended_at || body.typed_at)}${body.visitor_count === undefined ? "" : `，来访${body.visitor_count}人`}`; }
    if (line.record.kind === "duty") { return "本人到岗"; }
    if (line.record.kind === "attendance") { return `到岗情况${body.names ? `：${body.names}` : ""}`; }
    if (line.record.kind === "photos") { return `${body.label || ""}　补充照片`; }
    return (desk.labels[body.category] ? `${desk.labels[body.category]}　` : "") + (body.label || "没有写内容");
  }

  _local(line) {
    const record = line.record;
    const words = record.isAsked ? ["请您核对", "warn"] : WORDS[record.state];
    if (this.asked === record.uid) { return this._question(line); }
    return el("li", { "data-uid": record.uid, "data-state": record.state },
      el("div", { class: "desk-line" }, el("span", { class: "strong" }, this.title(line)), view.mark(words[0], words[1])),
      el("p", { class: "quiet small" }, line.answer.number ? `编号${line.answer.number}　` : "", line.body.typed_at ?
        `${view.dayWords(view.dayOf(line.body.typed_at)) + view.clock(line.body.typed_at)}录入` : ""),
      line.answer.reason && record.state !== "sent" && record.state !== "waiting" &&
        el("p", { class: "notice notice--bad" }, line.answer.reason),
      el("div", { class: "btns" }, this._ways(line)));
  }

  /* What a person can do about a record. */
  _ways(line) {
    const record = line.record;
    const ways = [];
    const offer = (words, act) => { ways.push(view.button(words, act)); };
    if (record.state === "sent") { return record.link ? [el("a", { class: "btn", href: record.link }, "查看")] : []; }
    if (record.isAsked) { offer("是我登记的，发送", () => this.desk.confirm([record])); }
    if (record.state === "draft") { offer("继续填写", () => this.desk.edit(record, "")); }
    if (record.state === "waiting" && record.kind === "matter" && !record.tries) { offer("修改", () => this.desk.edit(record, "")); }
    const isSettled = record.state === "conflict" || record.state === "refused";
    if (isSettled) {
      this._waysOut(line, offer, ways);
      if (record.link) { ways.push(el("a", { class: "btn", href: record.link }, "查看现在的登记")); }
    }
    if (!(record.state === "waiting" && record.tries)) {
      offer(isSettled ? "不再发送，删除" : "删除", () => { this.asked = record.uid; return this.show(); });
    }
    return ways;
  }

  /* The ways out of a refusal. What a wrong clock wrote down goes once more with the present moment, and the
     server keeps the former as a remark. */
  _waysOut(line, offer, ways) {
    const { record, body } = line;
    const change = (facts) => () => this.desk.resend(record, { ...body, ...facts });
    if (record.code === "clock") {
      offer("按现在的时间发送", () => change({ typed_at: view.now(), typed_before: body.typed_before || body.typed_at })());
    }
    if (record.code === "other_content") { offer("作为另一件登记", () => this._asNew(line)); }
    else if (record.kind === "matter") {
      if (record.code === "day_off") {
        offer("作为今天的新登记", () => change({ reception_day: "", typed_at: view.now(), station: this.desk.stationOf(body.reception_day) })());
      }
      offer("修改后再发送", () => this.desk.edit(record, line.answer.reason));
    } else if (record.code === "already_begun" || record.code === "already_ended") { offer("改为我登记的", change({ is_correction: true })); }
    else if (record.code === "turn_gone" && record.kind === "duty") { offer("我到岗了，照样登记", change({ expects_turn: false })); }
    else if (record.kind === "begin" || record.kind === "end") { ways.push(this._times(line)); }
    else if (record.kind === "photos") { this._photoWays(line, offer, change); }
  }

  /* The number of this record stands for other words already: the same again under a number of its own. */
  async _asNew(line) {
    const { record, body } = line;
    const uid = store.newUid();
    await store.put(this.desk.ring, { uid, kind: record.kind, state: "waiting", tries: 0, next: 0, code: "" }, body, true);
    await store.movePhotos(record.uid, uid);
    await store.drop(record.uid);
    await this.desk.refresh();
    this.desk.queue.send(true);
  }

  _photoWays(line, offer, change) {
    const desk = this.desk;
    const record = line.record;
    const target = /\/(\d+)\/$/.exec(record.link);
    if (record.code === "merged" && target) { offer("添加到并入的那一件", change({ opinion: target[1] })); }
    if (record.code) {
      offer("作为新登记", async () => {
        const uid = store.newUid();
        await store.put(desk.ring, { uid, kind: "matter", state: "draft", tries: 0, next: 0 },
          { content: `${line.body.label}的补充情况：`, handling: "pass", urgency: "ordinary", contact_way: "face_to_face",
            people_count: "1", reception_day: "", typed_at: line.body.typed_at, label: line.body.label });
        await store.movePhotos(record.uid, uid);
        await store.drop(record.uid);
        desk.edit(await store.get(uid), "");
      });
    }
  }

  /* Times the server cannot believe are put right by who was there. */
  _times(line) {
    const { record, body } = line;
    const hours = el("input", { type: "time", value: view.clockField(body.ended_at || body.typed_at) });
    const day = this.desk.day(body.reception_day);
    return el("div", { class: "desk-times" },
      view.field(record.kind === "begin" ? "开始时间" : "结束时间", hours),
      view.button("改时间后再发送", () => {
        if (!hours.value) { return null; }
        const at = view.at(day ? day.day : view.dayOf(body.typed_at), hours.value);
        const times = record.kind === "begin" ? { typed_at: at } : { typed_at: new Date().toISOString(), ended_at: at };
        return this.desk.resend(record, { ...body, ...times, typed_before: body.typed_at });
      }));
  }

  _question(line) {
    const { record } = line;
    return el("li", { "data-uid": record.uid },
      el("div", { class: "notice notice--warn", role: "alert" },
        el("p", null, `确定删除“${this.title(line)}”吗？只在这部手机上，删除后不能恢复。`),
        el("div", { class: "btns" },
          view.button("确定删除", async () => { await store.drop(record.uid); this.asked = ""; await this.desk.refresh(); }, "btn--danger"),
          view.button("不删", () => { this.asked = ""; return this.show(); }))));
  }

  /* A matter the server holds, as the office sees it now. */
  _saved(one) {
    const desk = this.desk;
    const input = el("input", { type: "file", accept: "image/jpeg,image/png", id: view.id("more"), class: "sr-only" });
    input.addEventListener("change", () => { desk.addPhotos(one, input); });
    return el("li", { "data-number": one.number },
      el("div", { class: "desk-line" }, el("span", { class: "strong" }, `${one.category}　${one.excerpt}`),
        view.mark(one.state, one.is_done ? "ok" : "info")),
      el("p", { class: "quiet small" }, `编号${one.number}${one.files ? `　照片${one.files}张` : ""}`),
      el("div", { class: "btns" }, el("a", { class: "btn", href: one.link }, "查看"),
        one.is_mine && !one.is_done && el("span", { class: "desk-file" }, input, el("label", { class: "btn", for: input.id }, "补拍照片"))));
  }
}
