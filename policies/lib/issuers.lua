-- Token issuers that many tenants share: which claims identify a tenant, and which of them IAM
-- requires. An issuer not listed here belongs to one tenant and needs no condition (IAM user guide,
-- "Identity-provider controls for shared OIDC providers"). Pure.
--
-- An issuer:
--   claims    claim -> does this value identify one tenant?
--   required  claims; IAM refuses to store a trust policy that evaluates none of them
--   guests    the claim that tells guests (anyone) from signed-in users; or nil
--   strict    IAM also refuses values of a required claim that begin with a wildcard
--   exact     IAM refuses a required claim under StringLike
local glob = require "lib.glob"
local service_domains = require "lib.service_domains"

local issuers = {}

-- The form must come before the first wildcard.
local function begins(form)
  return function(value) return glob.literal_prefix(value):find(form) ~= nil end
end

local function whole(form)
  return function(value) return not glob.has_wildcard(value) and value:find(form) ~= nil end
end

local any_whole, number = whole ".", whole "^%d+$"
local uuid = whole "^%x+%-%x+%-%x+%-%x+%-%x+$"

local function either(one, other)
  return function(value) return one(value) or other(value) end
end

-- The parts of a GitHub subject that name an owner or a repository, and what must follow them: a
-- name is complete if `/` or `@` (before the id) ends it, any other part if `:` or the end does.
local OWNED = {
  repo = "^[^/@:]+[/@]", repository = "^[^/@:]+[/@]",
  repository_owner = "^[^:]+$", repository_id = "^%d+$", repository_owner_id = "^%d+$",
  enterprise = "^[^:]+$", enterprise_id = "^%d+$",
}

