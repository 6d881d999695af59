-- Whether the conditions of a statement limit the callers, and to whom. A condition limits only if
-- its key identifies the caller (lib.condition_keys), if its operator requires that the key is
-- present and equal, and if each of its values limits. If a condition limits nothing, the reason is
-- kept as a note for the finding.
--
-- A limit, of one condition or of several:
--   trusted  true: only trusted callers
--   named    ids that are not trusted, and that it allows
--   undecided   ids whose trust is unknown
--   bounded  true: not anyone, but it does not clear a principal named elsewhere
-- The empty limit excludes nobody. A trusted, named or undecided limit is also bounded.
local arn = require "lib.arn"
local condition_keys = require "lib.condition_keys"
local copy_of = require "lib.copy_of"
local issuers = require "lib.issuers"

local conditions = {}

local function words(text)
  local set = {}
  for word in text:gmatch("%S+") do set[word] = true end
  return set
end

-- IAM user guide, "Condition operators": those that require equality or order, and the opposite
-- ones.
local POSITIVE = words [[
  stringequals stringequalsignorecase stringlike arnequals arnlike ipaddress bool binaryequals
  numericequals numericlessthan numericlessthanequals numericgreaterthan numericgreaterthanequals
  dateequals datelessthan datelessthanequals dategreaterthan dategreaterthanequals
]]
local OPPOSITE = {
  stringnotequals = "stringequals",
  stringnotequalsignorecase = "stringequalsignorecase",
  stringnotlike = "stringlike",
  arnnotequals = "arnequals",
  arnnotlike = "arnlike",
  notipaddress = "ipaddress",
  numericnotequals = "numericequals",
  datenotequals = "dateequals",
}

-- Does the condition require that the key is present and equals one of the values? Else nil, the
-- reason, and whether the operator is unknown. ForAllValues and IfExists require it only together
-- with `Null: false` (IAM user guide, "Set operators for multivalued context keys").
function conditions.demands(condition)
  local operator = condition.operator
  if operator == "null" then return nil, "Null does not limit" end
  if OPPOSITE[operator] then return nil, "a negation does not limit" end
  if not POSITIVE[operator] then return nil, "operator is not known", true end
  if condition.set == "all" and not condition.there then
    return nil, "ForAllValues is true without a value"
  end
  if condition.if_exists and not condition.there then
    return nil, "IfExists is true without the key"
  end
  if #condition.values == 0 then return nil, "no value" end
  return true
end

-- Under StringLike, a `*` also matches colons (IAM user guide, "String condition operators"), and
-- the path of a role may contain them (IAM API reference, CreateRole): a `*` before the account
-- then also matches roles of other accounts, whose paths contain this account. A `*` that stands
-- for the partition is so common that it counts as what its author meant (docs/public.md).
local function matches_paths(condition)
  if condition.operator ~= "stringlike" or condition.name ~= "aws:principalarn" then
    return false
  end
  for _, value in ipairs(condition.values) do
    local name = arn.parse(value)
    local before = name and name.service .. name.region or ""
    if before:find("*", 1, true) then return true end
  end
  return false
end

-- Why the condition limits nothing whatever its values, and whether that is not certain: then no
-- fix removes anything.
local function idle(condition)
  local demanding, why, strange = conditions.demands(condition)
  if strange then return why, true end
  if not condition_keys.is_known(condition.name) then
    if condition_keys.is_silent(condition.name) then return "says nothing about the caller" end
    if issuers.is_claim(condition.name) then return "does not limit whose token it is" end
    return "key is not known", true
  end
  if not demanding then return why end
  if not condition_keys.fits(condition.name, condition.operator) then
    return "operator does not fit the key"
  end
  if matches_paths(condition) then
    return "a * before the account also matches the paths of other accounts' roles: use ArnLike",
      true
  end
  return nil
end

