// Which cases a list shows: by group, metric, outcome of each arm, tags and words; words are looked for chunk by chunk,
// in turns with whatever else the page has to do.
const noFilter = { group: "all", metric: "", base: "", candidate: "", tags: {}, ranges: {}, by: "", query: "", sort: "gravity" };

class Filters {
  constructor(store) {
    this.store = store;
    Object.assign(this, noFilter, { tags: {}, ranges: {} });
    this.hits = null;
    this.searched = 0;
    this.turn = 0;
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
    return !this.hits || this.hits[at] === 1;
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
    const turn = ++this.turn, words = this.expression();
    this.hits = words ? new Uint8Array(this.store.size) : null;
    this.searched = words ? 0 : 1;
    this.known.clear();
    const tell = () => { document.documentElement.dataset.searched = String(this.searched === 1); };
    tell();
    if (!words) return found();
    const { texts } = this.store;
    for (let at = 0; at < this.store.size; at++) {
      if (words.test(this.store.ids[at]) || this.store.tags.some((_, name) => words.test(this.store.tag(name, at)))) this.hits[at] = 1;
    }
    let drawn = 0, yielded = performance.now(), next = texts.many ? texts.pass(0) : null;
    for (let number = 0; number < texts.many; number++) {
      const said = await next;
      if (number + 1 < texts.many) next = texts.pass(number + 1);
      if (turn !== this.turn) return;
      const start = texts.starts[number];
      for (let row = 0; row < texts.starts[number + 1] - start; row++) {
        if (!this.hits[start + row] && this.holds(said, row, words)) this.hits[start + row] = 1;
      }
      this.searched = (number + 1) / texts.many;
      if (performance.now() - drawn > 150 || this.searched === 1) {
        this.known.clear();
        tell();
        found();
        drawn = performance.now();
      }
      if (performance.now() - yielded > 20) {
        await new Promise((resolve) => setTimeout(resolve));
        yielded = performance.now();
      }
      if (turn !== this.turn) return;
    }
  }

  holds(said, row, words) {
    const test = (value) => words.test(typeof value === "number" ? shared[value] : value);
    const turns = said.own[row]?.[this.store.arm] ?? said.turns[row], mine = 1 + this.store.arm;
    if (Array.isArray(turns) ? turns.some(([, value]) => test(value)) : test(turns)) return true;
    if (test(said.expected[row]) || test(said.answers[0][row]) || test(said.answers[mine][row])) return true;
    const both = (sides) => (sides ? [sides[0], sides[mine]] : []);
    return [...both(said.thoughts[row]), ...both(said.status[row])].some(test)
      || both(said.calls[row]).some((side) => side.some(([name, raw]) => test(name) || test(raw)))
      || both(said.repeats[row]).some((side) => side.some(([answer]) => test(answer)))
      || (said.evidence[row] || []).some(([, ...sides]) => both(sides).some(test));
  }
}

const numberOf = (figure) => Number(String(figure).replaceAll(",", ""));
