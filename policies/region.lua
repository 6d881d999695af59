-- Monitoring is on in each region of an account: GuardDuty, Config, CloudTrail and flow logs. In
-- the master region, also checks what exists once per account: its root user and its password
-- policy.
--
-- Each check reads its own data: if one service refuses, the other checks still have a result, and
-- the checks of the master region cost nothing in other regions.
local account_wide = require "lib.account_wide"
local bucket_owner = require "lib.bucket_owner"
local event_ids = require "lib.event_ids"
local password_policy = require "lib.password_policy"
local root_user = require "lib.root_user"
local tags = require "lib.tags"
local test_resources = require "lib.test_resources"
local trails = require "lib.trails"

local BUCKETS = "arn:${partition}:s3:::*"
local DETECTORS = "arn:${partition}:guardduty:${region}:${account}:detector/*"
local TRAILS = "arn:${partition}:cloudtrail:${region}:${account}:trail/*"

-- A result that lacks a member that the service always sends does not mean "there is none".
local function required(reply, operation, name)
  if reply[name] == nil or reply[name] == "" then
    error(("%s returned no %s"):format(operation, name), 0)
  end
  return reply[name]
end

-- The id names the region, whatever the region of the line is.
local function here(region) return region.aws:in_region(region.id) end

local function in_master_region(region) return region.id == region.settings.master_region end

-- The account that receives all logs, or nil.
local function log_account(region)
  local account = region.settings.log_account
  return account ~= "" and account or nil
end

----------------------------------------------------------------------------------------------------
-- Where logs go. A trail or a delivery channel names its bucket, not the bucket's account.

-- Why the logs do not go to the log account; nil if they do, or if none is configured. The
-- account's list of buckets shows whether a bucket is its own, which needs no permission from
-- another account. Trails and channels of all regions often have the same bucket, and share the
-- reads.
local function misdelivered(region, bucket)
  local wanted = log_account(region)
  if not wanted then return nil end
  local s3 = account_wide(region).s3
  local own = bucket_owner.is_own(s3, bucket)
  local right = own and wanted == region.account
    or not own and wanted ~= region.account and bucket_owner.is_of(s3, bucket, wanted)
  return not right and ("bucket %s is not of account %s"):format(bucket, wanted) or nil
end

----------------------------------------------------------------------------------------------------
-- GuardDuty

-- -> nil, or what is wrong with the one detector that a region can have
local function detector_fault(region, detector)
  local guardduty, wanted = here(region).guardduty, { DetectorId = detector }
  local status = required(guardduty:GetDetector(wanted), "guardduty:GetDetector", "Status")
  if status ~= "ENABLED" then return "the GuardDuty detector is suspended" end
  local master = region.settings.guardduty_master_account
  if not master or master == "" or master == region.account then return nil end
  -- Without an administrator the result is empty.
  local administrator = guardduty:GetAdministratorAccount(wanted).Administrator or {}
  if administrator.AccountId ~= master then
    return ("GuardDuty is not a member of %s"):format(master)
  end
  local relation = administrator.RelationshipStatus or "unknown"
  if relation:lower() == "enabled" then return nil end
  return ("GuardDuty's membership of %s is %s"):format(master, relation)
end

local function audit_guardduty(region)
  local reply = here(region).guardduty:ListDetectors()
  local detector = required(reply, "guardduty:ListDetectors", "DetectorIds")[1]
  if not detector then return false, "GuardDuty is off: there is no detector" end
  local fault = detector_fault(region, detector)
  if fault then return false, fault, { detector = detector } end
  return true
end

----------------------------------------------------------------------------------------------------
-- Config

-- The customer's own recorder (one per region). Recorders of other services record only for these.
local function own_recorder(list)
  for _, recorder in ipairs(list) do
    if not recorder.servicePrincipal then return recorder end
  end
end

local function recorder_fault(recorder)
  if not recorder then return "Config has no recorder" end
  if recorder.recording ~= true then
    return ("Config's recorder %s is not running"):format(recorder.name)
  end
  if recorder.lastStatus and recorder.lastStatus:lower() == "failure" then
    return ("Config's recorder %s fails: %s"):format(recorder.name,
      recorder.lastErrorMessage or recorder.lastErrorCode or "no reason given")
  end
