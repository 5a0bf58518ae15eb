// One case: what was asked, what was expected, both answers, the scores, and why.
const groupNames = { broken: "Broken", fixed: "Fixed", both_wrong: "Both wrong", both_right: "Both right", failed: "Failed calls" };
const groupTones = { broken: "bad", fixed: "good", both_wrong: "unsure", both_right: "plain", failed: "plain" };

function block(label, value) {
  return [make("p", { className: "label", textContent: say(label) }), longText(make("div", { className: "text" }), value)];
}

function drawCase(panel, one) {
  const suite = panel.store;
  const copy = make("button", { type: "button", className: "copy", textContent: say("Copy"), title: say("This case as JSON") });
  copy.addEventListener("click", () => copyText(JSON.stringify(rowOf(suite, one, one.group), null, 1), copy));
  const head = make("header", {},
    make("a", { href: address({ suite: suite.name, case: one.id }), textContent: one.id, title: say("Link to this case") }),
    make("span", { className: "chip " + groupTones[one.group], textContent: say(groupNames[one.group]) }),
    ...one.tags.map((value, at) => value && make("span", { className: "tag", textContent: suite.tags[at].name + ": " + value })).filter(Boolean),
    one.cluster ? make("span", { className: "tag", textContent: say("Cluster") + ": " + one.cluster }) : null,
    copy);
  const out = document.createDocumentFragment();
  out.append(head);
  for (const [who, value] of one.turns) {
    if (who === "system") {
      const summary = make("summary", { textContent: say("System prompt") });
      out.append(make("details", {}, summary, longText(make("div", { className: "text" }), value)));
    } else out.append(...block(who === "user" ? "Asked" : who, value));
  }
  if (one.expected) out.append(...block("Expected", one.expected));
  out.append(drawSides(one), drawScores(suite, one), drawReview(suite, one), ...drawEvidence(one));
  return out;
}

function drawSides(one) {
  const against = sideBySide[one.id] === "target" && one.expected ? "target" : "arm";
  const box = make("div", {}), tree = against === "target" ? [one.expected, one.expected] : [one.answers[1], one.answers[0]];
  if (leaves(one.answers[0]) || leaves(one.answers[1])) {
    const raw = rawText[one.id];
    const pick = make("button", { type: "button", className: "against", textContent: say(raw ? "Show as JSON" : "Show as text") });
    pick.addEventListener("click", () => {
      rawText[one.id] = !raw;
      box.replaceWith(drawSides(one));
    });
    box.append(pick, " ");
  }
  if (one.expected) {
    const pick = make("button", { type: "button", className: "against", textContent: say(against === "arm" ? "Compare with the target" : "Compare the arms") });
    pick.addEventListener("click", () => {
      sideBySide[one.id] = against === "arm" ? "target" : "arm";
      box.replaceWith(drawSides(one));
    });
    box.append(pick);
  }
  const sides = ["base", "candidate"].map((name, at) => drawSide(one, name, at, against, rawText[one.id] ? null : tree[at]));
  box.className = "compared";
  box.append(make("div", { className: "sides" }, ...sides));
  return box;
}

const sideBySide = {}, rawText = {};

function drawSide(one, name, at, against, other) {
  const answers = one.answers, side = make("div", { className: "side " + name });
  const label = make("p", { className: "label" }, make("span", { textContent: say(name === "base" ? "Base" : "Candidate") }));
  if (one.status[at]) label.append(make("span", { className: "chip unsure", textContent: say(one.status[at]) }));
  side.append(label);
  const silent = !answers[at] && (one.calls[at].length || one.status[at]);
  const tree = other === null ? null : leaves(answers[at]);
  if (tree) side.append(drawLeaves(tree, leaves(other)));
  else if (!silent) {
    const box = tongue(make("div", { className: "text" }), answers[at]);
    if (!answers[at]) box.append(make("span", { className: "reason", textContent: say("empty answer") }));
    else if (against === "target") drawDifference(box, one.expected, answers[at], "candidate");
    else if (answers[1 - at]) drawDifference(box, answers[0], answers[1], name);
    else longText(box, answers[at]);
    side.append(box);
  }
  side.append(...drawCalls(one.calls[at], one.calls[1 - at]), ...drawThought(one.thoughts[at]), ...drawRepeats(one.repeats[at]));
  return side;
}

function drawThought(value) {
  if (!value) return [];
  const summary = make("summary", { textContent: say("Thought") + " (" + value.length + ")" });
  return [make("details", { className: "thought" }, summary, longText(make("div", { className: "text" }), value))];
}

// Every repeat with its own scores: the one that stands above is the first.
function drawRepeats(repeats) {
  if (!repeats.length) return [];
  const summary = make("summary", { textContent: say("All repeats") + " (" + repeats.length + ")" });
  const rows = repeats.flatMap(([said, scores], at) => [
    make("p", { className: "label", textContent: "#" + (at + 1) + (scores ? "  " + scores : "") }),
    longText(make("div", { className: "text" }), said),
  ]);
  return [make("details", { className: "repeats" }, summary, ...rows)];
}

function drawScores(suite, one) {
  const table = make("table", { className: "scores" });
  const head = ["Metric", "Base", "Candidate"].map((name) => make("th", { textContent: say(name) }));
  table.append(make("thead", {}, make("tr", {}, ...head)));
  const body = make("tbody");
  suite.metrics.forEach((metric, at) => {
    const found = one.scores[at];
    if (!found) return;
    const [group, base, candidate] = found, tone = group === "broken" ? "worse" : group === "fixed" ? "better" : "";
    body.append(make("tr", {}, make("td", { textContent: metric.name }), make("td", { className: "num", textContent: base }),
      make("td", { className: "num " + tone, textContent: candidate })));
  });
  table.append(body);
  return table;
}

function drawEvidence(one) {
  return one.evidence.map(([scorer, ...sides]) => {
    const shown = sides.map((value, at) => {
      const pre = make("pre", { textContent: value || "–" });
      return make("div", { className: "side" }, make("p", { className: "label", textContent: say(at ? "Candidate" : "Base") }), pre);
    });
    const summary = make("summary", { textContent: say("Evidence") + ": " + scorer + reasonOf(sides[1]) });
    return make("details", { className: "evidence" }, summary, make("div", { className: "sides" }, ...shown));
  });
}

function reasonOf(value) {
  const found = parsed(value);
  return found && typeof found.reason === "string" ? " – " + found.reason : "";
}
