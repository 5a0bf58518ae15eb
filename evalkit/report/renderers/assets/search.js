// Searches all texts of a suite, a chunk at a time: the page itself where that cannot hold it up, else helpers beside it.
const mostHelpers = 2, patience = 1000, longChunk = 2e6;
const helpers = [], owners = new Map(); // who has unpacked a chunk
let helpless = typeof Worker === "undefined";

// How often an expression may go on for any length: more than once, or once within another, and a text takes long.
function openParts({ source }) {
  const plain = source.replace(/\\[^1-9k]|\[(?:\\.|[^\]\\])*\]/g, "x");
  return /\)[*+{]|\\|\(\?[=!<]/.test(plain) ? Infinity : (plain.match(/[*+]|\{\d+,\d*\}/g) || []).length;
}

// Lets what waits go first: keys, drawing. A timer would also wait where nothing does.
const turns = new MessageChannel(), breathing = [];
turns.port1.onmessage = () => breathing.shift()();
const breath = () => new Promise((resolve) => {
  breathing.push(resolve);
  turns.port2.postMessage(0);
});

// Looks on the page itself, and lets keys in between; the same questions as to a helper.
const here = {
  yielded: 0,
  async rows({ texts, number, seek }) {
    const said = await texts.pass(number);
    if (performance.now() - this.yielded > 12) {
      await breath();
      this.yielded = performance.now();
    }
    return seek.rows(said);
  },
};

class Helper {
  constructor() {
    this.waiting = new Map();
    this.begin();
  }

  begin() {
    Helper.source ||= URL.createObjectURL(new Blob([document.getElementById("seeker").textContent], { type: "text/javascript" }));
    this.worker = new Worker(Helper.source);
    this.worker.onmessage = ({ data: told }) => this.hear(told);
    this.worker.onerror = (event) => { event.preventDefault(); this.give(); };
    this.worker.postMessage({ start: { shared, room: room / 4 } });
  }

  rows(job) {
    if (helpless) return here.rows(job);
    return new Promise((resolve) => {
      this.waiting.set(job.run.number + "/" + job.number, { job, resolve });
      this.post(job);
    });
  }

  post({ run, number, texts, seek }) {
    const key = texts.index + "-" + number, { source, flags } = seek.words;
    const text = owners.get(key) === this ? undefined : texts.packed(number);
    this.worker.postMessage({ job: { run: run.number, number, key, source, flags, arm: seek.arm, text } });
  }

  hear({ run, number, key, rows, kept }) {
    const place = run + "/" + number, found = this.waiting.get(place);
    if (kept) owners.set(key, this);
    this.waiting.delete(place);
    found?.resolve(rows);
  }

  // It cannot work in this browser: what it has not answered is looked at here.
  give() {
    helpless = true;
    for (const { job, resolve } of this.waiting.values()) resolve(here.rows(job));
    this.waiting.clear();
  }

  // An expression that never ends must not outlive the search that asked for it.
  async outrun() {
    const ended = () => [...this.waiting].filter(([, { job }]) => !job.run.on);
    const old = ended().map(([place]) => place);
    if (!old.length) return;
    await new Promise((resolve) => setTimeout(resolve, patience));
    if (helpless || !old.some((place) => this.waiting.has(place))) return;
    this.worker.terminate();
    for (const [key, owner] of owners) if (owner === this) owners.delete(key);
    for (const [place, { resolve }] of ended()) {
      this.waiting.delete(place);
      resolve([]);
    }
    this.begin();
    for (const { job } of this.waiting.values()) this.post(job);
  }
}

// Begun where an expression first needs them; where a browser has none the page looks itself.
function helpersFor(many) {
  try {
    while (!helpless && helpers.length < Math.min(many, mostHelpers)) helpers.push(new Helper());
  } catch {
    helpless = true;
  }
  return helpless ? [here] : helpers;
}

// One search: `took` hears of every chunk and the rows found in it, as long as the search is on.
async function seekAll(run, texts, words, arm, took) {
  const seek = new Seek(words, arm, shared), open = openParts(words);
  const isQuick = (number) => !open || (open < 2 && texts.packed(number).length < longChunk);
  const mine = [], others = [];
  for (let number = 0; number < texts.many; number++) (isQuick(number) ? mine : others).push(number);
  for (const helper of helpers) helper.outrun();
  const lane = async (helper, todo) => {
    for (let number = todo.shift(); number !== undefined && run.on; number = todo.shift()) {
      const rows = await helper.rows({ run, texts, number, seek });
      if (run.on) took(number, rows);
    }
  };
  const own = others.length ? helpersFor(others.length) : [];
  const shares = own.map((_, at) => others.filter((number) => number % own.length === at));
  await Promise.all([lane(here, mine), lane(here, mine), ...own.flatMap((helper, at) => [0, 1, 2, 3].map(() => lane(helper, shares[at])))]);
}