-- A GitHub subject consists of pairs of words and values between colons, in an order that each
-- owner may choose; colons in values are escaped (GitHub documentation, "OpenID Connect
-- reference"). Branches, environments and workflows of the same name can be created in any
-- repository, and any repository can call a reusable workflow.
local function github_subject(value)
  local text = glob.literal_prefix(value)
  local ends = #text == #value and ":" or ""
  local word
  for part, colon in (text .. ends):gmatch("([^:]*)(:?)") do
    local form = OWNED[word]
    local complete = colon == ":" or form and form:sub(-1) ~= "$"
    if form and complete and part:find(form) then return true end
    word = part
  end
  return false
end

local function issuer(required, claims, more)
  local entry = { required = required, claims = claims }
  for key, value in pairs(more or {}) do entry[key] = value end
  return entry
end

local SUB, AUD = { "sub" }, { "aud" }

-- Claims: service authorization reference, AWS STS, condition keys of AssumeRoleWithWebIdentity.
-- IAM's own error message says what it requires of GitHub besides `sub`, and that a leading
-- wildcard is not enough: "must evaluate, using StringEquals, StringLike or StringEqualsIgnoreCase,
-- <issuer>:sub or <issuer>:job_workflow_ref which is not scoped to all".
local GITHUB = issuer({ "sub", "job_workflow_ref" }, {
  sub = github_subject, repository = begins "^[^/]+/", repository_id = number,
  repository_owner_id = number, enterprise_id = number,
}, { strict = true })

-- Subjects that begin with one form: aws-samples/resource-control-policy-examples, "Limit access to
-- trusted OIDC identity providers", and the issuers' own documentation.
local function by_subject(form)
  return issuer(SUB, { sub = begins(form) })
end

local TURBONOMIC = by_subject "^system:serviceaccount:[^:]+:"

-- Every workspace of Microsoft Sentinel and every tenant of Defender for Cloud uses the same
-- tokens; only the session name tells them apart.
local SENTINEL = issuer({ "sts:RoleSessionName" }, { ["sts:rolesessionname"] = any_whole })

-- The four issuers that need no provider in the account (IAM user guide, "Principal"). For Google,
-- `aud` is the party that requested the token, if Google names it; `oaud` is the audience of the
-- token, which that party chooses freely ("Available keys for AWS OIDC federation"). Client ids of
-- Google begin with digits. For three of them IAM has long had the rule: "requires a StringEquals
-- condition on an application id".
local COGNITO = issuer(AUD, { aud = any_whole }, { guests = "amr" })
local EXACT = { exact = true }
local BUILT_IN = {
  ["accounts.google.com"] = issuer({ "aud", "oaud", "sub" }, {
    aud = whole "^%d", sub = any_whole, ["google/organization_number"] = number,
  }, EXACT),
  ["cognito-identity.amazonaws.com"] = COGNITO,
  ["cognito-identity-us-gov.amazonaws.com"] = COGNITO,
  ["graph.facebook.com"] = issuer({ "app_id" }, { app_id = any_whole, id = any_whole }, EXACT),
  ["www.amazon.com"] = issuer({ "app_id" }, { app_id = any_whole, user_id = any_whole }, EXACT),
}

local SHARED = {
  ["agent.buildkite.com"] = issuer(SUB, {
    sub = either(begins "^organization:[^:]+:", uuid), organization_slug = any_whole,
    organization_id = uuid, pipeline_id = uuid, cluster_id = uuid,
  }),
  ["api.pulumi.com/oidc"] = issuer(AUD, {
    aud = any_whole, sub = begins "^pulumi:[^:]+:org:[^:]+:",
  }),
  ["app.terraform.io"] = by_subject "^organization:[^:]+:",
  ["gitlab.com"] = issuer(SUB, {
    sub = begins "^project_path:[^/:]+/", namespace_id = number, project_id = number,
  }),
  ["oidc-configuration.audit-log.githubusercontent.com"] = issuer(SUB, {
    sub = either(whole "^https://github%.com/[^/]+$", begins "^https://github%.com/[^/]+/"),
  }),
  ["oidc.codefresh.io"] = by_subject "^account:[^:]+:",
  ["oidc.op1.openshiftapps.com/2c51blsaqa9gkjt0o9rt11mle8mmropu"] = TURBONOMIC,
  ["oidc.op1.openshiftapps.com/2f785sojlpb85i7402pk3qogugim5nfb"] = TURBONOMIC,
  ["oidc.vercel.com"] = issuer(AUD, {
    aud = whole "^https://vercel%.com/[^/]+$", sub = begins "^owner:[^:]+:",
  }),
  ["proidc.upbound.io"] = by_subject "^mcp:[^/:]+[/:]",
  ["rh-oidc.s3.us-east-1.amazonaws.com/22ejnvnnturfmt6km08idd0nt4hekbn7"] = TURBONOMIC,
  ["rh-oidc.s3.us-east-1.amazonaws.com/23e3sd27sju1hoou6ohfs68vbno607tr"] = TURBONOMIC,
  ["rh-oidc.s3.us-east-1.amazonaws.com/23ne21h005qjl3n33d8dui5dlrmv2tmg"] = TURBONOMIC,
  ["rh-oidc.s3.us-east-1.amazonaws.com/24jrf12m5dj7ljlfb4ta2frhrcoadm26"] = TURBONOMIC,
  ["sandboxes.cloud"] = issuer(AUD, { aud = any_whole }),
  ["scalr.io"] = by_subject "^account:[^:]+:",
  ["sts.windows.net/33e01921-4d64-4f8c-a055-5bdaffd5e33d"] = SENTINEL,
  ["sts.windows.net/cab8a31a-1906-4287-a0d8-4eef66b95f6e"] = SENTINEL, -- its government cloud
  ["studio.datachain.ai/api"] = by_subject "^credentials:[^/:]+/",
  ["token.actions.githubusercontent.com"] = GITHUB,
  ["tokens.cloud.shisho.dev"] = by_subject "^job:[^:]+:",
  ["vstoken.actions.githubusercontent.com"] = GITHUB,
}

local DOMAINS = {}
for _, domain in ipairs(service_domains) do DOMAINS[domain] = true end

-- cognito-identity.us-gov-east-1.amazonaws.com, cognito-identity.cn-north-1.amazonaws.com.cn and
-- those of opt-in regions (GovCloud user guide, "Amazon Cognito"; Cognito developer guide, "Role
-- trust and permissions").
local function built_in(host)
  if BUILT_IN[host] then return BUILT_IN[host] end
  return DOMAINS[host:match("^cognito%-identity%.[%w-]+(%..+)$")] and COGNITO or nil
end

-- Is the text, in lower case, an issuer that exists in every account?
function issuers.is_built_in(text)
  return built_in(text) ~= nil
end

-- The issuer by its URL without the scheme, in lower case; nil if it belongs to one tenant.
function issuers.find(host)
  local name = host:gsub("/$", "")
  return built_in(name) or SHARED[name]
end

-- Claims that IAM documents for tokens of some issuer (IAM user guide, "Available keys for AWS OIDC
-- federation"; service authorization reference, AWS STS).
local CLAIMS = {}
for claim in ([[
  actor actor_id amr app_id aud azp build_branch cluster_id cluster_name email enterprise_id
  environment google/organization_number id job_workflow_ref namespace_id oaud organization_id
  organization_slug oidc.circleci.com/project-id pipeline_id pipeline_slug pipeline_source
  project_id ref ref_protected repository repository_id repository_owner_id rpst_id
  runner_environment sub user_access_level user_email user_id user_login workflow
]]):gmatch("%S+") do CLAIMS[claim] = true end

-- Does a condition's name, in lower case, have the form `<host>:<claim>`?
function issuers.is_claim(name)
  local host, claim = name:match("^([^:]*%.[^:]*):(.+)$")
  return host ~= nil and CLAIMS[claim] or false
end

return issuers
