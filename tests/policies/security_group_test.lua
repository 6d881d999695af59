-- policies/security_group.lua, by the real engine.
local ID = "sg-0123456789abcdef0"
local LIST = "pl-0123456789abcdef0"
local CHECK = "security_group.open_to_world"

-- The group with these rules, and a prefix list with these ranges.
local function replies(rules, ...)
  local entries = {}
  for i, cidr in ipairs { ... } do entries[i] = { Cidr = cidr } end
  return {
    ["ec2:DescribeSecurityGroups"] = { SecurityGroups = { {
      GroupId = ID, GroupName = "web", OwnerId = "111122223333", IpPermissions = rules, Tags = {},
    } } },
    ["ec2:GetManagedPrefixListEntries"] = {
      { with = { PrefixListId = LIST }, reply = { Entries = entries } },
    },
  }
end

local function tcp(from, to, source)
  source.IpProtocol, source.FromPort, source.ToPort = "tcp", from, to
  return source
end

local function v4(...)
  local ranges = {}
  for i, cidr in ipairs { ... } do ranges[i] = { CidrIp = cidr } end
  return { IpRanges = ranges }
end

local function v6(cidr) return { Ipv6Ranges = { { CidrIpv6 = cidr } } } end

local EVERYWHERE = { { CidrIp = "0.0.0.0/0" } }
local BY_LIST = { PrefixListIds = { { PrefixListId = LIST } } }

local function open(name, summary, ...)
  return {
    name = name, id = ID, replies = replies(...),
    expect = { [CHECK] = { status = "non_compliant", summary = summary } },
  }
end

local function closed(name, ...)
  return { name = name, id = ID, replies = replies(...), expect = "compliant" }
end

local gone = closed("a group that does not exist any more", {})
gone.replies["ec2:DescribeSecurityGroups"] = { fault = "InvalidGroup.NotFound" }
gone.expect = "gone"

local cut = closed("a rule without a source", { tcp(22, 22, {}) })
cut.expect = "unknown"

local function listed(id, name, owner)
  return { GroupId = id, GroupName = name, OwnerId = owner or "111122223333", IpPermissions = {} }
end

return {
  policy = "security_group",
  cases = {
    closed("no rules", {}),
    closed("limited ranges", { tcp(22, 22, v4 "10.0.0.0/8"), tcp(22, 22, v6 "2001:db8::/32") }),
    closed("half of all addresses", { tcp(22, 22, v4 "0.0.0.0/1") }),
    closed("a prefix list with a limited range", { tcp(22, 22, BY_LIST) }, "10.0.0.0/8"),
    open("everywhere, in IPv4", "tcp 22 from 0.0.0.0/0", { tcp(22, 22, v4 "0.0.0.0/0") }),
    open("everywhere, in IPv6", "tcp 443-444 from ::/0", { tcp(443, 444, v6 "::/0") }),
    open("all protocols", "all traffic", { { IpProtocol = "-1", IpRanges = EVERYWHERE } }),
    open("everywhere, by two halves", "tcp 22", { tcp(22, 22, v4("0.0.0.0/1", "128.0.0.0/1")) }),
    open("a prefix list with all addresses", "tcp 22", { tcp(22, 22, BY_LIST) }, "0.0.0.0/0"),
    cut, gone,
  },
  listings = {
    {
      name = "the account's own groups, page by page",
      replies = {
        ["ec2:DescribeSecurityGroups"] = { pages = {
          { SecurityGroups = { listed("sg-1", "web"), listed("sg-2", "theirs", "999988887777") } },
          { SecurityGroups = { listed("sg-3", "misconfiguration_maker") } },
        } },
      },
      ids = { "sg-1", { id = "sg-3", test = true } },
    },
  },
  events = {
    {
      event = "ec2:AuthorizeSecurityGroupIngress",
      detail = { requestParameters = { groupId = ID } },
      ids = { ID },
    },
  },
}
