// The page's data and its language: texts are stored once, and written with textContent alone.
const data = JSON.parse(document.getElementById("data").textContent);
const labels = JSON.parse(document.getElementById("labels").textContent);
let language = "en";

const groups = data.groups;
const text = (value) => (typeof value === "number" ? data.texts[value] : value);
const say = (english) => (language === "ja" && labels[english]) || english;

// What is hidden in a text, or would act in it, is written as its number; files that are taken hold the text itself.
const unseen = new RegExp(data.unseen, "gu");
const seen = (value) =>
  typeof value === "string"
    ? value.toWellFormed().replaceAll("\r\n", "\n").replace(unseen, (mark) => "⟨U+" + mark.codePointAt(0).toString(16).toUpperCase().padStart(4, "0") + "⟩")
    : value;

function make(tag, properties, ...children) {
  const { data: dataset, ...rest } = properties || {};
  for (const name of ["textContent", "title"]) if (name in rest) rest[name] = seen(rest[name]);
  const element = Object.assign(document.createElement(tag), rest);
  Object.assign(element.dataset, dataset || {});
  element.append(...children.filter((child) => child !== null && child !== undefined).map(seen));
  return element;
}

function role(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

function speak(wanted) {
  language = wanted;
  document.documentElement.lang = wanted;
  for (const element of document.querySelectorAll("[data-t]")) {
    element.dataset.t = element.dataset.t || element.textContent;
    element.textContent = say(element.dataset.t);
  }
}

// A suite's columns as cases. The letter of a yes/no metric holds both values: a 0 0, b 0 1, c 1 0, d 1 1.
const pairs = { a: ["0", "0"], b: ["0", "1"], c: ["1", "0"], d: ["1", "1"] };
const rising = { a: "both_wrong", b: "fixed", c: "broken", d: "both_right" };
const falling = { a: "both_right", b: "broken", c: "fixed", d: "both_wrong" };

function score(metric, at) {
  const code = metric.codes[at], other = metric.others[at];
  if (other) return { group: groups[other[0]], base: other[1], candidate: other[2] };
  if (!pairs[code]) return null;
  return { group: (metric.rises ? rising : falling)[code], base: pairs[code][0], candidate: pairs[code][1] };
}

function unpack(suite) {
  return suite.ids.map((id, at) => {
    const turns = suite.turns[at];
    return {
      id,
      group: groups[suite.groups[at]],
      scores: suite.metrics.map((metric) => score(metric, at)),
      tags: suite.tags.map((tag) => tag.values[tag.rows[at]]),
      turns: Array.isArray(turns) ? turns.map(([who, value]) => [who, text(value)]) : [["user", text(turns)]],
      expected: text(suite.expected[at]),
      answers: [text(suite.base[at]), text(suite.candidate[at])],
      calls: (suite.calls[at] || [[], []]).map((side) => side.map(([name, raw]) => [name, text(raw)])),
      status: (suite.status[at] || ["", ""]).map(text),
      thoughts: (suite.thoughts[at] || ["", ""]).map(text),
      evidence: (suite.evidence[at] || []).map(([scorer, ...sides]) => [suite.scorers[scorer], ...sides.map(text)]),
    };
  });
}
