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
