-- What a Deny removes from an Allow, if it covers all its principals, actions and resources: all of
-- it, or all except what its conditions, or its NotPrincipal, exempt.
local conditions = require "lib.conditions"
local glob = require "lib.glob"

local denials = {}

local STEPS = 3000000 -- of comparing, for a whole document; with more, nothing is removed

local covers = glob.covers

local function any_covers(wides, narrow, budget)
  for i = 1, #wides do
    local wide = wides[i]
    if not wide:find("${", 1, true) and covers(wide, narrow, budget) then return true end
  end
  return false
end

local function each_covered(wides, narrows, budget)
  for i = 1, #narrows do
    if not any_covers(wides, narrows[i], budget) then return false end
  end
  return true
end

local function each_disjoint(ones, others, budget)
  for _, one in ipairs(ones) do
    if one:find("${", 1, true) then return false end
    for _, other in ipairs(others) do
      if budget.left < 0 or not glob.disjoint(one, other, budget) then return false end
      budget.left = budget.left - 1
    end
  end
  return true
end

-- Is the set `wide` ({ negated =, list = }) a superset of `narrow`? nil stands for a statement
-- without the element.
function denials.covers(wide, narrow, budget)
  if not wide or not narrow then return wide == narrow end
  budget = budget or glob.budget(STEPS)
  if not wide.negated then
    return each_covered(wide.list, narrow.negated and { "*" } or narrow.list, budget)
  end
  if narrow.negated then return each_covered(narrow.list, wide.list, budget) end
  return each_disjoint(wide.list, narrow.list, budget)
end

-- Can an element be in both sets? false is certain.
local function overlap(one, other, budget)
  if not one or not other then return true end
  if one.negated and other.negated then return true end
  if one.negated then return not each_covered(one.list, other.list, budget) end
  if other.negated then return not each_covered(other.list, one.list, budget) end
  return not each_disjoint(one.list, other.list, budget)
end

-- { AWS = "*" } and "*" are equal in resource policies (IAM user guide, "Principal"), but only the
-- latter surely includes services and federated users.
local function anyone_covers(wide, narrow)
  if wide.type == "*" or wide.type == narrow.type then return true end
  return wide.type == "AWS" and (narrow.type == "*" or narrow.type == "CanonicalUser")
end

local function principal_covers(wide, narrow)
  if wide.kind == "anyone" then
    return (wide.text == "*" or wide.text == narrow.text) and anyone_covers(wide, narrow)
  end
  if narrow.kind == "anyone" or wide.type ~= narrow.type then return false end
  return wide.text == narrow.text or wide.whole and wide.account == narrow.account or false
end

-- A canonical user is an account under another name, which does not reveal the account.
local function may_be(excepted, principal)
  if excepted.kind == "anyone" or excepted.text == principal.text then return true end
  if excepted.kind == "canonical" and principal.kind == "account" then return true end
  if excepted.kind == "account" and principal.kind == "canonical" then return true end
  return excepted.account ~= nil and excepted.account == principal.account
end

-- Does the parsed Deny apply to this principal (lib.principals) completely?
function denials.applies_to(deny, principal)
  local negated = deny.principals.negated
  if negated and principal.kind == "anyone" then return false end
  for _, other in ipairs(deny.principals.list) do
    if negated and may_be(other, principal) then return false end
    if not negated and principal_covers(other, principal) then return true end
  end
  return negated
end

local EVERYONE = { kind = "anyone", type = "*", text = "*" }

-- Does the parsed Deny apply to everyone?
function denials.applies_to_everyone(deny) return denials.applies_to(deny, EVERYONE) end

local function is_wide(deny, part, budget)
  return denials.covers(deny.actions, part.actions, budget)
    and denials.covers(deny.resources, part.resources, budget)
end

local MOST_PARTS = 64

local function each_alone(set)
  if not set or set.negated then return { set or false } end
  local list = {}
  for i, item in ipairs(set.list) do list[i] = { list = { item } } end
  return list
