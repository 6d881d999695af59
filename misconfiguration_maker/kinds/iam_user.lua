-- A user with a password and an access key, who is denied everything. Without MFA, it is
-- non-compliant after a day; with an unused password and key, after 100 days. Nobody knows the
-- password, and nobody has the key.
local NAME = "misconfiguration_maker"
local GUARD = "DenyEverything"
local GONE = "NoSuchEntity"

local function denial()
  return json.encode {
    Version = "2012-10-17",
    Statement = { { Effect = "Deny", Action = "*", Resource = "*" } },
  }
end

-- Long, and with the four classes of characters that a password policy may require.
local function random_password()
  local file <close> = assert(io.open("/dev/urandom", "rb"))
  local digits = file:read(24):gsub(".", function(c) return ("%02x"):format(c:byte()) end)
  return "aZ0!" .. digits
end

local function keys_of(aws)
  local found = aws.iam:try("ListAccessKeys", { UserName = NAME }, GONE)
  return found and found.AccessKeyMetadata or {}
end

return {
  make = function(aws)
    aws.iam:try("CreateUser", { UserName = NAME }, "EntityAlreadyExists")
    aws.iam:PutUserPolicy { UserName = NAME, PolicyName = GUARD, PolicyDocument = denial() }
    local login = { UserName = NAME, Password = random_password(), PasswordResetRequired = true }
    aws.iam:try("CreateLoginProfile", login, "EntityAlreadyExists")
    if #keys_of(aws) == 0 then aws.iam:CreateAccessKey { UserName = NAME } end
    return { NAME }
  end,

  clean = function(aws)
    for _, key in ipairs(keys_of(aws)) do
      aws.iam:DeleteAccessKey { UserName = NAME, AccessKeyId = key.AccessKeyId }
    end
    aws.iam:try("DeleteLoginProfile", { UserName = NAME }, GONE)
    aws.iam:try("DeleteUserPolicy", { UserName = NAME, PolicyName = GUARD }, GONE)
    aws.iam:try("DeleteUser", { UserName = NAME }, GONE)
  end,
}
