/* What a loaded page is measured by; every length in CSS pixels. Put into each page as `numbers` before its own
   scripts run. Nothing here changes what the page shows but for its folds, which are opened first. */
globalThis.numbers = (() => {
  const CONTROLS = "button, input:not([type=hidden]), select, textarea, summary, a[href], [role=button]";
  const LEAST_TARGET = 43.5, WORST = 3;
  const shifts = [];
  let largest = 0;
  new PerformanceObserver((list) => shifts.push(...list.getEntries())).observe({ type: "layout-shift", buffered: true });
  new PerformanceObserver((list) => { largest = list.getEntries().at(-1).startTime; })
    .observe({ type: "largest-contentful-paint", buffered: true });

  const all = (what, within = document) => [...within.querySelectorAll(what)];
  const isShown = (e) => e.checkVisibility({ opacityProperty: true, visibilityProperty: true }) && !e.closest(".sr-only, .skip")
    && e.getBoundingClientRect().width > 1 && e.getBoundingClientRect().height > 1;
  const words = (e) => (e.textContent || e.getAttribute("aria-label") || e.name || "").replace(/\s+/g, "").slice(0, 16);
  const told = (e) => `${e.tagName.toLowerCase()}${e.classList[0] ? `.${e.classList[0]}` : ""} ${words(e)}`.trim();
  const isTick = (e) => e.type === "checkbox" || e.type === "radio";

  /* A link among other words of its paragraph is as high as its line (WCAG 2.5.8 excepts it); every other is hit. */
  function isWithinWords(link) {
    let block = link.parentElement;
    while (block.parentElement && getComputedStyle(block).display === "inline") { block = block.parentElement; }
    const own = all("a, button, summary, .sr-only", block).reduce((sum, e) => sum + words2(e).length, 0);
    return words2(block).length > own;
  }
  const words2 = (e) => e.textContent.replace(/[\s·、，|/]+/g, "");

  function hitBox(e) {
    const label = isTick(e) || e.type === "file" ? e.labels && e.labels[0] : null;
    return (label && isShown(label) ? label : e).getBoundingClientRect();
  }

  function targets() {
    const menus = all("details.menu");
    menus.forEach((menu) => { menu.open = true; });
    const found = all(CONTROLS).filter((e) => isShown(e) && !(e.tagName === "A" && isWithinWords(e))).map((e) => {
      const box = hitBox(e), wide = e.tagName === "A" && !e.classList.contains("btn") ? Infinity : box.width;
      return { e, least: Math.min(box.height, wide) };
    });
    const small = found.filter((one) => one.least < LEAST_TARGET).sort((a, b) => a.least - b.least);
    const answer = {
      target: Math.min(99, ...found.map((one) => Math.round(one.least))),
      small: small.slice(0, WORST).map((one) => `${Math.round(one.least)} ${told(one.e)}`), smallCount: small.length,
    };
    menus.forEach((menu) => { menu.open = false; });
    return answer;
  }

  /* A table wider than its page, or than the frame it would have to be scrolled in; the wide ones of the house
     keep their head and first column in sight while they scroll. */
  function tables(wide) {
    return all("table").filter(isShown).map((e) => {
      const frame = e.closest(".table-wrap");
      if (frame && frame.classList.contains("table-wrap--wide")) { return 0; }
      const inner = frame ? frame.scrollWidth - frame.clientWidth : 0;
      return Math.max(inner, Math.round(e.getBoundingClientRect().right - wide));
    }).filter((over) => over > 1);
  }

  /* The longest line anybody has to read, in characters of its own size. */
  function longestLine() {
    let most = { line: 0, words: "" };
    for (const e of all("p, li, dd, blockquote, .field__hint, .readonly, summary + div", document.querySelector("main") || document.body)) {
      if (e.closest("table, nav, .sr-only") || !isShown(e)) { continue; }
      if ([...e.children].some((child) => !getComputedStyle(child).display.startsWith("inline"))) { continue; }
      if (getComputedStyle(e).display.includes("flex")) { continue; }
      const range = document.createRange();
      range.selectNodeContents(e);
      const line = range.getBoundingClientRect().width / parseFloat(getComputedStyle(e).fontSize);
      if (line > most.line) { most = { line, words: told(e) }; }
    }
    return { line: Math.round(most.line * 10) / 10, lineWords: most.words };
  }

  const bars = () => all("body *").filter((e) => {
    const { position } = getComputedStyle(e);
    return (position === "fixed" || position === "sticky") && isShown(e);
  });

  /* Each control takes the focus in order and back; its ring shows, and no bar lies over it. */
  function focus() {
    const over = new Set(), dull = new Set(), stuck = bars();
    const controls = all(`${CONTROLS}, [tabindex="0"]`).filter((e) => isShown(e) && !e.disabled && !e.closest(".menu__panel"));
    const isUnder = (e) => {
      const box = e.getBoundingClientRect();
      return stuck.some((bar) => {
        if (bar.contains(e) || e.contains(bar)) { return false; }
        const top = bar.getBoundingClientRect();
        const left = Math.max(box.left, top.left), right = Math.min(box.right, top.right);
        const upper = Math.max(box.top, top.top, 0), lower = Math.min(box.bottom, top.bottom, innerHeight);
        if (right - left < 2 || lower - upper < 2) { return false; }
        return bar.contains(document.elementFromPoint((left + right) / 2, (upper + lower) / 2));
      });
    };
    for (const row of [controls, [...controls].reverse()]) {
      for (const e of row) {
        e.focus();
        if (document.activeElement !== e) { over.add(`no focus: ${told(e)}`); continue; }
        if (isUnder(e)) { over.add(told(e)); }
        const style = getComputedStyle(e);
        if (style.outlineStyle === "none" || parseFloat(style.outlineWidth) < 2) { dull.add(told(e)); }
      }
    }
    document.activeElement.blur();
    scrollTo(0, 0);
    return { hidden: [...over], dull: [...dull] };
  }

  function openFolds() { all("details:not(.menu)").forEach((fold) => { fold.open = true; }); }

  /* The lowest edge of the first row of the list the page is for; a table above a queue is it. */
  function firstRow() {
    const lists = document.querySelector("main .queue > li") ? "main table tbody tr, main .queue > li" : null;
    const row = document.querySelector("#result_list tbody tr") || (lists && document.querySelector(lists));
    return row && isShown(row) ? Math.round(row.getBoundingClientRect().bottom + scrollY) : 0;
  }

  function atSize(withFocus) {
    const wide = document.documentElement.clientWidth, first = firstRow();
    openFolds();
    return {
      sideways: Math.max(0, document.documentElement.scrollWidth - wide), firstRow: first, tables: tables(wide),
      ...targets(), ...longestLine(), ...(withFocus ? focus() : { hidden: [], dull: [] }),
      ordered: all("[tabindex]").filter((e) => e.tabIndex > 0).map(told), height: document.documentElement.scrollHeight,
    };
  }

  /* What the first load brings, whatever this browser already kept; Chromium counts 300 bytes for each answer's headers. */
  function brought() {
    const loaded = [...performance.getEntriesByType("resource"), ...performance.getEntriesByType("navigation")];
    return loaded.filter((one) => one.initiatorType !== "fetch")
      .map((one) => [new URL(one.name).pathname, one.encodedBodySize + 300]);
  }

  const posted = () => all("main form").filter((form) => form.method === "post" && !form.hidden);
  const asked = (form) => [...form.elements].filter((e) => e.name && !e.disabled && !e.readOnly
    && !/^(hidden|password|file|submit|button|search)$/.test(e.type));

  /* Forms of five fields whose first word is not kept within a second. */
  async function lostDrafts() {
    const lost = [];
    for (const form of posted()) {
      const fields = asked(form);
      const text = fields.find((e) => e.tagName === "TEXTAREA" || ["text", "number", "tel"].includes(e.type));
      if (!text || new Set(fields.map((e) => e.name)).size < 5 || form.querySelector("[type=password]")) { continue; }
      const former = text.value;
      sessionStorage.clear();
      text.value = `${former}1`;
      text.dispatchEvent(new Event("input", { bubbles: true }));
      await new Promise((done) => { setTimeout(done, 600); });
      if (!Object.keys(sessionStorage).some((key) => key.startsWith("draft:"))) { lost.push(text.name); }
      text.value = former;
      sessionStorage.clear();
    }
    return lost;
  }

  /* A form sent with nothing in it: the answer's title, its summary with links, the same words at the field. */
  async function refusal(form) {
    const needed = asked(form).filter((e) => e.required && !isTick(e) && e.tagName !== "SELECT");
    if (!needed.length) { return []; }
    const data = new FormData(form);
    needed.forEach((e) => data.set(e.name, ""));
    const submit = [...form.elements].find((e) => e.type === "submit");
    if (submit && submit.name) { data.set(submit.name, submit.value); }
    const answer = await fetch(form.action, { method: "POST", body: data });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const summary = page.querySelector("#errors[role=alert][tabindex='-1']"), faults = [];
    const name = (why) => `${new URL(form.action).pathname}: ${why}`;
    if (answer.redirected || !summary) { return [name(`no summary (${answer.status})`)]; }
    if (!page.title.trim().startsWith("错误：")) { faults.push(name(`title ${page.title.trim().slice(0, 20)}`)); }
    const links = [...summary.querySelectorAll("a[href^='#']")];
    if (!links.length) { faults.push(name("no link to a field")); }
    for (const link of links) {
      const field = page.getElementById(decodeURIComponent(link.hash.slice(1)));
      if (!field) { faults.push(name(`link to nothing: ${link.hash}`)); continue; }
      const said = [...page.querySelectorAll(".field__error li")].map((one) => one.textContent.trim());
      if (!said.some((one) => link.textContent.includes(one))) { faults.push(name(`other words: ${link.textContent.trim()}`)); }
    }
    const banned = summary.textContent.match(/非法|无效|系统错误|参数|异常/);
    if (banned) { faults.push(name(`says ${banned[0]}`)); }
    return faults;
  }

  /* Before anything is touched: what came over the wire, when the largest part stood, how far anything moved. */
  function loaded() {
    const shift = shifts.filter((one) => !one.hadRecentInput).reduce((sum, one) => sum + one.value, 0);
    return { brought: brought(), shift: Math.round(shift * 1000) / 1000, largest: Math.round(largest) };
  }

  async function forms() {
    openFolds();
    const lost = await lostDrafts(), refused = [];
    for (const form of posted()) { refused.push(...await refusal(form)); }
    return { lost, refused, forms: posted().length };
  }

  async function axe() {
    const found = await globalThis.axe.run(document, { resultTypes: ["violations"], preload: false });
    return found.violations.filter((one) => ["serious", "critical"].includes(one.impact))
      .map((one) => `${one.id} ${one.nodes[0].html.slice(0, 160)} ×${one.nodes.length}`);
  }

  const shape = () => all("main, main *").map((e) => `${e.tagName}.${e.className}`).join(" ");
  return { loaded, atSize, forms, axe, shape };
})();
