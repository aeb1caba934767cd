"""What decides how well a text can be read: its colour, whether it is large, and all that lies under it.

The contrast of texts takes axe two thirds of its time. Two texts for which all of this is the same have the same
contrast, whatever they say and on whichever page: so it is measured once for each such shade. Large is a text of 18
points or more, or of 14 in bold, as the guidelines have it: less contrast is enough for it.
"""

SHADES = """function shades(whole) {
  const layers = new Map([[null, ""]]);
  const under = (one) => {
    if (layers.has(one)) return layers.get(one);
    const below = under(one.parentElement), style = getComputedStyle(one);
    const { clip, clipPath, backgroundColor, backgroundImage, opacity, transform, filter, mixBlendMode } = style;
    const unseen = below === null || one.ariaHidden === "true" || clip !== "auto" || clipPath !== "none";
    const laid = [backgroundColor, backgroundImage, opacity, transform, filter, mixBlendMode].join();
    const floats = /static|relative/.test(style.position) ? "" : style.position;
    const nothing = laid === "rgba(0, 0, 0, 0),none,1,none,none,normal" && !floats;
    layers.set(one, unseen ? null : nothing ? below : `${below}<${laid},${floats}>`);
    return layers.get(one);
  };
  const found = new Map();
  for (const one of whole.querySelectorAll("body *")) {
    const isField = one.matches("input:not([type=checkbox], [type=radio]), select, textarea");
    const isText = [...one.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
    if (!(isField || isText) || one.disabled || !one.checkVisibility()) continue;
    const below = under(one), { color, fontSize, fontWeight, textShadow } = getComputedStyle(one);
    if (below === null) continue;
    const isLarge = parseFloat(fontSize) * 0.75 >= (fontWeight >= 700 ? 14 : 18);
    const shade = [below, color, isLarge, textShadow, isField].join();
    found.set(shade, [...(found.get(shade) ?? []), one]);
  }
  return found;
}"""
"""A function of JavaScript: gives the elements of a page that show text, by shade."""
