// How long to wait before the network is tried again. No pause is as long as another: many whose network was lost at one
// moment do not come back at one moment. The browser's word that the network is back only makes a pause shorter: some
// browsers do not say it.
const again = (() => {
  const FIRST = 1000; // milliseconds
  const LONGEST = 10_000;

  const afterFailures = (failed) => Math.min(LONGEST, FIRST * 2 ** (failed - 1));
  // Waits until half of the time or more is over, or of the time that one of the events sets.
  const pause = (time, events = {}) =>
    new Promise((done) => {
      const over = new AbortController();
      const within = (most) =>
        setTimeout(
          () => {
            over.abort();
            done();
          },
          most * (0.5 + Math.random() / 2),
        );
      within(time);
      for (const [name, most] of Object.entries({ online: FIRST, ...events })) {
        addEventListener(name, () => within(most), { once: true, signal: over.signal });
      }
    });
  return { FIRST, LONGEST, afterFailures, pause };
})();
