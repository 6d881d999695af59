// What a step changes. If it replaces a policy document, the inverse call has the former one: the
// two are compared statement by statement.

const isObject = (value) => value !== null && typeof value === "object" && !Array.isArray(value);

const tryParse = (text) => {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
};

// The policy document that a parameter holds, as an object or as text; null: it is none.
const documentOf = (value) => {
  const parsed =
    typeof value === "string" && value.trimStart().startsWith("{") ? tryParse(value) : value;
  return isObject(parsed) && "Statement" in parsed ? parsed : null;
};

// The parameters that are no objects, and the documents, each with its path: ["A.Policy", …].
const parameters = (value, path = "") => {
  if (documentOf(value) || !isObject(value) || Object.keys(value).length === 0)
    return [[path, value]];
  return Object.entries(value).flatMap(([key, inner]) =>
    parameters(inner, path ? `${path}.${key}` : key),
  );
};

const documents = (call) =>
  new Map(
    (isObject(call) ? parameters(call.with) : [])
      .map(([path, value]) => [path, documentOf(value)])
      .filter(([, document]) => document),
  );

// AWS takes a statement alone for a list of one.
const statements = (document) => (document === null ? [] : [].concat(document.Statement));

// The same whatever the order of its keys.
const canonical = (value) =>
  JSON.stringify(value, (_, inner) =>
    isObject(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => compareText(a, b)))
      : inner,
  );

const sidOf = (statement) => (isObject(statement) && statement.Sid) || null;

// [{kind: "unchanged"|"changed"|"removed"|"added", before, after}], in the order of the former
// document. Statements with the same Sid are one that changed.
const diffStatements = (former, next) => {
  const rest = statements(next).map((statement) => ({ statement, text: canonical(statement) }));
  const take = (matches) => {
    const at = rest.findIndex(matches);
    return at < 0 ? null : rest.splice(at, 1)[0].statement;
  };
  const result = statements(former).map((before) => {
    const text = canonical(before);
    const after = take((other) => other.text === text);
    return { kind: after === null ? "removed" : "unchanged", before, after };
  });
  for (const one of result.filter(({ kind }) => kind === "removed")) {
    const sid = sidOf(one.before);
    one.after = sid && take((other) => sidOf(other.statement) === sid);
    if (one.after) one.kind = "changed";
  }
  pairWithoutSid(result, take);
  return result.concat(
    rest.map(({ statement }) => ({ kind: "added", before: null, after: statement })),
  );
};

// A repair narrows a statement but keeps its effect and actions: without a Sid, these identify it.
const pairWithoutSid = (result, take) => {
  const shape = (statement) =>
    isObject(statement) &&
    !sidOf(statement) &&
    canonical([statement.Effect, statement.Action, statement.NotAction, statement.Resource]);
  for (const one of result.filter(({ kind }) => kind === "removed")) {
    const before = shape(one.before);
    const after = before && take((other) => shape(other.statement) === before);
    if (after) Object.assign(one, { kind: "changed", after });
  }
};

const MOST_LINES = 400;

// That a line is no longer the last of its list changes its comma alone.
const sameLine = (a, b) => a.replace(/,$/, "") === b.replace(/,$/, "");

// The lines of two texts: [["=", line], ["-", line], ["+", line], …], by the longest common
// subsequence; long texts are only set one after the other.
const diffLines = (former, next) => {
  const a = former.split("\n");
  const b = next.split("\n");
  if (a.length > MOST_LINES || b.length > MOST_LINES)
    return [...a.map((line) => ["-", line]), ...b.map((line) => ["+", line])];
  const lengths = Array.from({ length: a.length + 1 }, () => new Uint16Array(b.length + 1));
  for (let i = a.length - 1; i >= 0; i -= 1)
    for (let j = b.length - 1; j >= 0; j -= 1)
      lengths[i][j] = sameLine(a[i], b[j])
        ? lengths[i + 1][j + 1] + 1
        : Math.max(lengths[i + 1][j], lengths[i][j + 1]);
  const lines = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    const same = i < a.length && j < b.length && sameLine(a[i], b[j]);
    const drop =
      !same && i < a.length && (j === b.length || lengths[i + 1][j] >= lengths[i][j + 1]);
    lines.push([same ? "=" : drop ? "-" : "+", drop ? a[i] : b[j]]);
    i += Number(same || drop);
    j += Number(same || !drop);
  }
  return lines;
};

const text = (statement) => JSON.stringify(statement, null, 2);

const SIGNS = { "=": "  ", "-": "- ", "+": "+ " };
const LINE_ELEMENTS = { "=": "span", "-": "del", "+": "ins" };

const showLines = (before, after) =>
  make(
    "pre",
    { class: "lines" },
    ...diffLines(text(before), text(after)).map(([sign, line]) =>
      make(LINE_ELEMENTS[sign], {}, `${SIGNS[sign]}${line}\n`),
    ),
  );

const showStatement = ({ kind, before, after }, position) => {
  const name = sidOf(before || after) || `statement ${position + 1}`;
  const title = make("span", { class: "kind" }, `${kind}: ${name}`);
  if (kind === "unchanged")
    return make(
      "li",
      { class: kind },
      make("details", {}, make("summary", {}, title), make("pre", {}, text(before))),
    );
  if (kind === "changed") return make("li", { class: kind }, title, showLines(before, after));
  const element = kind === "removed" ? "del" : "ins";
  return make(
    "li",
    { class: kind },
    title,
    make(element, {}, make("pre", {}, text(before || after))),
  );
};

// The members of a document beside its statements, where they differ.
const showFrame = (former, next) => {
  const names = new Set([...Object.keys(former || {}), ...Object.keys(next || {})]);
  names.delete("Statement");
  const value = (document, name) => canonical((document || {})[name]) || "absent";
  return list(
    [...names]
      .filter((name) => former && next && value(former, name) !== value(next, name))
      .map((name) => [name, `${value(former, name)} → ${value(next, name)}`]),
  );
};

const showDiff = (path, former, next) => {
  const diff = diffStatements(former, next);
  const count = (kind) => diff.filter((one) => one.kind === kind).length;
  const totals = ["removed", "changed", "added", "unchanged"]
    .filter(count)
    .map((kind) => `${count(kind)} ${kind}`)
    .join(", ");
  return make(
    "figure",
    { class: "diff" },
    make("figcaption", {}, `${path || "Policy"}: ${totals}`),
    next === null ? make("p", {}, "The whole policy is removed.") : null,
    showFrame(former, next),
    make("ol", {}, ...diff.map(showStatement)),
  );
};
