-- Only trusted principals may use keys, and the account keeps control of them.
local access = require "lib.access"
local arn = require "lib.arn"
local caller = require "lib.caller"
local documents = require "lib.documents"
local event_ids = require "lib.event_ids"
local key_policy = require "lib.key_policy"
local none = require "lib.none"
local spellings = require "lib.spellings"
local test_resources = require "lib.test_resources"
local via_service = require "lib.via_service"

local KEYS = "arn:${partition}:kms:${region}:${account}:key/*"

local NAME = "default" -- the only name (KMS API reference, PutKeyPolicy)
local LONGEST_POLICY = 32 * 1024 -- bytes (the same)
local GONE = "NotFoundException"
local NOT_READY = 60 -- seconds

-- KMS always returns these; without them the key would seem to belong to nobody.
local function part(reply, operation, name)
  if reply[name] == nil or reply[name] == "" then
    error(("kms:%s returned no %s"):format(operation, name), 0)
  end
  return reply[name]
end

local function add_tags(map, page)
  for _, tag in ipairs(part(page, "ListResourceTags", "Tags")) do map[tag.TagKey] = tag.TagValue end
end

-- A key has no name, and its tags cost a call: they are only read if the result depends on them.
local function is_test(scope, id)
  if not scope.settings.only_use_test_resources then return false end
  local wanted, refused = { KeyId = id, Limit = 50 }, "AccessDeniedException"
  local page, found = scope.aws.kms:try("ListResourceTags", wanted, GONE, refused), {}
  if page then add_tags(found, page) end
  return test_resources.tagged(found)
end

local function tags_of(key)
  local found = {}
  for page in key.aws.kms:pages("ListResourceTags", { KeyId = key.id, Limit = 50 }) do
    add_tags(found, page)
  end
  return found
end

-- Is it known that no unknown principal has access?
local function is_good(key, kept)
  local ok, closed = pcall(documents.ask, kept, access.is_closed, key)
  return kept.document ~= nil and ok and closed
end

-- AWS managed keys can only be changed by AWS; nobody can use a key that is pending deletion (KMS
-- developer guide, "Key states of KMS keys").
local function is_contained(state)
  return state.manager == "AWS" or state.status == "PendingDeletion"
    or state.status == "PendingReplicaDeletion"
end

-- If the policy is good every check passes, so nothing else is read.
local function fetch(key)
  local wanted = { KeyId = key.id, PolicyName = NAME }
  local reply = key.aws.kms:try("GetKeyPolicy", wanted, GONE)
  if not reply then return nil end
  local state = { policy = documents.keep(part(reply, "GetKeyPolicy", "Policy")) }
  if is_good(key, state.policy) then return state end
  local described = key.aws.kms:try("DescribeKey", { KeyId = key.id }, GONE)
  if not described then return nil end
  local about = part(described, "DescribeKey", "KeyMetadata")
  state.arn = part(about, "DescribeKey", "Arn")
  state.manager = part(about, "DescribeKey", "KeyManager")
  state.status = part(about, "DescribeKey", "KeyState")
  if state.status == "Creating" or state.status == "Updating" then key:later(NOT_READY) end
  return state
end

local function put_policy(key, text)
  return {
    call = "kms:PutKeyPolicy", with = { KeyId = key.id, PolicyName = NAME, Policy = text },
  }
end

