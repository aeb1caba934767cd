"use strict";
// Unpack raw deflate (RFC 1951). It stands readable in the page, since it unpacks the rest of it.

class Wrong extends Error {
  // Something in the files is wrong: a stable code, and what the sentence about it names.
  constructor(code, facts = {}) {
    super(code);
    this.code = code;
    this.facts = facts;
  }
}

function need(right, code, facts) {
  if (!right) throw new Wrong(code, facts);
}

// What deflate packs: code lengths come in this order, lengths and distances begin here and have so many more bits.
const ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
const LENGTH = [3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163,
  195, 227, 258];
const DISTANCE = [1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049,
  3073, 4097, 6145, 8193, 12289, 16385, 24577];
const lengthBits = (symbol) => (symbol < 8 || symbol === 28 ? 0 : (symbol - 4) >> 2);
const distanceBits = (symbol) => (symbol < 4 ? 0 : (symbol - 2) >> 1);

// Inflate a raw deflate stream; returns what it holds and where in `bytes` it ended. `most` bounds what it may hold.
function inflated(bytes, most, facts) {
  let [at, bitBuffer, bitCount, out, size] = [0, 0, 0, new Uint8Array(Math.min(most, 65536)), 0];
  const bad = () => new Wrong("packed", facts);

  function bits(count) {
    while (bitCount < count) {
      if (at >= bytes.length) throw bad();
      bitBuffer |= bytes[at++] << bitCount;
      bitCount += 8;
    }
    const value = bitBuffer & ((1 << count) - 1);
    bitBuffer >>>= count;
    bitCount -= count;
    return value;
  }

  function put(byte) {
    if (size >= most) throw bad();
    if (size === out.length) {
      const larger = new Uint8Array(Math.min(most, 2 * size));
      larger.set(out);
      out = larger;
    }
    out[size++] = byte;
  }

  // A canonical Huffman code by its lengths: how many codes of each length, and the symbols in order.
  function huffman(lengths, mayLack) {
    const counts = new Array(16).fill(0);
    for (const length of lengths) counts[length]++;
    let left = 1;
    for (let length = 1; length < 16; length++) {
      left = 2 * left - counts[length];
      if (left < 0) throw bad();
    }
    const single = lengths.length - counts[0] <= 1 && counts[0] + counts[1] === lengths.length;
    if (left > 0 && !(mayLack && single)) throw bad();
    const begins = [0, 0];
    for (let length = 1; length < 15; length++) begins.push(begins[length] + counts[length]);
    const symbols = [];
    lengths.forEach((length, symbol) => {
      if (length) symbols[begins[length]++] = symbol;
    });
    return { counts, symbols };
  }

  function symbolOf({ counts, symbols }) {
    let [code, first, index] = [0, 0, 0];
    for (let length = 1; length < 16; length++) {
      code |= bits(1);
      if (code - first < counts[length]) return symbols[index + code - first];
      index += counts[length];
      first = (first + counts[length]) << 1;
      code <<= 1;
    }
    throw bad();
  }

  function tables() {
    const [literals, distances, codes] = [bits(5) + 257, bits(5) + 1, bits(4) + 4];
    if (literals > 286 || distances > 30) throw bad();
    const lengths = new Array(19).fill(0);
    for (let i = 0; i < codes; i++) lengths[ORDER[i]] = bits(3);
    const code = huffman(lengths, false);
    const all = [];
    while (all.length < literals + distances) {
      const symbol = symbolOf(code);
      if (symbol < 16) {
        all.push(symbol);
        continue;
      }
      if (symbol === 16 && !all.length) throw bad();
      const again = symbol === 16 ? all[all.length - 1] : 0;
      for (let i = symbol === 18 ? 11 + bits(7) : 3 + bits(symbol - 14); i > 0; i--) all.push(again);
    }
    if (all.length > literals + distances || !all[256]) throw bad();
    return [huffman(all.slice(0, literals), true), huffman(all.slice(literals), true)];
  }

  function block([literal, distance]) {
    for (;;) {
      let symbol = symbolOf(literal);
      if (symbol === 256) return;
      if (symbol < 256) {
        put(symbol);
        continue;
      }
      symbol -= 257;
      if (symbol > 28) throw bad();
      const length = LENGTH[symbol] + bits(lengthBits(symbol));
      symbol = symbolOf(distance);
      if (symbol > 29) throw bad();
      const back = DISTANCE[symbol] + bits(distanceBits(symbol));
      if (back > size) throw bad();
      for (let i = 0; i < length; i++) put(out[size - back]);
    }
  }

  function stored() {
    [bitBuffer, bitCount] = [0, 0];
    if (at + 4 > bytes.length) throw bad();
    const length = bytes[at] | (bytes[at + 1] << 8);
    if (length !== (~(bytes[at + 2] | (bytes[at + 3] << 8)) & 65535) || at + 4 + length > bytes.length) throw bad();
    at += 4;
    for (let i = 0; i < length; i++) put(bytes[at++]);
  }

  const fixed = () => {
    const lengths = Array.from({ length: 288 }, (_, i) => (i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8));
    return [huffman(lengths, false), huffman(new Array(32).fill(5), false)];
  };
  for (let last = 0; !last; ) {
    last = bits(1);
    const kind = bits(2);
    if (kind === 3) throw bad();
    if (kind === 0) stored();
    else block(kind === 1 ? fixed() : tables());
  }
  return { content: out.subarray(0, size), end: at };
}
