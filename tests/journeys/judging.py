"""What runs inside a page to judge it: which kind of page it is, which shades are in it, and axe on what is new.

Names of kinds and shades are short hashes, so that windows, tests and processes can tell each other what is known.
"""

from tests.journeys.shades import SHADES
from tests.journeys.skeleton import SKELETON

JUDGING = f"""(() => {{
  const skeleton = {SKELETON};
  const shades = {SHADES};
  const named = (text) => {{
    let [a, b] = [0xdeadbeef, 0x41c6ce57];
    for (let at = 0; at < text.length; at++) {{
      const code = text.charCodeAt(at);
      a = Math.imul(a ^ code, 2654435761);
      b = Math.imul(b ^ code, 1597334677);
      a ^= b >>> 15;
      b ^= a >>> 13;
    }}
    return [a, b].map((half) => (half >>> 0).toString(36)).join("-");
  }};
  const isText = (node) => node.nodeType === Node.TEXT_NODE && node.data.trim();
  const see = (thorough) => {{
    const {{ documentElement: whole }} = document;
    const dark = matchMedia("(prefers-color-scheme: dark)").matches;
    const size = [innerWidth, devicePixelRatio, getComputedStyle(whole).fontSize, thorough && dark];
    const found = thorough ? [] : [...shades(whole)].map(([shade, ones]) => [named(shade), ones]);
    return {{ kind: named([skeleton(whole), ...size].join()), found }};
  }};
  const look = (thorough) => {{
    const {{ kind, found }} = see(thorough), {{ documentElement: whole }} = document;
    return {{ wide: whole.scrollWidth - whole.clientWidth, kind, shades: found.map(([shade]) => shade) }};
  }};
  const judge = async (known, thorough) => {{
    const {{ kind, found }} = see(thorough), judged = [], wrong = [];
    const run = async (where, how) => {{
      const results = await axe.run(where, {{ preload: {{ assets: ["media"] }}, ...how }});
      wrong.push(...results.violations);
      return results;
    }};
    if (!known.has(kind)) {{
      const rules = thorough ? {{}} : {{ "color-contrast": {{ enabled: false }} }};
      await run(document, {{ resultTypes: ["violations"], rules }});
      if (!wrong.length) judged.push(kind);
    }}
    const news = found.filter(([shade]) => !known.has(shade) && !known.has(`${{kind}}-${{shade}}`));
    if (news.length) {{
      const texts = news.flatMap(([, ones]) => ones.flatMap((one) => [...one.childNodes].filter(isText)));
      const said = texts.map((text) => text.data);
      texts.forEach((text) => text.data = "Text");
      const how = {{ runOnly: ["color-contrast"], resultTypes: ["violations", "passes"], elementRef: true }};
      const {{ violations, passes }} = await run({{ include: news.flatMap(([, ones]) => ones) }}, how);
      texts.forEach((text, at) => text.data = said[at]);
      const passed = new Set(passes.flatMap(({{ nodes }}) => nodes.map(({{ element }}) => element)));
      for (const [shade, ones] of violations.length ? [] : news)
        judged.push(ones.some((one) => passed.has(one)) ? shade : `${{kind}}-${{shade}}`);
    }}
    return {{ judged, wrong }};
  }};
  return {{ skeleton, look, judge }};
}})()"""
"""An expression of JavaScript: ``look(thorough)`` says what is there, ``judge(known, thorough)`` what is wrong with it.

A shade is known once a text in it passed; where axe could not tell, it is known for this kind of page alone. It takes
many a heading in Arabic for icons and passes over it, so for a moment all that is measured says the same. Who is
``thorough`` asks nothing of shades: axe measures every text of each kind of page, in each light.
"""
