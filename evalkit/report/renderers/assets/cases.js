// The list of cases with its tabs and filters; drawn in portions, so that thousands stay quick.
const portion = 150;

// Of a facet: any value; a value itself may be empty.
const anyValue = "\u0000", mostValues = 500;

function facetOptions(values, chosen) {
  const first = [...values].sort(new Intl.Collator(undefined, { numeric: true }).compare).slice(0, mostValues);
  if (chosen !== undefined && !first.includes(chosen)) first.push(chosen);
  return [[anyValue, ""], ...first.map((value) => [value, value, value || "(" + say("none") + ")"])];
}

class Panel {
  constructor(element) {
    this.element = element;
    this.store = new Store(data.suites[element.dataset.suite], Number(element.dataset.suite), Number(element.dataset.arm));
    this.candidate = element.closest(".judged");
    this.filters = new Filters(this.store);
    this.find = (selector) => element.querySelector(selector);
    this.shown = portion;
    this.tabs = this.find(".tabs");
    this.list = this.find(".list");
    this.detail = this.find(".detail");
    this.selected = null;
    this.drawn = 0;
    this.filters.group = this.first();
    this.listen();
    this.draw();
  }

  // The first group that holds a case: where everything failed, the failed calls.
  first() {
    const counts = this.filters.counts();
    return data.groups.find((name) => counts[name]) || "all";
  }