end

local function audit_config(region)
  local config = here(region).config
  local reply = config:DescribeConfigurationRecorderStatus()
  local recorder = own_recorder(required(reply, "config:DescribeConfigurationRecorderStatus",
    "ConfigurationRecordersStatus"))
  local fault = recorder_fault(recorder)
  if fault then return false, fault end
  local channels = required(config:DescribeDeliveryChannels(), "config:DescribeDeliveryChannels",
    "DeliveryChannels")
  if #channels == 0 then return false, "Config has no delivery channel" end
  local bucket = required(channels[1], "config:DescribeDeliveryChannels", "s3BucketName")
  local astray = misdelivered(region, bucket)
  if astray then return false, "Config delivers elsewhere: " .. astray, { bucket = bucket } end
  return true
end

----------------------------------------------------------------------------------------------------
-- CloudTrail

-- CloudTrail's result for a trail, or an error if it refuses. The error only counts if no trail is
-- good.
local function ask(region, operation, wanted)
  local cloudtrail = here(region).cloudtrail
  local reply, code = cloudtrail:try(operation, wanted, "AccessDenied", "AccessDeniedException")
  if reply then return reply end
  error(("%s: cloudtrail:%s is refused for a trail, and no other trail is compliant"):format(code,
    operation), 0)
end

-- -> nil, or what is wrong with the trail
local function trail_fault(region, trail)
  local status = ask(region, "GetTrailStatus", { Name = trail.TrailARN })
  if not required(status, "cloudtrail:GetTrailStatus", "IsLogging") then return "is not logging" end
  if trail.HasCustomEventSelectors and not trails.hides_selectors(trail, region.account) then
    local selectors = ask(region, "GetEventSelectors", { TrailName = trail.TrailARN })
    if not trails.log_changes(selectors) then return "leaves out changes (management events)" end
  end
  local astray = misdelivered(region, required(trail, "cloudtrail:DescribeTrails", "S3BucketName"))
  return astray and "delivers elsewhere: " .. astray
end

