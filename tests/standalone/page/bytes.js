"use strict";
// Bytes: hexadecimal digits, base64, UTF-8, SHA-256, RFC 6962 trees, and zlib streams.

const utf8 = (text) => new TextEncoder().encode(text);
const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

function hexOf(bytes) {
  let text = "";
  for (const byte of bytes) text += HEX[byte];
  return text;
}

function unhex(text) {
  const bytes = new Uint8Array(text.length / 2);
  for (let i = 0; i < bytes.length; i++) bytes[i] = parseInt(text.substr(2 * i, 2), 16);
  return bytes;
}

function joined(...parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function textOf(bytes, facts) {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    throw new Wrong("utf8", facts);
  }
}

// Base64 in its one spelling: with padding, and without bits that mean nothing.
function unbase64(text, code, facts) {
  need(/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text), code, facts);
  const letters = atob(text);
  need(btoa(letters) === text, code, facts);
  return Uint8Array.from(letters, (letter) => letter.charCodeAt(0));
}

const sha256 = (...parts) => noble.sha256(joined(...parts));
const hmac = (key, message) => noble.hmac(noble.sha256, key, message);
const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);
const leafHash = (record) => sha256(LEAF, record);

// The root of the RFC 6962 tree over hashes of leaves.
async function rootOf(level, pause) {
  if (!level.length) return sha256();
  while (level.length > 1) {
    const above = [];
    for (let i = 0; i < level.length; i += 2) {
      above.push(i + 1 < level.length ? sha256(NODE, level[i], level[i + 1]) : level[i]);
      if (i % 4096 === 0) await pause();
    }
    level = above;
  }
  return level[0];
}

// The root that a leaf's path leads to (RFC 9162, 2.1.3.2); null where the path does not fit such a tree.
function rootOfPath(index, size, leaf, path) {
  let [left, last, hash] = [index, size - 1, leaf];
  if (index >= size) return null;
  for (const other of path) {
    if (last === 0) return null;
    if (left % 2 === 1 || left === last) {
      hash = sha256(NODE, other, hash);
      while (left % 2 === 0 && left !== 0) [left, last] = [left / 2, Math.floor(last / 2)];
    } else {
      hash = sha256(NODE, hash, other);
    }
    [left, last] = [Math.floor(left / 2), Math.floor(last / 2)];
  }
  return last === 0 ? hash : null;
}

// Inflate one zlib stream (RFC 1950) that fills `bytes` to their end.
function unzlib(bytes, most, facts) {
  const [method, flags] = bytes;
  need(bytes.length > 5 && (method & 15) === 8 && method < 128 && !(flags & 32), "packed", facts);
  need((256 * method + flags) % 31 === 0, "packed", facts);
  const { content, end } = inflated(bytes.subarray(2), most, facts);
  let [low, high] = [1, 0];
  for (const byte of content) {
    low = (low + byte) % 65521;
    high = (high + low) % 65521;
  }
  const sum = [high >> 8, high & 255, low >> 8, low & 255];
  const rest = bytes.subarray(2 + end);
  need(rest.length === 4 && sum.every((byte, i) => byte === rest[i]), "packed", facts);
  return content;
}
