-- Only known principals may invoke functions, their versions and their aliases.
local access = require "lib.access"
local detail = require "lib.detail"
local event_ids = require "lib.event_ids"
local lambda_permissions = require "lib.lambda_permissions"
local lambda_policies = require "lib.lambda_policies"
local lambda_versions = require "lib.lambda_versions"
local listing = require "lib.listing"
local none = require "lib.none"
local repairs = require "lib.repairs"
local expect = require "lib.expect"

local FUNCTIONS = "arn:${partition}:lambda:${region}:${account}:function:*"

local NONE = "ResourceNotFoundException"
local LATEST = "$LATEST"
local VERSION = "2012-10-17" -- in the policy of every function
local MOST_POLICIES = 3 -- listed in a summary

-- The policy of the function, or of the version or alias; nil if there is none. A function returns
-- its revision, so that states are not compared by it: any call to the function changes it. Lambda
-- compares it with that of the function or alias (as its error message says); a revision of another
-- one cannot be used.
local function policy_of(fn, qualifier, revisions)
  local wanted = { FunctionName = fn.id, Qualifier = qualifier }
  local reply = fn.aws.lambda:try("GetPolicy", wanted, NONE)
  if not reply then return nil end
  if reply.Policy == "" then error("lambda:GetPolicy returned no Policy", 0) end
  local text = expect(reply, "lambda:GetPolicy", "Policy").Policy
  local read = lambda_policies.read(qualifier, text)
  read.revision = function()
    local revision = reply.RevisionId
    return revision == revisions[qualifier or LATEST] and revision or nil
  end
  return read
end

