// The page: facets, the groups of findings, and printing. Only what is open and near the window has
// elements.

const PAGE = 30; // findings that a group shows at first, and that each further step adds
const STEP = 200;
const MOST_PRINTED = 5000; // findings
const MOST_DETAILED = 500; // findings that are printed with their details

const state = {
  shown: [], // findings
  groups: new Map(), // check: its findings that are shown
  sections: new Map(), // check: its elements
  opened: new Set(), // findings whose details are shown
  ofElement: new WeakMap(), // its section
  rows: new WeakMap(), // button: [row, finding]
};

// ---- findings ----

const toggleDetails = (button) => {
  const [row, i] = state.rows.get(button);
  const open = button.getAttribute("aria-expanded") === "true";
  button.setAttribute("aria-expanded", String(!open));
  if (open) {
    row.nextElementSibling.remove();
    state.opened.delete(i);
    return null;
  }
  const place = cell("td", { colspan: 5, class: "details" }, make("p", {}, "…"));
  row.after(cell("tr", { class: "open" }, place));
  state.opened.add(i);
  return fillDetails(place, i);
};

const markOf = (i) =>
  findings.mark[i] > 0
    ? make("span", { class: `mark m${findings.mark[i]}` }, report.marks[findings.mark[i]])
    : null;

const statusOf = (i) =>
  make("span", { class: `status r${findings.result[i]}` }, report.results[findings.result[i]]);

// In one element, which a card sets beside its label.
const findingRow = (i) => {
  const one = (name, ...content) => cell("td", { "data-label": name }, make("div", {}, ...content));
  const why = whyOf(i);
  const button = make("button", { type: "button", class: "id", "aria-expanded": "false" }, idOf(i));
  const row = cell(
    "tr",
    { class: "finding-row" },
    one("Status", statusOf(i), markOf(i)),
    make("th", { scope: "row", role: "rowheader", "data-label": "Resource" }, button),
    one("Account", findings.account.of(i)),
    one("Region", findings.region.of(i)),
    one("Finding", summaryOf(i), why ? make("em", {}, ` ${why}`) : null),
  );
  state.rows.set(button, [row, i]);
  button.addEventListener("click", () => toggleDetails(button));
  return [row, button];
};

const addRow = (body, i) => {
  const [row, button] = findingRow(i);
  body.append(row);
  return state.opened.has(i) ? toggleDetails(button) : null;
};

// Adds the findings up to `end`, and a button for further ones.
const addRows = (section, end) => {
  const { body, more, group } = section;
  const first = section.rows;
  const last = Math.min(end, group.length);
  const pending = group.slice(first, last).map((i) => addRow(body, i));
  section.rows = last;
  more.hidden = last === group.length;
  more.textContent =
    `Show ${number(Math.min(STEP, group.length - last))} more of ` +
    `${number(group.length - last)}`;
  return Promise.all(pending);
};

const fillSection = (section) => {
  section.stale = false;
  section.body.replaceChildren();
  section.rows = 0;
  return addRows(section, PAGE);
};

const sectionTable = (check, body) =>
  cell(
    "table",
    { class: "cards", "aria-label": `Findings of ${check.check}` },
    headings(["Status", "Resource", "Account", "Region", "Finding"]),
    body,
  );

const makeSection = (check) => {
  const body = cell("tbody", {});
  const more = make("button", { type: "button", class: "more", hidden: true });
  const count = make("span", { class: "count" });
  const severity = SEVERITIES[severityOf(check)];
  const element = make(
    "details",
    { class: "group" },
    make(
      "summary",
      {},
      make("span", { class: `severity ${severity}` }, severity),
      make("h3", {}, check.title),
      make("code", {}, check.check),
      count,
    ),
    make(
      "div",
      { class: "about" },
      check.risk ? make("p", {}, check.risk) : null,
      check.url ? make("p", {}, link(check.url)) : null,
    ),
    sectionTable(check, body),
    more,
  );
  const section = {
    check,
    element,
    body,
    more,
    count,
    rows: 0,
    group: [],
    stale: true,
    near: false,
  };
  element.addEventListener("toggle", () => fillWhereSeen(section));
  more.addEventListener("click", () => {
    const next = section.rows;
    addRows(section, section.rows + STEP);
    body.querySelectorAll("button.id")[next]?.focus();
  });
  return section;
};

const fillWhereSeen = (section) =>
  section.stale && section.near && section.element.open ? fillSection(section) : null;

const refresh = (section) => {
  section.stale = true;
  section.body.replaceChildren();
  section.more.hidden = true;
  return fillWhereSeen(section);
};

const watcher = new IntersectionObserver(
  (entries) => {
    for (const { target, isIntersecting } of entries) {
      const section = state.ofElement.get(target);
      section.near = isIntersecting;
      fillWhereSeen(section);
    }
  },
  { rootMargin: "600px" },
);

const updateSection = (check, group) => {
  let section = state.sections.get(check);
  if (!section) {
    section = makeSection(check);
    state.sections.set(check, section);
    state.ofElement.set(section.element, section);
    watcher.observe(section.element);
  }
  const left = group.filter(isLeft).length;
  section.group = group;
  section.count.textContent =
    left === group.length
      ? counted(left, "finding")
      : `${counted(group.length, "finding")}, ${number(left)} left to do`;
  refresh(section);
  return section.element;
};