end

local OF_BUCKETS = { create = true, delete = true, get = true, list = true, put = true }
local OF_OBJECTS = { delete = true, get = true, put = true, replicate = true, restore = true }

-- Is the action, in lower case, one that S3 never evaluates for such a resource: an object action
-- on a bucket, or a bucket action on objects (service authorization reference, Amazon S3,
-- "Actions")?
local function is_void(action, resource)
  local name, rest = resource:match("^arn:[^:]*:s3:::([^/]+)(.*)$")
  if not name or glob.has_wildcard(name .. action) then return false end
  local of = rest == "" and OF_OBJECTS or OF_BUCKETS
  local verb = action:match(rest == "" and "^s3:(%l+)object" or "^s3:(%l+)bucket")
  return of[verb] == true
end

-- Can S3 evaluate this part at all?
local function has_meaning(action, resource)
  local negated = action.negated or not resource or resource.negated
  return negated or not is_void(action.list[1], resource.list[1])
end

-- What a parsed Allow grants, one action on one resource at a time: several Deny statements may
-- remove together what none of them removes alone. If there are too many, all of it as one part.
local function parts_of(allow)
  local actions, resources = each_alone(allow.actions), each_alone(allow.resources)
  if #actions * #resources > MOST_PARTS then return { allow } end
  local parts = {}
  for _, one in ipairs(actions) do
    for _, other in ipairs(resources) do
      if has_meaning(one, other) then
        parts[#parts + 1] = { actions = one, resources = other or nil }
      end
    end
  end
  return parts
end

----------------------------------------------------------------------------------------------------
-- denials with exemptions

-- The limits of the principals that one Deny exempts, as `facts` sees them (see denials.limit); nil
-- if it exempts anyone.
local function spared(deny, principal, facts, limit_to)
  local limits = {}
  for _, condition in ipairs(deny.conditions) do
    local opposite = conditions.opposite(condition, facts.is_there)
    limits[#limits + 1] = opposite and facts.limit_of(opposite) or {}
  end
  if deny.principals.negated and principal.kind == "anyone" then
    for _, excepted in ipairs(deny.principals.list) do
      limits[#limits + 1] = limit_to(excepted)
    end
  end
  return #limits > 0 and conditions.widest(limits) or nil
end

-- The key of a Deny for all requests without it, or nil: requests that pass have the key.
local function demanded(deny)
  local only = deny.conditions[1]
  local is_null = only and #deny.conditions == 1 and only.operator == "null"
  if not is_null or deny.principals.negated then return nil end
  return #only.values == 1 and only.values[1]:lower() == "true" and only.name or nil
end

-- The keys that these Deny statements require, as a set and as a text.
local function demanded_by(denies)
  local set, names = {}, {}
  for _, deny in ipairs(denies) do
    local name = demanded(deny)
    if name and not set[name] then
      set[name] = true
      names[#names + 1] = name
    end
  end
  return set, table.concat(names, " ")
end

-- The limits of all that these Deny statements exempt. Each is computed once for each kind of
-- principal and each set of present keys.
local function spared_by_all(known, denies, principal, facts, limit_to)
  local limit, there, names = {}, demanded_by(denies)
  local function is_there(name) return there[name] or facts.is_there(name) end
  local narrowed = { is_there = is_there, limit_of = facts.limit_of }
  local kind = table.concat({ principal.kind, principal.provider or "", names }, " ")
  for _, deny in ipairs(denies) do
    known[deny] = known[deny] or {}
    local of_deny = known[deny]
    of_deny[kind] = of_deny[kind] or spared(deny, principal, narrowed, limit_to) or {}
    conditions.narrow(limit, of_deny[kind])
  end
  return limit
end

local function speaks_of_all_but(deny, principal)
  return deny.principals.negated and principal.kind == "anyone"
    or denials.applies_to(deny, principal)
end

-- Does the Deny apply to everyone, and exempt a principal that is, or may be, trusted?
local function spares_some(deny, seen)
  local everyone, some = deny.principals.negated, false
  for _, principal in ipairs(deny.principals.list) do
    if deny.principals.negated and principal.kind ~= "deleted" then
      local limit = seen.limit_to(principal)
      some = some or (limit.trusted or limit.bounded or limit.undecided) ~= nil
    end
    everyone = everyone or principal.kind == "anyone"
  end
  for _, condition in ipairs(deny.conditions) do
    some = some or conditions.spares(condition, seen.own)
  end
  return everyone and some
end

local function those_that_spare(partial, seen)
  local list = {}
  for _, deny in ipairs(partial) do
    if spares_some(deny, seen) then list[#list + 1] = deny end
  end
  return list
end

local function sorted(parsed)
  local whole, partial = {}, {}
  for _, statement in ipairs(parsed) do
    if not statement.allows then
      local spares = statement.conditional or statement.principals.negated
      if spares then partial[#partial + 1] = statement end
      if not statement.conditional then whole[#whole + 1] = statement end
    end
  end
  return whole, partial
end

-- Stands for the result of `judge` if the document has no Deny statements: `none` is true.
denials.none = {
  none = true, limit = function() return {} end, sparing = function() return nil end,
}

function denials.are_in(parsed)
  for _, statement in ipairs(parsed) do
    if not statement.allows then return true end
  end
  return false
end

-- What the Deny statements of a parsed document, which has some, remove:
--   limit(allow, principal, facts)  what they leave of all that the parsed Allow grants to that
--                                 principal, as a limit of lib.conditions; nil if nothing is left.
--                                 facts: { is_there(name) = does every request have the key?,
--                                 limit_of(condition) }
--   sparing(allow)                the position of a Deny by which some principals keep what the
--                                 Allow grants to everyone, while others do not; nil if there is
--                                 none, 0 if it takes too long to find out
-- seen: { own = as lib.conditions takes it, limit_to(principal) = the limit of this one alone }
function denials.judge(parsed, seen)
  local whole, partial = sorted(parsed)
  local budget, judge, known, split, sparing = glob.budget(STEPS), {}, {}, {}, nil

  local function is_denied(part, principal)
    for _, deny in ipairs(whole) do
      budget.left = budget.left - #deny.principals.list
      if budget.left < 0 then return false end
      if denials.applies_to(deny, principal) and is_wide(deny, part, budget) then return true end
    end
    return false
  end

  local function limit_of(part, principal, facts)
    local wide = {}
    for _, deny in ipairs(partial) do
      budget.left = budget.left - #deny.principals.list
      if budget.left < 0 then break end
      if speaks_of_all_but(deny, principal) and is_wide(deny, part, budget) then
        wide[#wide + 1] = deny
      end
    end
    return spared_by_all(known, wide, principal, facts, seen.limit_to)
  end

  -- nil if nothing is left.
  local function limit_of_parts(parts, principal, facts)
    local limits = {}
    for _, part in ipairs(parts) do
      if not is_denied(part, principal) then
        limits[#limits + 1] = limit_of(part, principal, facts)
      end
    end
    if #limits < 2 then return limits[1] end
    return conditions.widest(limits) or {}
  end

  function judge.limit(allow, principal, facts)
    if is_denied(allow, principal) then return nil end
    local limit = limit_of(allow, principal, facts)
    if limit.trusted then return limit end
    split[allow] = split[allow] or parts_of(allow)
    if #split[allow] == 0 then return limit end
    return limit_of_parts(split[allow], principal, facts)
  end

  function judge.sparing(allow)
    sparing = sparing or those_that_spare(partial, seen)
    for _, deny in ipairs(sparing) do
      budget.left = budget.left - 1
      if budget.left < 0 then return 0 end
      if overlap(deny.actions, allow.actions, budget)
        and overlap(deny.resources, allow.resources, budget) then
        return deny.index
      end
    end
    return nil
  end

  return judge
end

return denials
