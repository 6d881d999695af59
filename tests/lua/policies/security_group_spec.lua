-- policies/security_group.lua with canned replies.
local policies = require "support.policy"

local group_policy = policies.load "security_group"

local ID = "sg-0123456789abcdef0"
local CHECK = "security_group.open_to_world"

local function rule(protocol, from, to, sources)
  local permission = {
    IpProtocol = protocol, FromPort = from, ToPort = to, UserIdGroupPairs = {}, IpRanges = {},
    Ipv6Ranges = {}, PrefixListIds = {},
  }
  for _, source in ipairs(sources) do
    if source:find("^pl%-") then
      table.insert(permission.PrefixListIds, { PrefixListId = source })
    elseif source:find(":", 1, true) then
      table.insert(permission.Ipv6Ranges, { CidrIpv6 = source })
    else
      table.insert(permission.IpRanges, { CidrIp = source, Description = 'a "quoted"\nnote' })
    end
  end
  return permission
end

local function entries(...)
  local list = {}
  for i, cidr in ipairs { ... } do list[i] = { Cidr = cidr } end
  return { Entries = list }
end

local function group_with(rules, lists, owner)
  return group_policy:resource {
    id = ID,
    replies = {
      ["ec2:DescribeSecurityGroups"] = function(params)
        assert.same({ ID }, params.GroupIds)
        return { SecurityGroups = { {
          GroupId = ID, GroupName = "web", IpPermissions = rules, OwnerId = owner,
          IpPermissionsEgress = { rule("-1", nil, nil, { "0.0.0.0/0", "::/0" }) },
          Tags = { { Key = "Owner", Value = "shop" } },
        } } }
      end,
      ["ec2:GetManagedPrefixListEntries"] = function(params)
        return lists[params.NextToken or params.PrefixListId]
      end,
    },
  }
end

local function audit(rules, lists, owner)
  return group_with(rules, lists, owner):audit()[CHECK]
end

