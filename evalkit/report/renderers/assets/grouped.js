// The cases of a list by the values of a tag, a slice or a cluster: how many, and the mean of each metric in both arms.
const mostGroups = 100;

function drawGrouped(panel) {
  const box = panel.element.querySelector(".grouped"), { store, filters } = panel;
  const facet = store.facets.find(({ key }) => key === filters.by);
  box.hidden = !facet;
  if (!facet) return box.replaceChildren();
  const groups = facet.values.map(() => []), leading = Math.max(0, filters.metricAt);
  for (const at of filters.rows()) groups[facet.rows[at]].push(at);
  const found = groups.map((rows, place) => ({ value: facet.values[place], rows, means: store.metrics.map((_, metric) => meansOf(store, metric, rows)) })).filter(({ rows }) => rows.length);
  const change = ({ means }) => { const [one, two, many] = means[leading] || [0, 0, 0]; return many ? (two - one) * (store.metrics[leading].rises ? 1 : -1) : Infinity; };
  found.sort((one, two) => change(one) - change(two) || two.rows.length - one.rows.length);
  const name = facet.key === "cluster" ? say("Cluster") : facet.name;
  const head = [name, say("Cases"), ...store.metrics.map((metric) => metric.name + (metric.rises ? "" : " ↓"))];
  const table = make("table", {}, make("thead", {}, make("tr", {}, ...head.map((text, at) => make("th", { textContent: text, className: at ? "num" : "" })))));
  table.append(make("tbody", {}, ...found.slice(0, mostGroups).map((group) => groupRow(panel, facet, group))));
  box.replaceChildren(make("div", { className: "scroll" }, table));
  if (found.length > mostGroups) box.append(make("p", { className: "note", textContent: say("Not shown") + ": " + (found.length - mostGroups).toLocaleString(language) }));
  return null;
}

function groupRow(panel, facet, { value, rows, means }) {
  const place = { ...placeOf(panel), [facet.key]: value };
  delete place.by;
  const link = (text, more) => make("a", { href: address({ ...place, ...more }), textContent: text });
  const cells = means.map(([base, candidate, many], metric) => {
    if (!many) return make("td", { className: "num", textContent: "–" });
    const share = panel.store.isShare(metric);
    const text = figure(base, share) + " → " + figure(candidate, share);
    return make("td", { className: "num" }, link(text, { metric: panel.store.metrics[metric].name }));
  });
  return make("tr", {}, make("td", {}, link(value || "(" + say("none") + ")", {})), make("td", { className: "num" }, link(rows.length.toLocaleString(language), {})), ...cells);
}

const figure = (value, share) => (share ? (100 * value).toFixed(1) + "%" : shownNumber(value));

// [mean of the base, mean of the candidate, pairs] over the cases that have both.
function meansOf(store, metric, rows) {
  let base = 0, candidate = 0, many = 0;
  for (const at of rows) {
    const one = store.value(metric, at, 0), two = store.value(metric, at, 1);
    if (Number.isNaN(one) || Number.isNaN(two)) continue;
    base += one; candidate += two; many++;
  }
  return [base / many, candidate / many, many];
}
