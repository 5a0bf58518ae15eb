// Unpacks what the page holds: base64 of zlib's format. The browser does it where it can; where it cannot, what follows.
// Source of the format: RFC 1950, RFC 1951.
function bytesOf(text) {
  if (Uint8Array.fromBase64) return Uint8Array.fromBase64(text);
  const raw = atob(text), out = new Uint8Array(raw.length);
  for (let at = 0; at < raw.length; at++) out[at] = raw.charCodeAt(at);
  return out;
}

const unpacked = (element) => unpackedText(element.textContent);

async function unpackedText(text) {
  const bytes = bytesOf(text);
  if (typeof DecompressionStream === "undefined") return JSON.parse(new TextDecoder().decode(inflated(bytes.subarray(2))));
  const stream = new DecompressionStream("deflate"), writer = stream.writable.getWriter(), damaged = () => {};
  writer.write(bytes).catch(damaged); // the reader says so
  writer.close().catch(damaged);
  return JSON.parse(await new Response(stream.readable).text());
}

const lengthFrom = [3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258];
const lengthMore = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0];
const backFrom = [1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577];
const backMore = [0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13];
const codeOrder = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

// A canonical code: how many words there are of each length, and the symbols in their order.
function codeOf(lengths) {
  const counts = new Uint16Array(16), starts = new Uint16Array(16), symbols = new Uint16Array(lengths.length);
  for (const length of lengths) counts[length]++;
  counts[0] = 0;
  for (let length = 1; length < 16; length++) starts[length] = starts[length - 1] + counts[length - 1];
  lengths.forEach((length, symbol) => { if (length) symbols[starts[length]++] = symbol; });
  return { counts, symbols };
}

function inflated(bytes) {
  let out = new Uint8Array(bytes.length * 6 + 1024), size = 0, at = 0, held = 0, room = 0;
  const bits = (many) => {
    while (room < many) { held |= bytes[at++] << room; room += 8; }
    const value = held & ((1 << many) - 1);
    held >>>= many; room -= many;
    return value;
  };
  const symbol = ({ counts, symbols }) => {
    let code = 0, first = 0, index = 0;
    for (let length = 1; length < 16; length++) {
      code |= bits(1);
      const count = counts[length];
      if (code - first < count) return symbols[index + code - first];
      index += count; first = (first + count) << 1; code <<= 1;
    }
    throw new Error("the page's data is damaged");
  };
  const grown = (more) => {
    if (size + more <= out.length) return;
    const wider = new Uint8Array(Math.max(out.length * 2, size + more));
    wider.set(out);
    out = wider;
  };
  const fixed = () => {
    const lengths = Array.from({ length: 288 }, (_, n) => (n < 144 ? 8 : n < 256 ? 9 : n < 280 ? 7 : 8));
    return [codeOf(lengths), codeOf(Array(30).fill(5))];
  };
  const told = () => {
    const literals = bits(5) + 257, backs = bits(5) + 1, many = bits(4) + 4, small = Array(19).fill(0), lengths = [];
    for (let n = 0; n < many; n++) small[codeOrder[n]] = bits(3);
    const code = codeOf(small);
    while (lengths.length < literals + backs) {
      const next = symbol(code);
      if (next < 16) lengths.push(next);
      else {
        const value = next === 16 ? lengths[lengths.length - 1] : 0;
        let times = next === 16 ? 3 + bits(2) : next === 17 ? 3 + bits(3) : 11 + bits(7);
        while (times--) lengths.push(value);
      }
    }
    return [codeOf(lengths.slice(0, literals)), codeOf(lengths.slice(literals))];
  };
  for (let last = 0; !last;) {
    last = bits(1);
    const kind = bits(2);
    if (kind === 0) {
      held = room = 0;
      const length = bytes[at] | (bytes[at + 1] << 8);
      at += 4;
      grown(length);
      out.set(bytes.subarray(at, at + length), size);
      size += length; at += length;
      continue;
    }
    const [literal, distance] = kind === 1 ? fixed() : told();
    for (let next = symbol(literal); next !== 256; next = symbol(literal)) {
      grown(258);
      if (next < 256) { out[size++] = next; continue; }
      let length = lengthFrom[next - 257] + bits(lengthMore[next - 257]);
      const word = symbol(distance), back = backFrom[word] + bits(backMore[word]);
      for (; length; length--, size++) out[size] = out[size - back];
    }
  }
  return out.subarray(0, size);
}
