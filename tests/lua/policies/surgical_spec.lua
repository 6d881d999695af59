-- What repairs leave of policy documents, byte for byte: of a queue, a bucket, a role and a key,
-- each of which stores what it is given.
local policies = require "support.policy"

local json = policies.json

local QUEUE = "https://sqs.us-east-1.amazonaws.com/111122223333/orders"
local KEY = "1234abcd-12ab-34cd-56ef-1234567890ab"
local OWNER = { ID = ("0a"):rep(32) }
local OWN = { Grantee = { Type = "CanonicalUser", ID = OWNER.ID }, Permission = "FULL_CONTROL" }

local function policy_reply(box, name, more)
  return function()
    if not box.text then return policies.fault("NoSuchBucketPolicy", "none", 404) end
    local reply = { [name] = box.text }
    for key, value in pairs(more or {}) do reply[key] = value end
    return reply
  end
end

local function kept(box, ...)
  local path = { ... }
  return function(params)
    for _, name in ipairs(path) do params = params[name] end
    box.text = params ~= "" and params or nil
    return {}
  end
end

local function forgotten(box)
  return function()
    box.text = nil
    return {}
  end
end

-- For each type: its id, its check, and its replies, which store the policy in box.text.
local KINDS = {
  sqs = {
    id = QUEUE, check = "sqs.public", replies = function(box)
      return {
        ["sqs:GetQueueAttributes"] = function()
          return { Attributes = { Policy = box.text, QueueArn = "arn" } }
        end,
        ["sqs:ListQueueTags"] = { Tags = {} },
        ["sqs:SetQueueAttributes"] = kept(box, "Attributes", "Policy"),
      }
    end,
  },
  s3_bucket = {
    id = "box", check = "s3_bucket.public_policy", replies = function(box)
      local none = policies.fault("NoSuchPublicAccessBlockConfiguration", "none", 404)
      return {
        ["s3:GetBucketPolicy"] = policy_reply(box, "Policy"),
        ["s3:GetBucketAcl"] = { Owner = OWNER, Grants = { OWN } },
        ["s3:GetPublicAccessBlock"] = none,
        ["s3control:GetPublicAccessBlock"] = none,
        ["s3:GetBucketWebsite"] = policies.fault("NoSuchWebsiteConfiguration", "none", 404),
        ["s3:GetBucketTagging"] = policies.fault("NoSuchTagSet", "none", 404),
        ["s3:PutBucketPolicy"] = kept(box, "Policy"),
        ["s3:DeleteBucketPolicy"] = forgotten(box),
      }
    end,
  },
  iam_role = {
    id = "app", check = "iam_role.public_trust", replies = function(box)
      return {
        ["iam:GetRole"] = function()
          return { Role = { Path = "/", RoleName = "app", AssumeRolePolicyDocument = box.text } }
        end,
        ["iam:UpdateAssumeRolePolicy"] = kept(box, "PolicyDocument"),
        ["sts:GetCallerIdentity"] = {
          Arn = "arn:aws:sts::111122223333:assumed-role/member_remediator/engine",
        },
      }
    end,
  },
  kms_key = {
    id = KEY, check = "kms_key.public", replies = function(box)
      return {
        ["kms:GetKeyPolicy"] = policy_reply(box, "Policy"),
        ["kms:DescribeKey"] = { KeyMetadata = {
          KeyId = KEY, Arn = "arn:aws:kms:us-east-1:111122223333:key/" .. KEY,
          KeyManager = "CUSTOMER", KeyState = "Enabled",
        } },
        ["kms:ListResourceTags"] = { Tags = json.decode("[]") },
        ["kms:PutKeyPolicy"] = kept(box, "Policy"),
        ["sts:GetCallerIdentity"] = {
          Arn = "arn:aws:sts::111122223333:assumed-role/member_remediator/engine",
        },
      }
    end,
  },
}

local TYPES = { "sqs", "s3_bucket", "iam_role", "kms_key" }

local function trusted(id)
  return id == "111122223333" or id == "123456789012" or id == "o-trusted11"
end

local function resource_of(kind, text, settings)
  local box = { text = text }
  return policies.load(kind):resource {
    id = KINDS[kind].id, replies = KINDS[kind].replies(box), trusted = trusted,
    settings = settings or { known_accounts = { "111122223333", "123456789012" } },
  }, box
end

-- Limits the resource to one check, as REPAIR would.
local function narrow(resource, id)
  local only = {}
  for _, check in ipairs(resource.policy.definition.checks) do
    if check.id == id then only[1] = check end
  end
  resource.policy.definition.checks = only
end

local ACTIONS = {
  sqs = "sqs:*", s3_bucket = "s3:*", iam_role = "sts:AssumeRole", kms_key = "kms:*",
}

