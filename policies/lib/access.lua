-- Who has access by a policy: the only evaluator of resource policies, key policies and trust
-- policies. Pure: takes a decoded document, returns lists of offending statements, and never
-- changes its arguments.
--
-- Common arguments:
--   document  a decoded policy, or nil if there is none
--   resource  anything with `account` and `resource:trusted(id)` -> true, false, or nil if it is
--             unknown
--   opts      optional: { trust = whether it is a role's trust policy (default: the resource's
--             type is "iam_role"), canonical_users = list of canonical user ids that belong to
--             the account }
--
-- An offender, plain data:
--   index         its position in Statement; `sid`: its Sid, or nil; `statement`: as written
--   anyone        whether it allows anyone
--   accounts      the named unknown accounts, organizations or principals that it allows, or nil
--   principals    the texts of the principals that make it offend
--   values        the values of conditions that make it offend, or nil: { { operator =, key =,
--                 values = as written, untrusted = true if they name principals that are not
--                 trusted, tokens = true if they are about a provider's tokens } … }
--   actions       as written
--   why           a sentence
--   unlimited_by  notes: which conditions limit nothing, and why; or nil
--   unknown       the first note about an operator or key that is not known, or nil
--   held          why no fix may remove this access, or nil
--   external_id   in trust policies: whether an external id is required
--
-- Raises an error for a document that breaks the grammar, and for one whose result depends on an
-- account whose trust is unknown.
local arn = require "lib.arn"
local aws_accounts = require "lib.aws_accounts"
local conditions = require "lib.conditions"
local condition_keys = require "lib.condition_keys"
local copy_of = require "lib.copy_of"
local denials = require "lib.denials"
local describe = require "lib.describe"
local assume_actions = require "lib.assume_actions"
local offender_of = require "lib.offender"
local statements = require "lib.statements"
local trust = require "lib.trust"
local web_identity = require "lib.web_identity"

local access = {}

local UNDECIDED = "undecided"

-- trust(id), asking once for each id. AWS's own accounts count as trusted.
local function truster(resource)
  local account, answers, partition = resource.account, nil, nil
  return function(id)
    if id == account then return true end
    partition = partition or arn.partition(resource.region or "")
    if aws_accounts.is_aws(id, partition) then return true end
    answers = answers or {}
    if answers[id] == nil then
      local known = arn.is_account(id) or arn.is_organization(id:match("^[^/]*"))
      local answer = known and trust.knows(resource, id)
      if answer == nil then answers[id] = UNDECIDED else answers[id] = answer and true or false end
    end
    if answers[id] == UNDECIDED then return nil end
    return answers[id]
  end
end

-- The result for one principal: { open = true } allows anyone, { named = ids } allows these, {
-- undecided = ids }: unknown, nil: harmless.

local function as_anyone(limit)
  if limit.undecided then return { undecided = limit.undecided } end
  if limit.named then return { named = limit.named } end
  return not limit.bounded and { open = true } or nil
end

local function as_named(text, known, limit)
  if known then return nil end
  if known == nil then return { undecided = { text } } end
  return limit.undecided and { undecided = limit.undecided } or { named = { text } }
end

local judges = {}

function judges.anyone(_, _, limit)
  return as_anyone(limit)
end

function judges.account(run, principal, limit)
  return as_named(principal.account, run.own.trust(principal.account), limit)
end

-- A service may act for anyone. If a condition names an untrusted account, the service may act for
-- that one.
function judges.service(_, _, limit)
  if limit.undecided then return { undecided = limit.undecided } end
  return limit.named and { named = limit.named }
end

function judges.public(_, _, limit, web)
  if web.limited then return nil end
  local verdict = as_anyone(limit)
  if verdict then verdict.web = web.judged end
  return verdict
end

-- A provider is trusted like its account; without audience or subject, all its users have access.
function judges.oidc(run, principal, limit, web)
  local verdict = judges.account(run, principal, limit) or {}
  verdict.open = web.accepts_tokens and not web.limited
    and not (limit.named or limit.undecided or limit.bounded)
  if verdict.open then verdict.web = web.judged end
  return verdict
end

function judges.canonical(run, principal, limit)
  local known = run.own_canonical[principal.text] == true or aws_accounts.is_aws(principal.text)
  return as_named(principal.text, known, limit)
end

-- Nobody has access by the id of a deleted principal, but it is not a trusted one either.
function judges.deleted(_, principal, limit)
  return as_named(principal.text, false, limit)
end

judges.other = judges.deleted

local NO_TOKENS = {}

-- About the tokens of a provider: { limited =, accepts_tokens =, judged = the result of
-- lib.web_identity }.
local function web_of(run, statement, principal)
  if not principal.provider then return NO_TOKENS end
  local judged = web_identity.judge(statement, principal.provider)
  local accepts_tokens = run.trust_policy and web_identity.accepts_tokens(statement)
  return { limited = judged.limited, accepts_tokens = accepts_tokens, judged = judged }
end

local function judge_principal(run, principal, limit, web)
  if limit.trusted then return nil end
  local verdict = judges[principal.kind](run, principal, limit, web)
  return verdict and (verdict.open or verdict.named or verdict.undecided) and verdict or nil
end

-- Does every request of the principal have the key? (lib.denials)
local function is_there(run, principal, name)
  local provider = principal.provider
  if provider and (name == provider .. ":sub" or name == provider .. ":aud") then return true end
  return (run.signed or principal.kind == "account") and condition_keys.is_signed(name)
end

-- The limit of a principal that a Deny exempts.
local function limit_to(run, excepted)
  if excepted.kind == "deleted" then return { trusted = true } end
  if excepted.kind == "service" then return { bounded = true } end
  if excepted.kind == "anyone" or excepted.kind == "public" then return {} end
  local verdict = judge_principal(run, excepted, {}, {})
  return verdict or { trusted = true }
end

-- The statements of a trust policy, with only those actions that give access.
local function with_assume_actions(parsed)
  local list = {}
  for i, statement in ipairs(parsed) do
    if statement.allows then
      statement = copy_of(statement)
      statement.actions = assume_actions.of(statement.actions)
    end
    list[i] = statement
  end
  return list
end

local function denied_in(run, parsed)
  if not denials.are_in(parsed) then return denials.none end
  return denials.judge(parsed, {
    own = run.own,
    limit_to = function(excepted) return limit_to(run, excepted) end,
  })
end

local NO_OPTIONS, NO_USERS = {}, {}

local function users_of(opts)
  if not opts.canonical_users then return NO_USERS end
  local users = {}
  for _, id in ipairs(opts.canonical_users) do users[id] = true end
  return users
end

local function evaluation(reading, resource, opts)
  local trust_policy = opts.trust
  if trust_policy == nil then trust_policy = resource.type == "iam_role" end
  local document, parsed = reading.document, statements.of(reading)
  local variables = document ~= nil and document.Version == "2012-10-17"
  if trust_policy then parsed = with_assume_actions(parsed) end
  local run = {
    parsed = parsed,
    known = {}, -- results of `verdicts` by statement
    own = { trust = truster(resource), account = resource.account, variables = variables },
    trust_policy = trust_policy,
    own_canonical = users_of(opts),
    signed = resource.type == "kms_key", -- KMS requires a signature
  }
  run.denied = denied_in(run, parsed)
  return run
end

-- How the Deny statements of the document apply to a principal of the statement.
local function facts_of(run, statement, principal)
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

-- What remains of a result after the Deny statements of the document; nil if nothing does.
local function after_denials(run, verdict, statement, principal, limit, web)
  if run.denied.none then return verdict end
  local left = run.denied.limit(statement, principal, facts_of(run, statement, principal))
  if not left then return nil end
  return judge_principal(run, principal, conditions.narrow(left, limit), web)
end

local ANYONE = { kind = "anyone", type = "*", text = "everyone except those excluded" }

-- The principals of an Allow that its conditions do not limit to trusted ones, each with its
-- result; and the limit from the conditions.
local function find_verdicts(run, statement)
  local found = {}
  local limit = conditions.limit(statement.conditions, run.own)
  if limit.trusted or not statement.actions then return found, limit end
  local list = statement.principals.negated and { ANYONE } or statement.principals.list
  for _, principal in ipairs(list) do
    local web = web_of(run, statement, principal)
    local verdict = judge_principal(run, principal, limit, web)
    verdict = verdict and after_denials(run, verdict, statement, principal, limit, web)
    if verdict then
      verdict.principal = principal
      found[#found + 1] = verdict
    end
  end
  return found, limit
end

local function verdicts(run, statement)
  local known = run.known[statement]
  if not known then
    known = { find_verdicts(run, statement) }
    run.known[statement] = known
  end
  return known[1], known[2]
end

-- For each kind of search: does a result count, and does it depend on something unknown?
local WANTED = {
  anyone = { counts = function(v) return v.open end, hangs = function() return false end },
  named = { counts = function(v) return v.named end, hangs = function(v) return v.undecided end },
  either = {
    counts = function(v) return v.open or v.named end,
    hangs = function(v) return v.undecided and not v.open end,
  },
}

local function strip(verdict, wanted)
  local kept = { principal = verdict.principal, web = verdict.web }
  if wanted ~= WANTED.named then kept.open = verdict.open end
  if wanted ~= WANTED.anyone then kept.named = verdict.named end
  return kept
end

local function judge_statement(run, statement, wanted, undecided)
  local found, limit = verdicts(run, statement)
  if #found == 0 then return nil end
  local counted = {}
  for _, verdict in ipairs(found) do
    if wanted.counts(verdict) then
      counted[#counted + 1] = strip(verdict, wanted)
    elseif wanted.hangs(verdict) then
      undecided[#undecided + 1] = verdict.undecided[1]
    end
  end
  return #counted > 0 and offender_of(run, statement, counted, limit, wanted == WANTED.anyone)
    or nil
end

-- Every question about a reading (lib.documents) for the same resource has the same evaluation.
local function evaluation_of(reading, resource, opts)
  opts = opts or NO_OPTIONS
  local known, users = reading.evaluated, opts.canonical_users
  users = users and table.concat(users, " ")
  if not known or known.resource ~= resource or known.trust ~= opts.trust or known.users ~= users
  then
    known = {
      resource = resource, trust = opts.trust, users = users,
      run = evaluation(reading, resource, opts),
    }
    reading.evaluated = known
  end
  return known.run
end

-- Does every Allow limit all its principals to trusted ones? Most documents do, and then no
-- question about them finds anything.
local function is_harmless(run)
  if run.harmless == nil then
    local harmless = true
    for _, statement in ipairs(run.parsed) do
      if statement.allows and #verdicts(run, statement) > 0 then harmless = false end
    end
    run.harmless = harmless
  end
  return run.harmless
end

-- An offender that was found counts, whatever is unknown; only an empty result can depend on
-- unknowns.
local function offenders(reading, resource, opts, wanted)
  local run, list = evaluation_of(reading, resource, opts), {}
  if is_harmless(run) then return list end
  local undecided = {}
  for _, statement in ipairs(run.parsed) do
    if statement.allows then
      list[#list + 1] = judge_statement(run, statement, wanted, undecided)
    end
  end
  if #list == 0 and #undecided > 0 then
    local text = "it is not known whether %s is trusted: the organization could not be read"
    error(text:format(undecided[1]), 0)
  end
  return list
end

-- The statements that allow anyone, as a list of offenders.
function access.open_to_anyone(document, resource, opts)
  return offenders({ document = document }, resource, opts, WANTED.anyone)
end

-- The statements that allow a named account (or organization, or principal) that is not known.
function access.shared_with_unknown(document, resource, opts)
  return offenders({ document = document }, resource, opts, WANTED.named)
end

-- The statements that do either.
function access.untrusted(document, resource, opts)
  return offenders({ document = document }, resource, opts, WANTED.either)
end

-- Offenders -> one short line for the reader.
access.describe = describe.line

-- The result of an audit: it passes if nothing offends.
function access.verdict(found)
  if #found == 0 then return true end
  return false, access.describe(found), found
end

-- Questions for documents.ask, with the common arguments: the statements that allow anyone, and
-- those that allow a named account that is not known; whether only trusted principals have access;
-- and the results of two audits, of the former and of the latter statements.

function access.find_open(reading, resource, opts)
  return offenders(reading, resource, opts, WANTED.anyone)
end

function access.find_shared(reading, resource, opts)
  return offenders(reading, resource, opts, WANTED.named)
end

function access.is_closed(reading, resource, opts)
  return #offenders(reading, resource, opts, WANTED.either) == 0
end

function access.audit_open(reading, resource, opts)
  return access.verdict(offenders(reading, resource, opts, WANTED.anyone))
end

function access.audit_shared(reading, resource, opts)
  return access.verdict(offenders(reading, resource, opts, WANTED.named))
end

return access
