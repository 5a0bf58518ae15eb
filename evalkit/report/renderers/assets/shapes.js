// Distributions of the cases that a list holds: a histogram a number, and base against candidate. A bar and a cell lead
// to their cases.
const mostBins = 20, mostPoints = 300, cutAbove = 0.995;

function shownNumber(value) {
  if (Math.abs(value) >= 1000) return Math.round(value).toLocaleString("en");
  return String(Number(value.toPrecision(3)));
}

// Edges of bins at round numbers; where there are few values, one bin each. The last bin holds all that lies above.
function binsOf(values) {
  const sorted = Float64Array.from(values).sort(), distinct = [...new Set(sorted)];
  if (distinct.length <= 12) return { lows: distinct, highs: distinct, labels: distinct.map(shownNumber) };
  const low = sorted[0], high = sorted[Math.floor((sorted.length - 1) * cutAbove)], most = sorted[sorted.length - 1];
  const rough = (high - low) / mostBins || 1, unit = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((many) => many * unit).find((one) => one >= rough) || 10 * unit;
  const first = Math.floor(low / step), many = Math.max(1, Math.floor(high / step) - first + 1);
  const edge = (at) => Number(((first + at) * step).toPrecision(12));
  const lows = Array.from({ length: many }, (_, at) => edge(at));
  const highs = lows.map((_, at) => (at === many - 1 ? Math.max(most, edge(many)) : edge(at + 1)));
  const labels = lows.map((from, at) => (at === many - 1 && most > edge(many) ? "≥ " + shownNumber(from) : shownNumber(from) + "–" + shownNumber(highs[at])));
  return { lows, highs, labels, step };
}

function binOf({ lows, step }, value) {
  if (!step) return lows.indexOf(value);
  return Math.max(0, Math.min(lows.length - 1, Math.floor(Number(((value - lows[0]) / step).toPrecision(12)))));
}

