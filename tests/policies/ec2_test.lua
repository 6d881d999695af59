-- policies/ec2.lua, by the real engine.
local ID, ACCOUNT = "i-0123456789abcdef0", "111122223333"
local SETTINGS = { REQUIRED_TAGS = "Owner", DEV_ACCOUNTS = ACCOUNT }
local GROUP = { Key = "aws:autoscaling:groupName", Value = "web" }
local OWNED = { Key = "Owner", Value = "shop" }

-- An interface whose first address has a public one of this owner, or none.
local function interface(owner)
  local first = { PrivateIpAddress = "10.0.0.5", Primary = true }
  if owner then first.Association = { PublicIp = "198.51.100.7", IpOwnerId = owner } end
  return {
    NetworkInterfaceId = "eni-1", PrivateIpAddresses = { first },
    Attachment = { DeviceIndex = 0, NetworkCardIndex = 0 },
  }
end

local function options(tokens, endpoint)
  return { HttpTokens = tokens, HttpEndpoint = endpoint or "enabled", HttpPutResponseHopLimit = 2 }
end

-- The reply about a good instance with these changes.
local function described(changes)
  local instance = {
    InstanceId = ID, State = { Name = "running" }, Tags = { OWNED }, RootDeviceType = "ebs",
    MetadataOptions = options "required", NetworkInterfaces = { interface() },
  }
  for key, value in pairs(changes) do instance[key] = value end
  return { ["ec2:DescribeInstances"] = { Reservations = { { Instances = { instance } } } } }
end

-- Its replies, with those that only fixes read.
local function replies(changes, protection, elastic)
  local found = described(changes)
  local flag = { Value = protection or false }
  found["ec2:DescribeInstanceAttribute"] = { DisableApiStop = flag, DisableApiTermination = flag }
  found["ec2:DescribeAddresses"] = { Addresses = elastic or {} }
  found["ec2:DescribeNetworkInterfaceAttribute"] = { AssociatePublicIpAddress = true }
  return found
end

local function instance(name, changes, expect)
  return {
    name = name, id = ID, settings = SETTINGS, replies = replies(changes), expect = expect,
  }
end

-- A change and its inverse, and the instance after it.
local function change(call, with, inverse, back, left)
  return {
    call = "ec2:" .. call, with = with, undo = { call = "ec2:" .. inverse, with = back },
    replies = left and described(left),
  }
end

local function tokens(value)
  return { InstanceId = ID, HttpEndpoint = "enabled", HttpTokens = value }
end

local function require_tokens(left)
  local call = "ModifyInstanceMetadataOptions"
  return change(call, tokens "required", call, tokens "optional", left)
end

local function assign(whether)
  return { NetworkInterfaceId = "eni-1", AssociatePublicIpAddress = whether }
end

local IMDSV1 = { ["ec2.imdsv1"] = "non_compliant" }
local TAGS = { ["ec2.tags"] = { status = "non_compliant", summary = "Owner" } }
local PUBLIC = { ["ec2.dev_public"] = { status = "non_compliant", summary = "eni-1 (10.0.0.5)" } }
local WRONG = {
  ["ec2.imdsv1"] = "non_compliant", ["ec2.tags"] = "non_compliant",
  ["ec2.dev_public"] = "non_compliant",
}

local off = instance("the checks without their settings", { Tags = {} }, {
  ["ec2.tags"] = "skipped", ["ec2.dev_public"] = "skipped",
})
off.settings = nil

local open = instance("metadata without tokens", { MetadataOptions = options "optional" }, IMDSV1)
open.changes = { require_tokens {} }

local managed = instance("metadata of an instance that another service manages", {
  MetadataOptions = options "optional",
  Operator = { Managed = true, Principal = "eks.amazonaws.com" },
}, IMDSV1)
managed.repaired = { ["ec2.imdsv1"] = "held" }

