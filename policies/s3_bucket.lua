-- Only trusted principals may access buckets, and only with encrypted uploads and requests.
local access = require "lib.access"
local account_wide = require "lib.account_wide"
local arn = require "lib.arn"
local documents = require "lib.documents"
local grants = require "lib.s3_grants"
local repairs = require "lib.repairs"
local s3_block = require "lib.s3_block"
local s3_policy = require "lib.s3_policy"
local s3_statements = require "lib.s3_statements"
local spellings = require "lib.spellings"
local tags = require "lib.tags"
local test_resources = require "lib.test_resources"
local trust = require "lib.trust"

local BUCKETS = "arn:${partition}:s3:::*"

-- A bucket's ARN has no account and region; an object's ARN has a key after the name.
local function bucket_name(text)
  local name = spellings.resource(text, "s3") or text
  if name:find("/", 1, true) then error(text .. " is not the ARN of a bucket", 0) end
  return name
end

-- S3 always returns these. A result without them was cut short or does not come from S3, and would
-- seem to have none.
local function expect(reply, operation, ...)
  for _, name in ipairs { ... } do
    if reply[name] == nil or reply[name] == "" then
      error(("s3:%s returned no %s"):format(operation, name), 0)
    end
  end
  return reply
end

-- The bucket's region if ListBuckets does not return it; nil if we are not allowed to know, false
-- if the bucket does not exist. A null location is us-east-1, `EU` is eu-west-1 (S3 API reference,
-- GetBucketLocation). If the bucket's policy denies one of the two calls, it may allow the other.
local function region_of(scope, bucket)
  if bucket.BucketRegion then return bucket.BucketRegion end
  local wanted = { Bucket = bucket.Name }
  local reply, code = scope.aws.s3:try("GetBucketLocation", wanted, "AccessDenied", "NoSuchBucket")
  local head
  if code == "AccessDenied" then
    head, code = scope.aws.s3:try("HeadBucket", wanted, "AccessDenied", "NoSuchBucket")
  end
  if code == "NoSuchBucket" then return false end
  if not reply then return head and head.BucketRegion end
  local place = reply.LocationConstraint
  if place == nil or place == "" then return "us-east-1" end
  return place == "EU" and "eu-west-1" or place
end

-- Tags cost a call for each bucket, so they are only read if the result depends on them.
local function is_test(scope, bucket, region)
  if test_resources.named(bucket.Name) then return true end
  if not scope.settings.only_use_test_resources then return false end
  local s3 = scope.aws:in_region(region or scope.region).s3
  local wanted = { Bucket = bucket.Name }
  local reply = s3:try("GetBucketTagging", wanted, "NoSuchTagSet", "NoSuchBucket", "AccessDenied")
  return reply ~= nil and test_resources.tagged(tags.map(reply.TagSet))
end

local GONE, NO_BLOCK = "NoSuchBucket", "NoSuchPublicAccessBlockConfiguration"

-- A bucket that does not exist is gone, whichever part of it is read first.
local function look_for(bucket, code)
  if code == GONE then bucket:gone() end
end

-- The settings of the whole account.
local function account_block(bucket)
  local wanted = { AccountId = bucket.account }
  local reply = account_wide(bucket).s3control:try("GetPublicAccessBlock", wanted, NO_BLOCK)
  return reply and expect(reply, "GetPublicAccessBlock", "PublicAccessBlockConfiguration")
    .PublicAccessBlockConfiguration
end

local function own_block(bucket)
  local reply, code = bucket.aws.s3:try("GetPublicAccessBlock", { Bucket = bucket.id }, NO_BLOCK,
    GONE)
  look_for(bucket, code)
  return reply and expect(reply, "GetPublicAccessBlock", "PublicAccessBlockConfiguration")
    .PublicAccessBlockConfiguration
end

-- S3's own status of the current policy.
local function policy_status(bucket)
  local wanted, none = { Bucket = bucket.id }, "NoSuchBucketPolicy"
  local reply, code = bucket.aws.s3:try("GetBucketPolicyStatus", wanted, none, GONE)
  look_for(bucket, code)
  return reply and expect(reply, "GetBucketPolicyStatus", "PolicyStatus").PolicyStatus.IsPublic
end

local function replace_policy(bucket, state, document)
  return s3_policy.replace(bucket, state, document, function(text)
    if not text then return { call = "s3:DeleteBucketPolicy", with = { Bucket = bucket.id } } end
    return { call = "s3:PutBucketPolicy", with = { Bucket = bucket.id, Policy = text } }
  end)
