// Differences of two texts: words of alphabets, single characters of everything else (Japanese has no spaces).
// Source of the search: E. Myers, "An O(ND) Difference Algorithm and Its Variations", 1986.
const tokens = (value) => value.match(/[\p{Script=Latin}\p{Script=Cyrillic}\p{Script=Greek}\p{M}\p{N}]+|\s+|./gsu) || [];
const furthest = 600;

// [["=", text], ["-", text], ["+", text], ...] from the first text to the second.
function difference(before, after) {
  const one = tokens(before), two = tokens(after);
  let start = 0, end = 0;
  while (start < one.length && start < two.length && one[start] === two[start]) start++;
  while (end < one.length - start && end < two.length - start
    && one[one.length - 1 - end] === two[two.length - 1 - end]) end++;
  const middle = search(one.slice(start, one.length - end), two.slice(start, two.length - end));
  const edits = [["=", one.slice(0, start).join("")], ...middle, ["=", one.slice(one.length - end).join("")]];
  return refined(joined(quieted(joined(edits))));
}

function search(one, two) {
  const most = Math.min(one.length + two.length, furthest);
  let reach = { 1: 0 };
  const steps = [];
  for (let cost = 0; cost <= most; cost++) {
    steps.push({ ...reach });
    for (let k = -cost; k <= cost; k += 2) {
      const down = k === -cost || (k !== cost && (reach[k - 1] ?? -1) < (reach[k + 1] ?? -1));
      let x = down ? reach[k + 1] : reach[k - 1] + 1;
      while (x < one.length && x - k < two.length && one[x] === two[x - k]) x++;
      reach[k] = x;
      if (x >= one.length && x - k >= two.length) return walked(steps, one, two);
    }
  }
  return [["-", one.join("")], ["+", two.join("")]];
}

function walked(steps, one, two) {
  const edits = [];
  let x = one.length, y = two.length;
  for (let cost = steps.length - 1; cost >= 0; cost--) {
    const reach = steps[cost], k = x - y;
    const down = k === -cost || (k !== cost && (reach[k - 1] ?? -1) < (reach[k + 1] ?? -1));
    const from = down ? k + 1 : k - 1;
    const startX = cost ? reach[from] : 0, startY = cost ? startX - from : 0;
    while (x > startX && y > startY) { edits.push(["=", one[--x]]); y--; }
    if (cost) edits.push(down ? ["+", two[--y]] : ["-", one[--x]]);
  }
  return edits.reverse();
}

function joined(edits) {
  const out = [];
  let gone = "", come = "";
  const flush = () => {
    if (gone) out.push(["-", gone]);
    if (come) out.push(["+", come]);
    gone = come = "";
  };
  for (const [kind, value] of edits) {
    if (!value) continue;
    if (kind === "-") gone += value;
    else if (kind === "+") come += value;
    else {
      flush();
      if (out.length && out[out.length - 1][0] === "=") out[out.length - 1][1] += value;
      else out.push(["=", value]);
    }
  }
  flush();
  return out;
}

// A space or a single mark that stays between two changes only makes them harder to read.
function quieted(edits) {
  return edits.flatMap(([kind, value], at) => {
    const inside = at > 0 && at < edits.length - 1;
    return kind === "=" && inside && [...value].length <= 1 ? [["-", value], ["+", value]] : [[kind, value]];
  });
}

// Within a replaced word what both begin or end with is the same.
function refined(edits) {
  const out = [];
  for (let at = 0; at < edits.length; at++) {
    const [kind, value] = edits[at], next = edits[at + 1];
    if (kind !== "-" || !next || next[0] !== "+") { out.push(edits[at]); continue; }
    const one = [...value], two = [...next[1]];
    let start = 0, end = 0;
    while (start < one.length && start < two.length && one[start] === two[start]) start++;
    while (end < Math.min(one.length, two.length) - start && one[one.length - 1 - end] === two[two.length - 1 - end]) end++;
    if (start < 3) start = 0;
    if (end < 3) end = 0;
    out.push(["=", one.slice(0, start).join("")], ["-", one.slice(start, one.length - end).join("")],
      ["+", two.slice(start, two.length - end).join("")], ["=", one.slice(one.length - end).join("")]);
    at++;
  }
  return out.filter(([, value]) => value);
}

// The text of one side, with what only it has marked: the colour says whose it is, not whether it is right.
function marked(edits, side) {
  const own = side === "base" ? "-" : "+";
  const out = document.createDocumentFragment();
  for (const [kind, value] of edits) {
    if (kind === "=") out.append(seen(value));
    else if (kind === own) out.append(make(own === "-" ? "del" : "ins", { textContent: value }));
  }
  return out;
}

// Long texts are compared from a little before where they part; what is the same before that is counted.
const lead = 500, compared = 4000;

function drawDifference(box, one, two, side) {
  const mine = side === "base" ? one : two;
  if (one.length <= compared && two.length <= compared) {
    box.append(marked(difference(one, two), side));
    return;
  }
  let same = 0;
  while (same < one.length && same < two.length && one[same] === two[same]) same++;
  const start = same > lead * 2 ? same - lead : 0;
  if (start) {
    const head = make("details", {}, make("summary", { textContent: say("the same in both") + " (" + start.toLocaleString(language) + ")" }));
    head.addEventListener("toggle", () => longText(head, mine.slice(0, start)), { once: true });
    box.append(head);
  }
  box.append(marked(difference(one.slice(start, start + compared), two.slice(start, start + compared)), side));
  if (mine.length > start + compared) longText(box, mine.slice(start + compared));
}
