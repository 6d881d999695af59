-- Only trusted principals may assume roles.
local access = require "lib.access"
local caller = require "lib.caller"
local copy_of = require "lib.copy_of"
local documents = require "lib.documents"
local repairs = require "lib.repairs"
local spellings = require "lib.spellings"
local tags = require "lib.tags"
local test_resources = require "lib.test_resources"
local web_identity = require "lib.web_identity"

local ROLES = "arn:${partition}:iam::${account}:role/*"

-- A list of statements cannot be empty (IAM user guide, "Grammar of the IAM JSON policy language").
local DENY_ALL = {
  Sid = "DenyAll", Effect = "Deny", Principal = { AWS = "*" }, Action = "sts:AssumeRole",
}

-- Only the service that created such roles can change them (IAM user guide, "Service-linked roles";
-- IAM Identity Center guide, "Referencing permission sets in resource policies").
local PROTECTED = { "/aws-service-role/", "/aws-reserved/" }

-- IAM always returns these; without them the role would seem to be closed to everyone.
local function part(reply, operation, name)
  if reply[name] == nil or reply[name] == "" then
    error(("iam:%s returned no %s"):format(operation, name), 0)
  end
  return reply[name]
end

-- nil: the role no longer exists.
local function role_of(role)
  local reply = role.aws.iam:try("GetRole", { RoleName = role.id }, "NoSuchEntity")
  return reply and part(reply, "GetRole", "Role")
end

local function set_trust(role, text)
  return {
    call = "iam:UpdateAssumeRolePolicy", with = { RoleName = role.id, PolicyDocument = text },
  }
end

-- The engine's own role, which repairs need: only people may change it.
local function is_own(role)
  local member = role.settings.member_role or ""
  if member:match("([^/]*)$"):lower() == role.id:lower() then return true end
  local me = caller.parse(role:caller())
  return caller.is_role(me, role.account, role.id)
end

local function refusal(role, state, rest)
  for _, path in ipairs(PROTECTED) do
    if state.path:sub(1, #path) == path then
      return ("roles under %s belong to AWS: IAM refuses to change them"):format(path)
    end
  end
  if is_own(role) then return "the engine repairs resources with this role" end
  local unwritable = web_identity.refusal(rest)
  return unwritable and "the remaining policy cannot be stored: " .. unwritable or nil
end

-- IAM accepts an older trust policy only if it is unchanged.
local function with_way_back(step, state, back)
  local unwritable = web_identity.refusal(state.trust.document)
  if unwritable then
    step.irreversible = "the earlier policy cannot be stored again: " .. unwritable
  else
    step.undo = back
  end
  return step
end

local function deny_all(document)
  local copy = copy_of(document)
  copy.Statement = { DENY_ALL }
  return copy
end

-- The path is known after the role was read.
local function arn_of(_, state)
  local path = state and state.path or "/"
  return "arn:${partition}:iam::${account}:role" .. path .. "${id}"
end

return policy {
  type = "iam_role",
  title = "IAM role",
  scope = "global",
  aws_type = "AWS::IAM::Role",
  arn = arn_of,
  id = { canonical = spellings.after_path("iam", "role/"), form = "${word}" },

  permissions = {
    read = { "iam:ListRoles", ["iam:GetRole"] = { on = ROLES } },
    write = { ["iam:UpdateAssumeRolePolicy"] = { on = ROLES } },
  },

  events = {
    ["iam:CreateRole"] = { id = {
      "requestParameters.roleName", "responseElements.role.roleName",
    } },
    ["iam:UpdateAssumeRolePolicy"] = "requestParameters.roleName",
  },

  discover = function(scope)
    for page in scope.aws.iam:pages("ListRoles", { MaxItems = 1000 }) do
      for _, role in ipairs(part(page, "ListRoles", "Roles")) do
        local test = test_resources.named(role.RoleName)
        scope:found(role.RoleName, { test = test, listed = role })
      end
    end
  end,

  tags = function(_, state) return state.tags end,

  fetch = function(role)
    local found = role.listed or role_of(role)
    if not found then return nil end
    return {
      path = part(found, "GetRole", "Path"),
      trust = documents.keep(uri.decode(part(found, "GetRole", "AssumeRolePolicyDocument"))),
      found = function() return found end,
    }
  end,

  -- ListRoles does not return the tags (IAM API reference, ListRoles).
  reads = {
    tags = function(role, state)
      local found = state.found()
      if role.listed then found = role_of(role) end
      return found and tags.map(found.Tags)
    end,
  },

  checks = {
    {
      id = "iam_role.public_trust",
      title = "Anyone can assume the role",
      severity = "critical",
      risk = "Anyone can assume the role and do all that its policies allow.",
      advice = "Name the accounts, roles or services that need the role, or limit the "
        .. "statement with a condition such as aws:PrincipalOrgID; for a token issuer that many "
        .. "tenants share, such as GitHub, with the claim that names yours.",
      url = "https://docs.aws.amazon.com/IAM/latest/UserGuide/"
        .. "id_roles_update-role-trust-policy.html",
      impact = "interrupts",
      repair = "Removes what lets anyone assume the role, or denies everything if nothing "
        .. "else is left; existing sessions work until they expire. It cannot be undone if IAM "
        .. "no longer accepts the earlier policy. Guests of Cognito are not removed.",

      audit = function(role, state)
        return documents.ask(state.trust, access.audit_open, role)
      end,

      fix = function(role, state)
        local document = documents.of(state.trust)
        local repaired = repairs.closed(document, function(other)
          return access.open_to_anyone(other, role)
        end)
        local rest = repaired.document or deny_all(document)
        local why = repaired.held or refusal(role, state, rest)
        if why then return { held = why } end
        local text = documents.text(state.trust, rest)
        local step = set_trust(role, text)
        with_way_back(step, state, set_trust(role, documents.former(state.trust)))
        return { step }, { trust = documents.keep(text) }
      end,
    },
    {
      id = "iam_role.shared",
      title = "An unknown account can assume the role",
      severity = "high",
      risk = "An account that you do not know can assume the role and do all that its policies "
        .. "allow.",
      advice = "Remove the account from the trust policy, or add it to KNOWN_ACCOUNTS; "
        .. "require an external id from third parties.",
      url = "https://docs.aws.amazon.com/IAM/latest/UserGuide/"
        .. "id_roles_common-scenarios_third-party.html",

      audit = function(role, state)
        return documents.ask(state.trust, access.audit_shared, role)
      end,
    },
  },
}
