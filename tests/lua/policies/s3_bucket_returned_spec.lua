-- policies/s3_bucket.lua with a bucket that returns its policy in S3's form: members in another
-- order, lists of one element as texts, an empty Sid where there was none, and the names of
-- principals in another order each time.
local policies = require "support.policy"

local s3 = policies.load "s3_bucket"
local json = policies.json

local OWNER = { ID = ("0a"):rep(32) }
local OWN = { Grantee = { Type = "CanonicalUser", ID = OWNER.ID }, Permission = "FULL_CONTROL" }

local POLICY = '{"Version":0,"Id":0,"Statement":0}'
local STATEMENT = '{"Sid":0,"Effect":0,"Principal":0,"Action":0,"Resource":0,"Condition":0}'

local function alone(value)
  return type(value) == "table" and #value == 1 and value[1] or value
end

local function turned(list, by)
  if type(list) ~= "table" then return list end
  local copy = {}
  for i = 1, #list do copy[i] = list[(i + by) % #list + 1] end
  return alone(copy)
end

local function statement_returned(statement, times)
  local returned = json.decode(STATEMENT)
  for key in pairs(json.decode(STATEMENT)) do returned[key] = alone(statement[key]) end
  returned.Sid = returned.Sid or ""
  if type(returned.Principal) == "table" then
    local principal = {}
    for kind, names in pairs(returned.Principal) do principal[kind] = turned(names, times) end
    returned.Principal = principal
  end
  return returned
end

local function policy_returned(text, times)
  local document, returned = json.decode(text), json.decode(POLICY)
  returned.Version, returned.Id, returned.Statement = document.Version, document.Id, {}
  for i, statement in ipairs(document.Statement) do
    returned.Statement[i] = statement_returned(statement, times)
  end
  return json.encode(returned)
end

local function bucket_with(box, tagging)
  local times = 0
  return s3:resource {
    id = "box", settings = { known_accounts = { "222233334444" }, required_tags = box.required },
    replies = {
      ["s3:GetBucketPolicy"] = function()
        times = times + 1
        return { Policy = policy_returned(box.policy, times) }
      end,
      ["s3:GetBucketAcl"] = { Owner = OWNER, Grants = { OWN } },
      ["s3:GetPublicAccessBlock"] = policies.fault("NoSuchPublicAccessBlockConfiguration"),
      ["s3control:GetPublicAccessBlock"] = policies.fault("NoSuchPublicAccessBlockConfiguration"),
      ["s3:GetBucketWebsite"] = policies.fault("NoSuchWebsiteConfiguration"),
      ["s3:GetBucketTagging"] = tagging or policies.fault("NoSuchTagSet"),
      ["s3:PutBucketPolicy"] = function(params)
        box.policy = params.Policy
        return {}
      end,
    },
  }
end

local MIXED = [[{"Statement":[
  {"Resource":["arn:aws:s3:::box/*"],"Effect":"Allow","Action":["s3:GetObject"],"Principal":{
    "AWS":["*","arn:aws:iam::111122223333:role/b","arn:aws:iam::111122223333:role/a",
      "arn:aws:iam::999988887777:root"]}},
  {"Sid":"two","Effect":"Allow","Action":["s3:PutObject","s3:GetObject"],"Principal":{
    "AWS":["arn:aws:iam::999988887777:root","arn:aws:iam::111122223333:root"]},
    "Resource":["arn:aws:s3:::box/*"]},
  {"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"*"}],"Version":"2012-10-17"}]]

describe("a bucket that returns its policy in S3's form", function()
  it("is repaired as planned, and restored by undo", function()
    local box = { policy = MIXED }
    local bucket = bucket_with(box)
    for check, result in pairs(bucket:repair()) do assert.equal("fixed", result, check) end
    local left = json.decode(box.policy).Statement
    assert.equal(4, #left)
    assert.same({ AWS = {
      "arn:aws:iam::111122223333:role/a", "arn:aws:iam::111122223333:role/b",
    } }, left[1].Principal)
    assert.same({ AWS = "arn:aws:iam::111122223333:root" }, left[2].Principal)
    assert.same({ "DenyWrongEncryption", "DenyPlainHttp" }, { left[3].Sid, left[4].Sid })
    bucket:undo()
    assert.equal(3, #json.decode(box.policy).Statement)
  end)

  it("has the same plan each time", function()
    local bucket = bucket_with { policy = MIXED }
    assert.equal(json.canonical(bucket:plan()), json.canonical(bucket:plan()))
  end)
end)

describe("a bucket whose tags cannot be read", function()
  it("makes only the check of tags unknown", function()
    local denied = policies.fault("AccessDenied", "no", 403)
    for _, reply in ipairs { denied, {} } do
      local outcome = bucket_with({ policy = MIXED, required = { "Owner" } }, reply):audit()
      for name, status in pairs {
        public_acl = "compliant", public_policy = "non_compliant", grants_access = "non_compliant",
        sse = "non_compliant", tls = "non_compliant", tags = "unknown",
      } do
        assert.equal(status, outcome["s3_bucket." .. name].status, name)
      end
      assert.is_nil(outcome.tags)
    end
  end)
end)
