// On paper there is nothing to click: the gravest broken cases are written out, as far as their texts are there, and
// what is left out is said.
const mostOnPaper = 24, fewestOnPaper = 3, longestOnPaper = 600;

function paperText(value) {
  return value.length > longestOnPaper ? value.slice(0, longestOnPaper) + " …" : value;
}

function onPaper(one) {
  const cut = (side) => side.map((value) => paperText(value));
  return {
    ...one, expected: paperText(one.expected), answers: cut(one.answers), evidence: [], repeats: [[], []], thoughts: ["", ""],
    turns: one.turns.filter(([who]) => who !== "system").map(([who, value]) => [who, paperText(value)]),
  };
}

function writeOut(panel, most) {
  const { store } = panel, broken = [];
  let all = 0;
  for (let next = 0; next < store.size; next++) {
    const at = store.order ? store.order[next] : next;
    if (at === undefined || store.group(at) !== "broken") continue;
    all++;
    if (broken.length < most) broken.push(at);
  }
  const shown = broken.map((at) => store.peek(at)).filter(Boolean);
  const said = say("On paper stand the gravest broken cases") + ": " + shown.length + " / " + all.toLocaleString(language) + ". "
    + say("Long texts are cut; the other cases, repeats and evidence are on the page itself.");
  panel.element.append(make("p", { className: "note printed", textContent: said }));
  for (const one of shown) panel.element.append(make("article", { className: "detail printed" }, drawCase(panel, onPaper(one))));
}

addEventListener("beforeprint", () => {
  const seen = panels.filter((panel) => !panel.candidate.hidden);
  const most = Math.max(fewestOnPaper, Math.floor(mostOnPaper / Math.max(1, seen.length)));
  for (const panel of seen) {
    drawShapes(panel);
    writeOut(panel, most);
  }
  for (const folded of document.querySelectorAll("details.origin:not([open])")) {
    folded.open = true;
    folded.dataset.folded = "";
  }
  if (candidates.length > 1) {
    const one = candidates.find((found) => !found.hidden);
    one.prepend(make("p", { className: "note printed", textContent: say("On paper stands one candidate; the others are on the page itself") + ": " + one.dataset.name }));
  }
});

addEventListener("afterprint", () => {
  for (const element of document.querySelectorAll(".printed")) element.remove();
  for (const folded of document.querySelectorAll("details[data-folded]")) {
    folded.open = false;
    delete folded.dataset.folded;
  }
});
