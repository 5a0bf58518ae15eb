// The list of cases with its tabs, its metric and its search; drawn in portions, so that thousands stay quick.
const portion = 150;

class Panel {
  constructor(element) {
    this.element = element;
    this.suite = data.suites[element.dataset.suite];
    this.cases = unpack(this.suite);
    this.find = (selector) => element.querySelector(selector);
    this.metric = "";
    this.query = "";
    this.shown = portion;
    this.tabs = this.find(".tabs");
    this.list = this.find(".list");
    this.detail = this.find(".detail");
    this.group = this.first();
    this.selected = null;
    this.listen();
    this.draw();
  }

  groupOf(one) {
    if (!this.metric || one.group === "failed") return one.group;
    const at = this.suite.metrics.findIndex((metric) => metric.name === this.metric);
    return one.scores[at] && one.scores[at].group;
  }

  members(group) {
    return this.cases.filter((one) => {
      const own = this.groupOf(one);
      return own && (group === "all" || own === group) && this.matches(one);
    });
  }

  // How many cases each tab holds, counted in one pass.
  counts() {
    const out = { all: 0 };
    for (const one of this.members("all")) {
      const own = this.groupOf(one);
      out[own] = (out[own] || 0) + 1;
      out.all++;
    }
    return out;
  }

  // The first group that holds a case: where everything failed, the failed calls.
  first() {
    const counts = this.counts();
    return groups.find((name) => counts[name]) || "all";
  }

  matches(one) {
    if (!this.query) return true;
    one.words ??= [one.id, ...one.tags, ...one.turns.map(([, value]) => value), one.expected, ...one.answers, ...one.thoughts]
      .join("\n").toLowerCase();
    return one.words.includes(this.query);
  }

  listen() {
    this.find("select").addEventListener("change", (event) => this.set({ metric: event.target.value }));
    this.find("input").addEventListener("input", (event) => this.set({ query: event.target.value.trim().toLowerCase() }));
    this.find(".take").addEventListener("click", (event) => this.take(event.target.dataset.kind));
    this.list.addEventListener("click", (event) => {
      const item = event.target.closest("li");
      if (item?.dataset.id !== undefined) this.select(item.dataset.id);
      else if (item) { this.shown += portion; this.draw(); }
    });
    this.list.addEventListener("keydown", (event) => {
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        this.step(event.key === "ArrowDown" ? 1 : -1);
      }
    });
  }

  set(change) {
    Object.assign(this, change);
    this.shown = portion;
    this.selected = null;
    this.draw();
    remember(this);
  }

  // What the list holds now, by its tab, its metric and its search, as a file.
  take(kind) {
    if (!kind) return;
    const rows = this.members(this.group).map((one) => rowOf(this.suite, one, this.groupOf(one)));
    const name = this.suite.name + "-" + this.group + "." + kind;
    if (kind === "csv") take(name, "text/csv", asCsv(rows));
    else take(name, "application/json", JSON.stringify(rows, null, 1) + "\n");
  }

  select(id) {
    this.selected = id;
    this.draw();
    remember(this);
  }

  step(by) {
    const rows = this.members(this.group);
    const at = rows.findIndex((one) => one.id === this.selected);
    const next = rows[Math.max(0, Math.min(rows.length - 1, at + by))];
    if (!next) return;
    while (rows.indexOf(next) >= this.shown) this.shown += portion;
    this.select(next.id);
  }

  // Bring the selected case into the list's view without moving the page.
  reveal() {
    const item = this.list.querySelector("[aria-selected=true]");
    if (!item) return;
    const top = item.offsetTop, bottom = top + item.offsetHeight, list = this.list;
    if (top < list.scrollTop) list.scrollTop = top;
    else if (bottom > list.scrollTop + list.clientHeight) list.scrollTop = bottom - list.clientHeight;
  }

  draw() {
    this.drawTabs();
    this.drawPick();
    const rows = this.members(this.group);
    if (!rows.some((one) => one.id === this.selected)) this.selected = rows.length ? rows[0].id : null;
    const scrolled = this.list.scrollTop;
    this.list.replaceChildren(...rows.slice(0, this.shown).map((one) => this.item(one)));
    if (rows.length > this.shown) this.list.append(make("li", { className: "more", textContent: say("Show more") }));
    const chosen = rows.find((one) => one.id === this.selected);
    this.detail.replaceChildren(chosen ? drawDetail(this.suite, chosen) : make("p", { className: "empty", textContent: say("No case here.") }));
    this.list.scrollTop = scrolled;
    this.reveal();
  }

  drawTabs() {
    const names = [...groups, "all"], counts = this.counts();
    this.tabs.replaceChildren(...names.map((name) => {
      const count = make("b", { textContent: counts[name] || 0 });
      const label = name === "all" ? "All" : groupNames[name];
      const tab = make("button", { type: "button", className: name, onclick: () => this.set({ group: name }) }, say(label), " ", count);
      return role(tab, { role: "tab", "aria-selected": String(name === this.group) });
    }));
  }

  drawPick() {
    const options = ["", ...this.suite.metrics.map((metric) => metric.name)].map((name) => make("option", { value: name, textContent: name || say("All metrics") }));
    const pick = this.find("select");
    pick.replaceChildren(...options);
    pick.value = this.metric;
    this.find("input").placeholder = say("Search");
    for (const button of this.element.querySelectorAll(".take button")) button.title = say("These cases as a file");
  }

  item(one) {
    const asked = [...one.turns].reverse().find(([who]) => who === "user");
    const item = make("li", { data: { id: one.id } }, make("div", { className: "id", textContent: one.id }),
      make("div", { className: "snippet", textContent: asked ? asked[1].slice(0, 160) : "" }));
    return role(item, { role: "option", "aria-selected": String(one.id === this.selected) });
  }
}
