-- lint.lua's checks of calls: they must be declared, and exist in the model with these parameters
-- and error codes. Also checks steps, which are calls written as data.
local core, lint = ...
local key_of = lint.key_of

-- Codes that a service documents and its model does not list (EC2 API reference, "Error codes"; S3
-- API reference, "Error responses"; query protocols, "Common errors").
local unlisted = {
  ec2 = lint.set [[
    InvalidAMIID.NotFound InvalidAMIID.Unavailable InvalidAMIID.Malformed
    InvalidAllocationID.NotFound InvalidAssociationID.NotFound InvalidFlowLogId.NotFound
    InvalidGroup.NotFound InvalidGroupId.Malformed InvalidSecurityGroupID.NotFound
    InvalidInstanceID.NotFound
    InvalidInstanceID.Malformed InvalidInternetGatewayID.NotFound InvalidKeyPair.NotFound
    InvalidLaunchTemplateId.NotFound InvalidNatGatewayID.NotFound InvalidNetworkAclID.NotFound
    InvalidNetworkInterfaceID.NotFound InvalidPermission.NotFound InvalidPermission.Duplicate
    InvalidPrefixListID.NotFound InvalidPrefixListId.NotFound InvalidRouteTableID.NotFound
    InvalidSnapshot.NotFound InvalidSnapshotID.Malformed InvalidSubnetID.NotFound
    InvalidVolume.NotFound InvalidVpcEndpointId.NotFound InvalidVpcID.NotFound
    InvalidParameterValue InvalidParameterCombination IncorrectInstanceState IncorrectState
    OperationNotPermitted UnsupportedOperation DependencyViolation]],
  s3 = lint.set [[
    NoSuchBucket NoSuchBucketPolicy NoSuchTagSet NoSuchPublicAccessBlockConfiguration
    NoSuchCORSConfiguration NoSuchLifecycleConfiguration NoSuchWebsiteConfiguration
    NoSuchConfiguration NoSuchKey NoSuchUpload NoSuchVersion
    ServerSideEncryptionConfigurationNotFoundError ReplicationConfigurationNotFoundError
    ObjectLockConfigurationNotFoundError OwnershipControlsNotFoundError NoSuchAccessPointPolicy
    InvalidBucketState MethodNotAllowed]],
  iam = lint.set "NoSuchEntity NoSuchEntityException DeleteConflict",
  sqs = lint.set "QueueDoesNotExist AWS.SimpleQueueService.NonExistentQueue",
}

-- Any service may return them (AWS query and JSON protocols, "Common errors").
local common = lint.set [[
  AccessDenied AccessDeniedException UnauthorizedOperation Throttling ThrottlingException
  ValidationError ValidationException InvalidParameterValue InvalidParameterCombination
  InvalidInput ResourceNotFoundException OptInRequired SubscriptionRequiredException]]

-- A difference of this many letters is a typing error; with more, the code may be missing in the
-- model.
local SLIP = 2

-- `try` refuses such a code when it runs.
local function check_refusal(service, operation, code, line, report)
  if lint.refusal(service, operation, code) then
    report(line, "error", "try: %s says nothing about the resource, so it cannot mean that there "
      .. 'is none; declare tolerates["%s:%s"] if it may be ignored', code, service, operation)
  end
end

