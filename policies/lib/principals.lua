-- What a principal means: takes one text of `Principal`, and returns what it stands for. Kinds:
-- "anyone"; "account" (an account, or a user, role, session or SAML provider of one); "service" (of
-- AWS); "oidc" (a web identity provider of an account); "public" (a provider that anyone can use);
-- "canonical" (an S3 user by canonical id); "deleted" (the unique id that remains when a user or
-- role was deleted); "other" (any other name).
local arn = require "lib.arn"
local glob = require "lib.glob"
local issuers = require "lib.issuers"
local service_domains = require "lib.service_domains"

local principals = {}

local function ends_with(text, tail)
  return #text > #tail and text:sub(-#tail) == tail
end

local function is_service(text)
  if #text > 256 or not text:find("^[%w.-]+$") then return false end
  for _, domain in ipairs(service_domains) do
    if ends_with(text, domain) then return true end
  end
  return false
end

-- Unique ids of user groups, users, instance profiles and roles (IAM user guide, "Understanding
-- unique ID prefixes"). An id alone remains from an identity that was deleted.
local IDENTITIES = { AGPA = true, AIDA = true, AIPA = true, AROA = true }

function principals.is_deleted(text)
  return #text >= 16 and #text <= 128 and IDENTITIES[text:sub(1, 4)] == true
    and text:find("^%u[%u%d]+$") ~= nil
end

-- These return the kind, the account, whether it is the whole account, and the provider.

local function of_account(account)
  if arn.is_account(account) then return "account", account end
  return glob.has_wildcard(account) and "anyone" or "other"
end

-- An origin access identity of CloudFront is an AWS principal: arn:aws:iam::cloudfront:user/…
-- (CloudFront guide).
local function is_origin_access_identity(name)
  return name.service == "iam" and name.account == "cloudfront"
    and name.resource:sub(1, 5) == "user/"
end

local function aws_principal(text)
  if arn.is_account(text) then return "account", text, true end
  local name = arn.parse(text)
  if name and is_origin_access_identity(name) then return "service" end
  if name then
    local kind, account = of_account(name.account)
    return kind, account, kind == "account" and name.resource == "root"
  end
  if glob.has_wildcard(text) then return "anyone" end
  return principals.is_deleted(text) and "deleted" or "other"
end

local function service_principal(text)
  if glob.has_wildcard(text) then return "anyone" end
  return is_service(text) and "service" or "other"
end

local function provider_host(name)
  local slash = name.resource:find("/", 1, true)
  if not slash then return nil, nil end
  return name.resource:sub(1, slash - 1), name.resource:sub(slash + 1):lower()
end

local function federated_principal(text)
  if issuers.is_built_in(text:lower()) then return "public", nil, nil, text:lower() end
  local name = arn.parse(text)
  if not name then return glob.has_wildcard(text) and "anyone" or "other" end
  local kind, account = of_account(name.account)
  if kind ~= "account" then return kind end
  local what, host = provider_host(name)
  if what == "oidc-provider" then return "oidc", account, nil, host end
  return kind, account
end

local function canonical_principal(text)
  return glob.has_wildcard(text) and "anyone" or "canonical"
end

local TYPES = {
  AWS = aws_principal,
  Service = service_principal,
  Federated = federated_principal,
  CanonicalUser = canonical_principal,
}

function principals.is_type(name)
  return TYPES[name] ~= nil
end

-- `Principal: { <type>: text }` -> { kind =, type =, text =, account = or nil, whole = true for a
-- whole account, provider = host of a web identity provider }
function principals.typed(name, text)
  local kind, account, whole, provider = TYPES[name](text)
  return {
    kind = kind, type = name, text = text, account = account, whole = whole, provider = provider,
  }
end

-- `Principal: text`: `*`, or a name whose form shows its kind.
function principals.plain(text)
  if text == "*" then return { kind = "anyone", type = "*", text = text } end
  return principals.typed(is_service(text) and "Service" or "AWS", text)
end

return principals
