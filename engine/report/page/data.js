"use strict";
// What the page holds: the findings as columns, which filters run over, and what each check says
// about itself. The details of a finding are unpacked when it is opened.

const parse = (element) => JSON.parse(element.textContent);

const report = parse(document.getElementById("report"));
const blocks = Array.from(document.querySelectorAll("script.findings"), parse);
const SEVERITIES = ["critical", "high", "medium", "low", "other"];

const severityOf = (check) => {
  const rank = SEVERITIES.indexOf(check.severity);
  return rank < 0 ? SEVERITIES.length - 1 : rank;
};

// Values with numbers in place of texts.
class Column {
  constructor(count) {
    this.codes = new Uint32Array(count);
    this.values = [];
    this.known = new Map();
  }

  code(value) {
    let code = this.known.get(value);
    if (code === undefined) {
      code = this.values.push(value) - 1;
      this.known.set(value, code);
    }
    return code;
  }

  set(row, value) {
    this.codes[row] = this.code(value);
  }

  of(row) {
    return this.values[this.codes[row]];
  }
}

// A compliant finding says less about its check than the others, but it is the same check.
const mergeChecks = (checks) => {
  const full = new Map();
  for (const check of checks) {
    const other = full.get(check.check);
    full.set(check.check, other ? { ...other, ...check } : check);
  }
  return checks.map((check) => full.get(check.check));
};

const readFindings = () => {
  const count = blocks.reduce((sum, block) => sum + block.rows.length, 0);
  const data = {
    count,
    check: new Column(count),
    account: new Column(count),
    region: new Column(count),
    type: new Column(count),
    result: new Uint8Array(count),
    mark: new Uint8Array(count),
    block: new Uint32Array(count),
    rows: new Array(count),
  };
  const checks = mergeChecks(report.checks);
  let next = 0;
  blocks.forEach((block, number) => {
    block.first = next;
    for (const row of block.rows) {
      data.check.set(next, checks[row[0]]);
      data.account.set(next, row[1]);
      data.region.set(next, row[2]);
      data.type.set(next, row[3]);
      data.result[next] = row[5];
      data.mark[next] = row[6];
      data.block[next] = number;
      data.rows[next] = row;
      next += 1;
    }
  });
  return data;
};

const findings = readFindings();
const idOf = (i) => findings.rows[i][4];
const summaryOf = (i) => findings.rows[i][7];
const whyOf = (i) => findings.rows[i][8];
const isLeft = (i) => findings.result[i] < report.left;

const unpack = async (block) => {
  const packed = Uint8Array.from(atob(block.details), (c) => c.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
  return JSON.parse(await new Response(stream).text());
};

// The last blocks that were unpacked: [block number, promise of its details].
const unpacked = new Map();
const KEPT_BLOCKS = 16;

const detailsOf = async (i) => {
  const number = findings.block[i];
  const list = unpacked.get(number) || unpack(blocks[number]);
  unpacked.delete(number);
  unpacked.set(number, list);
  if (unpacked.size > KEPT_BLOCKS) unpacked.delete(unpacked.keys().next().value);
  return (await list)[i - blocks[number].first];
};
