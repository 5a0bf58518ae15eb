// Looks for words in a chunk of texts: what the page and its helpers have in common.
class Seek {
  // `shared` are the texts that many cases have: each is looked through once a search.
  constructor(words, arm, shared) {
    this.words = words;
    this.arm = arm;
    this.shared = shared;
    this.known = new Uint8Array(shared.length);
    this.test = (value) => (typeof value === "number" ? this.holdsShared(value) : this.words.test(value));
  }

  holdsShared(number) {
    if (!this.known[number]) this.known[number] = this.words.test(this.shared[number]) ? 2 : 1;
    return this.known[number] === 2;
  }

  // The rows of a chunk that hold what is looked for.
  rows(said) {
    const found = [];
    for (let row = 0; row < said.turns.length; row++) if (this.holds(said, row)) found.push(row);
    return found;
  }

  holds(said, row) {
    const { arm, test } = this, turns = said.own[row]?.[arm] ?? said.turns[row], mine = 1 + arm;
    if (Array.isArray(turns) ? turns.some(([, value]) => test(value)) : test(turns)) return true;
    if (test(said.expected[row]) || test(said.answers[0][row]) || test(said.answers[mine][row])) return true;
    const both = (sides) => (sides ? [sides[0], sides[mine]] : []);
    return [...both(said.thoughts[row]), ...both(said.status[row])].some(test)
      || both(said.calls[row]).some((side) => side.some(([name, raw]) => test(name) || test(raw)))
      || both(said.repeats[row]).some((side) => side.some(([answer]) => test(answer)))
      || (said.evidence[row] || []).some(([, ...sides]) => both(sides).some(test));
  }
}
