/* What is seen of the reception: the state of the queue, which day, who came, the end. */
import { desk } from "./state.js";
import * as view from "./view.js";

const { el } = view;
export const OUTCOMES = [["attended", "到岗"], ["on_leave", "请假"], ["absent", "未到"]];

function count(state) { return desk.records.filter((one) => one.state === state).length; }

export function showStatus() {
  const status = desk.queue ? desk.queue.status : { isReached: navigator.onLine };
  const asked = desk.records.filter((one) => one.state === "waiting" && one.isAsked);
  const waiting = count("waiting") - asked.length;
  const trouble = count("conflict") + count("refused");
  let words = "";
  let tone = "ok";
  // Not yet in the phone's store, so not among those waiting either.
  if (desk.saving) { words = "正在存到手机"; tone = "info"; }
  else if (status.isSending) { words = `正在发送，还有${waiting}条`; tone = "info"; }
  else if (waiting) { words = `${waiting}条待发送，联网后自动发送`; tone = "warn"; }
  else if (!status.isReached) { words = "没有网络，可以照常登记，联网后自动发送"; tone = "warn"; }
  else { words = "已联网，没有待发送的"; }
  view.fill(desk.parts.status,
    el("div", { class: "desk-status__line" }, view.mark(words, tone),
      waiting > 0 && !status.isSending && view.button("立即发送", () => desk.queue.send(true))),
    desk.said && el("p", { class: "desk-said" }, desk.said),
    asked.length > 0 && el("div", { class: "notice notice--warn" },
      el("span", null, `${asked.length}条是登录过期以后登记的，请核对是不是您登记的`),
      view.button("都是我登记的，发送", () => desk.confirm(asked))),
    trouble > 0 && el("div", { class: "notice notice--bad" }, el("span", null, `${trouble}条没有收下，要您看一看`),
      view.button("去看看", () => { desk.list.node.scrollIntoView({ block: "start" }); })),
    desk.others > 0 && el("p", { class: "quiet small" }, "这部手机上还有别的账号或者职务未发送的记录，内容已加密，这里看不到也不会发送；请原登记人登录本页发送。"));
}

export function showChooser() {
  const days = desk.page.days;
  if (days.length < 1) { return view.fill(desk.parts.chooser, el("p", { class: "notice" }, "今天没有需要您登记的接待日。群众反映的事，随时可以登记。")); }
  if (days.length === 1 && desk.chosen !== null && days[0].is_today) { return view.fill(desk.parts.chooser); }
  view.fill(desk.parts.chooser, el("h2", null, "登记哪一次"), el("div", { class: "btns" },
    days.map((day) => pick(`${day.is_today ? "今天" : view.dayWords(day.day)}　${day.station}`, day.id)), pick("不在接待日的事", null)));
}

function pick(words, id) {
  const button = view.button(words, () => { desk.chosen = id; desk.ticks = {}; desk.counted = null; desk.refresh(); });
  button.setAttribute("aria-pressed", String(String(desk.chosen) === String(id)));
  return button;
}

export function showReception(day) {
  const part = desk.parts.reception;
  part.hidden = !day;
  if (!day) { return; }
  const times = day.ended_at ?
    `已结束，${day.began_at ? `${view.clock(day.began_at)}—` : ""}${view.clock(day.ended_at)}，来访${day.visitor_count}人`
    : (day.began_at ? `${view.clock(day.began_at)}开始` : `计划${day.hours}`);
  view.fill(part, el("h2", null, day.station),
    el("p", null, view.mark(day.ended_at ? "已结束" : (day.began_at ? "正在接待" : day.state_label), day.ended_at ? "ok"
      : (day.began_at ? "info" : "none")), " ", times),
    day.theme && el("p", null, `主题：${day.theme}`),
    day.is_station ? attendance(day) : dutyOf(day),
    !day.began_at && !day.ended_at && day.may_run && day.is_today && el("p", { class: "desk-big" },
      view.button("开始接待", () => desk.start(day), "btn--primary btn--wide")),
    !day.began_at && !day.ended_at && !day.may_run && el("p", { class: "quiet" }, "还没有开始，由联络站或者值班代表登记开始。"));
}

function dutyOf(day) {
  const names = day.deputies.map((one) => one.name).join("、");
  return [names && el("p", null, `值班代表：${names}`),
    day.own === "attended" ? el("p", null, view.mark("您已登记到岗", "ok"))
      : (day.own === "" || day.began_at || !day.is_today) &&
        el("p", null, view.button("登记我到岗", () => desk.enter("duty", { expects_turn: day.own === "scheduled" })))];
}

