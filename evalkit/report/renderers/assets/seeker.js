// What runs beside the page: unpacks chunks and looks through them, so that no expression holds up a key.
// What was unpacked is kept as far as there is room.
const kept = new Map(), seeks = new Map();
let shared = [], room = 0;

function seekOf({ run, source, flags, arm }) {
  if (!seeks.has(run)) seeks.set(run, new Seek(new RegExp(source, flags), arm, shared));
  if (seeks.size > 4) seeks.delete(seeks.keys().next().value);
  return seeks.get(run);
}

onmessage = async ({ data: { start, job } }) => {
  if (start) {
    room = start.room;
    shared = start.shared;
    return;
  }
  const said = kept.get(job.key) || (await unpackedText(job.text));
  const size = job.text && !kept.has(job.key) ? job.text.length * 3 : 0;
  if (size && size <= room) {
    kept.set(job.key, said);
    room -= size;
  }
  postMessage({ run: job.run, number: job.number, key: job.key, rows: seekOf(job).rows(said), kept: kept.has(job.key) });
};
