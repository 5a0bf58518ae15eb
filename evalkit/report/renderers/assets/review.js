// What a reviewer says of a case stays in this browser, and goes on as JSONL that `evalkit labels` reads.
const reviewKey = "evalkit:" + document.documentElement.dataset.run;
let reviews = {};
try { reviews = JSON.parse(localStorage.getItem(reviewKey)) || {}; } catch { reviews = {}; }

function keepReview(suite, id, change) {
  const key = JSON.stringify([suite, id]), now = { ...reviews[key], ...change };
  if (now.base || now.candidate || now.note) reviews[key] = now;
  else delete reviews[key];
  try { localStorage.setItem(reviewKey, JSON.stringify(reviews)); } catch { /* a browser that keeps nothing: the file still can be saved */ }
  tellReviews();
}

function drawReview(suite, one) {
  const mine = reviews[JSON.stringify([suite.name, one.id])] || {};
  const pick = (arm) => {
    const options = [["", "–"], ["1", "good"], ["0", "bad"]].map(([value, label]) => make("option", { value, textContent: say(label) }));
    const chosen = role(make("select", {}, ...options), { "aria-label": say("Your judgement of the " + arm) });
    chosen.value = mine[arm] ?? "";
    chosen.addEventListener("change", () => keepReview(suite.name, one.id, { [arm]: chosen.value }));
    return make("label", {}, say(arm === "base" ? "Base" : "Candidate"), " ", chosen);
  };
  const note = role(make("input", { type: "text", value: mine.note || "", placeholder: say("Note") }), { "aria-label": say("Note") });
  note.addEventListener("change", () => keepReview(suite.name, one.id, { note: note.value }));
  return make("div", { className: "review" }, make("span", { className: "title", textContent: say("Your judgement") }), pick("base"), pick("candidate"), note);
}

function tellReviews() {
  const many = Object.keys(reviews).length, button = document.getElementById("reviews");
  button.hidden = !many;
  button.textContent = say("Save judgements") + " (" + many + ")";
}

function saveReviews() {
  const lines = Object.entries(reviews).map(([key, mine]) => {
    const [suite, id] = JSON.parse(key), row = { id, suite };
    for (const arm of ["base", "candidate"]) if (mine[arm]) row[arm + ".good"] = Number(mine[arm]);
    if (mine.note) row.note = mine.note;
    return JSON.stringify(row) + "\n";
  });
  take("judgements.jsonl", "application/jsonl", lines.join(""));
}
