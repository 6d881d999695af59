-- Security groups are not open to the whole internet.
local listing = require "lib.listing"
local open_ports = require "lib.open_ports"
local spellings = require "lib.spellings"
local tags = require "lib.tags"
local test_resources = require "lib.test_resources"

local PREFIX_LISTS = "arn:${partition}:ec2:${region}:${account}:prefix-list/*"

-- EC2 always returns these; without them the group would seem to have no rules.
local function required(value, operation, name)
  if value == nil then error(("ec2:%s returned no %s"):format(operation, name), 0) end
  return value
end

-- The ranges of a prefix list that rules name: the customer's own list, one shared with the
-- account, or one of AWS. Groups that name the same list share the read.
local function ranges_of(ec2, list)
  local ranges = {}
  local call, wanted = "GetManagedPrefixListEntries", { PrefixListId = list, MaxResults = 100 }
  listing(ec2, call, wanted, "NextToken", "NextToken", function(page)
    for _, entry in ipairs(required(page.Entries, call, "Entries")) do
      ranges[#ranges + 1] = required(entry.Cidr, call, "Cidr")
    end
  end)
  return ranges
end

local function add_ranges(cidrs, list, name)
  for _, range in ipairs(list or {}) do
    cidrs[#cidrs + 1] = required(range[name], "DescribeSecurityGroups", name)
  end
end

local SOURCES = { "IpRanges", "Ipv6Ranges", "PrefixListIds", "UserIdGroupPairs" }

-- A permission has a protocol and a source; one without them was cut short.
local function check(permission)
  required(permission.IpProtocol, "DescribeSecurityGroups", "IpProtocol")
  for _, name in ipairs(SOURCES) do
    if permission[name] and #permission[name] > 0 then return end
  end
  error("ec2:DescribeSecurityGroups returned a permission without a source", 0)
end

-- The ranges of one permission. A prefix list is read once and kept in `known`.
local function sources_of(permission, ec2, known)
  check(permission)
  local cidrs = {}
  add_ranges(cidrs, permission.IpRanges, "CidrIp")
  add_ranges(cidrs, permission.Ipv6Ranges, "CidrIpv6")
  for _, list in ipairs(permission.PrefixListIds or {}) do
    local id = list.PrefixListId
    known[id] = known[id] or ranges_of(ec2, id)
    table.move(known[id], 1, #known[id], #cidrs + 1, cidrs)
  end
  return cidrs
end

local function rules_of(group, ec2)
  local rules, known = {}, {}
  for _, permission in ipairs(group.IpPermissions) do
    for _, cidr in ipairs(sources_of(permission, ec2, known)) do
      local from, to = permission.FromPort, permission.ToPort
      rules[#rules + 1] = open_ports.rule(permission.IpProtocol, from, to, cidr)
    end
  end
  return rules
end

-- A group that another account shares can be used here, but only changed there (VPC user guide,
-- "Share security groups").
local function owned(state)
  return state.owner and ("belongs to account %s, which shares it, and "):format(state.owner) or ""
end

local function described(resource)
  local reply = resource.aws.ec2:one("DescribeSecurityGroups", "GroupIds", resource.id,
    "InvalidGroup.NotFound", "InvalidSecurityGroupID.NotFound")
  if not reply then return nil end
  local groups = required(reply.SecurityGroups, "DescribeSecurityGroups", "groups")
  return required(groups[1], "DescribeSecurityGroups", "the group's rules")
end

return policy {
  type = "security_group",
  title = "Security group",
  aws_type = "AWS::EC2::SecurityGroup",
  arn = "arn:${partition}:ec2:${region}:${account}:security-group/${id}",
  id = { canonical = spellings.named("ec2", "security-group/"), form = "${word}" },

  permissions = {
    read = {
      "ec2:DescribeSecurityGroups",
      ["ec2:GetManagedPrefixListEntries"] = { on = PREFIX_LISTS },
    },
    shared = { "ec2:GetManagedPrefixListEntries" },
  },

  events = {
    ["ec2:CreateSecurityGroup"] = "responseElements.groupId",
    ["ec2:AuthorizeSecurityGroupIngress"] = { id = { -- by id, or by the group's name
      "requestParameters.groupId", "responseElements.securityGroupRuleSet.items[*].groupId",
    } },
    ["ec2:ModifySecurityGroupRules"] =
      "requestParameters.ModifySecurityGroupRulesRequest.GroupId",
  },

  discover = function(scope)
    for page in scope.aws.ec2:pages("DescribeSecurityGroups", { MaxResults = 1000 }) do
      for _, group in ipairs(required(page.SecurityGroups, "DescribeSecurityGroups", "groups")) do
        local test = test_resources.marked(group.GroupName, tags.map(group.Tags))
        -- a shared group is checked in the account that owns it
        if (group.OwnerId or scope.account) == scope.account then
          scope:found(group.GroupId, { test = test, listed = group })
        end
      end
    end
  end,

  tags = function(_, state) return state.tags end,

  fetch = function(resource)
    local group = resource.listed or described(resource)
    if not group then return nil end
    required(group.IpPermissions, "DescribeSecurityGroups", "the group's rules")
    local owner = group.OwnerId ~= resource.account and group.OwnerId or nil
    return { rules = rules_of(group, resource.aws.ec2), tags = tags.map(group.Tags), owner = owner }
  end,

  checks = {
    {
      id = "security_group.open_to_world",
      title = "Security group admits the whole internet",
      severity = "high",
      controls = {
        securityhub = { "EC2.18 ~", "EC2.19 ~" }, cis = { "5.2 ~", "5.3 ~" },
      },
      risk = "Anyone on the internet can reach the open ports of everything in the group.",
      advice = "Limit the rules to the ranges that need them, and reach machines through Session "
        .. "Manager or a VPN.",
      url = "https://docs.aws.amazon.com/securityhub/latest/userguide/ec2-controls.html#ec2-18",

      audit = function(_, state)
        local open = open_ports.find(state.rules)
        if #open == 0 then return true end
        local texts = {}
        for i, entry in ipairs(open) do texts[i] = ("%s from %s"):format(entry.what, entry.from) end
        return false, owned(state) .. "lets in " .. table.concat(texts, ", "), open
      end,
    },
  },
}
