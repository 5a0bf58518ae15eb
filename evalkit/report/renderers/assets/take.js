// The cases that a list shows go on as a file: made in the page, asked of nobody.
const formula = /^\s*[=+\-@＝＋－−＠\t\r\n]/;
const plainNumber = /^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/;

// As `evalkit cases` names its columns, as far as the page holds them.
function rowOf(suite, one, group) {
  const row = { id: one.id, suite: suite.name, state: group, input: asked(one), target: one.expected };
  ["base", "candidate"].forEach((arm, at) => {
    row[arm] = [one.answers[at], ...one.calls[at].map(([name, raw]) => name + "(" + raw + ")")].filter(Boolean).join("\n");
    row[arm + ".thought"] = one.thoughts[at];
    suite.metrics.forEach((metric, index) => { row[arm + "." + metric.name] = one.scores[index] ? one.scores[index][1 + at] : ""; });
  });
  if (suite.clusters) row.cluster = one.cluster;
  one.tags.forEach((value, at) => { row["tag." + suite.tags[at].name] = value || ""; });
  return row;
}

// What a spreadsheet would run gets an apostrophe in front; quotes are doubled.
function cell(value) {
  const plain = String(value ?? "");
  const inert = formula.test(plain) && !plainNumber.test(plain) ? "'" + plain : plain;
  return /[",\r\n]/.test(inert) ? '"' + inert.replaceAll('"', '""') + '"' : inert;
}

function asCsv(rows) {
  const names = Object.keys(rows[0] || { id: "" });
  return "\ufeff" + [names, ...rows.map((row) => names.map((name) => row[name]))].map((line) => line.map(cell).join(",") + "\r\n").join("");
}

function take(name, kind, written) {
  const link = make("a", { href: URL.createObjectURL(new Blob([written], { type: kind })), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

// Into the clipboard; where the browser has none for a file, by a field that is selected and copied.
async function copyText(value, button) {
  try {
    await navigator.clipboard.writeText(value);
  } catch {
    const field = make("textarea", { value });
    document.body.append(field);
    field.select();
    document.execCommand("copy");
    field.remove();
  }
  button.textContent = say("Copied");
}
