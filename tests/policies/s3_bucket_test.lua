-- policies/s3_bucket.lua, by the real engine.
local NAME = "box"
local ACL, OPEN, SHARED = "s3_bucket.public_acl", "s3_bucket.public_policy",
  "s3_bucket.grants_access"
local SSE, TLS, TAGS = "s3_bucket.sse", "s3_bucket.tls", "s3_bucket.tags"

-- In the form in which an author writes it, so that what remains can be compared byte for byte.
local function allow(sid, principal, rest)
  local form = '{"Sid":"%s","Effect":"Allow","Principal":%s,"Resource":"arn:aws:s3:::box/*",'
    .. '"Action":"s3:GetObject"%s}'
  return form:format(sid, principal, rest or "")
end

local APP = allow("app", '{"AWS":"arn:aws:iam::111122223333:role/app"}')
local PUBLIC = allow("open", '{"AWS":"*"}')
local STRANGER = allow("partner", '{"AWS":"arn:aws:iam::999988887777:root"}')
-- The statements that the repairs add.
local NO_SSE = '{"Sid":"DenyWrongEncryption","Effect":"Deny","Principal":"*",'
  .. '"Action":"s3:PutObject","Resource":"arn:aws:s3:::box/*","Condition":{'
  .. '"Null":{"s3:x-amz-server-side-encryption":"false"},"StringNotEquals":'
  .. '{"s3:x-amz-server-side-encryption":["AES256","aws:kms","aws:kms:dsse"]}}}'
local NO_TLS = '{"Sid":"DenyPlainHttp","Effect":"Deny","Principal":"*","Action":"s3:*",'
  .. '"Resource":["arn:aws:s3:::box","arn:aws:s3:::box/*"],'
  .. '"Condition":{"Bool":{"aws:SecureTransport":"false"}}}'

local function document(...)
  return '{"Version":"2012-10-17","Statement":[' .. table.concat({ ... }, ",") .. "]}"
end

local OWNER = { ID = ("0a"):rep(32) }
local OWN = { Grantee = { Type = "CanonicalUser", ID = OWNER.ID }, Permission = "FULL_CONTROL" }
local EVERYONE = {
  Grantee = { Type = "Group", URI = "http://acs.amazonaws.com/groups/global/AllUsers" },
  Permission = "READ",
}
local NO_BLOCK = { fault = "NoSuchPublicAccessBlockConfiguration" }

-- with: { policy =, grants =, block =, website = } of the bucket
local function replies(with)
  local block = with.block and { PublicAccessBlockConfiguration = with.block } or NO_BLOCK
  local text = with.policy
  local is_public = text ~= nil and text:find(PUBLIC, 1, true) ~= nil
  return {
    ["s3:GetBucketPolicy"] = text and { Policy = text } or { fault = "NoSuchBucketPolicy" },
    ["s3:GetBucketPolicyStatus"] = { PolicyStatus = { IsPublic = is_public } },
    ["s3:GetBucketAcl"] = { Owner = OWNER, Grants = with.grants or { OWN } },
    ["s3:GetPublicAccessBlock"] = block,
    ["s3control:GetPublicAccessBlock"] = NO_BLOCK,
    ["s3:GetBucketOwnershipControls"] = { fault = "OwnershipControlsNotFoundError" },
    ["s3:GetBucketWebsite"] = with.website or { fault = "NoSuchWebsiteConfiguration" },
    ["s3:GetBucketTagging"] = { TagSet = { { Key = "owner", Value = "shop" } } },
  }
end

local function bucket(name, with, expect)
  expect[TAGS] = expect[TAGS] or "skipped"
  return { name = name, id = NAME, replies = replies(with), expect = expect }
end

-- A call that stores this policy (nil: none).
local function store(text)
  if not text then return { call = "s3:DeleteBucketPolicy", with = { Bucket = NAME } } end
  return { call = "s3:PutBucketPolicy", with = { Bucket = NAME, Policy = text } }
end

-- A bucket whose repair stores these policies, one after the other.
local function repaired(case, before, ...)
  case.changes = {}
  for i, text in ipairs { ... } do
    local change = store(text or nil)
    change.undo, change.replies = store(before), replies { policy = text or nil }
    case.changes[i], before = change, text or nil
  end
  return case
end

local function put_acl(...)
  return {
    call = "s3:PutBucketAcl",
    with = { Bucket = NAME, AccessControlPolicy = { Owner = OWNER, Grants = { ... } } },
  }
end

