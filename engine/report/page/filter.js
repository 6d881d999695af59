// Which findings are shown, by the facets chosen and the words searched for, and how many each
// value of a facet would show. One pass over numbers answers both.

const FRAMEWORKS = {
  securityhub: "Security Hub",
  cis: "CIS 3.0",
  "cis-3.0": "CIS 3.0",
  "cis-5.0": "CIS 5.0",
  fsbp: "FSBP",
  "pci-dss-4.0.1": "PCI DSS 4.0.1",
  "nist-800-53-r5": "NIST SP 800-53 Rev. 5",
};

// A facet over numbers: `codes` of the findings, and for each code the values that it stands for.
const facet = (name, title, codes, labels, bundles) => ({
  name,
  title,
  codes,
  labels,
  bundles: bundles || labels.map((_, value) => [value]),
  chosen: new Set(),
  counts: new Uint32Array(labels.length),
});

const columnFacet = (name, title, column) => facet(name, title, column.codes, column.values);

// A facet of the checks: each has some of the values.
const checkFacet = (name, title, valuesOf, order) => {
  const column = new Column(0);
  order.forEach((value) => column.code(value));
  const bundles = findings.check.values.map((check) =>
    valuesOf(check).map((value) => column.code(value)),
  );
  return facet(name, title, findings.check.codes, column.values, bundles);
};

const frameworksOf = (check) => {
  const names = Object.keys(check.controls || {});
  const titles = new Set(names.map((name) => FRAMEWORKS[name] || name));
  return titles.size > 0 ? [...titles] : ["none"];
};

// "CIS 3.0 1.10; Security Hub IAM.5": each once, though two frameworks may be the same one.
const controlsOf = (check) => {
  const controls = Object.entries(check.controls || {}).map(
    ([name, ids]) => `${FRAMEWORKS[name] || name} ${[].concat(ids).join(", ")}`,
  );
  return [...new Set(controls)].join("; ");
};

const facets = [
  checkFacet("severity", "Severity", (check) => [SEVERITIES[severityOf(check)]], SEVERITIES),
  facet("status", "Status", findings.result, report.results),
  ...(report.baseline
    ? [
        facet("baseline", "Since the baseline", findings.mark, [
          "as before",
          ...report.marks.slice(1),
        ]),
      ]
    : []),
  columnFacet("account", "Account", findings.account),
  columnFacet("region", "Region", findings.region),
  columnFacet("type", "Type", findings.type),
  checkFacet("impact", "Impact of the repair", (check) => [check.impact || "no repair"], [
    "none",
    "interrupts",
    "stops",
    "destroys",
    "no repair",
  ]),
  checkFacet("framework", "Framework", frameworksOf, []),
];

// The texts that are searched, in lower case, made at the first search.
const searched = { checks: null, rows: null };

const prepareSearch = () => {
  if (searched.rows) return;
  searched.checks = findings.check.values.map((check) =>
    `${check.check}\n${check.title}\n${controlsOf(check)}`.toLowerCase(),
  );
  searched.rows = findings.rows.map((row) =>
    `${row[1]}\n${row[2]}\n${row[3]}\n${row[4]}\n${row[7]}\n${row[8]}`.toLowerCase(),
  );
};

// 1 for each finding that has all words; null: every finding.
const findWords = (text) => {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return null;
  prepareSearch();
  const found = new Uint8Array(findings.count).fill(1);
  for (const word of words) {
    const inCheck = searched.checks.map((check) => check.includes(word));
    for (let i = 0; i < found.length; i += 1) {
      if (found[i] && !inCheck[findings.check.codes[i]] && !searched.rows[i].includes(word))
        found[i] = 0;
    }
  }
  return found;
};

// For each facet and code: does what was chosen admit it?
const admitted = ({ bundles, chosen }) =>
  Uint8Array.from(bundles, (values) =>
    chosen.size === 0 || values.some((value) => chosen.has(value)) ? 1 : 0,
  );

const spread = (tally, { bundles, counts }) => {
  counts.fill(0);
  bundles.forEach((values, code) =>
    values.forEach((value) => {
      counts[value] += tally[code];
    }),
  );
};

// The findings shown, in the order of the report. A value's count is what choosing it would show:
// it leaves out what its own facet has chosen.
const applyFilter = (text) => {
  const found = findWords(text);
  const admits = facets.map(admitted);
  const codes = facets.map((one) => one.codes);
  const tallies = facets.map((one) => new Uint32Array(one.bundles.length));
  const shown = new Uint32Array(findings.count);
  let count = 0;
  for (let i = 0; i < findings.count; i += 1) {
    if (found && !found[i]) continue;
    let refused = -1;
    let refusals = 0;
    for (let f = 0; f < facets.length && refusals < 2; f += 1) {
      if (!admits[f][codes[f][i]]) {
        refused = f;
        refusals += 1;
      }
    }
    if (refusals === 1) tallies[refused][codes[refused][i]] += 1;
    if (refusals > 0) continue;
    shown[count] = i;
    count += 1;
    for (let f = 0; f < facets.length; f += 1) tallies[f][codes[f][i]] += 1;
  }
  facets.forEach((one, f) => spread(tallies[f], one));
  return shown.subarray(0, count);
};

// The findings shown of each check: Map of check to findings.
const groupByCheck = (shown) => {
  const groups = new Map();
  for (const i of shown) {
    const check = findings.check.of(i);
    const group = groups.get(check);
    if (group) group.push(i);
    else groups.set(check, [i]);
  }
  return groups;
};

const compareText = (a, b) => (a < b ? -1 : Number(a > b));

// Of equals, the order of the report stays.
const ORDERS = {
  id: (a, b) => compareText(idOf(a), idOf(b)) || a - b,
  result: (a, b) => findings.result[a] - findings.result[b] || a - b,
  summary: (a, b) => compareText(summaryOf(a), summaryOf(b)) || a - b,
};

const sortFindings = (group, by) => (ORDERS[by] ? group.sort(ORDERS[by]) : group);

const bySeverity = ([a, groupA], [b, groupB]) =>
  Number(groupB.some(isLeft)) - Number(groupA.some(isLeft)) ||
  severityOf(a) - severityOf(b) ||
  groupB.length - groupA.length;
const byName = ([a], [b]) => compareText(a.check, b.check);
const byCount = ([, a], [, b]) => b.length - a.length;

const sortGroups = (groups, by) => {
  const order = { severity: bySeverity, name: byName, count: byCount }[by];
  return [...groups].sort((a, b) => order(a, b) || byName(a, b));
};