end

-- The same for what remains without the offenders that `judge` (of lib.access) finds.
local function close_policy(bucket, state, judge)
  local repaired = repairs.closed(documents.of(state.policy), function(document)
    return judge(document, bucket, s3_policy.own_users(state))
  end)
  if repaired.held then return repaired end
  return replace_policy(bucket, state, repaired.document)
end

-- Are ACLs disabled, so that none has an effect (S3 user guide, "Controlling ownership of objects";
-- AccessControlListNotSupported)?
local function is_enforced(bucket)
  local wanted, none = { Bucket = bucket.id }, "OwnershipControlsNotFoundError"
  local reply, code = bucket.aws.s3:try("GetBucketOwnershipControls", wanted, none, GONE)
  look_for(bucket, code)
  if not reply then return false end
  local controls = expect(reply, "GetBucketOwnershipControls", "OwnershipControls")
  for _, rule in ipairs(controls.OwnershipControls.Rules) do
    if rule.ObjectOwnership == "BucketOwnerEnforced" then return true end
  end
  return false
end

-- Website endpoints only support HTTP (S3 user guide, "Website endpoints": they do not support
-- HTTPS): their visitors would be denied.
local function website_refusal(bucket)
  local wanted, none = { Bucket = bucket.id }, "NoSuchWebsiteConfiguration"
  if not bucket.aws.s3:try("GetBucketWebsite", wanted, none) then return nil end
  return "the bucket serves a website, whose endpoint supports only HTTP: all its visitors "
    .. "would be refused (serve it through CloudFront, and turn off the website)"
end

-- The check of a Deny statement that every bucket policy should have.
local function denial(check)
  local is_there, statement = check.is_there, check.statement
  return {
    id = check.id,
    title = check.title,
    severity = "medium",
    controls = check.controls,
    risk = check.risk,
    advice = check.advice,
    url = check.url,
    impact = "interrupts",
    repair = check.repair,

    audit = function(bucket, state)
      local partition = arn.partition(bucket.region)
      if documents.ask(state.policy, is_there, bucket.id, partition) then return true end
      return false, check.summary
    end,

    fix = function(bucket, state)
      local why = check.refusal and check.refusal(bucket)
      if why then return { held = why } end
      local document = state.policy.document
      local missing = statement(document, bucket.id, arn.partition(bucket.region))
      return replace_policy(bucket, state, s3_statements.with(document, missing))
    end,
  }
end

-- The paths to the bucket in an event.
local named = { id = { "requestParameters.bucketName", "resources[*].ARN" } }

