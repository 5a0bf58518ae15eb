// The cases of a suite: the head says what lists and filters need, texts come in chunks where they are looked at.
// The letter of a yes/no metric holds both values: a 0 0, b 0 1, c 1 0, d 1 1.
const pairs = { a: ["0", "0"], b: ["0", "1"], c: ["1", "0"], d: ["1", "1"] };
const rising = { a: "both_wrong", b: "fixed", c: "broken", d: "both_right" };
const falling = { a: "both_right", b: "broken", c: "fixed", d: "both_wrong" };
const mostChunks = 24;

class Store {
  constructor(head, index) {
    Object.assign(this, head);
    this.index = index;
    this.size = head.ids.length;
    this.starts = [0];
    for (const many of head.chunks) this.starts.push(this.starts[this.starts.length - 1] + many);
    this.kept = new Map();
    this.places = new Map(head.ids.map((id, at) => [id, at]));
  }

  group(at) { return data.groups[this.groups[at]]; }

  // [group, base, candidate] of one metric, or null where it does not apply.
  score(metric, at) {
    const { codes, others, rises } = this.metrics[metric], other = others[at], code = codes[at];
    if (other) return [data.groups[other[0]], other[1], other[2]];
    return pairs[code] ? [(rises ? rising : falling)[code], ...pairs[code]] : null;
  }

  tag(name, at) { return this.tags[name].values[this.tags[name].rows[at]]; }

  chunkOf(at) {
    let low = 0, high = this.chunks.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.starts[middle] <= at) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  // The texts of a chunk; those looked at last are kept.
  chunk(number) {
    const found = this.kept.get(number);
    if (found) {
      this.kept.delete(number);
      this.kept.set(number, found);
      return found.loading;
    }
    const entry = { value: null };
    entry.loading = unpacked(document.getElementById("texts-" + this.index + "-" + number)).then((value) => (entry.value = value));
    this.kept.set(number, entry);
    if (this.kept.size > mostChunks) this.kept.delete(this.kept.keys().next().value);
    return entry.loading;
  }

  // One case with its texts; `peek` has it only where its chunk is there.
  async one(at) {
    const number = this.chunkOf(at);
    return this.from(await this.chunk(number), number, at);
  }

  peek(at) {
    const number = this.chunkOf(at), found = this.kept.get(number);
    return found && found.value ? this.from(found.value, number, at) : null;
  }

  from(texts, number, at) {
    const row = at - this.starts[number], turns = texts.turns[row];
    const text = (value) => (typeof value === "number" ? shared[value] : value);
    return {
      at,
      id: this.ids[at],
      group: this.group(at),
      tags: this.tags.map((_, name) => this.tag(name, at)),
      scores: this.metrics.map((_, metric) => this.score(metric, at)),
      turns: Array.isArray(turns) ? turns.map(([who, value]) => [who, text(value)]) : [["user", text(turns)]],
      expected: text(texts.expected[row]),
      answers: [text(texts.base[row]), text(texts.candidate[row])],
      calls: (texts.calls[row] || [[], []]).map((side) => side.map(([name, raw]) => [name, text(raw)])),
      status: (texts.status[row] || ["", ""]).map(text),
      thoughts: (texts.thoughts[row] || ["", ""]).map(text),
      repeats: (texts.repeats[row] || [[], []]).map((side) => side.map(([said, scores]) => [text(said), scores])),
      evidence: (texts.evidence[row] || []).map(([scorer, ...sides]) => [this.scorers[scorer], ...sides.map(text)]),
    };
  }
}

// The last thing a user said: what a list shows of a case.
function asked(one) {
  const found = [...one.turns].reverse().find(([who]) => who === "user");
  return found ? found[1] : "";
}