local function refusal(key, state, document, text)
  if not text then return "nothing would be left of the policy, and a key must have one" end
  if #text > LONGEST_POLICY then
    return ("the policy would have %d bytes, more than the 32 KB that KMS stores"):format(#text)
  end
  local me = caller.parse(key:caller())
  return key_policy.lockout(document, me, state.arn)
end

-- The state that `fetch` would return: for a good policy, nothing else is read.
local function with_policy(key, text)
  local after = { policy = documents.keep(text) }
  if not is_good(key, after.policy) then return after end
  for _, name in ipairs { "arn", "manager", "status", "tags" } do after[name] = none end
  return after
end

-- A key is named by its id or its ARN. KMS neither returns nor changes a key's policy by an alias
-- (API reference, GetKeyPolicy), and only KMS knows the key of an alias.
local function key_id(text)
  local id = spellings.after_prefix(text, "kms", "key/", "alias/")
  if id:find("^alias/") or text:find(":alias/", 1, true) then
    error(("%s is an alias: name the key itself"):format(text), 0)
  end
  return id
end

-- The replica is in another region, has its own policy, and has the id of its primary key (KMS
-- developer guide, "How multi-Region keys work").
local function replica(detail)
  local id = event_ids.first(detail, "responseElements.replicaKeyMetadata.keyId",
    "requestParameters.keyId")
  local region = event_ids.first(detail, "requestParameters.replicaRegion",
    "responseElements.replicaKeyMetadata.arn")
  local of_arn = arn.parse(region)
  return { { id = key_id(id), region = of_arn and of_arn.region or region } }
end

return policy {
  type = "kms_key",
  title = "KMS key",
  aws_type = "AWS::KMS::Key",
  arn = "arn:${partition}:kms:${region}:${account}:key/${id}",
  id = { canonical = key_id, form = "${word}" },

  permissions = {
    read = {
      "kms:ListKeys",
      ["kms:GetKeyPolicy"] = { on = KEYS },
      ["kms:DescribeKey"] = { on = KEYS },
      ["kms:ListResourceTags"] = { on = KEYS },
    },
    write = { ["kms:PutKeyPolicy"] = { on = KEYS } },
  },

  tolerates = {
    ["kms:ListResourceTags"] = {
      "AccessDeniedException", why = "a key whose tags cannot be read is not a test resource",
    },
  },

  events = {
    ["kms:CreateKey"] = { id = { "responseElements.keyMetadata.keyId", "resources[*].ARN" } },
    ["kms:PutKeyPolicy"] = { id = {
      "requestParameters.keyId", "responseElements.keyId", "resources[*].ARN",
    } },
    ["kms:ReplicateKey"] = replica,
  },

  discover = function(scope)
    for page in scope.aws.kms:pages("ListKeys", { Limit = 1000 }) do
      scope:map(part(page, "ListKeys", "Keys"), function(key)
        scope:found(key.KeyId, { test = is_test(scope, key.KeyId) })
      end)
    end
  end,

  tags = function(_, state) return state.tags end,

  fetch = fetch,

  reads = {
    tags = function(key, state)
      return state.status and not is_contained(state) and tags_of(key) or nil
    end,
  },

  checks = {
    {
      id = "kms_key.public",
      title = "Key policy grants access to anyone",
      severity = "critical",
      controls = { securityhub = { "KMS.5" } },
      risk = "Anyone with an AWS account can use the key as the statement says, so what it "
        .. "encrypts is not secret.",
      advice = "Name the accounts or roles that need the key, or limit the statement with "
        .. "kms:CallerAccount or aws:PrincipalOrgID.",
      url = "https://docs.aws.amazon.com/securityhub/latest/userguide/kms-controls.html#kms-5",
      impact = "interrupts",
      repair = "Removes the condition values, principals or statements that grant access to "
        .. "anyone; the account itself and all named principals keep their access, and others "
        .. "can no longer decrypt what the key encrypts. A statement that grants access through "
        .. "an AWS service (kms:ViaService) stays for the account's own callers "
        .. "(kms:CallerAccount).",

      audit = function(key, state)
        if is_contained(state) then return true end
        return documents.ask(state.policy, access.audit_open, key)
      end,

      fix = function(key, state)
        local function judge(document) return access.open_to_anyone(document, key) end
        local limited = via_service.limited(documents.of(state.policy), key, judge)
        local repaired = key_policy.closed(limited, judge, key.account, arn.partition(key.region))
        if repaired.held then return repaired end
        local rest = repaired.document
        local text = rest and documents.text(state.policy, rest)
        local why = refusal(key, state, rest, text)
        if why then return { held = why } end
        local step = put_policy(key, text)
        step.undo = put_policy(key, documents.former(state.policy))
        return { step }, with_policy(key, text)
      end,
    },
    {
      id = "kms_key.shared",
      title = "Key policy grants access to an unknown account",
      severity = "high",
      risk = "An account that you do not know can use the key as the statement says.",
      advice = "Remove the account from the key policy, or add it to KNOWN_ACCOUNTS.",
      url = "https://docs.aws.amazon.com/kms/latest/developerguide/"
        .. "key-policy-modifying-external-accounts.html",

      audit = function(key, state)
        if is_contained(state) then return true end
        return documents.ask(state.policy, access.audit_shared, key)
      end,
    },
  },
}