-- It stops, which also ends the use of its address.
local WITHOUT_TAG = { Tags = {}, NetworkInterfaces = { interface "amazon" } }
local bad = instance("everything wrong", {
  Tags = {}, NetworkInterfaces = { interface "amazon" }, MetadataOptions = options "optional",
}, WRONG)
local one = { InstanceIds = { ID } }
bad.changes = {
  require_tokens(WITHOUT_TAG),
  change("StopInstances", one, "StartInstances", one, { Tags = {}, State = { Name = "stopping" } }),
}

local protected = instance("a missing tag, and stop protection", {}, TAGS)
protected.replies = replies({ Tags = {} }, true)
protected.repaired = { ["ec2.tags"] = "held" }

local scaled = instance("a missing tag, in an auto scaling group", { Tags = { GROUP } }, TAGS)
scaled.repaired = { ["ec2.tags"] = "held" }

local own = instance("an address of its own",
  { NetworkInterfaces = { interface "amazon" } }, PUBLIC)
local call = "ModifyNetworkInterfaceAttribute"
own.changes = { change(call, assign(false), call, assign(true), {}) }

-- EC2 would assign an address of its own in place of the elastic one.
local elastic = instance("an elastic address", {}, PUBLIC)
elastic.replies = replies({ NetworkInterfaces = { interface(ACCOUNT) } }, false, { {
  PublicIp = "198.51.100.7", AllocationId = "eipalloc-1", AssociationId = "eipassoc-1",
  NetworkInterfaceId = "eni-1", PrivateIpAddress = "10.0.0.5", InstanceId = ID,
} })
elastic.changes = {
  change("DisassociateAddress", { AssociationId = "eipassoc-1" }, "AssociateAddress", {
    AllocationId = "eipalloc-1", NetworkInterfaceId = "eni-1", PrivateIpAddress = "10.0.0.5",
    AllowReassociation = false,
  }, {}),
  change(call, assign(false), call, assign(true)),
}

local FOREIGN = { NetworkInterfaces = { interface "999988887777" } }
local stuck = instance("an address that cannot be removed", FOREIGN, PUBLIC)
stuck.changes = { {
  call = "ec2:TerminateInstances", with = one, irreversible = true,
  replies = described { State = { Name = "shutting-down" } },
} }

local kept = instance("an address that cannot be removed, and termination protection", FOREIGN,
  PUBLIC)
kept.replies = replies(FOREIGN, true)
kept.repaired = { ["ec2.dev_public"] = "held" }

local gone = instance("an instance that does not exist any more", {}, "gone")
gone.replies = { ["ec2:DescribeInstances"] = { fault = "InvalidInstanceID.NotFound" } }

local function listed(id, state, tags)
  return { Instances = { { InstanceId = id, State = { Name = state }, Tags = tags } } }
end

return {
  policy = "ec2",
  cases = {
    instance("a good instance", {}, "compliant"),
    instance("the metadata endpoint is off",
      { MetadataOptions = options("optional", "disabled") }, "compliant"),
    instance("a stopped instance",
      { State = { Name = "stopped" }, Tags = {}, MetadataOptions = options "optional" },
      "compliant"),
    instance("an instance that is being launched", { State = { Name = "pending" } }, "pending"),
    instance("a state that EC2 does not have", { State = { Code = 16 } }, "unknown"),
    off, open, managed, bad, protected, scaled, own, elastic, stuck, kept, gone,
  },
  listings = {
    {
      name = "instances, page by page, without terminated ones",
      replies = {
        ["ec2:DescribeInstances"] = { pages = {
          { Reservations = { listed("i-1", "running"), listed("i-2", "terminated") } },
          { Reservations = {
            listed("i-3", "stopped", { { Key = "Name", Value = "misconfiguration_maker" } }),
          } },
        } },
      },
      ids = { "i-1", { id = "i-3", test = true } },
    },
  },
  events = {
    {
      event = "ec2:RunInstances",
      detail = { responseElements = { instancesSet = { items = {
        { instanceId = "i-1" }, { instanceId = "i-2" },
      } } } },
      ids = { "i-1", "i-2" },
    },
    {
      event = "ec2:DeleteTags",
      detail = { requestParameters = { resourcesSet = { items = {
        { resourceId = "vol-1" }, { resourceId = ID },
      } } } },
      ids = { ID },
    },
  },
}
