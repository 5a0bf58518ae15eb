// One case: what was asked, what was expected, both answers, the scores, and why.
const groups = data.groups;
const groupNames = { broken: "Broken", fixed: "Fixed", both_wrong: "Both wrong", both_right: "Both right", failed: "Failed calls" };
const groupTones = { broken: "bad", fixed: "good", both_wrong: "unsure", both_right: "plain", failed: "plain" };

function unpack(row) {
  const [id, group, byMetric, scores, tags, turns, expected, answers, calls, status, evidence] = row;
  return { id, group: groups[group], byMetric, scores: scores.split(";"), tags, turns, expected, answers, calls, status, evidence };
}

function block(label, value) {
  return [make("p", { className: "label", textContent: say(label) }), make("div", { className: "text", textContent: value })];
}

function drawDetail(suite, row) {
  const one = unpack(row);
  const head = make("header", {},
    make("a", { href: address({ suite: suite.name, case: one.id }), textContent: one.id, title: say("Link to this case") }),
    make("span", { className: "chip " + groupTones[one.group], textContent: say(groupNames[one.group]) }),
    ...one.tags.map((value, at) => text(value) && make("span", { className: "tag", textContent: suite.tags[at] + ": " + text(value) })).filter(Boolean));
  const out = document.createDocumentFragment();
  out.append(head);
  for (const [who, value] of one.turns) {
    if (who === "system") {
      const summary = make("summary", { textContent: say("System prompt") });
      out.append(make("details", {}, summary, make("div", { className: "text", textContent: text(value) })));
    } else out.append(...block(who === "user" ? "Asked" : who, text(value)));
  }
  if (text(one.expected)) out.append(...block("Expected", text(one.expected)));
  out.append(drawSides(one), drawScores(suite, one), ...drawEvidence(suite, one));
  return out;
}

function drawSides(one) {
  const answers = one.answers.map(text), edits = difference(answers[0], answers[1]);
  return make("div", { className: "sides" }, ...["base", "candidate"].map((name, at) => {
    const side = make("div", { className: "side " + name });
    const label = make("p", { className: "label" }, make("span", { textContent: say(name === "base" ? "Base" : "Candidate") }));
    if (text(one.status[at])) label.append(make("span", { className: "chip unsure", textContent: text(one.status[at]) }));
    side.append(label);
    const silent = !answers[at] && (one.calls[at].length || text(one.status[at]));
    if (!silent) {
      const box = make("div", { className: "text" });
      if (answers[0] && answers[1]) box.append(marked(edits, name));
      else if (answers[at]) box.textContent = answers[at];
      else box.append(make("span", { className: "reason", textContent: say("empty answer") }));
      side.append(box);
    }
    side.append(...drawCalls(one.calls[at], one.calls[1 - at]));
    return side;
  }));
}

function drawScores(suite, one) {
  const table = make("table", { className: "scores" });
  const head = ["Metric", "Base", "Candidate"].map((name) => make("th", { textContent: say(name) }));
  table.append(make("thead", {}, make("tr", {}, ...head)));
  const body = make("tbody");
  suite.metrics.forEach((metric, at) => {
    if (!one.scores[at]) return;
    const [base, candidate] = one.scores[at].split("|");
    const group = groups[one.byMetric[at]];
    const tone = group === "broken" ? "worse" : group === "fixed" ? "better" : "";
    body.append(make("tr", {}, make("td", { textContent: metric }), make("td", { className: "num", textContent: base }),
      make("td", { className: "num " + tone, textContent: candidate })));
  });
  table.append(body);
  return table;
}

function drawEvidence(suite, one) {
  return one.evidence.map(([scorer, ...sides]) => {
    const shown = sides.map((value, at) => {
      const said = text(value);
      const pre = make("pre", { textContent: said || "–" });
      return make("div", { className: "side" }, make("p", { className: "label", textContent: say(at ? "Candidate" : "Base") }), pre);
    });
    const summary = make("summary", { textContent: say("Evidence") + ": " + suite.scorers[scorer] + reasonOf(sides[1]) });
    return make("details", { className: "evidence" }, summary, make("div", { className: "sides" }, ...shown));
  });
}

function reasonOf(value) {
  const found = parsed(text(value));
  return found && typeof found.reason === "string" ? " – " + found.reason : "";
}
