-- A key that encrypts nothing, which anyone may describe, and an unknown account by its id.
local NAME = "misconfiguration_maker"
local ALIAS = "alias/" .. NAME
local UNKNOWN_ACCOUNT = "999988887777"
local GONE = "NotFoundException"

local function root_of(account)
  return { AWS = "arn:aws:iam::" .. account .. ":root" }
end

local function policy_of(account)
  local function statement(sid, principal, action)
    return { Sid = sid, Effect = "Allow", Principal = principal, Action = action, Resource = "*" }
  end
  return json.encode {
    Version = "2012-10-17",
    Statement = {
      statement("Account", root_of(account), "kms:*"),
      statement("AnyoneAsks", { AWS = "*" }, "kms:DescribeKey"),
      statement("UnknownAccountAsks", root_of(UNKNOWN_ACCOUNT), "kms:DescribeKey"),
    },
  }
end

local function find(aws)
  local found = aws.kms:try("DescribeKey", { KeyId = ALIAS }, GONE)
  return found and found.KeyMetadata.KeyId
end

local function create(aws)
  local key = aws.kms:CreateKey {
    Description = NAME, Tags = { { TagKey = NAME, TagValue = "true" } },
  }
  local id = key.KeyMetadata.KeyId
  aws.kms:CreateAlias { AliasName = ALIAS, TargetKeyId = id }
  return id
end

return {
  make = function(aws, place)
    local id = find(aws) or create(aws)
    aws.kms:PutKeyPolicy { KeyId = id, PolicyName = "default", Policy = policy_of(place.account) }
    return { id }
  end,

  -- A key cannot be deleted at once: it is scheduled for the shortest waiting period, and loses the
  -- tag that marks it.
  clean = function(aws)
    local id = find(aws)
    if not id then return end
    aws.kms:DeleteAlias { AliasName = ALIAS }
    aws.kms:UntagResource { KeyId = id, TagKeys = { NAME } }
    aws.kms:ScheduleKeyDeletion { KeyId = id, PendingWindowInDays = 7 }
  end,
}
