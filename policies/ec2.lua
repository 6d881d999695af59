-- Instances require tokens for their metadata and carry the required tags; those in developer
-- accounts have no public address. Only running instances are checked: a stopped one does no harm.
local at = require("lib.detail").at
local ec2_public = require "lib.ec2_public"
local event_ids = require "lib.event_ids"
local controllers = require "lib.controllers"
local none = require "lib.none"
local spellings = require "lib.spellings"
local tags = require "lib.tags"
local test_resources = require "lib.test_resources"

local ADDRESSES = "arn:${partition}:ec2:${region}:${account}:elastic-ip/*"
local GROUPS = "arn:${partition}:ec2:${region}:${account}:security-group/*"
local INSTANCES = "arn:${partition}:ec2:${region}:${account}:instance/*"
local INTERFACES = "arn:${partition}:ec2:${region}:${account}:network-interface/*"
local KEYS = "arn:${partition}:kms:${region}:${account}:key/*"

local STARTS_S = 30 -- an instance that is being launched is audited again after this time

local CONTAINED = { stopping = true, stopped = true, ["shutting-down"] = true }
local ENDPOINT = { enabled = true, disabled = true }
local TOKENS = { optional = true, required = true }

-- EC2 always returns these for a running instance; without them the instance would wrongly pass.
local function required(value, name)
  if value == nil then error("ec2:DescribeInstances returned no " .. name, 0) end
  return value
end

-- A value that EC2 does not document cannot be used.
local function one_of(known, value, name)
  if not known[value or ""] then error("ec2:DescribeInstances returned no " .. name, 0) end
  return value
end

-- A token travels no farther than the hop limit, and containers are one hop away (EC2 user guide,
-- "Instance metadata access considerations").
local HOP_LIMIT_NOTE = "; tokens do not reach containers: its hop limit is 1"

local function includes(list, item)
  for _, one in ipairs(list or {}) do
    if one == item then return true end
  end
  return false
end

-- What the checks need. It leaves out what differs from start to start, and the `pending` or
-- `applied` state of a change of the metadata options: in both, the new values are shown already.
local function running(instance)
  local options = required(instance.MetadataOptions, "MetadataOptions")
  local public = ec2_public.addresses(instance)
  if #public == 0 and (instance.PublicIpAddress or "") ~= "" then
    required(nil, "the interfaces")
  end
  return {
    running = true,
    tags = tags.map(instance.Tags),
    metadata = {
      endpoint = one_of(ENDPOINT, options.HttpEndpoint, "HttpEndpoint"),
      tokens = one_of(TOKENS, options.HttpTokens, "HttpTokens"),
      hops = options.HttpPutResponseHopLimit,
    },
    root = instance.RootDeviceType,
    spot = instance.InstanceLifecycle == "spot" or instance.SpotInstanceRequestId ~= nil,
    operator = instance.Operator and instance.Operator.Managed and instance.Operator.Principal,
    public = public,
  }
end

-- EC2's reason for the state of the instance ("Client.InternalError: Client error on launch"), for
-- a repair or an undo that fails.
local function reason_of(instance)
  local reason = instance.StateReason or {}
  local text = reason.Message or reason.Code or instance.StateTransitionReason
  return text ~= "" and text or nil
end

local function described(resource)
  local reply = resource.aws.ec2:one("DescribeInstances", "InstanceIds", resource.id,
    "InvalidInstanceID.NotFound")
  if not reply then return nil end
  local reservation = required(reply.Reservations, "Reservations")[1]
  local instances = required(reservation and reservation.Instances, "the instance")
  return required(instances[1], "the instance")
end

local function contained(instance)
  return {
    running = false, tags = tags.map(instance.Tags),
    reason = function() return reason_of(instance) end,
  }
end

-- The changes to the state after a fix that stops an instance: only its tags are read after that.
local STOPPED = {
  running = false, metadata = none, root = none, spot = none, operator = none, public = none,
}

