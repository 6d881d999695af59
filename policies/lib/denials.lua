-- Whether a Deny takes back what an Allow gives: at least as wide in who, what and where.
local glob = require "lib.glob"

local denials = {}

local STEPS = 3000000 -- of comparing, for a whole document; beyond them nothing is taken back

local function any_covers(wides, narrow, budget)
  for _, wide in ipairs(wides) do
    if not wide:find("${", 1, true) and glob.covers(wide, narrow, budget) then return true end
  end
  return false
end

local function each_covered(wides, narrows, budget)
  for _, narrow in ipairs(narrows) do
    if not any_covers(wides, narrow, budget) then return false end
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

-- { AWS = "*" } and "*" are the same in resource policies (IAM user guide, "Principal"), but only
-- the latter surely speaks of services and federated users too.
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

-- A canonical user is an account by another name, which does not say which.
local function may_be(excepted, principal)
  if excepted.kind == "anyone" or excepted.text == principal.text then return true end
  if excepted.kind == "canonical" and principal.kind == "account" then return true end
  if excepted.kind == "account" and principal.kind == "canonical" then return true end
  return excepted.account ~= nil and excepted.account == principal.account
end

-- Does the parsed Deny speak of this principal (lib.principals), wholly?
function denials.speaks_of(deny, principal)
  if deny.principals.negated and principal.kind == "anyone" then return false end
  for _, other in ipairs(deny.principals.list) do
    if deny.principals.negated and may_be(other, principal) then return false end
    if not deny.principals.negated and principal_covers(other, principal) then return true end
  end
  return deny.principals.negated
end

-- Does the parsed Deny speak of everyone?
function denials.speaks_of_everyone(deny)
  return denials.speaks_of(deny, { kind = "anyone", type = "*", text = "*" })
end

-- A judge over all the parsed statements of a document: judge(allow, principal) -> does an
-- unconditional Deny take back all that the parsed Allow gives to that principal?
function denials.judge(parsed)
  local found, budget = {}, glob.budget(STEPS)
  for _, statement in ipairs(parsed) do
    if not statement.allows and not statement.conditional then found[#found + 1] = statement end
  end
  return function(allow, principal)
    for _, deny in ipairs(found) do
      budget.left = budget.left - #deny.principals.list
      if budget.left < 0 then return false end
      if denials.speaks_of(deny, principal) and denials.covers(deny.actions, allow.actions, budget)
        and denials.covers(deny.resources, allow.resources, budget) then
        return true
      end
    end
    return false
  end
end

return denials
