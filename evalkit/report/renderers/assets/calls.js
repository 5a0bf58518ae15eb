// Tool calls side by side: an argument that the other side has otherwise, or not at all, is marked.
function parsed(raw) {
  try {
    const value = JSON.parse(raw || "{}");
    return value && typeof value === "object" && !Array.isArray(value) ? value : null;
  } catch {
    return null;
  }
}

const same = (one, two) => JSON.stringify(sorted(one)) === JSON.stringify(sorted(two));

function sorted(value) {
  if (Array.isArray(value)) return value.map(sorted);
  if (value && typeof value === "object") {
    return Object.fromEntries(Object.keys(value).sort().map((key) => [key, sorted(value[key])]));
  }
  return value;
}

// The other side's call to hold against the n-th: the call of that name with the same turn among its namesakes.
function counterpart(calls, at, others) {
  const turn = calls.slice(0, at).filter(([name]) => name === calls[at][0]).length;
  return others.filter(([name]) => name === calls[at][0])[turn];
}

function drawCalls(calls, others) {
  return calls.map(([name, raw], at) => {
    const other = counterpart(calls, at, others);
    const box = make("div", { className: "call" });
    box.append(make("span", { className: other ? "name" : "name other", textContent: name }));
    const mine = parsed(raw), theirs = other ? parsed(other[1]) : null;
    if (mine === null) {
      const differs = !other || other[1] !== raw;
      const value = make("span", { className: "value", textContent: raw });
      box.append(make("div", { className: differs ? "other" : "" }, value));
      return box;
    }
    for (const [key, value] of Object.entries(mine)) {
      const differs = other && !(theirs && key in theirs && same(value, theirs[key]));
      const shown = make("span", { className: "value", textContent: JSON.stringify(value) });
      const label = make("span", { className: "argument", textContent: key + ": " });
      box.append(make("div", { className: differs ? "other" : "" }, label, shown));
    }
    return box;
  });
}

// An answer that is a JSON document, as rows of [path, value]; null where it is none, or too large to read so.
const mostLeaves = 400;

function leaves(text) {
  if (!/^\s*(```(json)?\s*)?[{[]/.test(text || "") || text.length > 200000) return null;
  let value;
  try {
    value = JSON.parse(text.replace(/^\s*```(json)?\s*([\s\S]*?)\s*```\s*$/, "$2"));
  } catch {
    return null;
  }
  const rows = new Map(), walk = (path, node) => {
    const inside = node && typeof node === "object" ? Object.entries(node) : [];
    if (!inside.length) rows.set(path, JSON.stringify(node));
    for (const [key, child] of inside) walk(Array.isArray(node) ? path + "[" + key + "]" : path ? path + "." + key : key, child);
  };
  walk("", value);
  return rows.size <= mostLeaves ? rows : null;
}

// Each place of the document on its line; what the other side has otherwise, or alone, is marked.
function drawLeaves(mine, theirs) {
  const box = make("div", { className: "call json" });
  const paths = [...mine.keys(), ...(theirs ? [...theirs.keys()].filter((path) => !mine.has(path)) : [])];
  for (const path of paths) {
    const differs = theirs && mine.get(path) !== theirs.get(path);
    const shown = make("span", { className: "value", textContent: mine.has(path) ? mine.get(path) : "–" });
    box.append(make("div", { className: differs ? "other" : "" }, make("span", { className: "argument", textContent: path ? path + ": " : "" }), shown));
  }
  return box;
}