local function is_on(ec2, id, attribute, member)
  local reply = ec2:DescribeInstanceAttribute { InstanceId = id, Attribute = attribute }
  local found = reply[member]
  if not found or found.Value == nil then
    error(("ec2:DescribeInstanceAttribute returned no %s"):format(member), 0)
  end
  return found.Value
end

-- An account cannot change instances that another AWS service manages (EC2 user guide, "Amazon EC2
-- managed instances").
local function managed(state)
  return state.operator and ("EC2 lets only %s, which manages the instance, change it"):format(
    state.operator)
end

-- Why an instance would be started or replaced again after it stops or terminates. EC2 decides when
-- a Spot instance stops, and a persistent request launches another one (EC2 user guide, "Spot
-- Instance requests").
local function comes_back(state)
  if state.spot then return "a Spot instance: its request decides when it stops and starts" end
  return managed(state) or controllers.of_instance(state.tags)
end

-- Why EC2 would not stop the instance, or why stopping it would not help; nil if it can be stopped
-- (EC2 user guide, "Stop and start Amazon EC2 instances", "Enable stop protection").
local function stays_on(resource, state)
  if state.root == "instance-store" then
    return "its root device is an instance store, which EC2 cannot stop"
  end
  local why = comes_back(state)
  if why then return why end
  return is_on(resource.aws.ec2, resource.id, "disableApiStop", "DisableApiStop")
    and "stop protection is on" or nil
end

local function stays_alive(resource, state)
  local why = comes_back(state)
  if why then return why end
  local protected = is_on(resource.aws.ec2, resource.id, "disableApiTermination",
    "DisableApiTermination")
  return protected and "termination protection is on" or nil
end

-- Would EC2 assign the interface its own public address? After an elastic IP address is removed,
-- that happens within minutes (VPC user guide, "Elastic IP address concepts and rules"). If the
-- attribute is unknown to the API, no interface has it.
local function is_assigned(ec2, interface)
  local wanted = { NetworkInterfaceId = interface, Attribute = "associatePublicIpAddress" }
  local reply = ec2:try("DescribeNetworkInterfaceAttribute", wanted, "InvalidParameterValue")
  return reply ~= nil and reply.AssociatePublicIpAddress == true
end

local function disassociate(place, elastic)
  local back = {
    AllocationId = elastic.AllocationId, NetworkInterfaceId = place.interface,
    PrivateIpAddress = place.private_address, AllowReassociation = false,
  }
  return {
    call = "ec2:DisassociateAddress",
    with = { AssociationId = elastic.AssociationId },
    undo = { call = "ec2:AssociateAddress", with = back },
  }
end

local function assign(interface, whether)
  local wanted = { NetworkInterfaceId = interface, AssociatePublicIpAddress = whether }
  return { call = "ec2:ModifyNetworkInterfaceAttribute", with = wanted }
end

local function steps_for(resource, place, elastic)
  local steps = {}
  local found = ec2_public.elastic_at(elastic, place)
  if found then steps[1] = disassociate(place, found) end
  if not found or place.first and is_assigned(resource.aws.ec2, place.interface) then
    local step = assign(place.interface, false)
    step.undo = assign(place.interface, true)
    steps[#steps + 1] = step
  end
  return steps
end

local function make_private(resource, list, elastic)
  local steps = {}
  for i, place in ipairs(list) do
    local left = table.move(list, i + 1, #list, 1, {})
    for _, step in ipairs(steps_for(resource, place, elastic)) do
      step.after = { public = left }
      steps[#steps + 1] = step
    end
  end
  return steps
end

local function elastic_of(resource)
  local wanted = { Filters = { { Name = "instance-id", Values = { resource.id } } } }
  local reply = resource.aws.ec2:DescribeAddresses(wanted)
  if not reply.Addresses then error("ec2:DescribeAddresses returned no Addresses", 0) end
  return ec2_public.elastic(reply.Addresses)
end

local function terminate(resource, state)
  local why = stays_alive(resource, state)
  if why then return { held = why } end
  return { {
    call = "ec2:TerminateInstances",
    with = { InstanceIds = { resource.id } },
    irreversible = "a terminated instance does not come back",
  } }, STOPPED
end

local function metadata_options(id, endpoint, tokens)
  local wanted = { InstanceId = id, HttpEndpoint = endpoint, HttpTokens = tokens }
  return { call = "ec2:ModifyInstanceMetadataOptions", with = wanted }
end

-- Among the resources of a tag event, ids that start with `i-` are instances.
local function untagged_instances(detail)
  local items = at(detail, "requestParameters", "resourcesSet", "items")
  if type(items) ~= "table" then event_ids.missing("requestParameters.resourcesSet.items") end
  local ids = {}
  for _, item in ipairs(items) do
    local id = type(item) == "table" and item.resourceId
    if type(id) == "string" and id:sub(1, 2) == "i-" then ids[#ids + 1] = id end
  end
  return ids
end

-- An address may be associated with an interface: then the event does not name the instance.
local function addressed_instance(detail)
  local interface = at(detail, "requestParameters", "networkInterfaceId")
  local instance = at(detail, "requestParameters", "instanceId")
  if type(interface) == "string" and instance == nil then return {} end
  return event_ids.first(detail, "requestParameters.instanceId")
end

return policy {
  type = "ec2",
  title = "EC2 instance",
  aws_type = "AWS::EC2::Instance",
  arn = "arn:${partition}:ec2:${region}:${account}:instance/${id}",
  id = { canonical = spellings.named("ec2", "instance/"), form = "${word}" },

  permissions = {
    read = {
      "ec2:DescribeInstances", "ec2:DescribeAddresses", "ec2:DescribeNetworkInterfaceAttribute",
      ["ec2:DescribeInstanceAttribute"] = { on = INSTANCES },
    },
    write = {
      ["ec2:ModifyInstanceMetadataOptions"] = { on = INSTANCES },
      ["ec2:StopInstances"] = { on = INSTANCES },
      ["ec2:StartInstances"] = { on = INSTANCES },
      ["ec2:TerminateInstances"] = { on = INSTANCES },
      ["ec2:DisassociateAddress"] = { on = { ADDRESSES, INTERFACES } },
      ["ec2:AssociateAddress"] = { on = { ADDRESSES, INTERFACES, INSTANCES } },
      ["ec2:ModifyNetworkInterfaceAttribute"] = { on = { INTERFACES, INSTANCES, GROUPS } },
      -- Without this permission StartInstances succeeds, but an instance with an encrypted volume
      -- stops again (EBS user guide, "How Amazon EBS encryption works": permissions for IAM users).
      ["kms:CreateGrant"] = { call = false, on = KEYS },
    },
  },

  events = {
    ["ec2:RunInstances"] = "responseElements.instancesSet.items[*].instanceId",
    ["ec2:StartInstances"] = { id = {
      "requestParameters.instancesSet.items[*].instanceId",
      "responseElements.instancesSet.items[*].instanceId",
    } },
    ["ec2:ModifyInstanceMetadataOptions"] = { id = {
      "requestParameters.ModifyInstanceMetadataOptionsRequest.InstanceId",
      "responseElements.ModifyInstanceMetadataOptionsResponse.instanceId",
    } },
    ["ec2:AssociateAddress"] = addressed_instance,
    ["ec2:DeleteTags"] = untagged_instances,
  },

  discover = function(scope)
    for page in scope.aws.ec2:pages("DescribeInstances", { MaxResults = 1000 }) do
      for _, reservation in ipairs(required(page.Reservations, "Reservations")) do
        for _, instance in ipairs(reservation.Instances or {}) do
          if required(instance.State, "State").Name ~= "terminated" then
            local test = test_resources.tagged(tags.map(instance.Tags))
            scope:found(instance.InstanceId, { test = test, listed = instance })
          end
        end
      end
    end
  end,

  tags = function(_, state) return state.tags end,

  fetch = function(resource)
    local instance = resource.listed or described(resource)
    if not instance then return nil end
    local state = required(instance.State, "State").Name
    if state == "terminated" then return nil end
    if state == "pending" then resource:later(STARTS_S) end
    if CONTAINED[state] then return contained(instance) end
    if state ~= "running" then required(nil, "the instance's state") end
    return running(instance)
  end,

  checks = {
    {
      id = "ec2.imdsv1",
      title = "Instance metadata requires no token",
      severity = "high",
      controls = { securityhub = { "EC2.8 ~" }, cis = { "5.6 ~" } }, -- a stopped instance passes
      risk = "Anyone who can make software on the instance fetch a URL can read the "
        .. "credentials of its role: without a token a plain GET is enough.",
      advice = "Move the software on the instance to IMDSv2, wait until the metric "
        .. "MetadataNoToken stays at zero, then require tokens; containers need a hop limit of 2.",
      url = "https://docs.aws.amazon.com/securityhub/latest/userguide/ec2-controls.html#ec2-8",
      impact = "interrupts",
      repair = "Requires tokens; software that asks without one, and containers that a hop "
        .. "limit of 1 excludes, no longer get credentials or metadata.",

      audit = function(_, state)
        if not state.running or state.metadata.endpoint == "disabled" then return true end
        if state.metadata.tokens == "required" then return true end
        local summary = "the metadata endpoint is on and answers without a token"
        if state.metadata.hops == 1 then summary = summary .. HOP_LIMIT_NOTE end
        return false, summary, state.metadata
      end,

      -- The call repeats the current value for the endpoint: otherwise it may turn the endpoint on.
      fix = function(resource, state)
        local why = managed(state)
        if why then return { held = why } end
        local endpoint = state.metadata.endpoint
        local step = metadata_options(resource.id, endpoint, "required")
        step.undo = metadata_options(resource.id, endpoint, state.metadata.tokens)
        local metadata = { endpoint = endpoint, tokens = "required", hops = state.metadata.hops }
        return { step }, { metadata = metadata }
      end,
    },
    {
      id = "ec2.tags",
      title = "Instance lacks a required tag",
      severity = "low",
      risk = "Without its tags the owner of the instance is not known, and budgets and rules "
        .. "by tag miss it.",
      advice = "Add the tags that REQUIRED_TAGS names.",
      url = "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Tags.html",
      impact = "stops",
      repair = "Stops the instance, which can be started again; what runs on it ends, and its "
        .. "own public address and the data of instance store volumes are lost. Held if an auto "
        .. "scaling group, a fleet or a Spot request would bring the instance back.",
      needs = "required_tags",

      audit = function(resource, state)
        if not state.running then return true end
        return tags.audit(state.tags, resource.settings)
      end,

      fix = function(resource, state)
        local why = stays_on(resource, state)
        if why then return { held = why } end
        local one = { InstanceIds = { resource.id } }
        local step = { call = "ec2:StopInstances", with = one }
        step.undo = { call = "ec2:StartInstances", with = one }
        return { step }, STOPPED
      end,
    },
    {
      id = "ec2.dev_public",
      title = "Instance of a development account has a public address",
      severity = "high",
      controls = { securityhub = { "EC2.9 ~" } }, -- EC2.9 is about all accounts
      risk = "An instance of a development account can be reached from the internet.",
      advice = "Remove the public address, and reach the instance through Session Manager or "
        .. "a VPN.",
      url = "https://docs.aws.amazon.com/securityhub/latest/userguide/ec2-controls.html#ec2-9",
      impact = "destroys",
      repair = "Removes the public addresses, which ends connections through them; terminates "
        .. "the instance, permanently, if an address cannot be removed; held if an auto scaling "
        .. "group, a fleet or a Spot request would bring the instance back.",
      needs = "dev_accounts",
      when = function(resource)
        return includes(resource.settings.dev_accounts, resource.account)
      end,

      audit = function(_, state)
        if not state.running or #state.public == 0 then return true end
        return false, ec2_public.describe(state.public), state.public
      end,

      fix = function(resource, state)
        local why = managed(state)
        if why then return { held = why } end
        local elastic = elastic_of(resource)
        if not ec2_public.removable(state.public, elastic, resource.account) then
          return terminate(resource, state)
        end
        return make_private(resource, state.public, elastic), { public = {} }
      end,
    },
  },
}
