-- What the conditions of a statement say about who asks: nothing, one that is trusted, or somebody
-- named. Only a key that tells who asks can limit, only under an operator that demands it to be
-- there and equal, and only when each of its values is whole. Why a condition limits nothing is
-- kept as a note, for the finding.
local arn = require "lib.arn"
local glob = require "lib.glob"
local ip = require "lib.ip"
local issuers = require "lib.issuers"

local conditions = {}

local function words(text)
  local set = {}
  for word in text:gmatch("%S+") do set[word] = true end
  return set
end

local TEXT = words [[stringequals stringequalsignorecase stringlike]]
local NAME = words [[stringequals stringequalsignorecase stringlike arnequals arnlike]]
local ADDRESS = words [[ipaddress stringequals stringequalsignorecase stringlike]]
local TRUTH = words [[bool stringequals stringequalsignorecase]]

-- IAM user guide, "Condition operators": those that demand equality or order, and the opposite.
local POSITIVE = words [[
  stringequals stringequalsignorecase stringlike arnequals arnlike ipaddress bool binaryequals
  numericequals numericlessthan numericlessthanequals numericgreaterthan numericgreaterthanequals
  dateequals datelessthan datelessthanequals dategreaterthan dategreaterthanequals
]]
local NEGATED = words [[
  stringnotequals stringnotequalsignorecase stringnotlike arnnotequals arnnotlike notipaddress
  numericnotequals datenotequals
]]

-- Each judge takes one value and answers with an id to be trusted or not, or `true` (limits to
-- something that has no account of its own), or nil and why it limits nothing.

local function judge_account(value)
  if glob.has_wildcard(value) then return nil, "a wildcard in the account" end
  return value
end

local function judge_arn(value)
  local name = arn.parse(value)
  if not name then return nil, "no whole ARN" end
  if name.account ~= "" then return judge_account(name.account) end
  -- Buckets and their like have no account in their name: a whole name is one resource, a pattern
  -- is anybody's.
  if glob.has_wildcard(name.service .. name.region .. name.resource) or name.resource == "" then
    return nil, "a wildcard in an ARN without account"
  end
  return true
end

local function judge_organization(value)
  if glob.has_wildcard(value) then return nil, "a wildcard in the organization" end
  return value
end