  listen() {
    this.find(".filters").addEventListener("change", (event) => {
      const { name, value } = event.target;
      if (this.store.facets.some(({ key }) => key === name)) {
        const tags = { ...this.filters.tags };
        if (value === anyValue) delete tags[name];
        else tags[name] = value;
        this.set({ tags });
      } else if (name) this.set({ [name]: value });
    });
    this.find("input").addEventListener("input", (event) => this.set({ query: event.target.value }));
    this.find(".chosen").addEventListener("click", (event) => {
      const key = event.target.closest("button")?.dataset.key;
      if (!key) return;
      const ranges = { ...this.filters.ranges };
      delete ranges[key];
      this.set({ ranges });
    });
    this.shapes = this.find(".shapes");
    new IntersectionObserver((seen) => {
      this.inView = seen.some((one) => one.isIntersecting);
      if (this.inView) drawShapes(this);
    }, { rootMargin: "200px" }).observe(this.shapes);
    this.shapes.addEventListener("toggle", () => drawShapes(this));
    this.find(".take").addEventListener("click", (event) => this.take(event.target.dataset.kind));
    this.list.addEventListener("click", (event) => {
      const item = event.target.closest("li");
      if (item?.dataset.at !== undefined) this.select(Number(item.dataset.at));
      else if (item) { this.shown += portion; this.draw(); }
    });
    this.list.addEventListener("keydown", (event) => {
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        this.step(event.key === "ArrowDown" ? 1 : -1);
      }
    });
  }

  // Another choice; words are looked for on the way, and what is found is drawn as it comes.
  set(change) {
    const words = this.filters.set(change);
    this.shown = portion;
    this.selected = null;
    if (words) {
      this.head = null;
      this.drawFilters();
      this.filters.search(() => this.drawFound());
    } else this.draw();
    remember(this);
  }

  // While a search goes on the list is drawn anew only where its beginning changes, and figures when it is over.
  drawFound() {
    const head = this.filters.rows().slice(0, this.shown).join(), before = this.selected, done = this.filters.searched === 1;
    this.drawTabs();
    if (head !== this.head) this.drawList();
    if (before === null || before !== this.selected || done && this.selected === null) this.drawDetail();
    this.head = head;
    if (done) setTimeout(() => this.drawFigures());
  }

  // What the list holds now, by its tab and its filters, as a file.
  async take(kind) {
    if (!kind) return;
    const rows = [];
    for (const at of this.filters.rows()) {
      rows.push(rowOf(this.store, await this.store.one(at), this.filters.groupOf(at)));
    }
    const name = this.store.name + "-" + this.filters.group + "." + kind;
    if (kind === "csv") take(name, "text/csv", asCsv(rows));
    else take(name, "application/json", JSON.stringify(rows, null, 1) + "\n");
  }

  select(at) {
    const before = this.list.querySelector("[aria-selected=true]"), after = this.list.querySelector(`[data-at="${at}"]`);
    this.selected = at;
    if (after) {
      before?.setAttribute("aria-selected", "false");
      after.setAttribute("aria-selected", "true");
      this.reveal();
      this.drawDetail();
    } else this.draw();
    remember(this);
  }

  step(by) {
    const rows = this.filters.rows();
    const next = rows[Math.max(0, Math.min(rows.length - 1, rows.indexOf(this.selected) + by))];
    if (next === undefined) return;
    while (rows.indexOf(next) >= this.shown) this.shown += portion;
    this.select(next);
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
    this.drawFilters();
    this.drawList();
    this.drawDetail();
    this.drawFigures();
  }

  drawFigures() {
    drawGrouped(this);
    if (this.inView) drawShapes(this);
  }

  drawList() {
    const rows = this.filters.rows();
    if (this.selected === null || !rows.includes(this.selected)) this.selected = rows.length ? rows[0] : null;
    const scrolled = this.list.scrollTop;
    this.list.replaceChildren(...rows.slice(0, this.shown).map((at) => this.item(at)));
    if (rows.length > this.shown) this.list.append(make("li", { className: "more", textContent: say("Show more") }));
    this.list.scrollTop = scrolled;
    this.reveal();
  }

  // The case that is chosen, at once where its texts are there; a later choice overtakes an earlier one.
  drawDetail() {
    const drawn = ++this.drawn, at = this.selected;
    const show = (content) => { if (drawn === this.drawn) this.detail.replaceChildren(content); };
    if (at === null) {
      const done = this.filters.searched === 1;
      return show(make("p", { className: "empty", textContent: say(done ? "No case here." : "Searching …") }));
    }
    const there = this.store.peek(at);
    if (there) return show(drawCase(this, there));
    return this.store.one(at).then((one) => show(drawCase(this, one)));
  }

  drawTabs() {
    const names = [...data.groups, "all"], counts = this.filters.counts();
    this.tabs.replaceChildren(...names.map((name) => {
      const count = make("b", { textContent: counts[name] || 0 });
      const label = name === "all" ? "All" : groupNames[name];
      const tab = make("button", { type: "button", className: name, onclick: () => this.set({ group: name }) }, say(label), " ", count);
      return role(tab, { role: "tab", "aria-selected": String(name === this.filters.group) });
    }));
  }

  drawFilters() {
    const { filters, store } = this;
    const right = [["", ""], ["right", "right"], ["wrong", "wrong"]];
    const picks = [
      ["metric", "Metric", [["", "All metrics"], ...store.metrics.map(({ name }) => [name, name])], filters.metric],
      ["base", "Base", right, filters.base],
      ["candidate", "Candidate", right, filters.candidate],
      ...store.facets.filter(({ key, values }) => values.length > 1 && (filters.tags[key] !== undefined || !/: (base|candidate)$/.test(key)))
        .map(({ key, name, values }) => [key, key === "cluster" ? "Cluster" : name, facetOptions(values, filters.tags[key]), filters.tags[key] ?? anyValue]),
      ["by", "Group by", [["", "none"], ...store.facets.filter(({ values }) => values.length > 1).map(({ key, name }) => [key, name, say("Group by") + ": " + (key === "cluster" ? say("Cluster") : name)])], filters.by],
      ["sort", "Order", [["gravity", "gravest first"], ["change", "largest loss first"], ["id", "by id"]], filters.sort],
    ];
    const drawn = picks.map(([name, label, options, chosen]) => {
      const all = options.map(([value, shown, told]) => make("option", { value, textContent: told ?? (shown ? (name === "by" ? say(label) + ": " : "") + say(shown) : say(label) + ": " + say("any")) }));
      const pick = role(make("select", { name }, ...all), { "aria-label": say(label) });
      pick.value = chosen;
      return pick;
    });
    this.find(".chosen").replaceChildren(...Object.entries(filters.ranges).map(([key, [low, high]]) => {
      const shown = key.replace(/\.(base|candidate)$/, (_, arm) => ", " + say(arm === "base" ? "Base" : "Candidate"));
      return make("button", { type: "button", data: { key }, title: say("Remove this filter") }, shown + ": " + shownNumber(low) + "–" + shownNumber(high) + " ✕");
    }));
    const held = document.activeElement?.closest(".picks") ? document.activeElement.name : "";
    this.find(".picks").replaceChildren(...drawn);
    if (held) drawn.find((pick) => pick.name === held)?.focus();
    const input = this.find("input");
    input.placeholder = say("Search") + " (/…/)";
    if (input.value.trim() !== filters.query.trim()) input.value = filters.query;
    input.classList.toggle("wrong", Boolean(filters.query.trim()) && !filters.expression());
    for (const button of this.element.querySelectorAll(".take button")) button.title = say("These cases as a file");
  }

  item(at) {
    const snippet = make("div", { className: "snippet" });
    const tell = (one) => { snippet.textContent = seen(asked(one).slice(0, 160)); };
    const there = this.store.peek(at);
    if (there) tell(there);
    else this.store.one(at).then(tell);
    const item = make("li", { data: { at, id: this.store.ids[at] } }, make("div", { className: "id", textContent: this.store.ids[at] }), snippet);
    return role(item, { role: "option", "aria-selected": String(at === this.selected) });
  }
}
