// Bars, drawn as SVG in tables: a reader without eyes for them has the numbers.

const WIDTH = 100;
const HEIGHT = 10;
const MOST_ACCOUNTS = 8;

// A bar in parts: [[class, count], …].
const bar = (parts, most) => {
  let x = 0;
  const rectangles = parts
    .filter(([, count]) => count > 0)
    .map(([name, count]) => {
      const width = (count / most) * WIDTH;
      const rectangle = draw("rect", { class: name, x, y: 0, width, height: HEIGHT });
      x += width;
      return rectangle;
    });
  return draw(
    "svg",
    {
      viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
      preserveAspectRatio: "none",
      "aria-hidden": "true",
    },
    ...rectangles,
  );
};

const total = (parts) => parts.reduce((sum, [, count]) => sum + count, 0);

// rows: [[label, [[class, count], …]], …]
const chart = (title, rows, note) => {
  const most = Math.max(1, ...rows.map(([, parts]) => total(parts)));
  return make(
    "div",
    { class: "chart" },
    make(
      "table",
      {},
      make("caption", {}, title),
      make(
        "tbody",
        {},
        ...rows.map(([label, parts]) =>
          make(
            "tr",
            {},
            make("th", { scope: "row" }, label),
            make("td", {}, bar(parts, most)),
            make("td", { class: "n" }, number(total(parts))),
          ),
        ),
      ),
    ),
    note ? make("p", { class: "help" }, note) : null,
  );
};

const bySeverities = (counts) => SEVERITIES.map((name, rank) => [name, counts[rank]]);

const countLeft = (shown) => {
  const severities = new Uint32Array(SEVERITIES.length);
  const accounts = findings.account.values.map(() => new Uint32Array(SEVERITIES.length));
  const rank = findings.check.values.map(severityOf);
  for (const i of shown) {
    if (!isLeft(i)) continue;
    const severity = rank[findings.check.codes[i]];
    severities[severity] += 1;
    accounts[findings.account.codes[i]][severity] += 1;
  }
  return { severities, accounts };
};

const severityChart = (severities) =>
  chart(
    "Left to do, by severity",
    SEVERITIES.map((name, rank) => [name, [[name, severities[rank]]]]).filter(
      ([name, [[, count]]]) => count > 0 || name !== "other",
    ),
  );

const accountChart = (accounts) => {
  const rows = accounts
    .map((counts, code) => [findings.account.values[code], bySeverities(counts)])
    .filter(([account, parts]) => account !== "*" && total(parts) > 0)
    .sort(([, a], [, b]) => total(b) - total(a));
  const more = rows.length - MOST_ACCOUNTS;
  return chart(
    "Left to do, by account",
    rows.slice(0, MOST_ACCOUNTS),
    more > 0 ? `and ${counted(more, "further account")}` : null,
  );
};

const baselineChart = (shown) => {
  const counts = report.marks.map(() => new Uint32Array(SEVERITIES.length));
  for (const i of shown) counts[findings.mark[i]][severityOf(findings.check.of(i))] += 1;
  return chart(
    "Since the baseline",
    report.marks.slice(1).map((name, mark) => [name, bySeverities(counts[mark + 1])]),
  );
};

const showCharts = (shown) => {
  const { severities, accounts } = countLeft(shown);
  byId("charts").replaceChildren(
    severityChart(severities),
    accountChart(accounts),
    ...(report.baseline ? [baselineChart(shown)] : []),
  );
};

const CONTROL_COUNTS = ["Passed", "Failed", "Unknown", "Exempt"];
const CONTROL_WORDS = { not_audited: "not audited", not_covered: "not covered" };
// As the table has them.
const CONTROL_STATUSES = ["failed", "unknown", "exempt", "passed", "not_audited", "not_covered"];

// A framework's own titles are not free to use: those of the checks say what a control is about.
const titledCheck = (check) => {
  const title = report.compliance.titles[check];
  return make("div", {}, title ? `${title} (${check})` : check);
};

const controlRow = (control) => {
  const status = CONTROL_WORDS[control.status] || control.status;
  const one = (name, ...content) =>
    cell("td", { "data-label": name }, make("div", {}, ...content));
  return cell(
    "tr",
    { class: `control ${control.status}` },
    make("th", { scope: "row", role: "rowheader", "data-label": "Control" }, control.id),
    one("Status", control.near ? `${status} ~` : status),
    ...CONTROL_COUNTS.map((name) => one(name, number(control[name.toLowerCase()]))),
    one("Checks", ...control.checks.map(titledCheck)),
  );
};

const controlTable = (controls) =>
  cell(
    "table",
    { class: "cards", "aria-label": "Controls that checks cover" },
    headings(["Control", "Status", ...CONTROL_COUNTS, "Checks"]),
    cell("tbody", {}, ...controls.map(controlRow)),
  );

const uncovered = (controls) =>
  controls.length > 0
    ? make("p", { class: "uncovered" }, `Not covered: ${controls.map(({ id }) => id).join(", ")}`)
    : null;

// The controls of the framework, where the run was asked for one.
const showControls = () => {
  const framework = report.compliance;
  if (!framework) return byId("controls").remove();
  const isCovered = ({ checks }) => checks.length > 0;
  const totals = CONTROL_STATUSES.filter((status) => framework.statuses[status])
    .map((status) => `${number(framework.statuses[status])} ${CONTROL_WORDS[status] || status}`)
    .join(", ");
  return byId("controls").append(
    make(
      "details",
      {},
      make("summary", {}, make("h2", {}, framework.title), ` ${totals}`),
      make(
        "p",
        { class: "help" },
        "~ marks a control whose checks are similar or cover only a part: if they pass, that " +
          "does not prove that the control is met.",
      ),
      controlTable(framework.controls.filter(isCovered)),
      uncovered(framework.controls.filter((control) => !isCovered(control))),
    ),
  );
};
