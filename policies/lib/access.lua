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
--   values        the values of conditions by which it does, or nil: { { operator =, key =, values
--                 = as they are written, strangers = true where they name whom they let in,
--                 tokens = true where they speak of a provider's tokens } … }
--   actions       as they are written
--   why           a sentence
--   unlimited_by  notes: which conditions limit nothing, and why; or nil
--   unknown       the first note about an operator or key that is not known, or nil
--   held          why no fix may take away what it gives, or nil
--   external_id   in trust policies: whether an external id is asked for
--
-- A document that breaks the grammar raises; so does one whose verdict hangs on an account nobody
-- can tell about.
local arn = require "lib.arn"
local aws_accounts = require "lib.aws_accounts"
local conditions = require "lib.conditions"
local condition_keys = require "lib.condition_keys"
local denials = require "lib.denials"
local describe = require "lib.describe"
local entrances = require "lib.entrances"
local statements = require "lib.statements"
local trust = require "lib.trust"
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
      local known = arn.is_account(id) or arn.is_organization(id:match("^[^/]*"))
      local answer = known and trust.knows(resource, id)
      if answer == nil then untold[id] = true else told[id] = answer and true or false end
    end
    return told[id]
  end
end

-- A verdict on one principal: { open = true } lets anyone in, { named = ids } lets in those, {
-- untold = ids } cannot be told, nil is harmless.

local function as_anyone(limit)
  if limit.untold then return { untold = limit.untold } end
  if limit.named then return { named = limit.named } end
  return not limit.bounded and { open = true } or nil
end

local function as_named(text, known, limit)
  if known then return nil end
  if known == nil then return { untold = { text } } end
  return limit.untold and { untold = limit.untold } or { named = { text } }
end

local judges = {}

function judges.anyone(_, _, limit)
  return as_anyone(limit)
end

function judges.account(run, principal, limit)
  return as_named(principal.account, run.own.trust(principal.account), limit)
end

-- Whoever the service acts for may ask; a guard that names a stranger invites it.
function judges.service(_, _, limit)
  if limit.untold then return { untold = limit.untold } end
  return limit.named and { named = limit.named }
end

function judges.public(_, _, limit, web)
  if web.limited then return nil end
  local verdict = as_anyone(limit)
  if verdict then verdict.web = web.judged end
  return verdict
end

-- A provider is as good as its account; without audience or subject all its users come in.
function judges.oidc(run, principal, limit, web)
  local verdict = judges.account(run, principal, limit) or {}
  verdict.open = web.entrance and not web.limited
    and not (limit.named or limit.untold or limit.bounded)
  if verdict.open then verdict.web = web.judged end
  return verdict
end

function judges.canonical(run, principal, limit)
  local known = run.own_canonical[principal.text] == true or aws_accounts.is_aws(principal.text)
  return as_named(principal.text, known, limit)
end

-- Nobody gets in by the id of who was deleted, yet it is not one's own.
function judges.deleted(_, principal, limit)
  return as_named(principal.text, false, limit)
end

judges.other = judges.deleted

-- Of the tokens of a provider: { limited =, entrance =, judged = as lib.web_identity tells it }
local function web_of(run, statement, principal)
  if not principal.provider then return {} end
  local judged = web_identity.judge(statement, principal.provider)
  local entrance = run.trust_policy and web_identity.is_entrance(statement)
  return { limited = judged.limited, entrance = entrance, judged = judged }
end

local function judge_principal(run, principal, limit, web)
  if limit.trusted then return nil end
  local verdict = judges[principal.kind](run, principal, limit, web)
  return verdict and (verdict.open or verdict.named or verdict.untold) and verdict or nil
end

-- Does every request of the principal have the key? (lib.denials)
local function is_there(run, principal, name)
  local provider = principal.provider
  if provider and (name == provider .. ":sub" or name == provider .. ":aud") then return true end
  return (run.signed or principal.kind == "account") and condition_keys.is_signed(name)
end

-- The limit of one that a Deny spares.
local function limit_to(run, excepted)
  if excepted.kind == "deleted" then return { trusted = true } end
  if excepted.kind == "service" then return { bounded = true } end
  if excepted.kind == "anyone" or excepted.kind == "public" then return {} end
  local verdict = judge_principal(run, excepted, {}, {})
  return verdict or { trusted = true }
end

-- Of what a trust policy allows, that by which somebody gets in.
local function leave_entrances(parsed)
  for _, statement in ipairs(parsed) do
    if statement.allows then statement.actions = entrances.of(statement.actions) end
  end
end

local function evaluation(document, resource, opts)
  opts = opts or {}
  local own_canonical = {}
  for _, id in ipairs(opts.canonical_users or {}) do own_canonical[id] = true end
  local trust_policy = opts.trust
  if trust_policy == nil then trust_policy = resource.type == "iam_role" end
  local parsed = statements.parse(document)
  local variables = document ~= nil and document.Version == "2012-10-17"
  if trust_policy then leave_entrances(parsed) end
  local run = {
    parsed = parsed,
    own = { trust = truster(resource), account = resource.account, variables = variables },
    trust_policy = trust_policy,
    own_canonical = own_canonical,
    signed = resource.type == "kms_key", -- KMS answers nobody without a signature
  }
  run.denied = denials.judge(parsed, {
    own = run.own,
    limit_to = function(excepted) return limit_to(run, excepted) end,
  })
  return run
end

-- How the Denies of the document see a principal of the statement.
local function eye_of(run, statement, principal)
  return {
    is_there = function(name) return is_there(run, principal, name) end,
    limit_of = function(condition)
      local only = {
        conditions = { condition }, actions = statement.actions,
        principals = statement.principals,
      }
      if web_of(run, only, principal).limited then return { bounded = true } end
      return conditions.limit(only.conditions, run.own)
    end,
  }
end

-- What is left of a verdict behind the Denies of the document; nil when nothing is.
local function behind_denials(run, statement, principal, limit, web)
  local left = run.denied.limit(statement, principal, eye_of(run, statement, principal))
  if not left then return nil end
  return judge_principal(run, principal, conditions.narrow(left, limit), web)
end

local ANYONE = { kind = "anyone", type = "*", text = "everyone but those excepted" }

-- Each principal of an Allow that its conditions do not keep within what is trusted, with its
-- verdict; and the limit that they are.
local function verdicts(run, statement)
  local found = {}
  local limit = conditions.limit(statement.conditions, run.own)
  if limit.trusted or not statement.actions then return found, limit end
  local list = statement.principals.negated and { ANYONE } or statement.principals.list
  for _, principal in ipairs(list) do
    local web = web_of(run, statement, principal)
    local verdict = judge_principal(run, principal, limit, web)
    verdict = verdict and behind_denials(run, statement, principal, limit, web)
    if verdict then
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

-- Whether guests are meant to come in is known to whoever made their pool.
local GUESTS = "it lets in guests of a Cognito identity pool, anyone without signing in, and may "
  .. "be meant to: turn guest access of the pool off, or exempt the resource"

-- Why what these principals are given may not be taken away, or nil.
local function refusal(run, statement, counted, limit)
  if limit.strange then return limit.strange end
  for _, verdict in ipairs(counted) do
    if verdict.web and verdict.web.guests then return GUESTS end
    if verdict.principal.kind == "anyone" then
      local place = run.denied.sparing(statement)
      if place == 0 then return "its Denies are too many to be compared" end
      if place then
        return ("statement %d denies it to all but some, who would be shut out"):format(place)
      end
    end
  end
  return nil
end

-- The values that make the statement offend: where only anyone matters, not those that name
-- somebody.
local function offending_values(limit, counted, wanted)
  local list = {}
  for _, of_key in ipairs(limit.values) do
    if wanted ~= WANTED.anyone or not of_key.strangers then list[#list + 1] = of_key end
  end
  for _, verdict in ipairs(counted) do
    local values = verdict.open and verdict.web and verdict.web.offending
    if values then
      list[#list + 1] = {
        operator = values.operator, key = values.key, values = values.values, tokens = true,
      }
    end
  end
  return #list > 0 and list or nil
end

local function offender_of(run, statement, counted, limit, wanted)
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
    values = offending_values(limit, counted, wanted),
    anyone = open,
    accounts = #accounts > 0 and accounts or nil,
    actions = statement.actions.written,
    unlimited_by = #limit.notes > 0 and limit.notes or nil,
    unknown = limit.strange,
    held = refusal(run, statement, counted, limit),
    why = describe.why(statement, open, texts, accounts, limit),
  }
  if run.trust_policy then offender.external_id = asks_external_id(statement) end
  return offender
end

local function strip(verdict, wanted)
  local kept = { principal = verdict.principal, web = verdict.web }
  if wanted ~= WANTED.named then kept.open = verdict.open end
  if wanted ~= WANTED.anyone then kept.named = verdict.named end
  return kept
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
  return #counted > 0 and offender_of(run, statement, counted, limit, wanted) or nil
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

return access
