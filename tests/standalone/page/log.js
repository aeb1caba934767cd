// The log: verifier keys, checkpoints (C2SP tlog-checkpoint), their cosignatures, and proofs (C2SP tlog-proof).

const LOG_KEY = 1;
const WITNESS_KEY = 4;
const SIGNED = new RegExp(`^\\u2014 ([^${BLANKS}+]+) ([A-Za-z0-9+/=]+)$`, "u");

function readKey(vkey, type, facts) {
  const parts = /^([^+]+)\+([0-9a-f]{8})\+(.+)$/.exec(vkey);
  const key = unbase64(parts[3], "key", facts);
  need(key.length === 33 && key[0] === type, "key", facts);
  const id = hexOf(sha256(utf8(`${parts[1]}\n`), key)).slice(0, 8);
  need(id === parts[2], "key", facts);
  return { name: parts[1], id, key: key.subarray(1) };
}

const ed25519 = (signature, message, key) => {
  try {
    return noble.ed25519.verify(signature, message, key, { zip215: false });
  } catch (error) {
    return false;
  }
};

// Read a tlog-proof: index, path, checkpoint and its signatures; nothing in it is checked yet but its spelling.
function readProof(text, facts) {
  const bad = (right) => need(right, "proof", facts);
  const whole = (word) => {
    bad(/^(?:0|[1-9][0-9]{0,15})$/.test(word) && Number.isSafeInteger(Number(word)));
    return Number(word);
  };
  const hash = (word) => {
    bad(word.length === 44);
    return unbase64(word, "proof", facts);
  };
  bad(!/[\u0000-\u0009\u000b-\u001f]/.test(text) && text.endsWith("\n"));
  const [head, body, signed, ...more] = text.slice(0, -1).split("\n\n");
  bad(!more.length && signed !== undefined);
  const lines = head.split("\n");
  const index = /^index (.*)$/.exec(lines[1] || "");
  bad(lines[0] === "c2sp.org/tlog-proof@v1" && index && lines.length <= 65);
  const checkpoint = body.split("\n");
  bad(checkpoint.length === 3);
  const signatures = signed.split("\n").map((line) => {
    const parts = SIGNED.exec(line);
    bad(parts);
    const bytes = unbase64(parts[2], "proof", facts);
    bad(bytes.length > 4);
    return { name: parts[1], id: hexOf(bytes.subarray(0, 4)), signature: bytes.subarray(4) };
  });
  bad(signatures.length <= 64 && new Set(signatures.map(({ name, id }) => `${name} ${id}`)).size === signatures.length);
  const proof = { path: lines.slice(2).map(hash), body: `${body}\n`, origin: checkpoint[0], signatures };
  return { ...proof, index: whole(index[1]), size: whole(checkpoint[1]), root: hash(checkpoint[2]) };
}

const isBy = (key) => (signed) => signed.name === key.name && signed.id === key.id;

// The entry stands in the log at the proof's index, and the log's key signed that.
function checkProof(proof, entry, log, facts) {
  const signed = proof.signatures.find(isBy(log));
  need(proof.origin === log.name && signed && signed.signature.length === 64, "log-signature", facts);
  need(ed25519(signed.signature, utf8(proof.body), log.key), "log-signature", facts);
  const root = rootOfPath(proof.index, proof.size, leafHash(entry), proof.path);
  need(root && hexOf(root) === hexOf(proof.root), "not-in-log", facts);
}

// When each witness signed a proof's checkpoint, by name; a signature of theirs that is not right is refused.
function cosigned(proof, witnesses, facts) {
  const times = new Map();
  for (const witness of witnesses) {
    const signed = proof.signatures.find(isBy(witness));
    if (!signed) continue;
    const wrong = { ...facts, witness: witness.name };
    need(signed.signature.length === 72, "cosignature", wrong);
    const time = BigInt(`0x${hexOf(signed.signature.subarray(0, 8))}`);
    const message = utf8(`cosignature/v1\ntime ${time}\n${proof.body}`);
    need(time <= MOST && ed25519(signed.signature.subarray(8), message, witness.key), "cosignature", wrong);
    times.set(witness.name, time);
  }
  return times;
}