-- One good trail is enough, so a trail that cannot be read only counts if none is good.
local function audit_cloudtrail(region)
  local reply = here(region).cloudtrail:DescribeTrails()
  local list = required(reply, "cloudtrail:DescribeTrails", "trailList")
  local faults, unread = {}, nil
  for _, trail in ipairs(trails.covering(list, region.id)) do
    local ok, fault = pcall(trail_fault, region, trail)
    if ok and not fault then return true, trails.note(trail, region.account) end
    if ok then
      faults[#faults + 1] = { trail = trail.TrailARN, fault = fault }
    else
      unread = unread or fault
    end
  end
  if unread then error(unread, 0) end
  if #faults == 0 then return false, "no trail covers the region" end
  local texts = {}
  for i, one in ipairs(faults) do texts[i] = one.trail .. " " .. one.fault end
  return false, "no trail logs the region: " .. table.concat(texts, "; "), faults
end

----------------------------------------------------------------------------------------------------
-- Flow logs

-- The VPCs of the account. Another account that shares VPCs with it has to monitor those.
local function own_vpcs(region)
  local own = {}
  for page in here(region).ec2:pages("DescribeVpcs", { MaxResults = 1000 }) do
    for _, vpc in ipairs(required(page, "ec2:DescribeVpcs", "Vpcs")) do
      if (vpc.OwnerId or region.account) == region.account then own[#own + 1] = vpc.VpcId end
    end
  end
  table.sort(own)
  return own
end

-- The ids that active flow logs cover.
local function watched(region)
  local set = {}
  for page in here(region).ec2:pages("DescribeFlowLogs", { MaxResults = 1000 }) do
    for _, flow_log in ipairs(required(page, "ec2:DescribeFlowLogs", "FlowLogs")) do
      if flow_log.FlowLogStatus == "ACTIVE" then set[flow_log.ResourceId or ""] = true end
    end
  end
  return set
end

local function audit_flow_logs(region)
  local vpcs = own_vpcs(region)
  if #vpcs == 0 then return true end
  local set, missing = watched(region), {}
  for _, vpc in ipairs(vpcs) do
    if not set[vpc] then missing[#missing + 1] = vpc end
  end
  if #missing == 0 then return true end
  return false, "no active flow log: " .. table.concat(missing, ", "), missing
end

----------------------------------------------------------------------------------------------------
-- What exists once per account

-- A root user without a password (centrally managed credentials) needs no MFA. If IAM does not say,
-- it has a password.
local function audit_root(region)
  local reply = here(region).iam:GetAccountSummary()
  local summary = required(reply, "iam:GetAccountSummary", "SummaryMap")
  if required(summary, "iam:GetAccountSummary", "AccountMFAEnabled") ~= 0 then return true end
  if summary.AccountPasswordPresent == 0 then return true end
  return false, "the root user has a password and no MFA device"
end

local function audit_passwords(region)
  local length = password_policy.length(region.settings)
  local reply = here(region).iam:try("GetAccountPasswordPolicy", {}, "NoSuchEntity")
  if not reply then return false, "the account has no password policy" end
  local policy = required(reply, "iam:GetAccountPasswordPolicy", "PasswordPolicy")
  local missing = password_policy.lacks(policy, length)
  if #missing == 0 then return true end
  return false, "the password policy does not require " .. table.concat(missing, ", "), missing
end

-- IAM's events only occur in us-east-1; what exists once per account is checked in the master
-- region.
local function in_master(event, settings)
  local master = settings.master_region or event_ids.first(event, "awsRegion")
  return { id = master, region = master }
end

local function of_root(event, settings)
  return root_user.is_deprived(event) and in_master(event, settings) or {}
end

-- A region is a test resource if misconfiguration_maker has created a VPC in it.
local function is_test(scope)
  if not scope.settings.only_use_test_resources then return false end
  for page in scope.aws.ec2:pages("DescribeVpcs", { MaxResults = 1000 }) do
    for _, vpc in ipairs(required(page, "ec2:DescribeVpcs", "Vpcs")) do
      if test_resources.tagged(tags.map(vpc.Tags)) then return true end
    end
  end
  return false
end

return policy {
  type = "region",
  title = "Region of an account",
  asff = "AwsAccount",
  arn = "arn:${partition}:iam::${account}:root", -- without an ARN of its own: that of the account

  permissions = {
    read = {
      "guardduty:ListDetectors", "guardduty:GetAdministratorAccount",
      ["guardduty:GetDetector"] = { on = DETECTORS },
      "config:DescribeConfigurationRecorderStatus", "config:DescribeDeliveryChannels",
      "cloudtrail:DescribeTrails",
      ["cloudtrail:GetTrailStatus"] = { on = TRAILS },
      ["cloudtrail:GetEventSelectors"] = { on = TRAILS },
      "ec2:DescribeVpcs", "ec2:DescribeFlowLogs",
      "iam:GetAccountSummary", "iam:GetAccountPasswordPolicy",
      ["s3:ListAllMyBuckets"] = "s3:ListBuckets",
      ["s3:GetBucketLocation"] = { on = BUCKETS },
    },
    shared = { "s3:ListBuckets", "s3:GetBucketLocation" },
  },

  tolerates = {
    ["cloudtrail:GetTrailStatus"] = {
      "AccessDenied", "AccessDeniedException", why = "another trail may log the region",
    },
    ["cloudtrail:GetEventSelectors"] = {
      "AccessDenied", "AccessDeniedException", why = "another trail may log the region",
    },
    ["s3:GetBucketLocation"] = {
      "AccessDenied", why = "the refusal means that the bucket belongs to another account",
    },
  },

  events = {
    ["ec2:CreateVpc"] = "awsRegion",
    ["ec2:DeleteFlowLogs"] = "awsRegion",
    ["iam:UpdateAccountPasswordPolicy"] = in_master,
    ["iam:DeleteAccountPasswordPolicy"] = in_master,
    ["iam:DeactivateMFADevice"] = of_root,
    ["cloudtrail:StopLogging"] = "awsRegion",
    ["cloudtrail:DeleteTrail"] = "awsRegion",
    ["cloudtrail:UpdateTrail"] = "awsRegion",
    ["cloudtrail:PutEventSelectors"] = "awsRegion",
    ["config:StopConfigurationRecorder"] = "awsRegion",
    ["config:DeleteConfigurationRecorder"] = "awsRegion",
    ["config:DeleteDeliveryChannel"] = "awsRegion",
    ["guardduty:DeleteDetector"] = "awsRegion",
    ["guardduty:UpdateDetector"] = "awsRegion",
    ["guardduty:DisassociateFromAdministratorAccount"] = "awsRegion",
  },

  discover = function(scope) scope:found(scope.region, { test = is_test(scope) }) end,

  fetch = function(region)
    if not region.id:find("^%l%l[%l-]*%-%d+$") then
      error(("not the name of a region: %q"):format(region.id), 0)
    end
    return {}
  end,

  checks = {
    {
      id = "region.guardduty",
      title = "GuardDuty does not watch the region",
      severity = "high",
      controls = { securityhub = { "GuardDuty.1" } },
      risk = "Attacks, and the use of stolen credentials, go unnoticed in this region.",
      advice = "Enable GuardDuty in the region, as a member of the administrator account if you "
        .. "have one.",
      url = "https://docs.aws.amazon.com/securityhub/latest/userguide/"
        .. "guardduty-controls.html#guardduty-1",
      audit = audit_guardduty,
    },
    {
      id = "region.config",
      title = "Config does not record the region",
      severity = "medium",
      -- Both also require that the recorder records all resources; Config.1 also Config's
      -- service-linked role.
      controls = { securityhub = { "Config.1 ~" }, cis = { "3.3 ~" } },
      risk = "You cannot find out later how a resource was configured, and the Config "
        .. "rules of the region evaluate nothing.",
      advice = "Turn on the configuration recorder for all resources, with a delivery channel.",
      url = "https://docs.aws.amazon.com/securityhub/latest/userguide/"
        .. "config-controls.html#config-1",
      tolerant = true,
      audit = audit_config,
    },
    {
      id = "region.cloudtrail",
      title = "CloudTrail does not log the region",
      severity = "high",
      -- For CloudTrail.3 a trail in any region is enough.
      controls = { securityhub = { "CloudTrail.3 ~" }, cis = { "3.1 ~" } },
      risk = "You cannot find out later who changed what in this region, and changes cause "
        .. "no events.",
      advice = "Create a trail for all regions that logs management events, and start its "
        .. "logging.",
      url = "https://docs.aws.amazon.com/securityhub/latest/userguide/"
        .. "cloudtrail-controls.html#cloudtrail-3",
      tolerant = true,
      audit = audit_cloudtrail,
    },
    {
      id = "region.vpc_flow_logs",
      title = "A VPC has no flow log",
      severity = "medium",
      -- Both require the rejected traffic.
      controls = { securityhub = { "EC2.6 ~" }, cis = { "3.7 ~" } },
      risk = "After an attack, you cannot find out what was reached in the VPC, and from "
        .. "where.",
      advice = "Create a flow log for each VPC.",
      url = "https://docs.aws.amazon.com/securityhub/latest/userguide/ec2-controls.html#ec2-6",
      audit = audit_flow_logs,
    },
    {
      id = "region.root_mfa",
      title = "The root user has no MFA",
      severity = "critical",
      controls = { securityhub = { "IAM.9" }, cis = { "1.5" } },
      risk = "Anyone who learns the password of the root user controls the whole account.",
      advice = "Sign in as the root user and register an MFA device, or delete the root user's "
        .. "credentials from the organization's management account.",
      url = "https://docs.aws.amazon.com/securityhub/latest/userguide/iam-controls.html#iam-9",
      needs = "master_region",
      when = in_master_region,
      audit = audit_root,
    },
    {
      id = "region.password_policy",
      title = "The password policy is weak",
      severity = "medium",
      controls = { securityhub = { "IAM.7" } },
      risk = "Users may choose passwords that are easily guessed.",
      advice = "Set a password policy that requires what the finding says is missing.",
      url = "https://docs.aws.amazon.com/securityhub/latest/userguide/iam-controls.html#iam-7",
      needs = "master_region",
      when = in_master_region,
      audit = audit_passwords,
    },
  },
}