return policy {
  type = "s3_bucket",
  title = "S3 bucket",
  aliases = { "s3" },
  scope = "global",
  aws_type = "AWS::S3::Bucket",
  arn = "arn:${partition}:s3:::${id}",
  id = { canonical = bucket_name, form = "${word}" },
  region = function(bucket) return region_of(bucket, { Name = bucket.id }) or nil end,

  permissions = {
    read = {
      ["s3:ListAllMyBuckets"] = "s3:ListBuckets",
      ["s3:ListBucket"] = { call = "s3:HeadBucket", on = BUCKETS },
      ["s3:GetBucketPublicAccessBlock"] = { call = "s3:GetPublicAccessBlock", on = BUCKETS },
      ["s3:GetAccountPublicAccessBlock"] = "s3control:GetPublicAccessBlock",
      ["s3:GetBucketLocation"] = { on = BUCKETS }, ["s3:GetBucketAcl"] = { on = BUCKETS },
      ["s3:GetBucketPolicy"] = { on = BUCKETS }, ["s3:GetBucketPolicyStatus"] = { on = BUCKETS },
      ["s3:GetBucketOwnershipControls"] = { on = BUCKETS },
      ["s3:GetBucketTagging"] = { on = BUCKETS },
      "s3:GetBucketWebsite",
    },
    shared = { "s3control:GetPublicAccessBlock" },
    write = {
      ["s3:PutBucketPolicy"] = { on = BUCKETS },
      ["s3:DeleteBucketPolicy"] = { on = BUCKETS },
      ["s3:PutBucketAcl"] = { on = BUCKETS },
    },
  },

  tolerates = {
    ["s3:GetBucketLocation"] = {
      "AccessDenied", why = "a bucket whose region is refused is found all the same",
    },
    ["s3:HeadBucket"] = {
      "AccessDenied", why = "a bucket whose region is refused is found all the same",
    },
    ["s3:GetBucketTagging"] = {
      "AccessDenied", why = "a bucket whose tags cannot be read is not a test resource",
    },
  },

  events = {
    ["s3:CreateBucket"] = named,
    ["s3:PutBucketPolicy"] = named,
    ["s3:DeleteBucketPolicy"] = named,
    ["s3:PutBucketAcl"] = named,
    ["s3:PutBucketPublicAccessBlock"] = named,
    ["s3:DeleteBucketPublicAccessBlock"] = named,
    ["s3:PutBucketTagging"] = named,
    ["s3:DeleteBucketTagging"] = named,
  },

  discover = function(scope)
    for page in scope.aws.s3:pages("ListBuckets", { MaxBuckets = 1000 }) do
      scope:map(expect(page, "ListBuckets", "Buckets").Buckets, function(bucket)
        local region = region_of(scope, bucket)
        if region == false then return end
        scope:found(bucket.Name, { region = region, test = is_test(scope, bucket, region) })
      end)
    end
  end,

  tags = function(_, state) return state.tags end,

  fetch = function() return {} end, -- nothing is needed by all checks

  -- Blocks and status decide which grants have an effect, and what S3 accepts. No repair changes
  -- them: functions return them, so that states are not compared by them.
  reads = {
    policy = function(bucket)
      local wanted, none = { Bucket = bucket.id }, "NoSuchBucketPolicy"
      local found, code = bucket.aws.s3:try("GetBucketPolicy", wanted, none, GONE)
      look_for(bucket, code)
      return documents.keep(found and expect(found, "GetBucketPolicy", "Policy").Policy)
    end,
    acl = function(bucket) -- unlike the policy, other accounts may read and change it
      local wanted = { Bucket = bucket.id, ExpectedBucketOwner = bucket.account }
      local acl, code = bucket.aws.s3:try("GetBucketAcl", wanted, GONE)
      look_for(bucket, code)
      expect(acl, "GetBucketAcl", "Owner", "Grants")
      return { Owner = acl.Owner, Grants = acl.Grants }
    end,
    blocks = function(bucket)
      local blocks = s3_block.merged(own_block(bucket), account_block(bucket))
      return function() return blocks end
    end,
    status = function(bucket, state)
      local status = { public = policy_status(bucket), text = documents.raw(state.policy) }
      return function() return status end
    end,
    tags = function(bucket)
      local wanted = { Bucket = bucket.id }
      local reply, code = bucket.aws.s3:try("GetBucketTagging", wanted, "NoSuchTagSet", GONE)
      look_for(bucket, code)
      return tags.map(reply and expect(reply, "GetBucketTagging", "TagSet").TagSet)
    end,
  },

  checks = {
    {
      id = "s3_bucket.public_acl",
      title = "Bucket ACL grants access to everyone",
      severity = "critical",
      controls = { securityhub = { "S3.2", "S3.3" } },
      risk = "Anyone, or anyone with an AWS account, can do with the bucket what the grant says: "
        .. "list, write or change it.",
      advice = "Turn on Block Public Access, and disable ACLs with the ownership setting "
        .. "BucketOwnerEnforced.",
      url = "https://docs.aws.amazon.com/securityhub/latest/userguide/s3-controls.html#s3-2",
      impact = "interrupts",
      repair = "Removes the grants to everyone; all other grants stay, and requests that relied "
        .. "on those removed are refused.",

      audit = function(_, state)
        local public = grants.public(state.acl)
        if #public == 0 then return true end
        local block = state.blocks().IgnorePublicAcls
        if block then return true, s3_block.contained(block, grants.describe(public)) end
        return false, grants.describe(public), public
      end,

      fix = function(bucket, state)
        local held = grants.doubt(state.acl) or is_enforced(bucket)
          and "ACLs are disabled by the bucket's ownership setting: S3 refuses them"
        if held then return { held = held } end
        local with, acl = grants.without_public(bucket.id, state.acl)
        local step = { call = "s3:PutBucketAcl", with = with }
        local block = state.blocks().BlockPublicAcls
        if block then
          step.irreversible = ("%s refuses to grant access to everyone again"):format(block)
        else
          step.undo = { call = "s3:PutBucketAcl", with = grants.put(bucket.id, state.acl) }
        end
        return { step }, { acl = acl }
      end,
    },
    {
      id = "s3_bucket.public_policy",
      title = "Bucket policy grants access to anyone",
      severity = "critical",
      controls = { securityhub = { "S3.2", "S3.3" } },
      risk = "Anyone can do with the bucket and its objects what the statement says.",
      advice = "Turn on Block Public Access, and serve public content through CloudFront with "
        .. "origin access control.",
      url = "https://docs.aws.amazon.com/securityhub/latest/userguide/s3-controls.html#s3-2",
      impact = "interrupts",
      repair = "Removes the condition values, principals or statements that grant access to "
        .. "anyone, and principals that were deleted; all else stays, and requests that relied "
        .. "on what is removed are refused.",

      audit = function(bucket, state)
        local open = s3_policy.open(bucket, state)
        local block = #open > 0 and s3_policy.restriction(bucket, state)
        if block then return true, s3_block.contained(block, access.describe(open)) end
        return access.verdict(open)
      end,

      -- A statement can always be removed: if none remains, the policy is removed.
      fix = function(bucket, state)
        return close_policy(bucket, state, access.open_to_anyone)
      end,
    },
    {
      id = "s3_bucket.grants_access",
      title = "Bucket policy grants access to an unknown account",
      severity = "high",
      controls = { securityhub = { "S3.6 ~" } },
      risk = "An account that you do not know can do with the bucket and its objects what the "
        .. "statement says.",
      advice = "Remove the account from the policy, or add it to KNOWN_ACCOUNTS.",
      url = "https://docs.aws.amazon.com/securityhub/latest/userguide/s3-controls.html#s3-6",
      impact = "interrupts",
      repair = "Removes the unknown accounts, as principals and in conditions, and what would "
        .. "grant access to anyone if Block Public Access did not restrict it; all else stays, "
        .. "and requests that relied on what is removed are refused.",

      audit = function(bucket, state)
        local own = s3_policy.own_users(state)
        return documents.ask(state.policy, access.audit_shared, bucket, own)
      end,

      -- For deleted principals, trust does not matter.
      fix = function(bucket, state, shared)
        local why = trust.doubt_of(bucket, shared)
        if why then return { held = why } end
        return close_policy(bucket, state, s3_policy.judge_of_unknown(bucket, state))
      end,
    },
    denial {
      id = "s3_bucket.sse",
      title = "Bucket policy does not deny uploads with foreign encryption",
      risk = "Objects can be stored under a key of the uploader's own, which you cannot decrypt "
        .. "without it.",
      advice = "Deny uploads whose x-amz-server-side-encryption header names anything but AES256, "
        .. "aws:kms or aws:kms:dsse.",
      url = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingServerSideEncryption.html",
      repair = "Adds a statement that denies uploads with another encryption; uploads without the "
        .. "header are encrypted by default, as before.",
      is_there = s3_statements.denies_wrong_encryption,
      statement = s3_statements.wrong_encryption_denial,
      summary = "uploads that request an encryption other than AES256, aws:kms or "
        .. "aws:kms:dsse are not denied",
    },
    denial {
      id = "s3_bucket.tls",
      title = "Bucket policy does not deny requests without TLS",
      controls = { securityhub = { "S3.5" }, cis = { "2.1.1" } },
      risk = "Objects and credentials in requests without TLS can be read and changed in transit.",
      advice = "Deny all requests in which aws:SecureTransport is false.",
      url = "https://docs.aws.amazon.com/securityhub/latest/userguide/s3-controls.html#s3-5",
      repair = "Adds a statement that denies requests without TLS; clients that use plain "
        .. "HTTP are refused, as are viewers to whom CloudFront passes the bucket's objects "
        .. "over plain HTTP. Held for a bucket that serves a website, because its endpoint "
        .. "supports only HTTP.",
      refusal = website_refusal,
      is_there = s3_statements.denies_plain_http,
      statement = s3_statements.plain_http_denial,
      summary = "requests without TLS are not denied",
    },
    {
      id = "s3_bucket.tags",
      title = "Bucket lacks a required tag",
      severity = "low",
      risk = "Without its tags the owner of the bucket is not known, and budgets and rules by "
        .. "tag miss it.",
      advice = "Add the tags that REQUIRED_TAGS names.",
      url = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/CostAllocTagging.html",
      needs = "required_tags",
      audit = function(bucket, state) return tags.audit(state.tags, bucket.settings) end,
    },
  },
}
