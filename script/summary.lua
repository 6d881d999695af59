-- Counts findings by type, severity and outcome:
--
--   engine remediate < lines | engine run script/summary.lua
--
-- Reads findings (one JSON object per line) from stdin; of the compliant ones it prints only the
-- number. Below the table it prints why findings are held, failed or unknown.
local SEVERITIES = { "critical", "high", "medium", "low" }
local OUTCOMES = {
  "to repair", "no repair", "planned", "repaired", "held", "failed", "unknown", "pending", "exempt",
  "gone",
}
local BY_REMEDIATION = {
  available = "to repair", none = "no repair", planned = "planned", fixed = "repaired",
  held = "held", failed = "failed",
}
local COLOURS = {
  critical = "1;31", high = "31", medium = "33", repaired = "32", planned = "36", held = "33",
  failed = "1;31", unknown = "33",
}
local EXPLAINED = { held = true, failed = true, unknown = true }

local colourful = not os.getenv("NO_COLOR") and os.execute("test -t 1")

local function styled(style, text)
  if not colourful or not style then return text end
  return ("\27[%sm%s\27[0m"):format(style, text)
end

local function outcome(finding)
  if finding.status == "non_compliant" then return BY_REMEDIATION[finding.remediation] end
  return finding.status
end

local function count(row, key)
  row[key] = (row[key] or 0) + 1
end

-- Returns { [type] = row }, the row of totals, and the reasons; a row counts by column.
local function read(lines)
  local rows, all, reasons = {}, {}, {}
  local function add(finding, result)
    local own = rows[finding.type] or {}
    rows[finding.type] = own
    for _, row in ipairs { own, all } do
      if result ~= "gone" then count(row, finding.severity) end
      count(row, result)
    end
    if not EXPLAINED[result] then return end
    local why = finding.held or finding.error and finding.error.message or ""
    reasons[#reasons + 1] = ("%s: %s\n       %s"):format(result, finding.check, why)
  end
  for line in lines do
    local finding = assert(json.decode(line))
    local result = outcome(finding)
    if result == "compliant" then count(all, result) else add(finding, result) end
  end
  return rows, all, reasons
end

local function columns_of(all)
  local columns = { table.unpack(SEVERITIES) }
  for _, name in ipairs(OUTCOMES) do
    if all[name] then columns[#columns + 1] = name end
  end
  return columns
end

local function put_titles(columns)
  local cells = { ("  %-17s"):format("TYPE") }
  for _, column in ipairs(columns) do
    cells[#cells + 1] = ("%" .. math.max(#column, 3) + 2 .. "s"):format(column:upper())
  end
  print(styled("2", table.concat(cells)))
end

local function put_row(name, row, columns)
  local cells = { ("  %-17s"):format(name) }
  for _, column in ipairs(columns) do
    local text = ("%" .. math.max(#column, 3) + 2 .. "s"):format(row[column] or "·")
    if not row[column] then text = " " .. text end -- the dot's two bytes are one column
    cells[#cells + 1] = styled(row[column] and COLOURS[column] or "2", text)
  end
  print(table.concat(cells))
end

local function put_reasons(reasons)
  local times, distinct = {}, {}
  for _, reason in ipairs(reasons) do
    if not times[reason] then distinct[#distinct + 1] = reason end
    count(times, reason)
  end
  table.sort(distinct)
  for _, reason in ipairs(distinct) do print(("  %2d %s"):format(times[reason], reason)) end
end

local rows, all, reasons = read(io.lines())
local columns, names = columns_of(all), {}
for name in pairs(rows) do names[#names + 1] = name end
table.sort(names)
if #names > 0 then
  put_titles(columns)
  for _, name in ipairs(names) do put_row(name, rows[name], columns) end
  put_row("all", all, columns)
end
if all.compliant then print(("  %d checks are compliant"):format(all.compliant)) end
put_reasons(reasons)
