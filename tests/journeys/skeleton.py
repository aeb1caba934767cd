"""What axe judges of a page.

axe takes longer than all else about a page. What it finds depends on elements, attributes and styles, and not on which
words stand in them, so it runs once for each skeleton: the page without its words, addresses, typed values, times, what
scripts are told and how a drawing runs, with equal neighbours (options of a list, lines of a list) taken once. Classes,
roles and what refers to what stay; ids, names of fields and labels of landmarks, which must differ, are numbered, so
that two questions of one kind are one, in two languages too.
"""

SKELETON = """function skeleton(one, named = new Map()) {
  const numbered = (id) => named.get(id) ?? named.set(id, `n${named.size}`).get(id);
  const naming = ["id", "name", "for", "headers", "aria-describedby", "aria-labelledby", "aria-controls"];
  const filled = /^(value|src|action|content|datetime|min|max|alt|title|placeholder|aria-label|data-.*)$/;
  const landmark = /^(nav|section|aside|form|main|header|footer)$/;
  const drawn = /^([xyd]|[xy][12]|c[xy]|points|viewBox)$/;
  const said = [...one.attributes].map(({ name, value }) => {
    if (naming.includes(name)) return `${name}=${value.split(" ").map(numbered).join(" ")}`;
    if (name === "href" && value.startsWith("#")) return `href=#${numbered(value.slice(1))}`;
    if (name === "aria-label" && landmark.test(one.localName)) return value ? `${name}=${numbered(value)}` : name;
    if (filled.test(name) || drawn.test(name)) return name + (value ? "=u" : "");
    return `${name}=${name === "href" ? "u" : value}`;
  });
  let inside = "", before = null;
  for (const child of one.childNodes) {
    let next = "";
    if (child.nodeType === Node.TEXT_NODE) next = child.data.trim() ? "t" : "";
    else if (child.nodeType === Node.ELEMENT_NODE) next = skeleton(child, named);
    if (next && next !== before) inside += before = next;
  }
  return `<${one.localName} ${said.sort().join(" ")}>${inside}</>`;
}"""
"""A function of JavaScript: gives the skeleton of an element as text."""