const showGroups = () => {
  const by = byId("sort-findings").value;
  const groups = sortGroups(state.groups, byId("sort-checks").value);
  const elements = groups.map(([check, group]) => updateSection(check, sortFindings(group, by)));
  byId("groups").replaceChildren(...elements);
  byId("shown").textContent =
    state.shown.length === 0
      ? "No findings match the filters."
      : `${counted(state.shown.length, "finding")} of ${counted(groups.length, "check")}` +
        (state.shown.length < findings.count ? `, out of ${number(findings.count)}` : "");
};

// ---- facets ----

const facetValue = (one, value) => {
  const count = make("span", { class: "n" });
  const box = make("input", { type: "checkbox" });
  box.addEventListener("change", () => {
    if (box.checked) one.chosen.add(value);
    else one.chosen.delete(value);
    update();
  });
  const element = make(
    "li",
    {},
    make("label", {}, box, make("span", { class: "name" }, one.labels[value] || "(empty)"), count),
  );
  return { value, box, count, element };
};

const makeFacet = (one, open) => {
  const values = one.labels.map((_, value) => value).filter((value) => one.counts[value] > 0);
  if (!["severity", "status", "baseline", "impact"].includes(one.name))
    values.sort((a, b) => one.counts[b] - one.counts[a]);
  one.shown = values.map((value) => facetValue(one, value));
  return make(
    "details",
    { class: "facet", open },
    make("summary", {}, one.title),
    make(
      "fieldset",
      {},
      make("legend", { class: "hidden" }, one.title),
      make("ul", {}, ...one.shown.map(({ element }) => element)),
    ),
  );
};

const showCounts = () => {
  for (const one of facets) {
    for (const { value, box, count, element } of one.shown) {
      const now = number(one.counts[value]);
      if (count.textContent !== now) count.textContent = now;
      element.classList.toggle("zero", one.counts[value] === 0 && !box.checked);
    }
  }
  byId("clear").disabled =
    byId("search").value === "" && facets.every((one) => one.chosen.size === 0);
};

const chosenOf = ({ title, chosen, labels }) =>
  `${title.toLowerCase()}: ${[...chosen].map((value) => labels[value]).join(", ")}`;

const chosenText = () => {
  const words = byId("search").value.trim();
  const names = facets.filter((one) => one.chosen.size > 0).map(chosenOf);
  return (words ? [`search: ${words}`, ...names] : names).join("; ");
};

const update = () => {
  byId("chosen").textContent = chosenText();
  state.shown = applyFilter(byId("search").value);
  state.groups = groupByCheck(state.shown);
  showCounts();
  showGroups();
  showCharts(state.shown);
};

const clear = () => {
  byId("search").value = "";
  for (const one of facets) {
    one.chosen.clear();
    one.shown.forEach(({ box }) => {
      box.checked = false;
    });
  }
  update();
  byId("search").focus();
};

// ---- printing ----

const sectionsShown = () => [...state.groups.keys()].map((check) => state.sections.get(check));

const setOpen = (open) => {
  for (const section of sectionsShown()) section.element.open = open;
};

// Paper has no buttons: as many rows as are bearable, and the details that are open.
const openForPrint = () => {
  let room = MOST_PRINTED;
  byId("controls")?.firstElementChild.setAttribute("open", "");
  for (const section of sectionsShown()) {
    section.element.open = room > 0;
    if (section.stale) fillSection(section);
    addRows(section, Math.max(section.rows, Math.min(section.group.length, room)));
    room -= section.rows;
  }
  const all = state.shown.length;
  byId("printed").textContent =
    all > MOST_PRINTED
      ? `Printed: the first ${number(MOST_PRINTED)} of ${number(all)} findings.`
      : "";
};

const isDone = (i) => ["compliant", "gone"].includes(report.results[findings.result[i]]);

// Without what has nothing to tell.
const printDetailed = async () => {
  openForPrint();
  const buttons = [...document.querySelectorAll("#groups button.id[aria-expanded=false]")].filter(
    (button) => !isDone(state.rows.get(button)[1]),
  );
  await Promise.allSettled(buttons.slice(0, MOST_DETAILED).map(toggleDetails));
  window.print();
};

// ---- start ----

const listen = () => {
  byId("search").addEventListener("input", update);
  byId("sort-checks").addEventListener("change", showGroups);
  byId("sort-findings").addEventListener("change", update);
  byId("clear").addEventListener("click", clear);
  byId("open-all").addEventListener("click", () => setOpen(true));
  byId("close-all").addEventListener("click", () => setOpen(false));
  byId("print").addEventListener("click", printDetailed);
  window.addEventListener("beforeprint", openForPrint);
};

const groupDigits = (element) => {
  element.textContent = number(Number(element.textContent));
};

const start = () => {
  document.querySelectorAll(".counts b").forEach(groupDigits);
  state.shown = applyFilter("");
  byId("facets").append(
    ...facets.map((one) => makeFacet(one, ["severity", "status"].includes(one.name))),
  );
  byId("filters").open = window.matchMedia("(min-width: 60rem)").matches;
  showControls();
  listen();
  update();
  byId("application").hidden = false;
  if (state.shown.length <= PAGE) setOpen(true);
  setTimeout(prepareSearch, 0);
};

start();
