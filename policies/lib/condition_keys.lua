-- What condition keys say about the caller. Each key that says something has the operators that
-- suit it, and a judge of one value. A judge returns
--   "named", id     anyone whom that account or organization allows
--   "trusted"       surely a trusted caller, or a place that the owner chose
--   "bounded"       not anyone, but the account is unknown: does not clear a named principal
--   nil, why        everyone
local arn = require "lib.arn"
local glob = require "lib.glob"
local ip = require "lib.ip"

local condition_keys = {}

local LONGEST = 2048

local function words(text)
  local set = {}
  for word in text:gmatch("%S+") do set[word] = true end
  return set
end

local TEXT = words [[stringequals stringequalsignorecase stringlike]]
local NAME = words [[stringequals stringequalsignorecase stringlike arnequals arnlike]]
local ADDRESS = words [[ipaddress stringequals stringequalsignorecase stringlike]]
local TRUTH = words [[bool stringequals stringequalsignorecase]]

local function judge_account(value)
  if glob.has_wildcard(value) then return nil, "a wildcard in the account" end
  return "named", value
end

local function judge_arn(value)
  local name = arn.parse(value)
  if not name then return nil, "not a complete ARN" end
  if name.account ~= "" then return judge_account(name.account) end
  -- Names of buckets and similar resources contain no account: a complete name is one resource, a
  -- pattern may match anyone's.
  if glob.has_wildcard(name.service .. name.region .. name.resource) or name.resource == "" then
    return nil, "a wildcard in an ARN without account"
  end
  return "bounded"
end

-- The resource's own organization, as a policy variable (IAM user guide, "aws:ResourceOrgID").
local OWN_ORGANIZATION = "${aws:resourceorgid}"

local function judge_organization(value)
  if value:lower() == OWN_ORGANIZATION then return "trusted" end
  if value:find("${", 1, true) then return nil, "a policy variable" end
  if glob.has_wildcard(value) then return nil, "a wildcard in the organization" end
  return "named", value
end