-- A document of statements in the form in which authors write them: ACTION stands for the type's
-- action.
local function document(kind, list)
  local text = '{"Version":"2012-10-17","Id":"x","Statement":[' .. table.concat(list, ",") .. "]}"
  text = text:gsub("ACTION", (ACTIONS[kind]:gsub("%%", "%%%%")))
  return kind == "iam_role" and text:gsub(',"Resource":"[^"]*"', "") or text
end

local ROOT = '{"Sid":"root","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},'
  .. '"Action":"ACTION","Resource":"*"}'
local ODD = '{"Action":"ACTION","Condition":{"StringLike":{"aws:PrincipalOrgID":"o-trusted11"},'
  .. '"Bool":{"aws:SecureTransport":true},"StringEquals":{}},"Effect":"Allow","Principal":"*",'
  .. '"Resource":"*","Sid":""}'
local DENY = '{"Sid":"tls","Effect":"Deny","Principal":"*","Action":"ACTION","Resource":"*",'
  .. '"Condition":{"Bool":{"aws:SecureTransport":"false"}}}'
local OPEN = '{"Sid":"open","Effect":"Allow","Principal":"*","Action":"ACTION","Resource":"*"}'
local DEAD = '{"Sid":"dead","Effect":"Allow","Principal":{"AWS":"AROA1234567890EXAMPLE"},'
  .. '"Action":"ACTION","Resource":"*"}'

local function guarded(condition, principal)
  return ('{"Sid":"guarded","Effect":"Allow","Principal":%s,"Action":"ACTION","Resource":"*",'
    .. '"Condition":%s}'):format(principal or '"*"', condition)
end

local NETWORKS = '{"StringLike":{"aws:SourceVpc":%s},"Bool":{"aws:SecureTransport":"true"}}'

-- name, the statements before, those that are left, and (if deleted principals make a difference)
-- those that an undo restores
local REPAIRS = {
  { "an open statement", { ROOT, OPEN, ODD, DENY }, { ROOT, ODD, DENY } },
  { "one network of two", { ROOT, guarded(NETWORKS:format '["vpc-1","*"]'), ODD },
    { ROOT, guarded(NETWORKS:format '"vpc-1"'), ODD } },
  { "one network of three", { ROOT, guarded(NETWORKS:format '["vpc-1","*","vpc-2"]'), DENY },
    { ROOT, guarded(NETWORKS:format '["vpc-1","vpc-2"]'), DENY } },
  { "an address too wide among others",
    { ROOT, guarded('{"IpAddress":{"aws:SourceIp":["173.245.48.0/20","104.16.0.0/13",'
      .. '"2400:cb00::/32","2a06:98c0::/29"]}}') },
    { ROOT, guarded('{"IpAddress":{"aws:SourceIp":["173.245.48.0/20","104.16.0.0/13",'
      .. '"2400:cb00::/32"]}}') } },
  { "an open ARN beside own topic",
    { ROOT, guarded('{"ArnLike":{"aws:SourceArn":["arn:aws:sns:us-east-1:111122223333:t",'
      .. '"arn:aws:sns:us-east-1:*:x"]}}') },
    { ROOT, guarded '{"ArnLike":{"aws:SourceArn":"arn:aws:sns:us-east-1:111122223333:t"}}' } },
  { "anyone among principals",
    { ROOT, (OPEN:gsub('"%*"', '{"AWS":["*","arn:aws:iam::111122223333:role/a"]}', 1)), DENY },
    { ROOT, (OPEN:gsub('"%*"', '{"AWS":"arn:aws:iam::111122223333:role/a"}', 1)), DENY } },
  { "deleted principals everywhere",
    { ROOT, DEAD, OPEN, (DENY:gsub('"%*"', '{"AWS":["AIDA1234567890EXAMPLE","*"]}', 1)) },
    { ROOT, (DENY:gsub('"%*"', '{"AWS":"*"}', 1)) },
    { ROOT, OPEN, (DENY:gsub('"%*"', '{"AWS":"*"}', 1)) } },
}

-- Unchanged statements are the same byte for byte; statements that lost something keep everything
-- else, possibly in another order.
local function check_text(expected, before, text)
  assert.equal(json.canonical(json.decode(expected)), json.canonical(json.decode(text)))
  for _, statement in ipairs(json.decode(expected).Statement) do
    local written = json.encode(statement)
    local untouched = before:find(written, 1, true) ~= nil
    assert.is_true(not untouched or text:find(written, 1, true) ~= nil, written)
  end
end

