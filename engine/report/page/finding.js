// One finding in full: evidence, what to do, and the plan.

const shortValue = (value) => (typeof value === "string" ? value : JSON.stringify(value));

// Values that have no lines of their own.
const isShort = (value) =>
  !isObject(value) &&
  (!Array.isArray(value) || value.every((inner) => inner === null || typeof inner !== "object"));

const inline = (value) =>
  Array.isArray(value) ? value.map(shortValue).join(", ") : shortValue(value);

// An object of short values is a list of names and values; of a deeper one, each deeper value is
// JSON.
const showValue = (value) => {
  if (isShort(value)) return make("p", { class: "value" }, inline(value));
  if (Array.isArray(value))
    return make(
      "ol",
      { class: "values" },
      ...value.map((inner) =>
        make(
          "li",
          {},
          isObject(inner) ? showValue(inner) : isShort(inner) ? inline(inner) : block(inner),
        ),
      ),
    );
  return list(
    Object.entries(value).map(([name, inner]) => [
      name,
      isShort(inner) ? inline(inner) : block(inner),
    ]),
  );
};

const part = (title, ...content) =>
  content.every((one) => one === null)
    ? null
    : make("section", {}, make("h4", {}, title), ...content);

const showParameter = (value) => {
  if (value === "") return '""';
  const document = documentOf(value);
  return !document && isShort(value) ? inline(value) : block(document || value);
};

const showParameters = (pairs) =>
  list(pairs.map(([path, value]) => [path || "parameters", showParameter(value)]));

const showCall = (call) => make("code", { class: "call" }, call);

// The inverse call; its documents were shown with the call's own.
const showUndo = (step, shown) => {
  if (step.irreversible)
    return make("p", { class: "irreversible" }, `Cannot be undone: ${step.irreversible}`);
  if (!isObject(step.undo)) return null;
  const pairs = parameters(step.undo.with).map(([path, value]) => [
    path,
    shown.has(path) ? "the former policy, as above" : value,
  ]);
  return make(
    "details",
    {},
    make("summary", {}, "Undo: ", showCall(step.undo.call)),
    showParameters(pairs),
  );
};

// What the same call with other parameters would set again: mostly the former values.
const undoneValues = ({ call, undo }) =>
  new Map(isObject(undo) && undo.call === call ? parameters(undo.with) : []);

const showChange = (undone, value) =>
  isShort(undone) && isShort(value)
    ? make("span", {}, showParameter(value), make("em", {}, ` (undo: ${showParameter(undone)})`))
    : make("div", {}, make("em", {}, "compared with the undo:"), showLines(undone, value));

const showSent = (pairs, undone) =>
  list(
    pairs.map(([path, value]) => [
      path || "parameters",
      undone.has(path) && canonical(undone.get(path)) !== canonical(value)
        ? showChange(undone.get(path), value)
        : showParameter(value),
    ]),
  );

const showStep = (step) => {
  const next = documents(step);
  const former = documents(step.undo);
  const paths = new Set([...next.keys(), ...former.keys()]);
  const compared = new Set(step.undo ? paths : []);
  const pairs = parameters(step.with).filter(([path]) => !compared.has(path));
  return make(
    "li",
    {},
    showCall(step.call),
    showSent(pairs, undoneValues(step)),
    ...[...compared].map((path) =>
      showDiff(path, former.get(path) || null, next.get(path) || null),
    ),
    showUndo(step, former),
  );
};

const PLANS = {
  planned: "Plan: calls that “engine apply” makes",
  fixed: "Calls that repaired it",
  failed: "Calls of the repair, which failed",
  held: "Calls of the repair, which is held",
};

const showPlan = (details) => {
  const steps = Array.isArray(details.steps) ? details.steps : [];
  if (steps.length === 0) return null;
  const title = PLANS[details.remediation] || "Plan: calls that a repair would make";
  return part(title, make("ol", { class: "steps" }, ...steps.map(showStep)));
};

// What the check says about itself; nothing for a place that could not be listed.
const aboutCheck = (check) => {
  const about = list([
    ["Risk", check.risk],
    ["Advice", check.advice],
    ["Repair", check.repair],
    ["Impact of the repair", check.impact],
    ["Controls", controlsOf(check)],
    ["More", check.url ? link(check.url) : null],
  ]);
  return about.childElementCount > 0 ? about : null;
};

// Members with a place of their own; any others are shown as they are.
const PLACED = new Set([
  "steps",
  "evidence",
  "status",
  "remediation",
  "time",
  "held",
  "covered_by",
  "error",
  "exemption",
  "explain",
  "baseline",
  "global",
  "names",
  "made_by",
]);

const showRest = (details) => {
  const rest = Object.entries(details).filter(([name]) => !PLACED.has(name));
  return rest.length > 0 ? part("Also", showValue(Object.fromEntries(rest))) : null;
};

const optional = (title, value) =>
  value === null || value === undefined ? null : part(title, showValue(value));

const STATUS_WORDS = { non_compliant: "non-compliant" };

const showFacts = (i, details) => {
  const remediation = details.remediation === "none" ? null : details.remediation;
  return list([
    ["Status", STATUS_WORDS[details.status] || details.status],
    ["Repair", remediation],
    ["Since the baseline", details.baseline],
    ["Held", details.held],
    ["Repaired together with", details.covered_by],
    ["Account, region", `${findings.account.of(i)}, ${findings.region.of(i)}`],
    ["Type", findings.type.of(i)],
    ["ARN", isObject(details.names) ? details.names.arn : null],
    ["Found", details.time],
  ]);
};

const showDetails = (i, details) => {
  const check = findings.check.of(i);
  return make(
    "article",
    { class: "finding", "aria-label": `${check.check} of ${idOf(i)}` },
    make(
      "div",
      { class: "pair" },
      part("Finding", showFacts(i, details)),
      make("div", { class: "about-check" }, part("About the check", aboutCheck(check))),
    ),
    optional("Error", details.error),
    optional("Exception", details.exemption),
    optional("Exceptions explained", details.explain),
    optional("Evidence", details.evidence),
    showPlan(details),
    showRest(details),
  );
};

const failedDetails = () =>
  make(
    "p",
    { class: "note" },
    "The details cannot be unpacked: this browser lacks " +
      "DecompressionStream. Open the page in a newer one.",
  );

const fillDetails = async (place, i) => {
  try {
    place.replaceChildren(showDetails(i, await detailsOf(i)));
  } catch (error) {
    place.replaceChildren(failedDetails());
    throw error;
  }
};
