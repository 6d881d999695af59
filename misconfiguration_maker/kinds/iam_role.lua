-- A role that anyone may assume, and an unknown account by its id, but that is denied everything.
local NAME = "misconfiguration_maker"
local GUARD = "DenyEverything"
local UNKNOWN_ACCOUNT = "999988887777"
local GONE = "NoSuchEntity"

local function document(...)
  return json.encode { Version = "2012-10-17", Statement = { ... } }
end

local function trust()
  local function statement(sid, principal)
    local who = { AWS = principal }
    return { Sid = sid, Effect = "Allow", Principal = who, Action = "sts:AssumeRole" }
  end
  return document(statement("AnyoneTakes", "*"),
    statement("UnknownAccountTakes", "arn:aws:iam::" .. UNKNOWN_ACCOUNT .. ":root"))
end

-- Creates the role with a trust policy for nobody; the trust policy is opened last, after the role
-- is denied everything.
local function closed()
  return document { Effect = "Deny", Principal = { AWS = "*" }, Action = "sts:AssumeRole" }
end

return {
  make = function(aws)
    local wanted = { RoleName = NAME, AssumeRolePolicyDocument = closed() }
    aws.iam:try("CreateRole", wanted, "EntityAlreadyExists")
    aws.iam:PutRolePolicy {
      RoleName = NAME, PolicyName = GUARD,
      PolicyDocument = document { Effect = "Deny", Action = "*", Resource = "*" },
    }
    aws.iam:UpdateAssumeRolePolicy { RoleName = NAME, PolicyDocument = trust() }
    return { NAME }
  end,

  clean = function(aws)
    aws.iam:try("DeleteRolePolicy", { RoleName = NAME, PolicyName = GUARD }, GONE)
    aws.iam:try("DeleteRole", { RoleName = NAME }, GONE)
  end,
}