local function check_code(service, operation, code, line, report)
  local listed = lint.codes(service, operation)
  local own = unlisted[service] or {}
  if listed[code] or own[code] or common[code] then return end
  local _, letters = core.suggest(code, lint.keys(listed))
  local known = {}
  for _, codes in ipairs { listed, own, common } do
    for name in pairs(codes) do known[#known + 1] = name end
  end
  report(line, letters and letters <= SLIP and "error" or "warning",
    '%s:%s: neither its model nor its documentation has the code "%s"%s', service, operation, code,
    (core.suggest(code, known)))
end

-- "sqs:ListQueues"; or by action: an operation, a list, false, or { call =, … } with the other
-- fields of an entry.
local function operations_of(key, value)
  if type(value) == "string" then return { value } end
  if type(value) ~= "table" then return {} end
  if value[1] ~= nil then return value end
  if value.call == nil then return { key } end
  return type(value.call) == "table" and value.call or { value.call or nil }
end

-- Stands for the service if several services have an operation of this name.
lint.SEVERAL = {}

-- { ["sqs:ListQueues"] = "read", … } for all declared operations; and the service by operation
-- name.
local function read_declared(permissions)
  local declared, services = {}, {}
  for _, access in ipairs { "read", "write" } do
    for key, value in next, permissions[access] or {} do
      for _, operation in ipairs(operations_of(key, value)) do
        local service, name = operation:match("^([%w_-]+):(%w+)$")
        if service then
          service = service:gsub("_", "-")
          declared[service .. ":" .. name] = access
          local other = services[name]
          services[name] = (other == nil or other == service) and service or lint.SEVERAL
          services[service] = true
        end
      end
    end
  end
  return declared, services
end

lint.read_declared = read_declared

-- A call of this operation may be a call of any service that has it.
function lint.use_all(context, operation)
  for name in next, context.declared do
    if name:match(":(%w+)$") == operation then context.used[name] = true end
  end
end

-- The declared operations of one kind of access.
local function declared_as(context, access)
  local names = {}
  for name, declared in next, context.declared do
    if declared == access then names[#names + 1] = name end
  end
  table.sort(names)
  return names
end

-- context: { declared =, services =, used =, report = }
local function check_declared(context, service, operation, line)
  local name = service .. ":" .. operation
  context.used[name] = true
  local access = context.declared[name]
  if access == "read" then return end
  if access == "write" then
    context.report(line, "error", "%s changes things: return it as a step of fix", name)
  else
    context.report(line, "error", "%s is not declared in permissions.read%s", name,
      (core.suggest(name, declared_as(context, "read"))))
  end
end

-- The parameters are in the call, or in a local variable set to a literal.
local function check_arguments(name, about, input, node, value)
  local whole = node ~= nil and node.t == "table"
  local literal = whole and node or value and value.kind == "literal" and value.node or nil
  if literal then lint.check_parameters(name, about, input, literal, whole) end
end

-- Returns the value of the result, and the shape of the parameters: false if there are none, nil if
-- there is no such operation.
function lint.check_operation(context, service, operation, line)
  local input, output = lint.operation(service, operation)
  if input == nil then
    context.report(line, "error", "%s:%s: %s", service, operation, output)
    return nil
  end
  check_declared(context, service, operation, line)
  return lint.shaped(service, output), input
end

-- A call of aws.<service>; returns the value of its result.
function lint.check_call(context, service, operation, line, node, value)
  local result, input = lint.check_operation(context, service, operation, line)
  if input == nil then return nil end
  local about = { service = service, report = context.report, unlisted = "warning" }
  local given = node or { t = "table", items = {}, line = line }
  check_arguments(service .. ":" .. operation, about, input, given, value)
  return result
end

-- The arguments from `first` on are codes.
function lint.check_codes(context, service, operation, node, values, first)
  if not lint.operation(service, operation) then return end
  for i = first, #node.args do
    local value, line = values[i], node.args[i].line
    if value and value.kind == "text" then
      check_refusal(service, operation, value.text, line, context.report)
      check_code(service, operation, value.text, line, context.report)
    end
  end
end

function lint.check_pages(context, service, operation, line)
  if lint.operation(service, operation) and not lint.paged(service, operation) then
    context.report(line, "error", "%s:%s has no pages: call it directly", service,
      operation)
  end
end

----------------------------------------------------------------------------------------------------
-- methods of a service that call an operation by name

local service_methods = {}
lint.service_methods = service_methods

-- The value, if it is a constant text.
function lint.text_of(value) return value and value.kind == "text" and value.text or nil end

local function named_call(context, service, node, values)
  local name = lint.text_of(values[1])
  if not name then return nil end
  return lint.check_call(context, service, name, node.args[1].line, node.args[2], values[2])
end

-- aws.sqs:try("GetQueueAttributes", {…}, code, …)
function service_methods.try(context, service, node, values)
  local name = lint.text_of(values[1])
  if name then lint.check_codes(context, service, name, node, values, 3) end
  return named_call(context, service, node, values)
end

-- aws.ec2:one("DescribeInstances", "InstanceIds", id[, { with =, most = }][, code…])
function service_methods.one(context, service, node, values)
  local name = lint.text_of(values[1])
  return name and lint.check_one(context, service, name, node, values)
end

-- aws.sqs:pages("ListQueues", {…})
function service_methods.pages(context, service, node, values)
  local page = named_call(context, service, node, values)
  local name = lint.text_of(values[1])
  if name then lint.check_pages(context, service, name, node.line) end
  return { kind = "pages", element = page }
end

----------------------------------------------------------------------------------------------------
-- steps

local step_names = lint.set "call with undo irreversible after"

local function check_step_call(context, node, text)
  local service, operation = text:match("^([%w_-]+):(%w+)$")
  if not service then
    context.report(node.line, "error", '"%s" is not a call: write service:Operation', text)
    return nil
  end
  service = service:gsub("_", "-")
  local name = service .. ":" .. operation
  local input, problem = lint.operation(service, operation)
  if input == nil then
    context.report(node.line, "error", "%s: %s", name, problem)
    return nil
  end
  context.used[name] = true
  if context.declared[name] ~= "write" then
    context.report(node.line, "error", "%s is not declared in permissions.write%s", name,
      (core.suggest(name, declared_as(context, "write"))))
  end
  return name, service, input
end

-- The items of a table by their keys; nil if a key is not constant.
local function by_key(node)
  local items = {}
  for _, item in ipairs(node.items) do
    local key = key_of(item)
    if not key then return nil end
    items[key] = item
  end
  return items
end

-- A step or its inverse; the file may add to `with` later.
function lint.check_step(context, node, value_of)
  local items = not node.is_options and by_key(node)
  if not items or not (items.call or items.with) then return end
  for _, key in ipairs(lint.keys(items)) do
    if not step_names[key] then
      context.report(items[key].line, "error", 'a step has no "%s"%s', key,
        core.suggest(key, lint.keys(step_names)))
    end
  end
  local call = items.call and items.call.value
  local said = call and value_of(call)
  if not said or said.kind ~= "text" then return end
  local name, service, input = check_step_call(context, call, said.text)
  local with = items.with and items.with.value
  if not name or not with then return end
  local about = { service = service, report = context.report, unlisted = "error" }
  check_arguments(name, about, input, with, value_of(with))
end

-- Any other text that looks like an operation: if it is almost a declared one, it is reported.
function lint.check_text(context, node)
  local service, operation = node.value:match("^([%w_-]+):(%u%w+)$")
  if not service then return end
  local name = service:gsub("_", "-") .. ":" .. operation
  context.used[name] = true
  if context.declared[name] or not context.services[service] then return end
  local input = lint.operation(service, operation)
  local hint = core.suggest(name, lint.keys(context.declared))
  if input == nil and hint ~= "" then
    context.report(node.line, "error", "%s is not declared, and no operation%s", name, hint)
  end
end
