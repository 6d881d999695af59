-- policies/s3_bucket.lua under Block Public Access: which access takes effect, what S3 would refuse
-- to store, and whom a repair would exclude.
local buckets = require "support.bucket"
local policies = require "support.policy"

local bucket_with, document, sids = buckets.with, buckets.document, buckets.sids
local APP, PUBLIC, STRANGER = buckets.APP, buckets.PUBLIC, buckets.STRANGER
local OWN, EVERYONE, LOGS = buckets.OWN, buckets.EVERYONE, buckets.LOGS

-- Public for S3, but not for the engine: a known key that S3 does not count as a limit.
local TAGGED = buckets.statement("tagged", "Allow", '"*"', '"Action":"s3:GetObject","Condition":'
  .. '{"StringEquals":{"aws:PrincipalAccount":"111122223333"}}')

local function calls(bucket, wanted)
  local count = 0
  for _, call in ipairs(bucket.calls) do
    if call.call == wanted then count = count + 1 end
  end
  return count
end

-- The block of the bucket, and that of the account.
local function each_level(settings, check)
  check({ block = settings }, "the bucket's")
  check({ account_block = settings }, "the account's")
  check({ block = settings, account_block = settings }, "the bucket's and the account's")
end

local function with(box, more)
  local copy = {}
  for key, value in pairs(box) do copy[key] = value end
  for key, value in pairs(more) do copy[key] = value end
  return copy
end

describe("a bucket's public ACL", function()
  it("passes if the bucket or the account ignores it, and says what it would grant", function()
    each_level({ IgnorePublicAcls = true }, function(box, whose)
      local bucket = bucket_with(with(box, { grants = { OWN, EVERYONE } }))
      local found = bucket:plan()["s3_bucket.public_acl"]
      assert.same({
        status = "compliant", fix = "none", summary = "has no effect by " .. whose
          .. " IgnorePublicAcls: the ACL grants READ to everyone",
        evidence = {
          contained_by = whose .. " IgnorePublicAcls",
          without_it = "the ACL grants READ to everyone",
        },
      }, found)
    end)
  end)

  it("fails under every other setting", function()
    for _, setting in ipairs { "BlockPublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets" } do
      local box = { grants = { EVERYONE }, block = { [setting] = true, IgnorePublicAcls = false } }
      assert.equal("non_compliant", bucket_with(box):audit()["s3_bucket.public_acl"].status)
    end
  end)

  it("is removed irreversibly if S3 would refuse to restore it", function()
    each_level({ BlockPublicAcls = true }, function(box, whose)
      box = with(box, { grants = { OWN, EVERYONE, LOGS } })
      local results, plan = bucket_with(box):repair()
      assert.equal("fixed", results["s3_bucket.public_acl"])
      assert.same({ OWN, LOGS }, box.grants)
      local step = plan["s3_bucket.public_acl"].steps[1]
      assert.is_nil(step.undo)
      assert.equal(whose .. " BlockPublicAcls refuses to grant access to everyone again",
        step.irreversible)
    end)
  end)

  it("is kept if the bucket no longer uses ACLs", function()
    local box = { grants = { EVERYONE }, ownership = "BucketOwnerEnforced" }
    local results, plan = bucket_with(box):repair()
    assert.equal("held", results["s3_bucket.public_acl"])
    assert.truthy(plan["s3_bucket.public_acl"].held:find("ownership", 1, true))
    box.ownership = "ObjectWriter"
    assert.equal("fixed", bucket_with(box):repair()["s3_bucket.public_acl"])
  end)

  it("is kept beside a grant to an unknown group", function()
    local strange = {
      Permission = "READ",
      Grantee = { Type = "Group", URI = "http://acs.amazonaws.com/groups/global/SomeUsers" },
    }
    local bucket = bucket_with { grants = { strange, EVERYONE } }
    assert.equal("non_compliant", bucket:audit()["s3_bucket.public_acl"].status)
    local results, plan = bucket:repair()
    assert.equal("held", results["s3_bucket.public_acl"])
    assert.truthy(plan["s3_bucket.public_acl"].held:find("SomeUsers", 1, true))
  end)

  it("does not read a block if nothing is public", function()
    local bucket = bucket_with { policy = document(APP), grants = { OWN } }
    bucket:audit()
    assert.equal(0, calls(bucket, "s3:GetPublicAccessBlock"))
    assert.equal(0, calls(bucket, "s3control:GetPublicAccessBlock"))
    assert.equal(0, calls(bucket, "s3:GetBucketPolicyStatus"))
  end)

  it("is unknown if the account's block cannot be read", function()
    local bucket = bucket_with { policy = document(PUBLIC), grants = { EVERYONE } }
    bucket.world.replies["s3control:GetPublicAccessBlock"] = policies.fault("AccessDenied")
    local found = bucket:audit()
    assert.equal("unknown", found["s3_bucket.public_acl"].status)
    assert.equal("unknown", found["s3_bucket.public_policy"].status)
    assert.equal("compliant", found["s3_bucket.grants_access"].status)
  end)
end)

describe("the account's block", function()
  local function region_asked(region, master)
    local bucket = bucket_with({ grants = { EVERYONE } },
      { region = region, settings = { master_region = master } })
    bucket:audit()
    for _, call in ipairs(bucket.calls) do
      if call.call == "s3control:GetPublicAccessBlock" then return call.region end
    end
  end

  it("is read in one region, wherever the bucket is", function()
    assert.equal("us-east-1", region_asked("eu-west-1", "us-east-1"))
    assert.equal("eu-west-1", region_asked("eu-west-1"))
    assert.equal("cn-north-1", region_asked("cn-north-1", "us-east-1"))
  end)

  it("is shared by all buckets", function()
    assert.same({ "s3control:GetPublicAccessBlock" }, buckets.policy.definition.permissions.shared)
  end)
end)