function svg(tag, attributes, ...children) {
  const element = document.createElementNS("http:" + "//www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children.filter(Boolean));
  return element;
}

// Ends of a bin as a filter: a value on the upper edge belongs to the next bin.
function range({ lows, highs, step }, at) {
  const last = at === lows.length - 1;
  return lows[at] + ".." + (step && !last ? below(highs[at]) : highs[at]);
}

const below = (value) => Number((value - Math.abs(value || 1) * 1e-9).toPrecision(15));

function leadTo(panel, ranges, drawn) {
  const place = { ...placeOf(panel) };
  for (const [key, ends] of Object.entries(ranges)) place["in." + key] = ends;
  return svg("a", { href: address(place) }, drawn);
}

function titled(element, text) {
  element.append(svg("title", {}));
  element.lastChild.textContent = text;
  return element;
}

function drawShapes(panel) {
  const box = panel.shapes.querySelector(".drawn");
  if (!panel.shapes.open || !panel.store.numbers.length) return;
  const rows = panel.filters.rows();
  box.replaceChildren(...panel.store.numbers.map((one) => drawNumber(panel, one, rows)).filter(Boolean));
  if (!box.firstChild) box.append(make("p", { className: "empty", textContent: say("No case here.") }));
}

function drawNumber(panel, { name, unit, sides }, rows) {
  const values = sides.map((side) => rows.map((at) => side[at]).filter((value) => value !== null));
  const all = [...values[0], ...values[1]];
  if (!all.length) return null;
  const bins = binsOf(all), label = say(name) + (unit ? " (" + say(unit) + ")" : "");
  const pairs = rows.filter((at) => sides[0][at] !== null && sides[1][at] !== null);
  const plots = [histogram(panel, name, values, bins)];
  if (pairs.length > 1) plots.push(scatter(panel, name, sides, pairs, bins));
  return make("figure", { className: "shape" }, make("figcaption", {}, label, ...["base", "candidate"].map((arm) => make("span", { className: "key " + arm, textContent: say(arm === "base" ? "Base" : "Candidate") }))), ...plots);
}

function histogram(panel, name, values, bins) {
  const width = 340, height = 130, left = 6, floor = height - 18, many = bins.lows.length, room = (width - left * 2) / many;
  const counts = values.map((side) => {
    const found = new Array(many).fill(0);
    for (const value of side) found[binOf(bins, value)]++;
    return found;
  });
  const most = Math.max(...counts[0], ...counts[1]);
  const bar = (arm, at) => {
    const count = counts[arm][at];
    if (!count) return null;
    const tall = Math.max(1, (count / most) * (floor - 14)), side = arm ? "candidate" : "base";
    const drawn = svg("rect", { class: side, x: left + at * room + (arm ? room / 2 : 0), y: floor - tall, width: Math.max(1, room / 2 - 0.6), height: tall });
    return leadTo(panel, { [name + "." + side]: range(bins, at) }, titled(drawn, say(arm ? "Candidate" : "Base") + " " + bins.labels[at] + ": " + count.toLocaleString(language)));
  };
  const bars = bins.lows.flatMap((_, at) => [bar(0, at), bar(1, at)]);
  const every = Math.ceil(many / 6), ticks = bins.lows.map((from, at) => (at % every ? null : axisText(left + (at + (bins.step ? 0 : 0.5)) * room, floor + 13, shownNumber(from), bins.step ? "start" : "middle")));
  const drawn = svg("svg", { viewBox: `0 0 ${width} ${height}`, width, height, class: "histogram", role: "group" }, ...bars, svg("path", { class: "frame", d: `M${left} ${floor}H${width - left}` }), ...ticks, axisText(width - left, 10, say("most") + ": " + most.toLocaleString(language), "end"));
  return role(drawn, { "aria-label": say(name) });
}

function axisText(x, y, text, anchor) {
  const element = svg("text", { x, y, "text-anchor": anchor });
  element.textContent = text;
  return element;
}

function scatter(panel, name, sides, pairs, bins) {
  const size = 150, edge = 16, many = bins.lows.length, room = (size - edge - 4) / many;
  const marks = pairs.length <= mostPoints ? points(panel, sides, pairs, bins, size, edge) : cells(panel, name, sides, pairs, bins, size, edge, room);
  const drawn = svg("svg", { viewBox: `0 0 ${size} ${size}`, width: size, height: size, class: "scatter", role: "group" },
    svg("path", { class: "frame", d: `M${edge} 4V${size - edge}H${size - 4}M${edge} ${size - edge}L${size - 4} 4` }), ...marks,
    axisText((size + edge) / 2, size - 4, say("Base") + " →", "middle"), svg("g", { transform: `rotate(-90 10 ${size / 2})` }, axisText(10, size / 2, say("Candidate") + " →", "middle")));
  return role(drawn, { "aria-label": say(name) + ": " + say("Base") + " × " + say("Candidate") });
}

function points(panel, sides, pairs, bins, size, edge) {
  const low = bins.lows[0], high = bins.highs[bins.highs.length - 1], span = high - low || 1;
  const place = (value) => ((value - low) / span) * (size - edge - 12) + 4;
  return pairs.map((at) => {
    const [one, two] = [sides[0][at], sides[1][at]];
    const dot = svg("circle", { class: two === one ? "same" : "moved", cx: edge + place(one), cy: size - edge - place(two), r: 2.5 });
    return svg("a", { href: address({ ...placeOf(panel), case: panel.store.ids[at] }) }, titled(dot, panel.store.ids[at] + ": " + shownNumber(one) + " → " + shownNumber(two)));
  });
}

function cells(panel, name, sides, pairs, bins, size, edge, room) {
  const counts = new Map();
  for (const at of pairs) {
    const key = binOf(bins, sides[0][at]) * 1000 + binOf(bins, sides[1][at]);
    counts.set(key, (counts.get(key) || 0) + 1);
  }
  const most = Math.max(...counts.values());
  return [...counts].map(([key, count]) => {
    const x = Math.floor(key / 1000), y = key % 1000, dark = Math.ceil((Math.log(count + 1) / Math.log(most + 1)) * 5);
    const cell = svg("rect", { class: "heat-" + dark, x: edge + x * room, y: size - edge - (y + 1) * room, width: room, height: room });
    const told = say("Base") + " " + bins.labels[x] + ", " + say("Candidate") + " " + bins.labels[y] + ": " + count.toLocaleString(language);
    return leadTo(panel, { [name + ".base"]: range(bins, x), [name + ".candidate"]: range(bins, y) }, titled(cell, told));
  });
}
