// The page: where a link leads, the keys, the switches, the paper.
let panels = [], active;

function address(place) {
  return "#" + new URLSearchParams(place);
}

const candidates = [...document.querySelectorAll(".judged")];
const nameOf = (panel) => panel.candidate.dataset.name;

// What an address says of a list: all that was chosen, without a case.
function placeOf(panel) {
  const { group, metric, base, candidate, tags, ranges, by, query, sort } = panel.filters;
  const place = candidates.length > 1 ? { arm: nameOf(panel) } : {};
  Object.assign(place, { suite: panel.store.name, group });
  for (const [name, value] of Object.entries({ metric, base, candidate, by, q: query.trim() })) if (value) place[name] = value;
  Object.assign(place, tags);
  for (const [key, [low, high]] of Object.entries(ranges)) place["in." + key] = low + ".." + high;
  if (sort !== "gravity") place.sort = sort;
  return place;
}

function remember(panel) {
  active = panel;
  const place = placeOf(panel);
  if (panel.selected !== null) place.case = panel.store.ids[panel.selected];
  history.replaceState(null, "", address(place));
}

// Of several candidates one is looked at; a panel is made when its candidate is first shown.
function showCandidate(chosen) {
  for (const one of candidates) one.hidden = one !== chosen;
  for (const link of document.querySelectorAll("[data-arm-link]")) {
    link.setAttribute("aria-current", String(link.dataset.armLink === chosen.dataset.name));
  }
  for (const link of document.querySelectorAll(".links a[data-of]")) link.hidden = link.dataset.of !== chosen.dataset.name;
  for (const element of chosen.querySelectorAll(".cases")) {
    if (!panels.some((one) => one.element === element)) panels.push(new Panel(element));
  }
  active = panels.find((one) => one.candidate === chosen) || active;
}

async function arrive() {
  const place = new URLSearchParams(location.hash.slice(1));
  const name = place.get("suite"), wantedArm = place.get("arm");
  const within = candidates.find((one) => one.dataset.name === wantedArm) || candidates.find((one) => !one.hidden);
  if (!within) return;
  showCandidate(within);
  if (place.has("suites")) { within.querySelector("[data-suites]")?.scrollIntoView(); return; }
  const section = [...within.querySelectorAll(".suite")].find((element) => element.dataset.name === name);
  if (!section) { if (wantedArm) within.scrollIntoView(); return; }
  const panel = panels.find((one) => section.contains(one.element));
  const chosen = [...place.keys()].some((key) => key !== "suite" && key !== "arm");
  if (!panel || !chosen) { section.scrollIntoView(); return; }
  active = panel;
  const { store, filters } = panel, wanted = place.get("case"), found = store.places.get(wanted);
  const tags = {}, ranges = {};
  for (const [key, value] of place) {
    const own = value === "(missing)" ? "" : value, facet = store.facet(key, value) || null;
    if (facet?.values.includes(value)) tags[facet.key] = value;
    else if (facet?.values.includes(own)) tags[facet.key] = own;
    const ends = key.startsWith("in.") && /^(-?[\d.e+-]+)\.\.(-?[\d.e+-]+)$/.exec(value);
    if (ends && store.side(key.slice(3))) ranges[key.slice(3)] = [Number(ends[1]), Number(ends[2])];
  }
  const metric = place.get("metric") || "", right = (value) => (["right", "wrong"].includes(value) ? value : "");
  filters.set({
    metric: store.metrics.some((one) => one.name === metric) ? metric : "",
    base: right(place.get("base")),
    candidate: right(place.get("candidate")),
    tags,
    ranges,
    by: store.facets.some(({ key }) => key === place.get("by")) ? place.get("by") : "",
    query: place.get("q") || "",
    sort: ["change", "id"].includes(place.get("sort")) ? place.get("sort") : "gravity",
  });
  await filters.search(() => {});
  const group = place.get("group") || (found !== undefined && filters.groupOf(found));
  filters.set({ group: [...data.groups, "all"].includes(group) ? group : "all" });
  if (found === undefined ? !filters.rows().length : !filters.rows().includes(found)) filters.set({ group: found === undefined ? panel.first() : "all" });
  panel.selected = found !== undefined && filters.rows().includes(found) ? found : null;
  while (panel.selected !== null && filters.rows().indexOf(found) >= panel.shown) panel.shown += portion;
  panel.draw();
  panel.element.closest(".panel").scrollIntoView();
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Escape" && event.target.closest("input")) event.target.blur();
  if (event.target.closest("input, select, textarea") || !active) return;
  if (event.key === "j" || event.key === "k") active.step(event.key === "j" ? 1 : -1);
  else if (event.key === "/") {
    event.preventDefault();
    active.find("input").focus();
  } else if (event.key === "?") document.getElementById("keys").showModal();
});

document.getElementById("language").addEventListener("click", (event) => {
  const wanted = language === "en" ? "ja" : "en";
  try { localStorage.setItem("evalkit:language", wanted); } catch { /* it is asked again next time */ }
  change(wanted);
});

function change(wanted) {
  speak(wanted);
  document.getElementById("language").textContent = wanted === "en" ? "日本語" : "English";
  tellReviews();
  for (const panel of panels) panel.draw();
}

// The reader's own choice, else the language the page was asked for in, else the browser's first.
function preferred() {
  let chosen = null;
  try { chosen = localStorage.getItem("evalkit:language"); } catch { /* no memory */ }
  const asked = document.documentElement.dataset.language;
  return chosen === "en" || chosen === "ja" ? chosen : asked || ((navigator.language || "").toLowerCase().startsWith("ja") ? "ja" : "en");
}

document.getElementById("theme").addEventListener("click", () => {
  const dark = document.documentElement.dataset.theme
    ? document.documentElement.dataset.theme === "dark"
    : matchMedia("(prefers-color-scheme: dark)").matches;
  document.documentElement.dataset.theme = dark ? "light" : "dark";
});

document.getElementById("reviews").addEventListener("click", saveReviews);

// What scrolls sideways can be reached by keys; nothing else needs a stop of its own.
function reachScrolled() {
  for (const box of document.querySelectorAll(".scroll")) {
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
    else box.removeAttribute("tabindex");
  }
}

async function start() {
  data = await unpacked(document.getElementById("data"));
  unseen = new RegExp(data.unseen, "gu");
  shared = await unpacked(document.getElementById("shared"));
  if (candidates.length) showCandidate(candidates.find((one) => one.dataset.first !== undefined) || candidates[0]);
  await Promise.all(panels.map((panel) => panel.store.size && panel.store.texts.chunk(0)));
  change(preferred());
  addEventListener("hashchange", arrive);
  await arrive();
  reachScrolled();
  addEventListener("resize", reachScrolled);
  document.documentElement.dataset.ready = "true";
}

start();
