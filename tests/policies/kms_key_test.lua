-- policies/kms_key.lua, by the real engine.
local ID = "1234abcd-12ab-34cd-56ef-1234567890ab"
local ARN = "arn:aws:kms:us-east-1:111122223333:key/" .. ID
local PUBLIC, SHARED = "kms_key.public", "kms_key.shared"

-- In the form in which an author writes it, so that what remains can be compared byte for byte.
local function statement(sid, principal, action, rest)
  local form = '{"Sid":"%s","Effect":"Allow","Principal":%s,"Action":"%s","Resource":"*"%s}'
  return form:format(sid, principal, action, rest or "")
end

-- For everyone who calls through S3.
local function through(more)
  return statement("s3", '{"AWS":"*"}', "kms:Decrypt", ',"Condition":{"StringEquals":{' .. more
    .. '"kms:ViaService":"s3.us-east-1.amazonaws.com"}}')
end

local ROOT = statement("root", '{"AWS":"arn:aws:iam::111122223333:root"}', "kms:*")
local ADMIN = statement("admin", '{"AWS":"arn:aws:iam::111122223333:role/admin"}', "kms:*")
local OPEN = statement("open", '{"AWS":"*"}', "kms:Decrypt")
local STRANGER = statement("partner", '{"AWS":"arn:aws:iam::999988887777:root"}', "kms:Encrypt")

local function document(...)
  return '{"Version":"2012-10-17","Id":"key-1","Statement":[' .. table.concat({ ... }, ",") .. "]}"
end

local function replies(text, manager, state)
  return {
    ["kms:GetKeyPolicy"] = { Policy = text, PolicyName = "default" },
    ["kms:DescribeKey"] = { KeyMetadata = {
      KeyId = ID, Arn = ARN, KeyManager = manager or "CUSTOMER", KeyState = state or "Enabled",
    } },
    ["kms:ListResourceTags"] = { Tags = { { TagKey = "Team", TagValue = "shop" } } },
  }
end

local function key(name, text, expect, ...)
  return { name = name, id = ID, replies = replies(text, ...), expect = expect }
end

-- A key whose repair leaves `after` of the policy `before`.
local function repaired(name, before, after, expect)
  local case = key(name, before, expect or { [PUBLIC] = "non_compliant" })
  local function put(text)
    local with = { KeyId = ID, PolicyName = "default", Policy = text }
    return { call = "kms:PutKeyPolicy", with = with }
  end
  local change = put(after)
  change.undo, change.replies = put(before), replies(after)
  case.changes = { change }
  return case
end

local trusting = key("an account that is known", document(ROOT, STRANGER), "compliant")
trusting.settings = { KNOWN_ACCOUNTS = "999988887777" }

local gone = key("a key that does not exist any more", nil, "gone")
gone.replies["kms:GetKeyPolicy"] = { fault = "NotFoundException" }

local locked = key("a policy that nobody could change any more", document(ADMIN, OPEN),
  { [PUBLIC] = "non_compliant" })
locked.repaired = { [PUBLIC] = "held" }

return {
  policy = "kms_key",
  cases = {
    key("its own account", document(ROOT, ADMIN), "compliant"),
    key("its own callers of a service",
      document(ROOT, through '"kms:CallerAccount":"111122223333",'), "compliant"),
    key("a key of AWS", document(OPEN), "compliant", "AWS"),
    key("a key that will be deleted", document(OPEN), "compliant", nil, "PendingDeletion"),
    key("a key that is being made", document(OPEN), "pending", nil, "Creating"),
    key("a policy that cannot be parsed", '{"Version":', "unknown"),
    key("an unknown account", document(ROOT, STRANGER), {
      [SHARED] = { status = "non_compliant", summary = "999988887777" },
    }),
    trusting, gone, locked,
    repaired("an open statement among others", document(ROOT, OPEN, STRANGER, ADMIN),
      document(ROOT, STRANGER, ADMIN), {
        [PUBLIC] = { status = "non_compliant", summary = "statement 2 (open) lets anyone" },
        [SHARED] = "non_compliant",
      }),
    repaired("everyone through a service", document(ROOT, through ""),
      document(ROOT, through '"kms:CallerAccount":"111122223333",')),
  },
  listings = {
    {
      name = "keys, page by page",
      replies = {
        ["kms:ListKeys"] = { pages = {
          { Keys = { { KeyId = "a" }, { KeyId = "b" } } },
          { Keys = {} },
          { Keys = { { KeyId = "c" } } },
        } },
      },
      ids = { "a", "b", "c" },
    },
    {
      name = "test resources, by their tags",
      settings = { ONLY_USE_TEST_RESOURCES = "true" },
      replies = {
        ["kms:ListKeys"] = { Keys = { { KeyId = "a" }, { KeyId = "b" } } },
        ["kms:ListResourceTags"] = {
          { with = { KeyId = "a" }, reply = { Tags = { { TagKey = "Name", TagValue = "shop" } } } },
          { with = { KeyId = "b" },
            reply = { Tags = { { TagKey = "misconfiguration_maker", TagValue = "true" } } } },
        },
      },
      ids = { "a", { id = "b", test = true } },
    },
  },
  events = {
    {
      event = "kms:PutKeyPolicy",
      detail = { requestParameters = { keyId = ID, policyName = "default" } },
      ids = { ID },
    },
    {
      event = "kms:ReplicateKey",
      detail = { requestParameters = { keyId = ID, replicaRegion = "eu-west-1" } },
      ids = { { id = ID, region = "eu-west-1" } },
    },
  },
}