local function add_new(list, seen, item)
  if seen[item] then return end
  seen[item] = true
  list[#list + 1] = item
end

-- One value -> "trusted", "bounded", "named" and id, "undecided" and id, or nil and why.
local function judge_value(condition, value, own)
  local kind, detail = condition_keys.judge(condition.name, value, own)
  if kind ~= "named" then return kind, detail end
  local known = own.trust(detail)
  if known then return "trusted" end
  -- The trust of a path is that of its unit; it is reported by its organization.
  return known == nil and "undecided" or "named", detail:match("^[^/]+")
end

-- The values of one condition by whom they allow: { open = values that allow everyone, untrusted =
-- values that name principals that are not trusted, named = their ids, undecided = ids, bounded =,
-- why = }.
local function sort_values(condition, own)
  local sorted = { open = {}, untrusted = {}, named = {}, undecided = {} }
  local seen = {}
  for _, value in ipairs(condition.values) do
    local kind, detail = judge_value(condition, value, own)
    if kind == nil then
      sorted.open[#sorted.open + 1], sorted.why = value, sorted.why or detail
    elseif kind == "bounded" then
      sorted.bounded = true
    elseif kind ~= "trusted" then
      if kind == "named" then sorted.untrusted[#sorted.untrusted + 1] = value end
      add_new(sorted[kind], seen, detail)
    end
  end
  return sorted
end

local function limit_of(sorted)
  if #sorted.named > 0 then return { named = sorted.named } end
  if #sorted.undecided > 0 then return { undecided = sorted.undecided } end
  if sorted.bounded then return { bounded = true } end
  return { trusted = true }
end

-- One condition -> its limit; or nil, the reason, and whether it is only unknown; and its sorted
-- values if they matter.
local function judge_one(condition, own)
  local why, strange = idle(condition)
  if why then return nil, why, strange end
  local sorted = sort_values(condition, own)
  if #sorted.open > 0 then return nil, sorted.why, false, sorted end
  if condition_keys.cover_everything(condition.name, condition.values) then
    return nil, "ranges that together cover every address", false, sorted
  end
  return limit_of(sorted), nil, false, sorted
end

local MOST_NOTES, MOST_TEXT = 20, 100

local function note(limit, condition, why, strange)
  local text = ("%s %s"):format(condition.written, condition.key):gsub("%c", " ")
  if #text > MOST_TEXT then text = text:sub(1, MOST_TEXT) .. "..." end
  text = text .. ": " .. why
  limit.notes = limit.notes or {}
  if #limit.notes < MOST_NOTES then limit.notes[#limit.notes + 1] = text end
  if strange and not limit.strange then limit.strange = text end
end

local function offend(limit, condition, sorted)
  local function add(values, untrusted)
    if #values == 0 then return end
    limit.values = limit.values or {}
    limit.values[#limit.values + 1] = {
      operator = condition.written, key = condition.key, values = values,
      untrusted = untrusted or nil,
    }
  end
  add(sorted.open)
  add(sorted.untrusted, true)
end

-- The limit by both: of each kind of name, the first limit is enough.
local function narrow(limit, other)
  limit.trusted = limit.trusted or other.trusted
  limit.named = limit.named or other.named
  limit.undecided = limit.undecided or other.undecided
  limit.bounded = limit.bounded or other.bounded
  return limit
end

-- The limit of a list of parsed conditions (lib.statements), with { notes = texts: which conditions
-- limit nothing and why, or nil, strange = the first note about an unknown operator or key,
-- values = { { operator =, key =, values = those that allow untrusted callers, untrusted = true if
-- they name them, nil if they allow everyone } … } or nil }. own: { trust = function(id) -> true,
-- false or nil, account = the resource's, variables = does the document support policy variables? }
function conditions.limit(list, own)
  local limit = {}
  for _, condition in ipairs(list) do
    local found, why, strange, sorted = judge_one(condition, own)
    if found then narrow(limit, found) else note(limit, condition, why, strange) end
    if sorted then offend(limit, condition, sorted) end
  end
  return limit
end

conditions.narrow = narrow

-- The union of several limits: nil if one of them excludes nobody.
function conditions.widest(limits)
  local union, named, undecided, seen = { trusted = true }, {}, {}, {}
  for _, limit in ipairs(limits) do
    if not limit.trusted then
      union.trusted, union.bounded = nil, true
      for _, id in ipairs(limit.named or {}) do add_new(named, seen, id) end
      for _, id in ipairs(limit.undecided or {}) do add_new(undecided, seen, id) end
      if not (limit.named or limit.undecided or limit.bounded) then return nil end
    end
  end
  if #named > 0 then union.named = named elseif #undecided > 0 then union.undecided = undecided end
  return union
end

local function positive(condition, operator, values)
  local copy = copy_of(condition)
  copy.operator, copy.set, copy.if_exists, copy.values = operator, nil, nil, values
  return copy
end

local TRUTH = words [[bool stringequals stringequalsignorecase]]

-- For keys that are only true or false, the opposite of "is false" is "is true", and the reverse.
local function opposite_truth(condition)
  if not condition_keys.is_truth(condition.name) or not TRUTH[condition.operator]
    or #condition.values ~= 1 then
    return nil
  end
  local other = condition.values[1]:lower() == "false" and "true" or "false"
  return positive(condition, "bool", { other })
end

-- A condition that is true for every request for which the condition of a Deny is false, and that
-- requires its key; nil if requests without the key also pass. `is_there(name)`: do all requests in
-- question have this key?
function conditions.opposite(condition, is_there)
  local operator = OPPOSITE[condition.operator]
  local missing_is_denied = condition.if_exists or condition.set == "all"
    or operator ~= nil and condition.set == nil
  if not missing_is_denied and not is_there(condition.name) then return nil end
  if operator then return positive(condition, operator, condition.values) end
  return opposite_truth(condition)
end

local function always() return true end

-- Does the condition of a Deny exempt a caller that is, or may be, trusted? If unknown, it may.
function conditions.spares(condition, own)
  local strange = not OPPOSITE[condition.operator] and not POSITIVE[condition.operator]
    and condition.operator ~= "null"
  if strange then return true end
  if issuers.is_claim(condition.name) then return OPPOSITE[condition.operator] ~= nil end
  if not condition_keys.is_known(condition.name) then
    return not condition_keys.is_silent(condition.name)
  end
  local opposite = conditions.opposite(condition, always)
  for _, value in ipairs(opposite and opposite.values or {}) do
    local kind = judge_value(opposite, value, own)
    if kind ~= nil and kind ~= "named" then return true end
  end
  return false
end

return conditions