-- All items of a list of the function; nil if it no longer exists.
local function listed(fn, operation, list)
  local found, wanted = {}, { FunctionName = fn.id, MaxItems = 50 }
  local there = listing(fn.aws.lambda, operation, wanted, "Marker", "NextMarker", function(page)
    for _, item in ipairs(expect(page, "lambda:" .. operation, list)[list]) do
      found[#found + 1] = item
    end
  end, NONE)
  return there and found
end

-- Aliases and published versions, in a fixed order, and all their revisions by name; nil if the
-- function no longer exists. No permission can be added to $LATEST itself (Lambda API reference,
-- AddPermission).
local function qualifiers(fn, revisions)
  local aliases = listed(fn, "ListAliases", "Aliases")
  local versions = aliases and fn.listed and fn.listed.versions
  versions = versions or aliases and listed(fn, "ListVersionsByFunction", "Versions")
  if not versions then return nil end
  local names = {}
  for _, alias in ipairs(aliases) do
    names[#names + 1], revisions[alias.Name] = alias.Name, alias.RevisionId
  end
  for _, version in ipairs(versions) do
    local name = version.Version
    revisions[name] = version.RevisionId
    if name ~= LATEST then names[#names + 1] = name end
  end
  table.sort(names)
  return names
end

local function called(kept)
  if not kept.qualifier then return "" end
  return (kept.qualifier:find("^%d+$") and "version " or "alias ") .. kept.qualifier .. ": "
end

local function summary_of(texts)
  local shown = table.concat(texts, "; ", 1, math.min(#texts, MOST_POLICIES))
  if #texts <= MOST_POLICIES then return shown end
  return ("%s; and %d more versions and aliases"):format(shown, #texts - MOST_POLICIES)
end

-- A question about one policy: the offenders by one search of lib.access, with their qualifier.
local function offenders_of(reading, fn, find, qualifier)
  local offenders = find(reading, fn)
  for _, offender in ipairs(offenders) do offender.qualifier = qualifier end
  return offenders
end

-- The offenders in all policies, a summary, and the first problem: a policy that cannot be
-- evaluated.
local function judged(fn, state, find)
  local found, texts, problem = {}, {}, nil
  for _, kept in ipairs(state.policies) do
    local ok, offenders = pcall(lambda_policies.ask, kept, offenders_of, fn, find, kept.qualifier)
    if not ok then problem, offenders = problem or offenders, {} end
    for _, offender in ipairs(offenders) do found[#found + 1] = offender end
    if #offenders > 0 then texts[#texts + 1] = called(kept) .. access.describe(offenders) end
  end
  return found, summary_of(texts), problem
end

-- Would a part of the statement remain after a repair?
local function serves_others(fn, offender)
  local alone = { Version = VERSION, Statement = { offender.statement } }
  local repaired = repairs.closed(alone, function(document)
    return access.open_to_anyone(document, fn)
  end)
  return repaired.document ~= nil
end

-- Why this statement alone cannot be removed, or nil.
local function refusal(fn, offender)
  local where = called(offender) .. "statement " .. offender.index
  if offender.held then return where .. ": " .. offender.held end
  if not offender.sid then return where .. " has no Sid, by which Lambda removes a statement" end
  if not serves_others(fn, offender) then return nil end
  return where .. " also grants access to others, and Lambda only removes whole statements"
end

-- Lambda removes only if the function still has this revision. The revisions after a removal are
-- not known in advance, so only the first step of a policy names one; the other steps follow at
-- once, and identify their statements by Sid.
local function removal(fn, offender, revision)
  local with = {
    FunctionName = fn.id, Qualifier = offender.qualifier, StatementId = offender.sid,
    RevisionId = revision,
  }
  local step = { call = "lambda:RemovePermission", with = with }
  local back, why = lambda_permissions.rebuilt(fn, offender.qualifier, offender.statement)
  if back then
    step.undo = { call = "lambda:AddPermission", with = back }
  else
    step.irreversible = "the statement cannot be restored as it was: " .. why
  end
  return step
end

local function of_policy(open, qualifier)
  local mine = {}
  for _, offender in ipairs(open) do
    if offender.qualifier == qualifier then mine[#mine + 1] = offender end
  end
  return mine
end

-- The state with these policies; false stands for a deleted policy.
local function with_policies(policies)
  local left = {}
  for _, kept in ipairs(policies) do left[#left + 1] = kept or nil end
  return { policies = json.list(left), tags = #left == 0 and none or nil }
end

-- The steps that remove the open statements of each policy. Each step changes one policy; in the
-- states between, the other policies are unchanged.
local function removals(fn, state, open)
  local steps, now = {}, {}
  for place, kept in ipairs(state.policies) do
    now[place] = {
      qualifier = kept.qualifier, head = kept.head, statements = kept.statements,
    }
  end
  for place, kept in ipairs(state.policies) do
    local mine = of_policy(open, kept.qualifier)
    local without = #mine > 0 and lambda_policies.shrinking(kept)
    for i, offender in ipairs(mine) do
      local step = removal(fn, offender, i == 1 and kept.revision() or nil)
      now[place] = without(offender.sid)
      step.after = with_policies(now)
      steps[#steps + 1] = step
    end
  end
  return steps
end

-- A function is named by its name, by a full ARN or by the end of one, each with or without a
-- qualifier (Lambda API reference, AddPermission, FunctionName). Any other text is refused: its
-- beginning may be the name of another function.
local function canonical(text, line)
  local rest = text:gsub("^arn:[^:]*:lambda:", "", 1)
  local function take(pattern, of)
    local found = rest:match(pattern)
    if found and line and found ~= line[of] then
      error(("%s is of another %s than %s"):format(text, of, line[of]), 0)
    end
    if found then rest = rest:sub(#found + 2) end
  end
  take("^(%l%l[%l-]*%-%d+):", "region")
  take("^(%d%d%d%d%d%d%d%d%d%d%d%d):", "account")
  rest = rest:gsub("^function:", "", 1)
  if line and line.pattern and rest:find("^[%w_.*?-]+$") then return rest end
  return rest:match("^([%w_.-]+)$") or rest:match("^([%w_.-]+):[%w$_-]+$") or
    error(text .. " names no function", 0)
end

-- AddPermission returns the statement as a text; its resource is the function.
local function permitted(event)
  local text = detail.at(event, "responseElements", "statement")
  local statement = type(text) == "string" and json.decode(text)
  local resource = detail.at(statement, "Resource")
  return type(resource) == "string" and resource or nil
end

local function name_of(event)
  local resource = permitted(event)
  if resource and not detail.at(event, "requestParameters", "functionName") then
    return canonical(resource)
  end
  return canonical(event_ids.first(event, "requestParameters.functionName",
    "responseElements.functionName", "responseElements.functionArn"))
end

return policy {
  type = "lambda_function",
  title = "Lambda function",
  aws_type = "AWS::Lambda::Function",
  arn = "arn:${partition}:lambda:${region}:${account}:function:${id}",
  id = { canonical = canonical, form = "${word}" },

  permissions = {
    read = {
      "lambda:ListFunctions",
      ["lambda:GetPolicy"] = { on = FUNCTIONS },
      ["lambda:ListAliases"] = { on = FUNCTIONS },
      ["lambda:ListVersionsByFunction"] = { on = FUNCTIONS },
      ["lambda:ListTags"] = { on = FUNCTIONS },
    },
    write = {
      ["lambda:RemovePermission"] = { on = FUNCTIONS },
      ["lambda:AddPermission"] = { on = FUNCTIONS },
    },
  },

  events = { -- with API versions, as CloudTrail writes them
    ["lambda:CreateFunction20150331"] = name_of,
    ["lambda:AddPermission20150331"] = name_of,
    ["lambda:AddPermission20150331v2"] = name_of,
    ["lambda:CreateFunctionUrlConfig"] = name_of,
    ["lambda:CreateFunctionUrlConfig20211031"] = name_of,
    ["lambda:UpdateFunctionUrlConfig"] = name_of,
    ["lambda:UpdateFunctionUrlConfig20211031"] = name_of,
  },

  discover = lambda_versions.discover,

  tags = function(_, state) return state.tags end,

  -- GetPolicy returns the same error for a function without a policy and for a missing function;
  -- the list calls tell them apart.
  fetch = function(fn)
    local revisions, policies = {}, {}
    local own = policy_of(fn, nil, revisions)
    local names = qualifiers(fn, revisions)
    if not names then return nil end
    local found = fn:map(names, function(name) return policy_of(fn, name, revisions) or false end)
    local function add(read)
      local kept = lambda_policies.kept(read)
      kept.revision, kept.ask = read.revision, lambda_policies.asking(kept)
      policies[#policies + 1] = kept
    end
    own = lambda_policies.less_repeated(own, found)
    if own then add(own) end
    for _, read in ipairs(found) do
      if read then add(read) end
    end
    return { policies = json.list(policies) }
  end,

  -- A function without a policy passes, so its tags are not read.
  reads = {
    tags = function(fn, state)
      if #state.policies == 0 then return nil end
      return fn.aws.lambda:ListTags({ Resource = lambda_permissions.resource(fn) }).Tags or {}
    end,
  },

  checks = {
    {
      id = "lambda_function.public",
      title = "Function policy grants access to anyone",
      severity = "critical",
      -- Lambda.1 also fails if S3 may invoke the function without aws:SourceAccount.
      controls = { securityhub = { "Lambda.1 ~" } },
      risk = "Anyone can do with the function what the statement says: invoke it with the "
        .. "permissions of its role and at your cost, read or change it.",
      advice = "Limit the permission with aws:SourceArn or aws:SourceAccount, or remove it; "
        .. "set the auth type of function URLs to AWS_IAM.",
      url = "https://docs.aws.amazon.com/securityhub/latest/userguide/"
        .. "lambda-controls.html#lambda-1",
      impact = "interrupts",
      repair = "Removes the permissions that grant access to anyone from the function, its "
        .. "versions and its aliases; callers that relied on them are refused.",

      audit = function(fn, state)
        local open, summary, problem = judged(fn, state, access.find_open)
        if problem then error(problem, 0) end
        if #open == 0 then return true end
        return false, summary, open
      end,

      fix = function(fn, state, open)
        for _, offender in ipairs(open) do
          local why = refusal(fn, offender)
          if why then return { held = why } end
        end
        local steps = removals(fn, state, open)
        return steps
      end,
    },
    {
      id = "lambda_function.shared",
      title = "Function policy grants access to an unknown account",
      severity = "high",
      risk = "An account that you do not know can invoke the function, with the permissions "
        .. "of its role.",
      advice = "Remove the permission, or add the account to KNOWN_ACCOUNTS.",
      url = "https://docs.aws.amazon.com/lambda/latest/dg/access-control-resource-based.html",

      audit = function(fn, state)
        local shared, summary, problem = judged(fn, state, access.find_shared)
        if problem and #shared == 0 then error(problem, 0) end
        if #shared == 0 then return true end
        return false, summary, shared
      end,
    },
  },
}