describe("a security group's audit", function()
  it("passes without rules, and with limited rules, in one call", function()
    local group = group_with { rule("tcp", 22, 22, { "10.0.0.0/8", "2001:db8::/32" }) }
    local outcome = group:plan()
    assert.equal("compliant", outcome[CHECK].status)
    assert.same({ Owner = "shop" }, outcome.tags)
    assert.equal(1, #group.calls)
    assert.equal("compliant", audit({}).status)
  end)

  it("says who owns a shared group", function()
    local open = { rule("tcp", 22, 22, { "0.0.0.0/0" }) }
    local found = audit(open, {}, "999988887777")
    assert.equal("non_compliant", found.status)
    assert.equal("belongs to account 999988887777, which shares it, and lets in tcp 22 from "
      .. "0.0.0.0/0", found.summary)
    assert.equal("lets in tcp 22 from 0.0.0.0/0", audit(open, {}, "111122223333").summary)
    assert.equal("compliant", audit({}, {}, "999988887777").status)
  end)

  it("passes with rules for other groups", function()
    local permission = rule("-1", nil, nil, {})
    permission.UserIdGroupPairs = { { GroupId = ID } }
    permission.IpRanges, permission.Ipv6Ranges, permission.PrefixListIds = nil, nil, nil
    assert.equal("compliant", audit({ permission }).status)
  end)

  it("finds what is open, by port, protocol and family", function()
    local found = audit {
      rule("tcp", 22, 22, { "10.0.0.0/8", "0.0.0.0/0" }), rule("udp", 53, 54, { "::/0" }),
    }
    assert.equal("non_compliant", found.status)
    assert.equal("lets in tcp 22 from 0.0.0.0/0, udp 53-54 from ::/0", found.summary)
    assert.same({
      { what = "tcp 22", protocol = "tcp", first_port = 22, last_port = 22, from = "0.0.0.0/0",
        cidrs = { "0.0.0.0/0" } },
      { what = "udp 53-54", protocol = "udp", first_port = 53, last_port = 54, from = "::/0",
        cidrs = { "::/0" } },
    }, found.evidence)
  end)

  it("finds two halves of either family, in one permission or in two", function()
    assert.equal("lets in all traffic from 0.0.0.0/0",
      audit({ rule("-1", nil, nil, { "0.0.0.0/1", "128.0.0.0/1" }) }).summary)
    assert.equal("lets in tcp 1-2 from ::/0", audit({
      rule("tcp", 1, 2, { "::/1" }), rule("tcp", 1, 3, { "8000::/1" }),
    }).summary)
    assert.equal("compliant", audit({ rule("tcp", 1, 2, { "0.0.0.0/1", "8000::/1" }) }).status)
  end)

  it("reads prefix lists, each once, page by page", function()
    local lists = {
      ["pl-1"] = { Entries = entries("0.0.0.0/1").Entries, NextToken = "second" },
      second = entries("128.0.0.0/2"),
      ["pl-2"] = entries("192.0.0.0/2", "2001:db8::/32"),
    }
    local group = group_with({
      rule("tcp", 22, 22, { "pl-1", "pl-2" }), rule("tcp", 80, 80, { "pl-1" }),
    }, lists)
    local found = group:plan()[CHECK]
    assert.equal("lets in tcp 22 from 0.0.0.0/0", found.summary)
    assert.equal("none", found.fix)
    assert.equal(4, #group.calls) -- one list has two pages
  end)

  it("is unknown if a prefix list cannot be read or is incomplete", function()
    for _, reply in ipairs {
      policies.fault("UnauthorizedOperation", "no", 403), {}, { Entries = { {} } },
    } do
      local group = group_with({ rule("tcp", 22, 22, { "pl-1" }) }, { ["pl-1"] = reply })
      assert.equal("unknown", group:audit()[CHECK].status)
    end
  end)

  it("is gone if the group is, and unknown if it cannot be read", function()
    local group = group_with {}
    for code, status in pairs {
      ["InvalidGroup.NotFound"] = "gone", ["InvalidSecurityGroupID.NotFound"] = "gone",
      UnauthorizedOperation = "unknown", ["InvalidGroupId.Malformed"] = "unknown",
    } do
      group.world.replies["ec2:DescribeSecurityGroups"] = policies.fault(code)
      local outcome = group:audit()
      assert.equal(status, outcome.state == "gone" and "gone" or outcome[CHECK].status)
    end
  end)

  it("is unknown if the response is incomplete or contains an invalid range", function()
    local group = group_with {}
    for _, reply in ipairs {
      {}, { SecurityGroups = {} }, { SecurityGroups = { { GroupId = ID } } },
      { SecurityGroups = { { IpPermissions = { {} } } } },
      { SecurityGroups = { { IpPermissions = { { IpProtocol = "-1" } } } } },
      { SecurityGroups = { { IpPermissions = { { IpProtocol = "-1", IpRanges = {} } } } } },
      { SecurityGroups = { { IpPermissions = { { IpRanges = { { CidrIp = "::/0" } } } } } } },
      { SecurityGroups = { { IpPermissions = { { IpProtocol = "-1", IpRanges = { {} } } } } } },
      { SecurityGroups = { { IpPermissions = { { IpProtocol = "-1", Ipv6Ranges = { {} } } } } } },
    } do
      group.world.replies["ec2:DescribeSecurityGroups"] = reply
      assert.equal("unknown", group:audit()[CHECK].status)
    end
    local found = audit { rule("tcp", 22, 22, { "any where\n\"'" }) }
    assert.equal("unknown", found.status)
    assert.truthy(found.error.message:find("not a range of addresses", 1, true))
  end)

  it("accepts ids of any form", function()
    for _, id in ipairs { 'a"b\n', "gr\u{fc}n", ("x"):rep(200), "'; --" } do
      local group = group_policy:resource {
        id = id,
        replies = { ["ec2:DescribeSecurityGroups"] = function(params)
          assert.same({ id }, params.GroupIds)
          return policies.fault("InvalidGroup.NotFound")
        end },
      }
      assert.equal("gone", group:audit().state)
    end
  end)
end)

describe("security groups", function()
  it("are listed page by page, with the test resources marked", function()
    local tag = { { Key = "made-by", Value = "misconfiguration_maker" } }
    local found = group_policy:discover { replies = {
      ["ec2:DescribeSecurityGroups"] = policies.pages {
        { SecurityGroups = { { GroupId = "sg-1", GroupName = "a" },
          { GroupId = "sg-2", GroupName = "misconfiguration_maker" } } },
        { SecurityGroups = { { GroupId = "sg-3", GroupName = "b", Tags = tag } } },
        { SecurityGroups = {} },
      },
    } }
    assert.same({
      { id = "sg-1", test = false }, { id = "sg-2", test = true }, { id = "sg-3", test = true },
    }, found)
  end)

  it("that another account shares belong to that account", function()
    local found = group_policy:discover { replies = {
      ["ec2:DescribeSecurityGroups"] = { SecurityGroups = {
        { GroupId = "sg-1", GroupName = "a", OwnerId = "111122223333" },
        { GroupId = "sg-2", GroupName = "b", OwnerId = "999988887777" },
      } },
    } }
    assert.same({ { id = "sg-1", test = false } }, found)
  end)

  it("are not counted as none if the response is incomplete", function()
    assert.has_error(function()
      group_policy:discover { replies = { ["ec2:DescribeSecurityGroups"] = {} } }
    end)
  end)

  it("are found in the events that may open them", function()
    local function ids(name, detail)
      local list = {}
      for i, one in ipairs(group_policy:event("ec2:" .. name, detail)) do list[i] = one.id end
      return list
    end
    local by_name = { items = { { groupId = "sg-2" } } }
    assert.same({ "sg-1" }, ids("CreateSecurityGroup", { responseElements = { groupId = "sg-1" } }))
    assert.same({ "sg-1" },
      ids("AuthorizeSecurityGroupIngress", { requestParameters = { groupId = "sg-1" } }))
    assert.same({ "sg-2" }, ids("AuthorizeSecurityGroupIngress",
      { responseElements = { securityGroupRuleSet = by_name }, requestParameters = {} }))
    assert.same({ "sg-3" }, ids("ModifySecurityGroupRules",
      { requestParameters = { ModifySecurityGroupRulesRequest = { GroupId = "sg-3" } } }))
    assert.has_error(function() ids("CreateSecurityGroup", {}) end)
  end)

  it("have specs that use every declared read", function()
    assert.same({}, group_policy:never_called())
  end)
end)