for _, kind in ipairs(TYPES) do
  describe("a repair of " .. kind, function()
    for _, case in ipairs(REPAIRS) do
      it("leaves the rest of " .. case[1], function()
        local before = document(kind, case[2])
        local resource, box = resource_of(kind, before)
        local check = KINDS[kind].check
        narrow(resource, check)
        assert.equal("fixed", resource:repair()[check])
        check_text(document(kind, case[3]), before, box.text)
        assert.equal("compliant", resource:audit()[check].status)
        resource:undo()
        check_text(document(kind, case[4] or case[2]), before, box.text)
      end)
    end

    it("is held for an unknown key or operator", function()
      local strange = guarded '{"StringEquals":{"foo:Bar":"x"}}'
      local resource = resource_of(kind, document(kind, { ROOT, strange }))
      local outcome = resource:plan()[KINDS[kind].check]
      assert.equal("held", outcome.fix)
      assert.equal("statement 2: StringEquals foo:Bar: key is not known", outcome.held)
    end)

    it("is held if a Deny exempts some who would be excluded", function()
      local resource = resource_of(kind, document(kind, { ROOT, OPEN,
        (guarded('{"Bool":{"aws:PrincipalIsAWSService":"false"},'
          .. '"Null":{"aws:SourceVpc":"true"}}'):gsub("Allow", "Deny")) }))
      local outcome = resource:plan()[KINDS[kind].check]
      assert.equal("held", outcome.fix)
      assert.truthy(outcome.held:find("statement 3 denies it to all but some", 1, true))
    end)

    it("has nothing to do if a Deny limits access", function()
      local outside = guarded('{"StringNotEquals":{"aws:PrincipalOrgID":"o-trusted11"}}')
      local resource = resource_of(kind, document(kind, { OPEN, (outside:gsub("Allow", "Deny")) }))
      assert.equal("compliant", resource:audit()[KINDS[kind].check].status)
    end)
  end)
end

describe("a bucket's repair of what is shared", function()
  local function statements(text)
    local list = {}
    for i, statement in ipairs(json.decode(text).Statement) do
      list[i] = json.canonical(statement)
    end
    return list
  end

  -- What the repair leaves, without the two denials that it adds.
  local function closed(settings, ...)
    local resource, box = resource_of("s3_bucket", document("s3_bucket", { ... }), settings)
    local results = resource:repair()
    local left = statements(box.text)
    return { left[1], #left > 3 and left[2] or nil }, results, resource, box
  end

  local function one(statement)
    return statements(document("s3_bucket", { statement }))[1]
  end

  local DELIVERY = '{"Sid":"ConfigDelivery","Principal":{"Service":"config.amazonaws.com"},'
    .. '"Action":"s3:PutObject","Resource":["arn:aws:s3:::box/*"],"Condition":{"StringEquals":'
    .. '{"aws:SourceAccount":%s}},"Effect":"Allow"}'

  it("removes the untrusted account from a list of accounts", function()
    local left, results = closed(nil,
      DELIVERY:format '["111122223333","123456789012","999988887777"]')
    assert.same({ one(DELIVERY:format '["111122223333","123456789012"]') }, left)
    assert.equal("fixed", results["s3_bucket.grants_access"])
  end)

  it("removes a deleted principal, whoever is set as trusted", function()
    for _, settings in ipairs { { known_accounts = { "111122223333" } }, {} } do
      local left, results, resource, box = closed(settings, ROOT, DEAD)
      assert.same({ one(ROOT) }, left)
      assert.equal("fixed", results["s3_bucket.grants_access"])
      resource:undo()
      assert.same({ one(ROOT) }, statements(box.text))
    end
  end)

  it("removes deleted principals with the put of another fix", function()
    local stranger = ROOT:gsub("111122223333", "999988887777")
    local left, results = closed({}, ROOT, stranger, DEAD)
    assert.same({ one(ROOT), one(stranger) }, left)
    assert.equal("held", results["s3_bucket.grants_access"])
    assert.equal("fixed", results["s3_bucket.tls"])
  end)

  -- For example because a rule exempts it.
  it("removes the untrusted account, and leaves public access if only that is repaired", function()
    local both = OPEN:gsub('"%*"', '{"AWS":["*","999988887777"]}', 1)
    local stranger = ROOT:gsub("111122223333", "999988887777")
    local open = OPEN:gsub('"%*"', '{"AWS":"*"}', 1)
    for text, left in pairs { [OPEN] = OPEN, [both] = open } do
      local resource, box = resource_of("s3_bucket",
        document("s3_bucket", { ROOT, stranger, text }))
      narrow(resource, "s3_bucket.grants_access")
      assert.equal("fixed", resource:repair()["s3_bucket.grants_access"])
      assert.equal(document("s3_bucket", { ROOT, left }), box.text)
    end
  end)
end)