-- o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/* is judged by its organization.
local function judge_path(value)
  local slash = value:find("/", 1, true)
  return judge_organization(slash and value:sub(1, slash - 1) or value)
end

local function judge_network(value)
  if glob.has_wildcard(value) then return nil, "a wildcard" end
  return true
end

-- aws:userId is <unique id>, <role's unique id>:<session name> or <account>[:<name>] (IAM user
-- guide, "Principal key values"); session names are chosen by who asks.
local function judge_user(value)
  local colon = value:find(":", 1, true)
  local head = colon and value:sub(1, colon - 1) or value
  if head == "" or glob.has_wildcard(head) then return nil, "a wildcard in the unique id" end
  return arn.is_account(head) and head or true
end

-- Wider than /8 or /32 is everywhere, unless private (S3 user guide, "The meaning of public").
local function judge_address(value)
  local range = ip.parse(value)
  if not range then return nil, "no address range" end
  if ip.is_private(range) or range.prefix >= (range.family == 4 and 8 or 32) then return true end
  return nil, "a range too wide"
end

local function judge_service(value)
  if glob.has_wildcard(value) then return nil, "a wildcard" end
  return true
end

local function judge_is_service(value)
  if value:lower() == "true" then return true end
  return nil, "not true"
end

local KEYS = {
  ["aws:principalaccount"] = { TEXT, judge_account },
  ["aws:principalarn"] = { NAME, judge_arn },
  ["aws:principalisawsservice"] = { TRUTH, judge_is_service },
  ["aws:principalorgid"] = { TEXT, judge_organization },
  ["aws:principalorgpaths"] = { TEXT, judge_path },
  ["aws:principalservicename"] = { TEXT, judge_service },
  ["aws:sourceaccount"] = { TEXT, judge_account },
  ["aws:sourcearn"] = { NAME, judge_arn },
  ["aws:sourceip"] = { ADDRESS, judge_address },
  ["aws:sourceorgid"] = { TEXT, judge_organization },
  ["aws:sourceorgpaths"] = { TEXT, judge_path },
  ["aws:sourceowner"] = { TEXT, judge_account },
  ["aws:sourcevpc"] = { TEXT, judge_network },
  ["aws:sourcevpcarn"] = { NAME, judge_arn },
  ["aws:sourcevpce"] = { TEXT, judge_network },
  ["aws:userid"] = { TEXT, judge_user },
  ["aws:vpceaccount"] = { TEXT, judge_account },
  ["aws:vpceorgid"] = { TEXT, judge_organization },
  ["aws:vpceorgpaths"] = { TEXT, judge_path },
  ["kms:calleraccount"] = { TEXT, judge_account },
  ["s3:dataaccesspointaccount"] = { TEXT, judge_account },
  ["s3:dataaccesspointarn"] = { NAME, judge_arn },
}

-- Keys that are known and yet say nothing about who asks (IAM user guide, "Global condition context
-- keys"; service authorization reference).
local SILENT = words [[
  aws:calledvia aws:calledviafirst aws:calledvialast aws:chatbotsourcearn aws:currenttime
  aws:ec2instancesourceprivateipv4 aws:ec2instancesourcevpc aws:epochtime aws:federatedprovider
  aws:multifactorauthage aws:multifactorauthpresent aws:principaltype aws:referer
  aws:principalservicenameslist aws:requestedregion aws:resourceaccount aws:resourceorgid
  aws:resourceorgpaths aws:securetransport aws:sourceidentity aws:tagkeys aws:tokenissuetime
  aws:useragent aws:username aws:viaawsservice aws:vpcsourceip
  kms:bypasspolicylockoutsafetycheck kms:encryptionalgorithm kms:encryptioncontextkeys
  kms:grantconstrainttype kms:grantisforawsresource kms:grantoperations kms:keyorigin kms:keyspec
  kms:keyusage kms:requestalias kms:resourcealiases kms:viaservice
  lambda:eventsourcetoken lambda:functionurlauthtype lambda:invokedviafunctionurl
  s3:authtype s3:delimiter s3:max-keys s3:prefix s3:resourceaccount s3:signatureage
  s3:signatureversion s3:tlsversion s3:versionid s3:x-amz-acl s3:x-amz-server-side-encryption
  s3:x-amz-server-side-encryption-aws-kms-key-id
  sns:endpoint sns:protocol
  sts:externalid sts:rolesessionname sts:sourceidentity sts:transitivetagkeys
]]

local FAMILIES = { -- keys that end in a name of one's own
  "aws:principaltag/", "aws:requesttag/", "aws:resourcetag/", "kms:encryptioncontext:",
  "s3:existingobjecttag/", "s3:requestobjecttag/", "saml:",
}

local function is_silent(name)
  if SILENT[name] then return true end
  for _, family in ipairs(FAMILIES) do
    if name:sub(1, #family) == family then return true end
  end
  return false
end

-- Does the condition demand that the key is there and equals one of the values? Else nil, why not,
-- and whether the operator is not even known.
function conditions.demands(condition)
  local operator = condition.operator
  if operator == "null" then return nil, "Null does not limit" end
  if NEGATED[operator] then return nil, "a negation does not limit" end
  if not POSITIVE[operator] then return nil, "operator is not known", true end
  if condition.set == "all" then return nil, "ForAllValues holds without a value" end
  if condition.if_exists then return nil, "IfExists holds without the key" end
  if #condition.values == 0 then return nil, "no value" end
  return true
end

-- Texts that no key's judge need see.
local function judge_value(judge, value)
  if value == "" then return nil, "an empty value" end
  if value:find("${", 1, true) then return nil, "a policy variable" end
  if #value > 2048 then return nil, "a value too long" end
  return judge(value)
end

-- Ids that the values of one condition name, each once; nil and why when one value limits nothing.
local function named_ids(condition, judge)
  local ids, seen = {}, {}
  for _, value in ipairs(condition.values) do
    local id, why = judge_value(judge, value)
    if not id then return nil, why end
    if id ~= true and not seen[id] then
      seen[id] = true
      ids[#ids + 1] = id
    end
  end
  if judge == judge_address and ip.covers_everything(condition.values) then
    return nil, "ranges that together are everywhere"
  end
  return ids
end

-- One condition -> the ids it names (an empty list limits as well), or nil, why, whether that was
-- for want of knowledge.
local function ids_of(condition)
  local key = KEYS[condition.name]
  local demanding, why, strange = conditions.demands(condition)
  if strange then return nil, why, true end
  if not key then
    if is_silent(condition.name) then return nil, "says nothing about who asks" end
    if issuers.is_claim(condition.name) then return nil, "does not limit whose token it is" end
    return nil, "key is not known", true
  end
  if not demanding then return nil, why end
  if not key[1][condition.operator] then return nil, "operator does not fit the key" end
  return named_ids(condition, key[2])
end

-- Of a list of ids: those refused, and those that cannot be told; both empty when all are trusted.
local function sift(ids, trust)
  local refused, untold = {}, {}
  for _, id in ipairs(ids) do
    local answer = trust(id)
    if answer == nil then
      untold[#untold + 1] = id
    elseif not answer then
      refused[#refused + 1] = id
    end
  end
  return refused, untold
end

local MOST_NOTES, MOST_TEXT = 20, 100

local function note(limit, condition, why, strange)
  if #limit.notes >= MOST_NOTES then return end
  local text = ("%s %s"):format(condition.written, condition.key):gsub("%c", " ")
  if #text > MOST_TEXT then text = text:sub(1, MOST_TEXT) .. "..." end
  limit.notes[#limit.notes + 1] = text .. ": " .. why
  if strange and not limit.strange then limit.strange = text .. ": " .. why end
end

-- What the conditions of one parsed statement (lib.statements) limit it to: { trusted = true when
-- one of them admits only what is trusted, named = ids that are not trusted, when one condition
-- names all it admits, untold = ids of which nobody can tell, notes = texts: which conditions limit
-- nothing and why, strange = the first note about an unknown operator or key }. `trust(id)` answers
-- true, false or nil.
function conditions.limit(statement, trust)
  local limit = { notes = {} }
  for _, condition in ipairs(statement.conditions) do
    local ids, why, strange = ids_of(condition)
    if not ids then
      note(limit, condition, why, strange)
    elseif not limit.trusted then
      local refused, untold = sift(ids, trust)
      limit.trusted = #refused == 0 and #untold == 0
      if #refused > 0 then
        limit.named = limit.named or refused
      elseif #untold > 0 then
        limit.untold = limit.untold or untold
      end
    end
  end
  return limit
end

return conditions
