// The page: where a link leads, the keys, the switches, the paper.
const panels = [...document.querySelectorAll(".cases")].map((element) => new Panel(element));
let active = panels[0];

function address(place) {
  return "#" + new URLSearchParams(place);
}

function remember(panel) {
  active = panel;
  const place = { suite: panel.suite.name, group: panel.group };
  if (panel.metric) place.metric = panel.metric;
  if (panel.selected !== null) place.case = panel.selected;
  history.replaceState(null, "", address(place));
}

function arrive() {
  const place = new URLSearchParams(location.hash.slice(1));
  const name = place.get("suite");
  const section = [...document.querySelectorAll(".suite")].find((element) => element.dataset.name === name);
  if (!section) return;
  const panel = panels.find((one) => section.contains(one.element));
  const wanted = place.get("case");
  if (!panel || !(wanted || place.get("group"))) { section.scrollIntoView(); return; }
  active = panel;
  const found = panel.cases.find((one) => one.id === wanted);
  const metric = panel.suite.metrics.find((one) => one.name === place.get("metric"));
  panel.metric = metric ? metric.name : "";
  panel.query = "";
  const group = place.get("group") || (found && panel.groupOf(found));
  panel.group = [...groups, "all"].includes(group) ? group : "all";
  if (found ? !panel.members(panel.group).includes(found) : !panel.members(panel.group).length) panel.group = found ? "all" : panel.first();
  panel.selected = found ? wanted : null;
  while (found && panel.members(panel.group).indexOf(found) >= panel.shown) panel.shown += portion;
  panel.draw();
  panel.element.closest(".panel").scrollIntoView();
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select")) return;
  if (active && (event.key === "j" || event.key === "k")) active.step(event.key === "j" ? 1 : -1);
});

document.getElementById("language").addEventListener("click", (event) => {
  speak(language === "en" ? "ja" : "en");
  event.target.textContent = language === "en" ? "日本語" : "English";
  for (const panel of panels) panel.draw();
});

document.getElementById("theme").addEventListener("click", () => {
  const dark = document.documentElement.dataset.theme
    ? document.documentElement.dataset.theme === "dark"
    : matchMedia("(prefers-color-scheme: dark)").matches;
  document.documentElement.dataset.theme = dark ? "light" : "dark";
});

// On paper there is nothing to click: the broken cases are written out.
addEventListener("beforeprint", () => {
  for (const panel of panels) {
    const broken = panel.cases.filter((one) => one.group === "broken" && one.id !== panel.selected).slice(0, 30);
    for (const one of broken) panel.element.append(make("article", { className: "detail printed" }, drawDetail(panel.suite, one)));
  }
});
addEventListener("afterprint", () => document.querySelectorAll(".printed").forEach((element) => element.remove()));

addEventListener("hashchange", arrive);
arrive();