local GOOD = document(APP, NO_SSE, NO_TLS)
local WORSE = document(APP, PUBLIC, NO_SSE, NO_TLS)
local FOREIGN = document(APP, STRANGER, NO_SSE, NO_TLS)

local granted = bucket("an ACL that grants everyone access",
  { policy = GOOD, grants = { OWN, EVERYONE } }, {
    [ACL] = { status = "non_compliant", summary = "READ to everyone" },
  })
granted.changes = { put_acl(OWN) }
granted.changes[1].undo = put_acl(OWN, EVERYONE)
granted.changes[1].replies = replies { policy = GOOD }

local shared = bucket("an unknown account", { policy = FOREIGN }, {
  [SHARED] = { status = "non_compliant", summary = "999988887777" },
})
shared.settings = { KNOWN_ACCOUNTS = "222233334444" }

local untrusting = bucket("an unknown account, if no account is known", { policy = FOREIGN },
  { [SHARED] = "non_compliant" })
untrusting.repaired = { [SHARED] = "held" }

local trusting = bucket("an account that is known", { policy = FOREIGN }, {})
trusting.settings = { KNOWN_ACCOUNTS = "999988887777" }

local site = bucket("a website, which supports only HTTP",
  { policy = document(APP, NO_SSE), website = { IndexDocument = { Suffix = "index.html" } } },
  { [TLS] = "non_compliant" })
site.repaired = { [TLS] = "held" }

local blocked = bucket("an open policy and ACL that the bucket's block disables", {
  policy = WORSE, grants = { OWN, EVERYONE },
  block = { IgnorePublicAcls = true, RestrictPublicBuckets = true },
}, {})

local tagged = bucket("a required tag", { policy = GOOD }, { [TAGS] = "compliant" })
tagged.settings = { REQUIRED_TAGS = "Owner" }
local untagged = bucket("a missing tag", { policy = GOOD }, { [TAGS] = "non_compliant" })
untagged.settings = { REQUIRED_TAGS = "CostCenter" }

local gone = bucket("a bucket that does not exist any more", { policy = GOOD }, {})
gone.expect = "gone"
for _, read in ipairs { "GetBucketPolicy", "GetBucketAcl" } do
  gone.replies["s3:" .. read] = { fault = "NoSuchBucket" }
end

return {
  policy = "s3_bucket",
  cases = {
    bucket("its own account, and both denials", { policy = GOOD }, {}),
    bucket("a policy that cannot be parsed", { policy = "{" }, {
      [OPEN] = "unknown", [SHARED] = "unknown", [SSE] = "unknown", [TLS] = "unknown",
    }),
    repaired(bucket("no policy", {}, { [SSE] = "non_compliant", [TLS] = "non_compliant" }), nil,
      document(NO_SSE), document(NO_SSE, NO_TLS)),
    repaired(bucket("an open statement among others", { policy = WORSE }, {
      [OPEN] = { status = "non_compliant", summary = "statement 2 (open) lets anyone" },
    }), WORSE, GOOD),
    repaired(bucket("nothing but an open statement", { policy = document(PUBLIC) }, {
      [OPEN] = "non_compliant", [SSE] = "non_compliant", [TLS] = "non_compliant",
    }), document(PUBLIC), false, document(NO_SSE), document(NO_SSE, NO_TLS)),
    repaired(shared, FOREIGN, GOOD),
    granted, untrusting, trusting, site, blocked, tagged, untagged, gone,
  },
  listings = {
    {
      name = "buckets of all regions, page by page",
      replies = {
        ["s3:ListBuckets"] = { pages = {
          { Buckets = { { Name = "a", BucketRegion = "eu-central-1" }, { Name = "b" } } },
          { Buckets = { { Name = "c-misconfig-maker" }, { Name = "shut" }, { Name = "gone" } } },
        } },
        ["s3:GetBucketLocation"] = {
          { with = { Bucket = "b" }, reply = { LocationConstraint = "EU" } },
          { with = { Bucket = "shut" }, reply = { fault = "AccessDenied" } },
          { with = { Bucket = "gone" }, reply = { fault = "NoSuchBucket" } },
          { with = {}, reply = {} },
        },
        ["s3:HeadBucket"] = { BucketRegion = "eu-north-1" },
      },
      ids = {
        { id = "a", region = "eu-central-1" }, { id = "b", region = "eu-west-1" },
        { id = "c-misconfig-maker", region = "us-east-1", test = true },
        { id = "shut", region = "eu-north-1" },
      },
    },
  },
  events = {
    {
      event = "s3:PutBucketPolicy",
      detail = { requestParameters = { bucketName = NAME } },
      ids = { NAME },
    },
  },
}
