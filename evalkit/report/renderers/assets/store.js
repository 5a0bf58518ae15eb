// The cases of a suite: the head says what lists and filters need, texts come in chunks where they are looked at.
// The letter of a yes/no metric holds both values: a 0 0, b 0 1, c 1 0, d 1 1.
const pairs = { a: ["0", "0"], b: ["0", "1"], c: ["1", "0"], d: ["1", "1"] };
const rising = { a: "both_wrong", b: "fixed", c: "broken", d: "both_right" };
const falling = { a: "both_right", b: "broken", c: "fixed", d: "both_wrong" };
const mostChunks = 24;
let room = 250e6; // characters that searches may keep unpacked, about

// The texts of a suite, for all of its candidates; those looked at last are kept.
class Texts {
  constructor(head, index) {
    this.index = index;
    this.many = head.chunks.length;
    this.starts = [0];
    for (const many of head.chunks) this.starts.push(this.starts[this.starts.length - 1] + many);
    this.kept = new Map();
    this.passed = new Map();
  }

  chunkOf(at) {
    let low = 0, high = this.many - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.starts[middle] <= at) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  // A chunk that is looked through: it takes no other's place, and stays where there is room.
  pass(number) {
    const found = this.found(number);
    if (found) return found.loading;
    const size = this.packed(number).length * 3, entry = this.unpack(number);
    if (size <= room) {
      room -= size;
      this.passed.set(number, entry);
    }
    return entry.loading;
  }

  found(number) { return this.passed.get(number) || this.kept.get(number); }

  unpack(number) {
    const entry = { value: null };
    entry.loading = unpackedText(this.packed(number)).then((value) => (entry.value = value));
    return entry;
  }

  packed(number) { return document.getElementById("texts-" + this.index + "-" + number).textContent; }

  chunk(number) {
    const found = this.found(number) || this.unpack(number);
    if (this.passed.has(number)) return found.loading;
    this.kept.delete(number);
    this.kept.set(number, found);
    if (this.kept.size > mostChunks) this.kept.delete(this.kept.keys().next().value);
    return found.loading;
  }
}

// The cases of a suite as one candidate has them.
class Store {
  constructor(head, index, arm) {
    head.texts ||= new Texts(head, index);
    Object.assign(this, head, head.arms[arm]);
    this.arm = arm;
    this.size = head.ids.length;
    this.places = head.places ||= new Map(head.ids.map((id, at) => [id, at]));
    const facet = (kind) => ({ name, values, rows }) => ({ key: kind + name, name, values, rows });
    this.facets = [...head.tags.map(facet("tag.")), ...head.levels.map(facet("slice.")), ...(head.clusters ? [head.clusters].map(facet("")) : [])];
  }

  // Undefined where the candidate was not asked.
  group(at) { return data.groups[this.groups[at]]; }

  // [group, base, candidate] of one metric, or null where it does not apply.
  score(metric, at) {
    const { codes, others, rises } = this.metrics[metric], other = others[at], code = codes[at];
    if (other) return [data.groups[other[0]], other[1], other[2]];
    return pairs[code] ? [(rises ? rising : falling)[code], ...pairs[code]] : null;
  }

  // The numbers of one arm by their key: NAME.base, NAME.candidate.
  side(key) {
    const [, name, arm] = /^(.*)\.(base|candidate)$/.exec(key) || [];
    return this.numbers.find((one) => one.name === name)?.sides[arm === "base" ? 0 : 1];
  }

  // A metric's value of one arm as a number; NaN where there is none.
  value(metric, at, side) {
    const { name, codes, others } = this.metrics[metric], exact = this.numbers.find((one) => one.name === name);
    if (exact) return exact.sides[side][at] ?? NaN;
    const pair = others[at] ? others[at].slice(1) : pairs[codes[at]];
    return pair ? numberOf(pair[side]) : NaN;
  }

  // Whether a metric's values are all shares of 1.
  isShare(metric) {
    const exact = this.numbers.find((one) => one.name === this.metrics[metric].name);
    return !exact || exact.sides.every((side) => side.every((value) => value === null || (value >= 0 && value <= 1)));
  }

  tag(name, at) { return this.tags[name].values[this.tags[name].rows[at]]; }

  // The facet that a link means: a slice of a tag's bins goes by the tag's name.
  facet(key, value) {
    const found = [key, key.replace(/^tag\./, "slice.")].map((one) => this.facets.find((facet) => facet.key === one)).filter(Boolean);
    return found.find(({ values }) => values.includes(value)) || found[0];
  }

  // One case with its texts; `peek` has it only where its chunk is there.
  async one(at) {
    const number = this.texts.chunkOf(at);
    return this.from(await this.texts.chunk(number), number, at);
  }

  peek(at) {
    const number = this.texts.chunkOf(at), found = this.texts.found(number);
    return found && found.value ? this.from(found.value, number, at) : null;
  }

  from(texts, number, at) {
    const row = at - this.texts.starts[number], mine = 1 + this.arm, turns = texts.own[row]?.[this.arm] ?? texts.turns[row];
    const text = (value) => (typeof value === "number" ? shared[value] : value);
    const both = (sides, none) => [sides?.[0] ?? none, sides?.[mine] ?? none];
    return {
      at,
      id: this.ids[at],
      group: this.group(at),
      tags: this.tags.map((_, name) => this.tag(name, at)),
      cluster: this.clusters ? this.clusters.values[this.clusters.rows[at]] : "",
      scores: this.metrics.map((_, metric) => this.score(metric, at)),
      turns: Array.isArray(turns) ? turns.map(([who, value]) => [who, text(value)]) : [["user", text(turns)]],
      expected: text(texts.expected[row]),
      answers: [text(texts.answers[0][row]), text(texts.answers[mine][row])],
      calls: both(texts.calls[row], []).map((side) => side.map(([name, raw]) => [name, text(raw)])),
      status: both(texts.status[row], "").map(text),
      thoughts: both(texts.thoughts[row], "").map(text),
      repeats: both(texts.repeats[row], []).map((side) => side.map(([said, scores]) => [text(said), scores])),
      evidence: (texts.evidence[row] || []).map(([scorer, ...sides]) => [this.scorers[scorer], ...both(sides, "").map(text)])
        .filter(([, ...sides]) => this.group(at) !== "both_right" && sides.some(Boolean)),
    };
  }
}

// The last thing a user said: what a list shows of a case.
function asked(one) {
  const found = [...one.turns].reverse().find(([who]) => who === "user");
  return found ? found[1] : "";
}