-- o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/* names that unit, and o-a1b2c3d4e5/* the organization.
local function judge_path(value)
  local slash = value:find("/", 1, true)
  if slash and value:find("${", slash, true) then return nil, "a policy variable" end
  local strength, name = judge_organization(slash and value:sub(1, slash - 1) or value)
  if strength == "named" and value:find("/[^/*?]") then name = value end
  return strength, name
end

local function judge_network(value)
  if glob.has_wildcard(value) then return nil, "a wildcard" end
  return "trusted"
end

-- aws:userId is <unique id>, <role's unique id>:<session name> or <account>[:<name>] (IAM user
-- guide, "Principal key values"). The caller chooses the session name.
local function judge_user(value)
  local colon = value:find(":", 1, true)
  local head = colon and value:sub(1, colon - 1) or value
  if head == "" or glob.has_wildcard(head) then return nil, "a wildcard in the unique id" end
  if arn.is_account(head) then return "named", head end
  return "bounded"
end

-- A range wider than /8 or /32 counts as everywhere, unless private (S3 user guide, "The meaning of
-- public").
local function judge_address(value)
  local range = ip.parse(value)
  if not range then return nil, "not an address range" end
  local narrowest = range.family == 4 and 8 or 32
  if ip.is_private(range) or range.prefix >= narrowest then return "trusted" end
  return nil, "a range that is too wide"
end

local function judge_service(value)
  if glob.has_wildcard(value) then return nil, "a wildcard" end
  return "bounded"
end

local function judge_is_service(value)
  if value:lower() == "true" then return "bounded" end
  return nil, "not true"
end

-- The owner of the resource says something about the caller only if it is compared with the caller.
local function judge_owner(variables)
  local same = words(variables)
  return function(value)
    if same[value:lower()] then return "trusted" end
    return nil, "says nothing about the caller"
  end
end

local judge_owner_account = judge_owner "${aws:principalaccount} ${aws:sourceaccount}"
local judge_owner_organization = judge_owner "${aws:principalorgid} ${aws:sourceorgid}"

-- IAM user guide, "AWS global condition context keys"; service authorization reference of KMS, S3
-- and SNS. Keys of a session's source (ec2:, lambda:, …) name the calling resource. `variables`:
-- the policy variables that the judge knows.
local KEYS = {
  ["aws:ec2instancesourcevpc"] = { TEXT, judge_network },
  ["aws:principalaccount"] = { TEXT, judge_account },
  ["aws:principalarn"] = { NAME, judge_arn },
  ["aws:principalisawsservice"] = { TRUTH, judge_is_service },
  ["aws:principalorgid"] = { TEXT, judge_organization, variables = true },
  ["aws:principalorgpaths"] = { TEXT, judge_path, variables = true },
  ["aws:principalservicename"] = { TEXT, judge_service },
  ["aws:principalservicenameslist"] = { TEXT, judge_service },
  ["aws:resourceaccount"] = { TEXT, judge_owner_account, variables = true },
  ["aws:resourceorgid"] = { TEXT, judge_owner_organization, variables = true },
  ["aws:sourceaccount"] = { TEXT, judge_account },
  ["aws:sourcearn"] = { NAME, judge_arn },
  ["aws:sourceip"] = { ADDRESS, judge_address },
  ["aws:sourceorgid"] = { TEXT, judge_organization, variables = true },
  ["aws:sourceorgpaths"] = { TEXT, judge_path, variables = true },
  ["aws:sourceowner"] = { TEXT, judge_account },
  ["aws:sourcevpc"] = { TEXT, judge_network },
  ["aws:sourcevpcarn"] = { NAME, judge_arn },
  ["aws:sourcevpce"] = { TEXT, judge_network },
  ["aws:userid"] = { TEXT, judge_user },
  ["aws:vpceaccount"] = { TEXT, judge_account },
  ["aws:vpceorgid"] = { TEXT, judge_organization, variables = true },
  ["aws:vpceorgpaths"] = { TEXT, judge_path, variables = true },
  ["kms:calleraccount"] = { TEXT, judge_account },
  ["s3:dataaccesspointaccount"] = { TEXT, judge_account },
  ["s3:dataaccesspointarn"] = { NAME, judge_arn },
}

-- Known keys that say nothing about the caller (the same pages).
local SILENT = words [[
  aws:assumedroot aws:calledvia aws:calledviaawsmcp aws:calledviafirst aws:calledvialast
  aws:chatbotsourcearn aws:currenttime aws:ec2instancesourceprivateipv4 aws:epochtime
  aws:federatedprovider aws:ismcpserviceaction aws:multifactorauthage aws:multifactorauthpresent
  aws:principaltype aws:referer aws:requestedregion aws:resourceorgpaths aws:securetransport
  aws:sourceidentity aws:tagkeys aws:tokenissuetime aws:useragent aws:username
  aws:viaawsmcpservice aws:viaawsservice aws:vpcsourceip
  codebuild:buildarn codebuild:projectarn ec2:instanceprofile ec2:roledelivery
  ec2:sourceinstancearn glue:credentialissuingservice glue:roleassumedby identitystore:userid
  kms:bypasspolicylockoutsafetycheck kms:customermasterkeyspec kms:customermasterkeyusage
  kms:datakeypairspec kms:encryptionalgorithm kms:encryptioncontextkeys kms:expirationmodel
  kms:grantconstrainttype kms:grantisforawsresource kms:grantoperations kms:granteeprincipal
  kms:keyagreementalgorithm kms:keyorigin kms:keyspec kms:keyusage kms:macalgorithm
  kms:messagetype kms:multiregion kms:multiregionkeytype kms:primaryregion
  kms:reencryptonsamekey kms:replicaregion kms:requestalias kms:resourcealiases
  kms:retiringprincipal kms:rotationperiodindays kms:schedulekeydeletionpendingwindowindays
  kms:signingalgorithm kms:validto kms:viaservice kms:wrappingalgorithm kms:wrappingkeyspec
  lambda:eventsourcetoken lambda:functionarn lambda:functionurlauthtype
  lambda:invokedviafunctionurl lambda:layer lambda:principal lambda:sourcefunctionarn
  s3:accessgrantsinstancearn s3:accesspointnetworkorigin s3:authtype s3:creatingbucketnamespace
  s3:delimiter s3:existingjoboperation s3:existingjobpriority s3:if-match s3:if-none-match
  s3:inventoryaccessibleoptionalfields s3:isreplicationpauserequest s3:locationconstraint
  s3:max-keys s3:object-lock-legal-hold s3:object-lock-mode
  s3:object-lock-remaining-retention-days s3:object-lock-retain-until-date
  s3:objectcreationoperation s3:prefix s3:requestjoboperation s3:requestjobpriority
  s3:requestobjecttagkeys s3:resourceaccount s3:signatureage s3:signatureversion s3:tlsversion
  s3:versionid s3:x-amz-acl s3:x-amz-content-sha256 s3:x-amz-copy-source
  s3:x-amz-grant-full-control s3:x-amz-grant-read s3:x-amz-grant-read-acp s3:x-amz-grant-write
  s3:x-amz-grant-write-acp s3:x-amz-metadata-directive s3:x-amz-object-ownership
  s3:x-amz-server-side-encryption s3:x-amz-server-side-encryption-aws-kms-key-id
  s3:x-amz-server-side-encryption-customer-algorithm s3:x-amz-storage-class
  s3:x-amz-website-redirect-location
  sns:endpoint sns:protocol ssm:sourceinstancearn
  sts:externalid sts:requestcontext sts:requestcontextproviders sts:rolesessionname
  sts:sourceidentity sts:transitivetagkeys
]]

local FAMILIES = { -- keys that end in a name that the user chooses
  "aws:principaltag/", "aws:requesttag/", "aws:resourcetag/", "kms:encryptioncontext:",
  "kms:recipientattestation:", "s3:buckettag/",
  "s3:existingobjecttag/", "s3:requestobjecttag/", "saml:", "sts:requestcontext/",
}

-- Is it documented that the key says nothing about the caller?
function condition_keys.is_silent(name)
  if SILENT[name] then return true end
  for _, family in ipairs(FAMILIES) do
    if name:sub(1, #family) == family then return true end
  end
  return false
end

-- Does the key identify the caller?
function condition_keys.is_known(name)
  return KEYS[name] ~= nil
end

function condition_keys.fits(name, operator)
  return KEYS[name][1][operator] == true
end

-- `${aws:ResourceAccount}` is the account of the resource itself (IAM user guide, "Policy
-- variables"; they exist since the 2012 version).
local function with_own_account(value, account)
  return (value:gsub("%${[^}]*}", function(variable)
    return variable:lower() == "${aws:resourceaccount}" and account or variable
  end))
end

-- The result for one value of the key, as the judges return it. own: { account =, variables =
-- whether policy variables are evaluated }.
function condition_keys.judge(name, value, own)
  local key = KEYS[name]
  if value == "" then return nil, "an empty value" end
  if #value > LONGEST then return nil, "a value that is too long" end
  if value:find("${", 1, true) then
    if own.variables then value = with_own_account(value, own.account) end
    local left = value:find("${", 1, true)
    if left and not (own.variables and key.variables) then
      return nil, "a policy variable"
    end
  end
  return key[2](value)
end

-- Ranges of addresses can cover all addresses together, although none does alone.
function condition_keys.cover_everything(name, values)
  return KEYS[name][2] == judge_address and ip.covers_everything(values) ~= false
end

-- Keys of every signed request (the same page). Only anonymous requests, and those with a token,
-- lack them.
local SIGNED = words [[aws:principalaccount aws:principalarn aws:principalisawsservice aws:userid]]

function condition_keys.is_signed(name)
  return SIGNED[name] == true
end

-- Is it a key whose values are "true" and "false"?
function condition_keys.is_truth(name)
  return KEYS[name] ~= nil and KEYS[name][1] == TRUTH
end

return condition_keys