/* Who came: three large buttons a deputy, as seen by the station. */
function attendance(day) {
  const planned = day.deputies.filter((one) => one.is_planned || one.outcome || desk.ticks[one.id]);
  const others = day.deputies.filter((one) => planned.indexOf(one) < 0);
  const select = el("select", null, el("option", { value: "" }, "选一位代表"), others.map((one) => el("option", { value: one.id }, one.name)));
  const box = [el("h3", null, "谁来了"),
    planned.length === 0 && el("p", { class: "quiet" }, "这次没有排班，请在下面添加到场的代表。"),
    planned.map((one) => row(day, one)),
    others.length > 0 && view.fold("添加其他到场的代表", view.field("代表", select),
      view.button("添加", () => { if (select.value) { desk.ticks[select.value] = "attended"; desk.refresh(); } })),
    (day.began_at || !day.is_today) && changedTicks(day) && el("p", null, view.button("保存到岗情况", () => desk.saveTicks(day)))];
  return day.began_at ? view.fold(`到岗情况${summary(planned)}`, box) : box;
}

function summary(planned) {
  const here = planned.filter((one) => (desk.ticks[one.id] || one.outcome) === "attended");
  return here.length ? `：${here.map((one) => one.name).join("、")}到岗` : "（还没有登记）";
}

function row(day, one) {
  const now = desk.ticks[one.id] || one.outcome;
  return el("div", { class: "desk-person", role: "group", "aria-label": one.name }, el("span", { class: "strong" }, one.name),
    el("div", { class: "btns" }, OUTCOMES.map((pair) => {
      const button = view.button(pair[1], () => { desk.ticks[one.id] = pair[0]; desk.refresh(); });
      button.setAttribute("aria-pressed", String(now === pair[0]));
      button.dataset.deputy = one.id;
      return button;
    })));
}

function changedTicks(day) {
  return day.deputies.some((one) => desk.ticks[one.id] && desk.ticks[one.id] !== one.outcome);
}

/* ---- the end: the number of visitors is counted along and may be put right ---- */
export function showEnd(day) {
  const part = desk.parts.end;
  part.hidden = !day || !day.may_run || (day.is_today && !day.began_at);
  if (part.hidden) { return; }
  if (day.ended_at || !day.is_today) { return view.fill(part, correction(day)); }
  const number = desk.counted === null ? day.people : desk.counted;
  const shown = el("output", { "aria-live": "polite" }, `${number}人`);
  const step = (by) => () => { desk.counted = Math.max(0, number + by); showEnd(day); };
  const less = view.button("－", step(-1));
  const more = view.button("＋", step(1));
  less.setAttribute("aria-label", "少一人");
  more.setAttribute("aria-label", "多一人");
  view.fill(part, el("h2", null, "结束接待"),
    el("div", { class: "desk-stepper", role: "group", "aria-label": "来访人数" }, el("span", null, "来访人数"), less, shown, more),
    view.button("结束接待", async () => {
      if (day.is_station) { await desk.saveTicks(day); }
      await desk.matter.keep();
      desk.counted = null;
      await desk.enter("end", { visitor_count: number });
      desk.say("已登记结束。时间和人数不对的，可以更正。");
    }, "btn--wide"),
    el("p", { class: "quiet" }, "点一下就登记现在的时间为结束时间。"));
}

/* Hours and numbers of a reception that is over, or that nobody registered on its day. */
function correction(day) {
  const began = el("input", { type: "time", value: view.clockField(day.began_at) || day.hours.slice(0, 5) });
  const ended = el("input", { type: "time", value: view.clockField(day.ended_at) || day.hours.slice(-5) });
  const number = el("input", { type: "number", min: 0, max: 9999, inputmode: "numeric", value: day.ended_at ?
    day.visitor_count : day.people });
  const fault = el("p", { class: "field__error", role: "alert", hidden: true });
  const form = [view.field("开始时间", began), view.field("结束时间", ended), view.field("来访人数", number), fault,
    view.button(day.ended_at ? "保存更正" : "登记这次接待", async () => {
      const wrong = !began.value || !ended.value || number.value === "" ? "请填写开始时间、结束时间和来访人数。"
        : (ended.value < began.value ? "结束时间不能早于开始时间，请改正。" : "");
      fault.textContent = wrong;
      fault.hidden = !wrong;
      if (wrong) { return; }
      if (day.is_station) { await desk.saveTicks(day); }
      await desk.enter("end", { began_at: view.at(day.day, began.value), ended_at: view.at(day.day, ended.value),
        visitor_count: Number(number.value), is_correction: Boolean(day.ended_at) });
      desk.say("已存好。");
    })];
  return day.ended_at ? view.fold("时间或者人数不对，更正", form) : [el("h2", null, "补登这次接待")].concat(form);
}
