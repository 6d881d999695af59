-- A bucket that stores what it is given, and refuses what S3 refuses, for the specs of s3_bucket.
local assert = require "luassert"
local json = require "support.json"
local policies = require "support.policy"

local buckets = { policy = policies.load "s3_bucket" }

local GROUPS = "http://acs.amazonaws.com/groups/"
local OWNER = { ID = ("0a"):rep(32), DisplayName = "owner" }
buckets.OWNER = OWNER
buckets.OWN = {
  Grantee = { Type = "CanonicalUser", ID = OWNER.ID, DisplayName = OWNER.DisplayName },
  Permission = "FULL_CONTROL",
}

local function group(name, permission)
  return { Grantee = { Type = "Group", URI = GROUPS .. name }, Permission = permission }
end

buckets.EVERYONE = group("global/AllUsers", "READ")
buckets.CUSTOMERS = group("global/AuthenticatedUsers", "WRITE_ACP")
buckets.LOGS = group("s3/LogDelivery", "WRITE")

-- Statements in the form in which an author writes them, so that what remains can be compared byte
-- for byte.
function buckets.statement(sid, effect, principal, rest)
  local form = '{"Sid":"%s","Effect":"%s","Principal":%s,"Resource":["arn:aws:s3:::box/*"],%s}'
  return form:format(sid, effect, principal, rest)
end

local statement = buckets.statement

buckets.APP = statement("app", "Allow", '{"AWS":["arn:aws:iam::111122223333:role/app"]}',
  '"Action":["s3:GetObject","s3:PutObject"]')
buckets.OFFICE = statement("office", "Allow", '"*"', '"Action":"s3:GetObject","Condition":'
  .. '{"StringEquals":{"aws:PrincipalOrgID":"o-abcdefghij"},"StringLike":{}}')
buckets.GUARD = statement("guard", "Deny", '"*"', '"Action":"s3:DeleteObject"')
buckets.PUBLIC = statement("open", "Allow", '{"AWS":"*"}', '"Action":"s3:GetObject"')
buckets.STRANGER = statement("partner", "Allow", '{"AWS":"arn:aws:iam::999988887777:root"}',
  '"Action":"s3:GetObject"')
function buckets.document(...)
  return '{"Version":"2012-10-17","Id":"x","Statement":[' .. table.concat({ ... }, ",") .. "]}"
end

local function either(value, code)
  return value or policies.fault(code, code, 404)
end

local function is_open(one)
  local principal = type(one.Principal) == "table" and one.Principal.AWS or one.Principal
  local named = type(principal) == "table" and table.concat(principal, " ") or principal
  return one.Effect == "Allow" and not one.Condition and (named or ""):find("*", 1, true) ~= nil
end

-- S3's own status of a policy; box.public gives it instead.
local function is_public(box, text)
  if box.public ~= nil or not text then return box.public or false end
  for _, one in ipairs(json.decode(text).Statement) do
    if is_open(one) then return true end
  end
  return false
end

local function is_on(box, setting)
  return (box.block or {})[setting] or (box.account_block or {})[setting]
end

-- S3's error if a block refuses a request (S3 API reference, "List of error codes").
local function refused()
  return policies.fault("AccessDenied", "Access Denied", 403)
end

local function put_policy(box, params)
  if is_on(box, "BlockPublicPolicy") and is_public(box, params.Policy) then return refused() end
  box.policy = params.Policy
  return {}
end

local function put_acl(box, params)
  local acl = params.AccessControlPolicy
  assert.equal(acl == nil, params.ACL == "private")
  for _, grant in ipairs(acl and acl.Grants or {}) do
    local everyone = (grant.Grantee.URI or ""):find("/global/", 1, true)
    if everyone and is_on(box, "BlockPublicAcls") then return refused() end
  end
  box.grants = acl and acl.Grants or nil
  return {}
end

local NO_BLOCK = "NoSuchPublicAccessBlockConfiguration"

local function block_of(settings)
  return either(settings and { PublicAccessBlockConfiguration = settings }, NO_BLOCK)
end

-- Replies of a bucket. box: account (its owner), policy (text), grants, tags, block and
-- account_block (settings), public (S3's status of the policy), ownership, website.
local function replies_of(box)
  return {
    ["s3:GetBucketPolicy"] = function()
      return either(box.policy and { Policy = box.policy }, "NoSuchBucketPolicy")
    end,
    ["s3:GetBucketPolicyStatus"] = function()
      local status = { PolicyStatus = { IsPublic = is_public(box, box.policy) } }
      return either(box.policy and status, "NoSuchBucketPolicy")
    end,
    ["s3:GetBucketAcl"] = function(params)
      if params.ExpectedBucketOwner ~= (box.account or "111122223333") then return refused() end
      return { Owner = OWNER, Grants = box.grants or { buckets.OWN } }
    end,
    ["s3:GetBucketTagging"] = function()
      return either(box.tags and { TagSet = box.tags }, "NoSuchTagSet")
    end,
    ["s3:GetPublicAccessBlock"] = function() return block_of(box.block) end,
    ["s3:GetBucketOwnershipControls"] = function()
      local rules = { { ObjectOwnership = box.ownership } }
      return either(box.ownership and { OwnershipControls = { Rules = rules } },
        "OwnershipControlsNotFoundError")
    end,
    ["s3:GetBucketWebsite"] = function()
      return either(box.website, "NoSuchWebsiteConfiguration")
    end,
    ["s3:PutBucketPolicy"] = function(params) return put_policy(box, params) end,
    ["s3:DeleteBucketPolicy"] = function()
      box.policy = nil
      return {}
    end,
    ["s3:PutBucketAcl"] = function(params) return put_acl(box, params) end,
  }
end

-- The replies, each only for requests about this bucket.
local function guarded(box)
  local all = {}
  for name, reply in pairs(replies_of(box)) do
    all[name] = function(params)
      assert.equal("box", params.Bucket)
      return reply(params)
    end
  end
  all["s3control:GetPublicAccessBlock"] = function(params)
    assert.same({ AccountId = "111122223333" }, params)
    return block_of(box.account_block)
  end
  return all
end

function buckets.with(box, options)
  local given = { id = "box", settings = { known_accounts = { "1" } } }
  given.replies = guarded(box)
  given.trusted = { "o-abcdefghij" }
  for key, value in pairs(options or {}) do given[key] = value end
  return buckets.policy:resource(given)
end

function buckets.statuses(outcome)
  local short = {}
  for id, entry in pairs(outcome) do
    if id:find("^s3_bucket%.") then short[id:sub(11)] = entry.status end
  end
  return short
end

function buckets.sids(text)
  local list = {}
  for i, one in ipairs(json.decode(text).Statement) do list[i] = one.Sid end
  return list
end

return buckets
