-- Who gets in by an access policy: the one evaluator of resource policies, key policies and trust
-- policies. Pure: a decoded document in, lists of offending statements out; nothing given is ever
-- changed.
--
-- Taken everywhere:
--   document  a decoded policy, or nil where there is none
--   resource  anything with `account` and `resource:trusted(id)` -> true, false, or nil where
--             nobody can tell
--   opts      may be left out: { trust = whether it is a role's trust policy (default: the
--             resource's type is "iam_role"), canonical_users = list of canonical user ids that
--             are one's own }
--
-- An offender, plain data:
--   index         its place in Statement; `sid`: its Sid, or nil; `statement`: as it is written
--   anyone        whether it lets anyone in
--   accounts      the named unknown accounts, organizations or principals that it lets in, or nil
--   principals    the texts of the principals that make it offend
--   actions       as they are written
--   why           a sentence
--   unlimited_by  notes: which conditions limit nothing, and why; or nil
--   unknown       the first note about an operator or key that is not known, or nil
--   external_id   in trust policies: whether an external id is asked for
--
-- A document that breaks the grammar raises; so does one whose verdict hangs on an account nobody
-- can tell about.
local arn = require "lib.arn"
local aws_accounts = require "lib.aws_accounts"
local conditions = require "lib.conditions"
local denials = require "lib.denials"
local describe = require "lib.describe"
local statements = require "lib.statements"
local web_identity = require "lib.web_identity"

local access = {}

-- trust(id), each id asked for once. AWS's own accounts are no strangers.
local function truster(resource)
  local told, untold = {}, {}
  local partition = arn.partition(resource.region or "")
  return function(id)
    if id == resource.account or aws_accounts.is_aws(id, partition) then return true end
    if untold[id] then return nil end
    if told[id] == nil then
      local known = (arn.is_account(id) or arn.is_organization(id)) or false
      local answer = known and resource:trusted(id)
      if answer == nil then untold[id] = true else told[id] = answer and true or false end
    end
    return told[id]
  end
end

local function evaluation(document, resource, opts)
  opts = opts or {}
  local own = {}
  for _, id in ipairs(opts.canonical_users or {}) do own[id] = true end
  local trust_policy = opts.trust
  if trust_policy == nil then trust_policy = resource.type == "iam_role" end
  local parsed = statements.parse(document)
  return {
    parsed = parsed,
    trust = truster(resource),
    trust_policy = trust_policy,
    own_canonical = own,
    denied = denials.judge(parsed),
  }
end

-- A verdict on one principal: { open = true } lets anyone in, { named = ids } lets in those, {
-- untold = ids } cannot be told, nil is harmless.

local function as_anyone(limit)
  if limit.untold then return { untold = limit.untold } end
  if limit.named then return { named = limit.named } end
  return { open = true }
end

local function as_named(text, known, limit)
  if known then return nil end
  if known == nil then return { untold = { text } } end
  return limit.untold and { untold = limit.untold } or { named = { text } }
end

local judges = {}

function judges.anyone(_, _, _, limit)
  return as_anyone(limit)
end

function judges.account(run, principal, _, limit)
  return as_named(principal.account, run.trust(principal.account), limit)
end

-- Whoever the service acts for may ask; a guard that names a stranger invites it.
function judges.service(_, _, _, limit)
  if limit.untold then return { untold = limit.untold } end
  return limit.named and { named = limit.named }
end

function judges.public(_, principal, statement, limit)
  if web_identity.is_limited(statement, principal.provider) then return nil end
  return as_anyone(limit)
end

-- A provider is as good as its account; without audience or subject all its users come in.
function judges.oidc(run, principal, statement, limit)
  local verdict = judges.account(run, principal, statement, limit) or {}
  verdict.open = run.trust_policy and web_identity.is_entrance(statement)
    and not limit.named and not limit.untold
    and not web_identity.is_limited(statement, principal.provider)
  return verdict
end

function judges.canonical(run, principal, _, limit)
  local known = run.own_canonical[principal.text] == true or aws_accounts.is_aws(principal.text)
  return as_named(principal.text, known, limit)
end

function judges.deleted(_, principal, _, limit)
  return as_named(principal.text, false, limit)
end

judges.other = judges.deleted

local ANYONE = { kind = "anyone", type = "*", text = "everyone but those excepted" }

-- Each principal of an Allow that its conditions do not keep within what is trusted, with its
-- verdict.
local function verdicts(run, statement)
  local found = {}
  local limit = conditions.limit(statement, run.trust)
  if limit.trusted then return found, limit end
  local list = statement.principals.negated and { ANYONE } or statement.principals.list
  for _, principal in ipairs(list) do
    local verdict = judges[principal.kind](run, principal, statement, limit)
    local counts = verdict and (verdict.open or verdict.named or verdict.untold)
    if counts and not run.denied(statement, principal) then
      verdict.principal = principal
      found[#found + 1] = verdict
    end
  end
  return found, limit
end

-- What to look for: does a verdict count, and does it hang on what nobody can tell?
local WANTED = {
  anyone = { counts = function(v) return v.open end, hangs = function() return false end },
  named = { counts = function(v) return v.named end, hangs = function(v) return v.untold end },
  either = {
    counts = function(v) return v.open or v.named end,
    hangs = function(v) return v.untold and not v.open end,
  },
}

local function asks_external_id(statement)
  for _, condition in ipairs(statement.conditions) do
    if condition.name == "sts:externalid" and conditions.demands(condition) then return true end
  end
  return false
end

local function add_each(list, seen, items)
  for _, item in ipairs(items) do
    if not seen[item] then
      seen[item] = true
      list[#list + 1] = item
    end
  end
end

local function offender_of(run, statement, counted, limit)
  local texts, accounts, open = {}, {}, false
  local seen_texts, seen_accounts = {}, {}
  for _, verdict in ipairs(counted) do
    add_each(texts, seen_texts, { verdict.principal.text })
    add_each(accounts, seen_accounts, verdict.named or {})
    open = open or verdict.open or false
  end
  local offender = {
    index = statement.index,
    sid = statement.sid,
    statement = statement.raw,
    principals = texts,
    anyone = open,
    accounts = #accounts > 0 and accounts or nil,
    actions = statement.actions.written,
    unlimited_by = #limit.notes > 0 and limit.notes or nil,
    unknown = limit.strange,
    why = describe.why(statement, open, texts, accounts, limit),
  }
  if run.trust_policy then offender.external_id = asks_external_id(statement) end
  return offender
end

local function strip(verdict, wanted)
  if wanted == WANTED.anyone then return { principal = verdict.principal, open = verdict.open } end
  if wanted == WANTED.named then return { principal = verdict.principal, named = verdict.named } end
  return verdict
end

local function judge_statement(run, statement, wanted, untold)
  local counted = {}
  local found, limit = verdicts(run, statement)
  for _, verdict in ipairs(found) do
    if wanted.counts(verdict) then
      counted[#counted + 1] = strip(verdict, wanted)
    elseif wanted.hangs(verdict) then
      untold[#untold + 1] = verdict.untold[1]
    end
  end
  return #counted > 0 and offender_of(run, statement, counted, limit) or nil
end

-- What is found is found, whatever else cannot be told; only a clean verdict can hang on it.
local function offenders(document, resource, opts, wanted)
  local run, list, untold = evaluation(document, resource, opts), {}, {}
  for _, statement in ipairs(run.parsed) do
    if statement.allows then
      list[#list + 1] = judge_statement(run, statement, wanted, untold)
    end
  end
  if #list == 0 and #untold > 0 then
    local text = "whether %s is trusted cannot be told: the organization could not be read"
    error(text:format(untold[1]), 0)
  end
  return list
end

-- The statements by which anyone gets in, as a list of offenders.
function access.open_to_anyone(document, resource, opts)
  return offenders(document, resource, opts, WANTED.anyone)
end

-- The statements that let in a named account (or organization, or principal) that is not known.
function access.shared_with_unknown(document, resource, opts)
  return offenders(document, resource, opts, WANTED.named)
end

-- The statements that do either.
function access.strangers(document, resource, opts)
  return offenders(document, resource, opts, WANTED.either)
end

-- Offenders -> one short line for people.
access.describe = describe.line

local function kept_statements(document, offending)
  local gone, kept = {}, {}
  for _, offender in ipairs(offending) do gone[offender.index] = true end
  for index, statement in ipairs(statements.raw(document)) do
    if not gone[index] then kept[#kept + 1] = statement end
  end
  return kept, next(gone) ~= nil
end

local function with_statements(document, list)
  local copy = {}
  for key, value in pairs(document) do copy[key] = value end
  copy.Statement = list
  return copy
end

-- The document less exactly these statements, all else as it was; nil when none is left. Statements
-- that stay are shared with the document given, which is not changed.
function access.without(document, offending)
  if document == nil then return nil end
  local kept, changed = kept_statements(document, offending)
  if #kept == 0 then return nil end
  return changed and with_statements(document, kept) or document
end

-- One name that is left stands alone: so AWS would tell it (github.com/ansible/ansible issue 42532,
-- S3), and what is read again is what was written.
local function kept_names(names, gone)
  if type(names) == "string" then return not gone[names] and names or nil end
  local kept = {}
  for _, name in ipairs(names) do
    if not gone[name] then kept[#kept + 1] = name end
  end
  if #kept == 1 then return kept[1] end
  return #kept > 0 and kept or nil
end

-- The statement less the principals that make it offend; nil when nobody is left.
local function without_names(statement, names)
  if type(statement.Principal) ~= "table" then return nil end
  local gone, principal = {}, {}
  for _, name in ipairs(names) do gone[name] = true end
  for kind, list in pairs(statement.Principal) do principal[kind] = kept_names(list, gone) end
  if next(principal) == nil then return nil end
  local copy = {}
  for key, value in pairs(statement) do copy[key] = value end
  copy.Principal = principal
  return copy
end

-- Like `without`, but a statement that also serves others only loses the principals that make it
-- offend.
function access.without_principals(document, offending)
  if document == nil then return nil end
  if #offending == 0 then return access.without(document, offending) end
  local names, kept = {}, {}
  for _, offender in ipairs(offending) do names[offender.index] = offender.principals end
  for index, statement in ipairs(statements.raw(document)) do
    local left = statement
    if names[index] then left = without_names(statement, names[index]) end
    kept[#kept + 1] = left
  end
  return #kept > 0 and with_statements(document, kept) or nil
end

return access
