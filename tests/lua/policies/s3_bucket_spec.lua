-- policies/s3_bucket.lua with a bucket that stores what it is given.
local policies = require "support.policy"

local buckets = require "support.bucket"

local s3 = buckets.policy
local json = policies.json

local bucket_with, document, statement = buckets.with, buckets.document, buckets.statement
local statuses, sids = buckets.statuses, buckets.sids
local OWN, OWNER, EVERYONE = buckets.OWN, buckets.OWNER, buckets.EVERYONE
local CUSTOMERS, LOGS = buckets.CUSTOMERS, buckets.LOGS
local APP, OFFICE, GUARD = buckets.APP, buckets.OFFICE, buckets.GUARD
local PUBLIC, STRANGER = buckets.PUBLIC, buckets.STRANGER

describe("a bucket's audit", function()
  it("finds two denials missing if there is no policy, in three calls", function()
    local bucket = bucket_with {}
    assert.same({
      public_acl = "compliant", public_policy = "compliant", sse = "non_compliant",
      tls = "non_compliant", grants_access = "compliant", tags = "skipped",
    }, statuses(bucket:audit()))
    assert.equal(3, #bucket.calls)
  end)

  it("finds everything that is wrong, and says where", function()
    local outcome = bucket_with({
      policy = document(APP, PUBLIC, STRANGER), grants = { OWN, EVERYONE, CUSTOMERS, LOGS },
      tags = { { Key = "owner", Value = "shop" } },
    }, { settings = { required_tags = { "Owner", "CostCenter" } } }):audit()
    assert.same({
      public_acl = "non_compliant", public_policy = "non_compliant", sse = "non_compliant",
      tls = "non_compliant", grants_access = "non_compliant", tags = "non_compliant",
    }, statuses(outcome))
    assert.equal("the ACL grants READ to everyone, WRITE_ACP to everyone with an AWS account",
      outcome["s3_bucket.public_acl"].summary)
    assert.equal("open", outcome["s3_bucket.public_policy"].evidence[1].sid)
    assert.equal("partner", outcome["s3_bucket.grants_access"].evidence[1].sid)
    assert.same({ "CostCenter" }, outcome["s3_bucket.tags"].evidence)
    assert.equal("required tag missing: CostCenter", outcome["s3_bucket.tags"].summary)
    assert.same({ owner = "shop" }, outcome.tags)
  end)

  it("passes its tags if all are present", function()
    local tags = { { Key = "OWNER", Value = "" } }
    local outcome = bucket_with({ tags = tags }, { settings = { required_tags = { "Owner" } } })
    assert.equal("compliant", outcome:audit()["s3_bucket.tags"].status)
  end)

  it("recognizes the owner's canonical id as its own", function()
    local own = statement("own", "Allow", '{"CanonicalUser":"' .. OWNER.ID .. '"}',
      '"Action":"s3:GetObject"')
    local outcome = bucket_with({ policy = document(own) }):audit()
    assert.equal("compliant", outcome["s3_bucket.grants_access"].status)
  end)

  it("still evaluates the ACL if the policy is not valid JSON", function()
    local outcome = bucket_with({ policy = "{", grants = { EVERYONE } }):plan()
    assert.same({
      public_acl = "non_compliant", public_policy = "unknown", sse = "unknown", tls = "unknown",
      grants_access = "unknown", tags = "skipped",
    }, statuses(outcome))
    assert.equal("steps", outcome["s3_bucket.public_acl"].fix)
    assert.equal("none", outcome["s3_bucket.sse"].fix)
  end)

  it("is gone if the bucket is", function()
    for _, name in ipairs { "GetBucketPolicy", "GetBucketAcl", "GetBucketTagging" } do
      local bucket = bucket_with({}, { settings = { required_tags = { "Owner" } } })
      bucket.world.replies["s3:" .. name] = policies.fault("NoSuchBucket", "gone", 404)
      assert.equal("gone", bucket:audit().state)
    end
  end)

  -- What each read decides, in a bucket whose policy names no canonical user.
  local DECIDED = {
    GetBucketPolicy = { "public_policy", "grants_access", "sse", "tls" },
    GetBucketAcl = { "public_acl" },
    GetBucketTagging = { "tags" },
  }
  local OTHERWISE = {
    public_acl = "non_compliant", public_policy = "non_compliant", sse = "non_compliant",
    tls = "non_compliant", grants_access = "compliant", tags = "non_compliant",
  }

  local function repaired(read, reply, policy)
    local bucket = bucket_with({ policy = policy, grants = { EVERYONE } },
      { settings = { required_tags = { "Owner" } } })
    bucket.world.replies["s3:" .. read] = reply
    local results, outcome = bucket:repair()
    return statuses(outcome), results
  end

  it("is unknown, and not repaired, only in what a read decides that fails", function()
    for read, checks in pairs(DECIDED) do
      for _, reply in ipairs { policies.fault("AccessDenied", "no", 403), {} } do
        local found, results = repaired(read, reply, document(PUBLIC))
        for check, status in pairs(OTHERWISE) do
          local unknown = table.concat(checks, " "):find(check, 1, true)
          assert.equal(unknown and "unknown" or status, found[check], read .. " " .. check)
          if unknown then assert.is_nil(results["s3_bucket." .. check]) end
        end
      end
    end
  end)

  it("needs the ACL to know the owner that a policy names by the canonical id", function()
    local own = statement("own", "Allow", '{"CanonicalUser":"' .. OWNER.ID .. '"}',
      '"Action":"s3:GetObject"')
    local found = repaired("GetBucketAcl", policies.fault("AccessDenied", "no", 403), document(own))
    assert.same({
      public_acl = "unknown", public_policy = "unknown", grants_access = "unknown",
      sse = "non_compliant", tls = "non_compliant", tags = "non_compliant",
    }, found)
  end)
end)

describe("a bucket's repair", function()
  it("removes exactly the open statement and grant, and adds the two denials", function()
    local before = document(APP, PUBLIC, OFFICE, GUARD)
    local box = { policy = before, grants = { OWN, EVERYONE, LOGS } }
    local bucket = bucket_with(box)
    local results, plan = bucket:repair()
    assert.same({
      ["s3_bucket.public_acl"] = "fixed", ["s3_bucket.public_policy"] = "fixed",
      ["s3_bucket.sse"] = "fixed", ["s3_bucket.tls"] = "fixed",
    }, results)
    assert.same({ OWN, LOGS }, box.grants)
    assert.same({ "app", "office", "guard", "DenyWrongEncryption", "DenyPlainHttp" },
      sids(box.policy))
    local kept = document(APP, OFFICE, GUARD):sub(1, -3)
    assert.equal(kept, box.policy:sub(1, #kept))
    local planned = {}
    for _, check in ipairs { "public_acl", "public_policy", "sse", "tls" } do
      for _, step in ipairs(plan["s3_bucket." .. check].steps) do
        planned[#planned + 1] = { call = step.call, with = step.with, region = "us-east-1" }
      end
    end
    assert.same(planned, bucket:sent())
    local left = statuses(bucket:audit())
    for _, status in pairs(left) do assert.not_equal("non_compliant", status) end
    bucket:undo()
    assert.equal(before, box.policy)
    assert.same({ OWN, EVERYONE, LOGS }, box.grants)
  end)

  it("creates a policy if there was none, and deletes it by undo", function()
    local box = {}
    local bucket = bucket_with(box)
    bucket:repair()
    assert.same({ "DenyWrongEncryption", "DenyPlainHttp" }, sids(box.policy))
    assert.same({}, (bucket:repair()))
    box.policy = nil
    bucket:repair()
    bucket:undo()
    assert.is_nil(box.policy)
  end)

  it("deletes a policy without remaining statements before it adds the denials", function()
    local box = { policy = document(PUBLIC) }
    local bucket = bucket_with(box)
    bucket:repair()
    local sent = bucket:sent()
    assert.equal("s3:DeleteBucketPolicy", sent[1].call)
    assert.same({ "DenyWrongEncryption", "DenyPlainHttp" }, sids(box.policy))
    bucket:undo()
    assert.equal(document(PUBLIC), box.policy)
  end)

  it("makes the bucket private if only everyone had a grant", function()
    local box = { grants = { EVERYONE, CUSTOMERS } }
    local bucket = bucket_with(box)
    assert.equal("fixed", bucket:repair()["s3_bucket.public_acl"])
    assert.same({ Bucket = "box", ACL = "private" }, bucket:sent()[1].with)
    bucket:undo()
    assert.same({ EVERYONE, CUSTOMERS }, box.grants)
  end)

  it("keeps the other grants of an ACL", function()
    local box = { grants = { EVERYONE, LOGS } }
    assert.equal("fixed", bucket_with(box):repair()["s3_bucket.public_acl"])
    assert.same({ LOGS }, box.grants)
  end)

  it("removes an unknown account and keeps the denials", function()
    local shared = STRANGER:gsub('"(arn:aws:iam::999988887777:root)"', '["%1","111122223333"]')
    local box = { policy = document(APP, STRANGER, shared) }
    local results = bucket_with(box):repair()
    assert.equal("fixed", results["s3_bucket.grants_access"])
    assert.same({ "app", "partner", "DenyWrongEncryption", "DenyPlainHttp" }, sids(box.policy))
    local left = json.decode(box.policy).Statement[2].Principal
    assert.same({ AWS = "111122223333" }, left)
  end)

  it("counts an unknown account as repaired if its statement is removed as an open one", function()
    local both = PUBLIC:gsub('"%*"', '["*","999988887777"]', 1)
    local box = { policy = document(both) }
    local results = bucket_with(box):repair()
    assert.equal("fixed", results["s3_bucket.grants_access"])
    assert.same({ "DenyWrongEncryption", "DenyPlainHttp" }, sids(box.policy))
  end)

  it("removes no named account if no trusted accounts are set", function()
    local box = { policy = document(STRANGER) }
    local bucket = bucket_with(box, { settings = {} })
    local results, plan = bucket:repair()
    assert.equal("held", results["s3_bucket.grants_access"])
    assert.truthy(plan["s3_bucket.grants_access"].held:find("KNOWN_ACCOUNTS", 1, true))
    assert.same({ "partner", "DenyWrongEncryption", "DenyPlainHttp" }, sids(box.policy))
  end)
end)

describe("a bucket's repair is held", function()
  it("if the policy would be larger than 20 KB", function()
    local long = statement("long", "Deny", '"*"', '"Action":"s3:' .. ("x"):rep(20200) .. '"')
    local box = { policy = document(long) }
    local results, plan = bucket_with(box):repair()
    assert.equal("held", results["s3_bucket.sse"])
    assert.truthy(plan["s3_bucket.sse"].held:find("20 KB", 1, true))
    assert.equal(document(long), box.policy)
  end)

  it("if S3 would refuse to store a policy that stays public", function()
    local strange = PUBLIC:gsub("}$", ',"Condition":{"StringEquals":{"foo:Bar":"x"}}}')
    local box = { policy = document(strange), block = { BlockPublicPolicy = true } }
    local results, plan = bucket_with(box):repair()
    assert.equal("held", results["s3_bucket.public_policy"])
    assert.truthy(plan["s3_bucket.public_policy"].held:find("key is not known", 1, true))
    assert.equal("held", results["s3_bucket.tls"])
    assert.truthy(plan["s3_bucket.tls"].held:find("BlockPublicPolicy", 1, true))
    box.block = nil
    assert.equal("steps", bucket_with(box):plan()["s3_bucket.tls"].fix)
    box.block = { BlockPublicPolicy = false }
    assert.equal("fixed", bucket_with(box):repair()["s3_bucket.tls"])
  end)
end)

describe("buckets", function()
  local function found(replies, settings)
    local list = s3:discover { replies = replies, settings = settings }
    return list
  end

  it("are listed with their regions, which are requested if the list lacks them", function()
    local list = found {
      ["s3:ListBuckets"] = policies.pages {
        { Buckets = { { Name = "a", BucketRegion = "eu-central-1" }, { Name = "b" } } },
        { Buckets = { { Name = "c" }, { Name = "gone" }, { Name = "shut" } } },
        { Buckets = { { Name = "half" }, { Name = "left" } } },
        { Buckets = {} },
      },
      ["s3:GetBucketLocation"] = function(params)
        if params.Bucket == "gone" then return policies.fault("NoSuchBucket") end
        if #params.Bucket == 4 then return policies.fault("AccessDenied", "no", 403) end
        return params.Bucket == "c" and { LocationConstraint = "EU" } or {}
      end,
      ["s3:HeadBucket"] = function(params)
        if params.Bucket == "left" then return policies.fault("NoSuchBucket", "", 404) end
        if params.Bucket == "shut" then return policies.fault("AccessDenied", "", 403) end
        return { BucketRegion = "eu-north-1" }
      end,
    }
    assert.same({
      { id = "a", region = "eu-central-1", test = false },
      { id = "b", region = "us-east-1", test = false },
      { id = "c", region = "eu-west-1", test = false },
      { id = "shut", test = false },
      { id = "half", region = "eu-north-1", test = false },
    }, list)
  end)

  it("are not counted as none if the response has no list", function()
    assert.has_error(function() found { ["s3:ListBuckets"] = {} } end)
  end)

  it("are marked as test resources by name, and by tag if needed", function()
    local replies = {
      ["s3:ListBuckets"] = { Buckets = {
        { Name = "x-misconfig-maker-1", BucketRegion = "us-west-2" },
        { Name = "tagged", BucketRegion = "us-west-2" },
        { Name = "plain", BucketRegion = "us-west-2" },
        { Name = "shut", BucketRegion = "us-west-2" },
        { Name = "gone", BucketRegion = "us-west-2" },
        { Name = "other", BucketRegion = "us-west-2" },
      } },
      ["s3:GetBucketTagging"] = function(params, call)
        assert.equal("us-west-2", call.region)
        local tag = { Key = "made by", Value = "misconfiguration_maker" }
        local codes = { shut = "AccessDenied", gone = "NoSuchBucket", plain = "NoSuchTagSet" }
        if codes[params.Bucket] then return policies.fault(codes[params.Bucket]) end
        return { TagSet = { { Key = "x", Value = "y" }, params.Bucket == "tagged" and tag or nil } }
      end,
    }
    local function marks(settings)
      local set = {}
      for _, one in ipairs(found(replies, settings)) do set[one.id] = one.test end
      return set
    end
    local expected = { plain = false, shut = false, gone = false, other = false, tagged = false }
    expected["x-misconfig-maker-1"] = true
    assert.same(expected, marks {})
    expected.tagged = true
    assert.same(expected, marks { only_use_test_resources = true })
  end)

  it("are found in their events", function()
    local detail = { requestParameters = { bucketName = "box" } }
    for name in pairs(s3.definition.events) do
      assert.same({ { id = "box", delay = 0 } }, s3:event(name, detail))
    end
  end)

  it("use every permission that they declare", function()
    assert.same({}, s3:never_called())
  end)
end)
