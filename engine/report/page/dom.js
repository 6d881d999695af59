// Elements, made without parsing HTML: text from findings stays text.

const SVG = "http://www.w3.org/2000/svg";

const fill = (element, attributes, children) => {
  for (const [name, value] of Object.entries(attributes || {})) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined)
      element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
};

const make = (name, attributes, ...children) =>
  fill(document.createElement(name), attributes, children);

const draw = (name, attributes, ...children) =>
  fill(document.createElementNS(SVG, name), attributes, children);

const byId = (id) => document.getElementById(id);

const number = (count) => count.toLocaleString("en");

const counted = (count, one, many) => `${number(count)} ${count === 1 ? one : many || `${one}s`}`;

// The roles of a table's elements, which else end with "display: block", as cards have it.
const ROLES = {
  table: "table",
  thead: "rowgroup",
  tbody: "rowgroup",
  tr: "row",
  td: "cell",
};

const cell = (name, attributes, ...children) =>
  make(name, { role: ROLES[name], ...attributes }, ...children);

const headings = (names) =>
  cell(
    "thead",
    {},
    cell(
      "tr",
      {},
      ...names.map((name) => make("th", { scope: "col", role: "columnheader" }, name)),
    ),
  );

const list = (pairs) =>
  make(
    "dl",
    {},
    ...pairs
      .filter(([, value]) => value !== "" && value !== null && value !== undefined)
      .flatMap(([name, value]) => [make("dt", {}, name), make("dd", {}, value)]),
  );

const block = (value) => make("pre", {}, JSON.stringify(value, null, 2));

// Only pages of the web: a policy's own check could name anything.
const link = (url) =>
  /^https?:\/\//.test(url)
    ? make("a", { href: url, rel: "noopener noreferrer" }, url)
    : document.createTextNode(url);