describe("a bucket's public policy", function()
  it("passes if S3 considers it public and restricts it", function()
    each_level({ RestrictPublicBuckets = true }, function(box, whose)
      local bucket = bucket_with(with(box, { policy = document(APP, PUBLIC) }))
      local found = bucket:audit()["s3_bucket.public_policy"]
      assert.equal("compliant", found.status)
      assert.equal(whose .. " RestrictPublicBuckets", found.evidence.contained_by)
      assert.truthy(found.evidence.without_it:find("anyone", 1, true))
    end)
  end)

  it("fails if S3 does not consider it public, so that nothing restricts it", function()
    local box = {
      policy = document(PUBLIC), public = false, block = { RestrictPublicBuckets = true },
    }
    assert.equal("non_compliant", bucket_with(box):audit()["s3_bucket.public_policy"].status)
    box = { policy = document(PUBLIC), block = { BlockPublicPolicy = true } }
    assert.equal("non_compliant", bucket_with(box):audit()["s3_bucket.public_policy"].status)
  end)

  it("is removed irreversibly if S3 would refuse to store it again", function()
    each_level({ BlockPublicPolicy = true }, function(box, whose)
      box = with(box, { policy = document(APP, PUBLIC) })
      local results, plan = bucket_with(box):repair()
      assert.equal("fixed", results["s3_bucket.public_policy"])
      local step = plan["s3_bucket.public_policy"].steps[1]
      assert.is_nil(step.undo)
      assert.equal(("the earlier policy is public, and %s BlockPublicPolicy refuses to store it")
        :format(whose), step.irreversible)
      assert.truthy(plan["s3_bucket.sse"].steps[1].undo)
      local kept = document(APP):sub(1, -3)
      assert.equal(kept, box.policy:sub(1, #kept))
      assert.same({ "app", "DenyWrongEncryption", "DenyPlainHttp" }, sids(box.policy))
    end)
  end)

  it("can be restored byte for byte if nothing blocks it", function()
    local box = { policy = document(APP, PUBLIC), block = { BlockPublicAcls = true } }
    local bucket = bucket_with(box)
    bucket:repair()
    bucket:undo()
    assert.equal(document(APP, PUBLIC), box.policy)
  end)
end)

describe("a bucket's denials", function()
  it("are held if S3 would refuse to store a policy that stays public", function()
    each_level({ BlockPublicPolicy = true, RestrictPublicBuckets = true }, function(box, whose)
      local bucket = bucket_with(with(box, { policy = document(APP, PUBLIC) }))
      local results, plan = bucket:repair()
      assert.same({ ["s3_bucket.sse"] = "held", ["s3_bucket.tls"] = "held" }, results)
      local why = ("the remaining policy is public, and %s BlockPublicPolicy refuses to store it")
      assert.equal(why:format(whose), plan["s3_bucket.sse"].held)
      assert.equal(why:format(whose), plan["s3_bucket.tls"].held)
      assert.same({}, bucket:sent())
    end)
  end)

  it("are held if only S3 considers the remaining policy public", function()
    local box = {
      policy = document(TAGGED, STRANGER), public = true,
      account_block = { BlockPublicPolicy = true },
    }
    local results = bucket_with(box):repair()
    assert.same({
      ["s3_bucket.sse"] = "held", ["s3_bucket.tls"] = "held", ["s3_bucket.grants_access"] = "held",
    }, results)
  end)

  it("are added to a policy that is not public, whatever is blocked", function()
    local box = { policy = document(APP), account_block = { BlockPublicPolicy = true } }
    local bucket = bucket_with(box)
    bucket:repair()
    assert.same({ "app", "DenyWrongEncryption", "DenyPlainHttp" }, sids(box.policy))
    bucket:undo()
    assert.equal(document(APP), box.policy)
  end)

  it("of plain HTTP is held for a website, whose endpoint speaks nothing else", function()
    for _, policy in ipairs { document(APP), false } do
      local site = { IndexDocument = { Suffix = "index.html" } }
      local box = { policy = policy or nil, website = site }
      local results, plan = bucket_with(box):repair()
      assert.equal("held", results["s3_bucket.tls"])
      assert.truthy(plan["s3_bucket.tls"].held:find("website", 1, true))
      assert.equal("fixed", results["s3_bucket.sse"])
    end
  end)
end)

describe("an untrusted account's access to a bucket", function()
  it("is removed together with public access that has no effect", function()
    local box = {
      policy = document(APP, PUBLIC, STRANGER),
      block = { BlockPublicPolicy = true, RestrictPublicBuckets = true },
    }
    local results, plan = bucket_with(box):repair()
    assert.equal("fixed", results["s3_bucket.grants_access"])
    assert.truthy(plan["s3_bucket.grants_access"].steps[1].irreversible)
    local kept = document(APP):sub(1, -3)
    assert.equal(kept, box.policy:sub(1, #kept))
    assert.same({ "app", "DenyWrongEncryption", "DenyPlainHttp" }, sids(box.policy))
  end)

  it("is evaluated as written, restricted or not", function()
    local box = { policy = document(PUBLIC, STRANGER), block = { RestrictPublicBuckets = true } }
    local found = bucket_with(box):audit()
    assert.equal("compliant", found["s3_bucket.public_policy"].status)
    assert.equal("non_compliant", found["s3_bucket.grants_access"].status)
  end)
end)
