-- An instance that stores what it is given, for the specs of policies/ec2.lua.
local assert = require "luassert"

local policies = require "support.policy"

local ID = "i-0123456789abcdef0"
local ACCOUNT = "111122223333"

-- Network interfaces as DescribeInstances shows them. addresses: of each interface, private ->
-- owner of the public address there, or false.
local function interfaces_of(box)
  local list = {}
  for i, addresses in ipairs(box.interfaces or {}) do
    local shown = {}
    for j, pair in ipairs(addresses) do
      shown[j] = { PrivateIpAddress = pair[1], Primary = j == 1 }
      if pair[2] then
        shown[j].Association = { PublicIp = "198.51.100." .. i .. j, IpOwnerId = pair[2] }
      end
    end
    list[i] = {
      NetworkInterfaceId = "eni-" .. i, PrivateIpAddresses = shown,
      Attachment = { DeviceIndex = i - 1, NetworkCardIndex = 0 },
    }
  end
  return list
end

local function shown(box)
  local tags = {}
  for key, value in pairs(box.tags or {}) do tags[#tags + 1] = { Key = key, Value = value } end
  return {
    InstanceId = ID, State = { Name = box.state or "running" }, Tags = tags,
    RootDeviceType = box.root or "ebs", InstanceLifecycle = box.lifecycle,
    SpotInstanceRequestId = box.request,
    Operator = box.operator and { Managed = true, Principal = box.operator }
      or { Managed = false },
    MetadataOptions = {
      State = "applied", HttpTokens = box.tokens or "required",
      HttpEndpoint = box.endpoint or "enabled", HttpPutResponseHopLimit = box.hops or 2,
    },
    NetworkInterfaces = interfaces_of(box), StateReason = box.reason,
    StateTransitionReason = box.transition,
  }
end

local function place_of(box, params)
  local index = tonumber(params.NetworkInterfaceId:match("^eni%-(%d+)$"))
  for _, pair in ipairs(box.interfaces[index]) do
    if pair[1] == params.PrivateIpAddress then return pair end
  end
  error("no such place")
end

local function only(params)
  assert.same({ ID }, params.InstanceIds)
end

-- Replies of an instance. box: state, tags, root, lifecycle, request (of Spot), operator, tokens,
-- endpoint, hops, reason and transition (of its state), protected (by attribute), interfaces,
-- elastic (as DescribeAddresses shows them), assigned (by interface).
local function replies_of(box)
  return {
    ["ec2:DescribeInstances"] = function(params)
      only(params)
      return { Reservations = { { Instances = { shown(box) } } } }
    end,
    ["ec2:DescribeInstanceAttribute"] = function(params)
      local member = params.Attribute:gsub("^%l", string.upper)
      return { InstanceId = params.InstanceId,
        [member] = { Value = (box.protected or {})[params.Attribute] or false } }
    end,
    ["ec2:DescribeAddresses"] = function(params)
      assert.same({ { Name = "instance-id", Values = { ID } } }, params.Filters)
      return { Addresses = box.elastic or {} }
    end,
    ["ec2:DescribeNetworkInterfaceAttribute"] = function(params)
      assert.equal("associatePublicIpAddress", params.Attribute)
      if not box.assigned then return policies.fault("InvalidParameterValue") end
      return { AssociatePublicIpAddress = box.assigned[params.NetworkInterfaceId] or false }
    end,
    ["ec2:ModifyInstanceMetadataOptions"] = function(params)
      assert.equal(ID, params.InstanceId)
      box.tokens, box.endpoint = params.HttpTokens, params.HttpEndpoint
      return {}
    end,
    ["ec2:StopInstances"] = function(params)
      only(params)
      box.state = "stopping"
      return {}
    end,
    ["ec2:StartInstances"] = function(params)
      only(params)
      box.state = "running"
      return {}
    end,
    ["ec2:TerminateInstances"] = function(params)
      only(params)
      box.state = "shutting-down"
      return {}
    end,
    ["ec2:DisassociateAddress"] = function(params)
      for _, address in ipairs(box.elastic) do
        if address.AssociationId == params.AssociationId then
          place_of(box, address)[2] = false
          return {}
        end
      end
      return policies.fault("InvalidAssociationID.NotFound")
    end,
    ["ec2:AssociateAddress"] = function(params)
      assert.equal("eipalloc-1", params.AllocationId)
      assert.is_false(params.AllowReassociation)
      place_of(box, params)[2] = ACCOUNT
      return { AssociationId = "eipassoc-2" }
    end,
    ["ec2:ModifyNetworkInterfaceAttribute"] = function(params)
      local first = box.interfaces[1][1]
      assert.equal("eni-1", params.NetworkInterfaceId)
      if box.assigned then box.assigned["eni-1"] = params.AssociatePublicIpAddress end
      first[2] = params.AssociatePublicIpAddress and "amazon" or false
      return {}
    end,
  }
end

-- The instance as a resource of `policy`, with all checks turned on.
local function with(policy, box, settings)
  box.tags = box.tags or { Owner = "shop" }
  settings = settings or { required_tags = { "Owner" }, dev_accounts = { "444455556666", ACCOUNT } }
  return policy:resource { id = ID, settings = settings, replies = replies_of(box) }
end

-- A box in which everything is wrong, and more.
local function bad_box(more)
  local box = { tokens = "optional", tags = {}, interfaces = { { { "10.0.0.5", "amazon" } } } }
  for key, value in pairs(more or {}) do box[key] = value end
  return box
end

return { ID = ID, ACCOUNT = ACCOUNT, shown = shown, with = with, bad_box = bad_box }
