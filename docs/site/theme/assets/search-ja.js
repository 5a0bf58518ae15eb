// Search in Japanese: a query is cut where the script changes, as the index is, and each run may stand anywhere in a word.
// The words between are found by no dictionary, so nothing is missed because two of them would cut a word differently.
const RUNS = /[\u3005\u3400-\u9fff]+|[\u3041-\u309f]+|[\u30a1-\u30fa\u30fc-\u30ff]+/g;

const anywhere = (run) => `*${[...run].join("*")}*`;

function widen(query) {
  return query
    .replace(/[、。・「」（）！？　]/g, " ")
    .replace(RUNS, (run) => (run.length === 1 && /[\u3041-\u309f]/.test(run) ? " " : ` +${anywhere(run)} `))
    .trim();
}

const QUERY = 2;
addEventListener("message", (event) => {
  if (event.data.type === QUERY) event.data.data = widen(event.data.data);
});
importScripts(new URL(location.href).searchParams.get("then"));
