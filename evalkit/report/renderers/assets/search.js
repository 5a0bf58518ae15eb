// Searches all texts of a suite: chunks go to helpers beside the page, and what they find comes back chunk by chunk.
// Where a browser has no helpers the page looks itself, a chunk at a time, and lets keys in between.
const roomForTexts = 200e6, mostHelpers = 3, lanes = 2, patience = 1000;
const helpers = [], owners = new Map(); // who has unpacked a chunk
let helpless = typeof Worker === "undefined";

// Looks on the page itself; the same questions as to a helper.
const here = {
  yielded: 0,
  async rows({ texts, number, seek }) {
    const said = await texts.pass(number);
    if (performance.now() - this.yielded > 20) {
      await new Promise((resolve) => setTimeout(resolve));
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
    this.worker.postMessage({ start: { shared, room: roomForTexts / mostHelpers } });
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

// As many as the machine has room for; begun when somebody comes to search.
function helpersFor(texts) {
  const wanted = Math.min(texts.many, mostHelpers, Math.max(2, (navigator.hardwareConcurrency || 2) - 1));
  try {
    while (!helpless && helpers.length < wanted) helpers.push(new Helper());
  } catch {
    helpless = true;
  }
  return helpless ? [here] : helpers;
}

// One search: `took` hears of every chunk and the rows found in it, as long as the search is on.
async function seekAll(run, texts, words, arm, took) {
  const seek = new Seek(words, arm, shared), todo = new Set(Array(texts.many).keys()), own = helpersFor(texts);
  for (const helper of helpers) helper.outrun();
  const next = (helper) => {
    for (const number of todo) {
      const owner = owners.get(texts.index + "-" + number);
      if (!owner || owner === helper) return number;
    }
    return todo.values().next().value;
  };
  const lane = async (helper) => {
    for (let number = next(helper); number !== undefined && run.on; number = next(helper)) {
      todo.delete(number);
      const rows = await helper.rows({ run, texts, number, seek });
      if (run.on) took(number, rows);
    }
  };
  await Promise.all(own.flatMap((helper) => Array.from({ length: helper === here ? 1 : lanes }, () => lane(helper))));
}
