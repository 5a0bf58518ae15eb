// Which cases a list shows: by group, metric, outcome of each arm, tags and words; words are looked for chunk by chunk.
const noFilter = { group: "all", metric: "", base: "", candidate: "", tags: {}, ranges: {}, by: "", query: "", sort: "gravity" };

let runs = 0;

class Filters {
  constructor(store) {
    this.store = store;
    Object.assign(this, noFilter, { tags: {}, ranges: {} });
    this.hits = null;
    this.searched = 0;
    this.run = { on: false };
    this.known = new Map();
  }

  set(change) {
    const words = this.query;
    Object.assign(this, change);
    this.known.clear();
    return this.query !== words;
  }

  get metricAt() { return this.store.metrics.findIndex((one) => one.name === this.metric); }

  groupOf(at) {
    const metric = this.metricAt, own = this.store.group(at);
    if (metric < 0) return own;
    const score = this.store.score(metric, at);
    return score && (own === "failed" ? own : score[0]);
  }

  // Whether an arm is right in a case: of the chosen metric, else of the case as a whole.
  right(group, arm) { return group === "both_right" || group === (arm === "base" ? "broken" : "fixed"); }

  passes(at, group) {
    for (const arm of ["base", "candidate"]) {
      if (this[arm] && (group === "failed" || this.right(group, arm) !== (this[arm] === "right"))) return false;
    }
    for (const [rows, wanted] of this.wanted) if (rows[at] !== wanted) return false;
    for (const [values, low, high] of this.within) if (!(values[at] !== null && values[at] >= low && values[at] <= high)) return false;
    return true;
  }

  // Positions of the cases of a group, in the chosen order, and how many every group has; reckoned once a choice.
  rows(group = this.group) {
    if (!this.known.size) this.reckon();
    return this.known.get(group) || [];
  }

  counts() {
    if (!this.known.size) this.reckon();
    return Object.fromEntries([...this.known].map(([name, rows]) => [name, rows.length]));
  }

  reckon() {
    for (const name of [...data.groups, "all"]) this.known.set(name, []);
    const all = this.known.get("all"), order = this.store.order;
    this.wanted = Object.entries(this.tags).map(([key, value]) => {
      const { rows, values } = this.store.facets.find((one) => one.key === key);
      return [rows, values.indexOf(value)];
    });
    this.within = Object.entries(this.ranges).map(([key, ends]) => [this.store.side(key), ...ends]);
    for (let next = 0; next < this.store.size; next++) {
      const at = order ? order[next] : next;
      if (at === undefined) break;
      if (this.hits && !this.hits[at]) continue;
      const group = this.groupOf(at);
      if (!group || !this.passes(at, group)) continue;
      this.known.get(group).push(at);
      all.push(at);
    }
    if (this.sort !== "gravity") for (const rows of this.known.values()) this.order(rows);
  }

  order(rows) {
    if (this.sort === "id") {
      const ids = this.store.ids, compare = new Intl.Collator(undefined, { numeric: true }).compare;
      rows.sort((one, two) => compare(ids[one], ids[two]));
      return;
    }
    const metric = Math.max(0, this.metricAt), rises = this.store.metrics[metric]?.rises ? 1 : -1;
    const change = new Map(rows.map((at) => {
      const score = this.store.metrics.length ? this.store.score(metric, at) : null;
      const by = score ? (numberOf(score[2]) - numberOf(score[1])) * rises : Infinity;
      return [at, Number.isNaN(by) ? Infinity : by];
    }));
    rows.sort((one, two) => change.get(one) - change.get(two) || one - two);
  }

  // A text, or an expression between slashes; null where there is nothing to look for or it cannot be read.
  expression() {
    const words = this.query.trim(), form = /^\/(.+)\/([imsu]*)$/s.exec(words);
    if (!words) return null;
    try {
      return form ? new RegExp(form[1], form[2]) : new RegExp(words.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&"), "iu");
    } catch {
      return null;
    }
  }

  // Ids and tags are looked through at once, texts a chunk at a time; `found` hears of every step.
  async search(found) {
    const words = this.expression(), { store } = this, { texts } = store;
    this.run.on = false;
    const run = this.run = { number: ++runs, on: true };
    this.hits = words ? new Uint8Array(store.size) : null;
    this.searched = words && texts.many ? 0 : 1;
    this.known.clear();
    const tell = () => { document.documentElement.dataset.searched = String(this.searched === 1); };
    tell();
    if (!words) return found();
    const tags = store.tags.map(({ values, rows }) => [values.map((value) => words.test(value)), rows]);
    for (let at = 0; at < store.size; at++) {
      if (words.test(store.ids[at]) || tags.some(([held, rows]) => held[rows[at]])) this.hits[at] = 1;
    }
    let done = 0, drawn = performance.now(), many = 0;
    const show = () => {
      this.known.clear();
      tell();
      found();
      drawn = performance.now();
    };
    await seekAll(run, texts, words, store.arm, (number, rows) => {
      for (const row of rows) this.hits[texts.starts[number] + row] = 1;
      const first = !many && rows.length;
      many += rows.length;
      this.searched = ++done / texts.many;
      if (first || performance.now() - drawn > 150 || this.searched === 1) show();
    });
    if (!texts.many) show();
  }
}

const numberOf = (figure) => Number(String(figure).replaceAll(",", ""));
