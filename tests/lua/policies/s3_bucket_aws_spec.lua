-- policies/s3_bucket.lua and other accounts: AWS's own, which write logs and reports, and owners of
-- other buckets.
local aws_ids = require "support.aws_ids"
local buckets = require "support.bucket"
local json = require "support.json"

local OWN = buckets.OWN
local STRANGER = "arn:aws:iam::999988887777:root"

local function statement(sid, principal, action)
  local form = '{"Sid":"%s","Effect":"Allow","Principal":%s,"Action":"%s",'
    .. '"Resource":"arn:aws:s3:::box/*"}'
  return form:format(sid, principal, action)
end

local function document(...)
  return '{"Version":"2012-10-17","Statement":[' .. table.concat({ ... }, ",") .. "]}"
end

local function bucket_with(box)
  return buckets.with(box, { settings = { known_accounts = { "222233334444" } } })
end

-- (S3 user guide, "Verifying bucket ownership with bucket owner condition".)
describe("a bucket of another account", function()
  it("is not judged by its ACL, which its owner lets this account read", function()
    local outcome = bucket_with({ account = "999988887777", grants = { buckets.EVERYONE } }):audit()
    assert.equal("unknown", outcome["s3_bucket.public_acl"].status)
  end)
end)

describe("accounts of AWS at a bucket", function()
  it("count as trusted, and keep their access in a repair", function()
    local theirs = statement("logs", ('{"AWS":%s}'):format(aws_ids.json()), "s3:PutObject")
    local outcome = bucket_with { policy = document(theirs) }:audit()
    assert.equal("compliant", outcome["s3_bucket.grants_access"].status)
    assert.equal("compliant", outcome["s3_bucket.public_policy"].status)
    local box = { policy = document(theirs, statement("open", '"*"', "s3:GetObject"),
      statement("partner", ('{"AWS":"%s"}'):format(STRANGER), "s3:GetObject")) }
    local results = bucket_with(box):repair()
    assert.equal("fixed", results["s3_bucket.public_policy"])
    assert.equal("fixed", results["s3_bucket.grants_access"])
    assert.truthy(box.policy:find(theirs, 1, true))
    assert.is_nil(box.policy:find(STRANGER, 1, true))
    assert.is_nil(box.policy:find('"Sid":"open"', 1, true))
  end)

  it("keep their access in a statement that loses an untrusted account", function()
    local both = ('{"AWS":["arn:aws:iam::127311923021:root","%s"]}'):format(STRANGER)
    local box = { policy = document(statement("mixed", both, "s3:PutObject")) }
    assert.equal("fixed", bucket_with(box):repair()["s3_bucket.grants_access"])
    assert.same({ AWS = "arn:aws:iam::127311923021:root" },
      json.decode(box.policy).Statement[1].Principal)
  end)

  it("keep the grants with which CloudFront writes its logs", function()
    local logs = { Grantee = { Type = "CanonicalUser",
      ID = "c4c1ede66af53448b93c283ce9448c4ba468c9432aa01d700d3878632f77d2d0",
    }, Permission = "FULL_CONTROL" }
    local everyone = { Grantee = { Type = "Group",
      URI = "http://acs.amazonaws.com/groups/global/AllUsers" }, Permission = "READ" }
    local own = statement("own", '{"AWS":"111122223333"}', "s3:GetObject")
    local box = { policy = document(own), grants = { OWN, logs, everyone } }
    assert.equal("fixed", bucket_with(box):repair()["s3_bucket.public_acl"])
    assert.same({ OWN, logs }, box.grants)
  end)
end)
