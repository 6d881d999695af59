-- `engine check` of a policy that has been loaded: compares its text with its permissions, its
-- events and the API models, in both directions. What is certain is an error; what the models
-- cannot prove is a warning.
local core, lint = ...
local key_of, keys = lint.key_of, lint.keys

-- CloudTrail's names of API calls that differ from the operations' (CloudTrail user guide, "Amazon
-- S3 account-level and bucket-level actions tracked by CloudTrail logging"; EC2 and RDS events that
-- the services generate themselves have no operation at all).
local event_names = {
  s3 = lint.set [[
    DeleteBucketPublicAccessBlock PutBucketPublicAccessBlock GetBucketPublicAccessBlock
    DeleteAccountPublicAccessBlock PutAccountPublicAccessBlock PutBucketLifecycle
    DeleteBucketLifecycle PutBucketNotification PutBucketReplication]],
  signin = lint.set "ConsoleLogin",
}

-- A text that is almost an existing name is an error; any other may be missing from the models.
local function level_of(hint)
  return hint:find(", did you mean", 1, true) and "error" or "warning"
end

local roots = lint.set [[
  requestParameters responseElements resources additionalEventData serviceEventDetails
  userIdentity recipientAccountId eventName awsRegion]]

----------------------------------------------------------------------------------------------------
-- the policy's own table in the file

local function each_node(node, look)
  if type(node) ~= "table" then return end
  look(node)
  for _, inner in next, node do each_node(inner, look) end
end

local function policy_table(tree)
  local found
  each_node(tree, function(node)
    if node.t == "call" and node.callee.name == "policy" and node.args[1] then
      found = node.args[1].t == "table" and node.args[1] or found
    end
  end)
  return found
end

local function field(node, name)
  for _, item in ipairs(node and node.t == "table" and node.items or {}) do
    if key_of(item) == name then return item.value end
  end
end

local function line_of(node, name, otherwise)
  for _, item in ipairs(node and node.t == "table" and node.items or {}) do
    if key_of(item) == name or (item.value.t == "string" and item.value.value == name) then
      return item.line
    end
  end
  return otherwise
end

-- Collects the parts of the state, if every return of fetch names them; nil if one does not.
local function add_parts(node, parts, locals)
  if node.t == "operation" then
    local last = node[#node]
    return last.t == "table" and add_parts(last, parts, locals)
  end
  if node.t == "name" and locals[node.name] then
    for name in next, locals[node.name].fields do parts[name] = true end
    node = locals[node.name].value
  end
  if node.t ~= "table" then return node.t == "nil" end
  for _, item in ipairs(node.items) do
    if not key_of(item) then return false end
    parts[key_of(item)] = true
  end
  return true
end

-- Local variables set to a literal, and the fields added later: `local state = {…}`.
local function note_local(node, locals)
  if node.t == "local" then
    for i, name in ipairs(node.names) do
      locals[name] = node.values[i] and { value = node.values[i], fields = {} } or nil
    end
  end
  for _, target in ipairs(node.t == "assign" and node.targets or {}) do
    local noted = target.t == "index" and locals[target.object.name]
    if target.t == "name" then locals[target.name] = nil end
    if noted and target.key.t == "string" then noted.fields[target.key.value] = true end
  end
end

local function returned_parts(list, parts, locals)
  for _, node in ipairs(list) do
    note_local(node, locals)
    if node.t == "return" and (not node.values[1] or not add_parts(node.values[1], parts, locals))
    then
      return false
    end
    for _, inner in ipairs(node.blocks or { node.body }) do
      if not returned_parts(inner, parts, locals) then return false end
    end
  end
  return true
end

local function state_of(own)
  local fetch, parts = field(own, "fetch"), {}
  if not fetch or fetch.t ~= "function" or not returned_parts(fetch.body, parts, {}) then
    return { kind = "state" }
  end
  for _, item in ipairs((field(own, "reads") or { items = {} }).items or {}) do
    if key_of(item) then parts[key_of(item)] = true end
  end
  return { kind = "state", parts = next(parts) and parts or nil }
end

----------------------------------------------------------------------------------------------------
-- what a fix returns: literal steps, and the parts of the state after them

local function check_inverse(node, report)
  if node.t ~= "table" or field(node, "undo") or field(node, "irreversible") then return end
  report(node.line, "error", "a step must have undo, or say why it is irreversible")
end

local function check_after(node, state, report)
  for _, item in ipairs(node.items) do
    local part = key_of(item)
    if part and state.parts and not state.parts[part] then
      report(item.line, "error", 'the state that fetch returns has no "%s"%s', part,
        (core.suggest(part, keys(state.parts))))
    end
  end
end

local function check_returns(list, state, report)
  for _, node in ipairs(list) do
    local steps, after = table.unpack(node.t == "return" and node.values or {})
    for _, item in ipairs(steps and steps.t == "table" and steps.items or {}) do
      if not item.key then check_inverse(item.value, report) end
    end
    if after and after.t == "table" then check_after(after, state, report) end
    for _, inner in ipairs(node.blocks or { node.body }) do check_returns(inner, state, report) end
  end
end

local function check_fixes(own, state, report)
  local checks = field(own, "checks")
  for _, item in ipairs(checks and checks.t == "table" and checks.items or {}) do
    local fix = field(item.value, "fix")
    if fix and fix.t == "function" then check_returns(fix.body, state, report) end
  end
end

----------------------------------------------------------------------------------------------------
-- events

-- Removes the version that some services append: CreateFunction20150331.
local function bare(name)
  return name:match("^(.-)%d%d%d%d%d%d%d%d$") or name:match("^(.-)%d%d%d%d%d%d%d%dv%d$") or name
end

-- CloudTrail writes the members of requests and responses with a small first letter, and the
-- members of a result's wrapper at top level. EC2 and S3 have names of their own there.
local own_members = lint.set "ec2 s3"

local function find_member(service, shape, wanted)
  local kind, element = lint.kind(service, shape)
  while kind == "list" do
    shape = element
    kind, element = lint.kind(service, shape)
  end
  if kind ~= "structure" then return false end
  local members = keys(lint.members(service, shape))
  for _, name in ipairs(members) do
    if name:lower() == wanted:lower() then return lint.member(service, shape, name) end
  end
  return nil, members, shape
end

-- The shape of a member; false if nothing is known about it; nil and the existing names otherwise.
local function step_into(service, shape, wanted, is_answer)
  local found, members, structure = find_member(service, shape, wanted)
  if found ~= nil or not is_answer then return found, members end
  for _, name in ipairs(members) do
    local wrapped = lint.member(service, structure, name)
    if lint.kind(service, wrapped) == "structure" then
      local inner, more = find_member(service, wrapped, wanted)
      if inner ~= nil then return inner end
      table.move(more, 1, #more, #members + 1, members)
    end
  end
  return nil, members
end

local function check_members(path, about, line, report)
  local input, output = lint.operation(about.service, about.operation)
  local is_answer = path:find("^responseElements") ~= nil
  local shape, first = is_answer and output or not is_answer and input, true
  for part in path:gmatch("%.([%w_-]+)") do
    if not shape then return end
    local inner, members = step_into(about.service, shape, part, is_answer and first)
    if inner == nil then
      local hint = core.suggest(part, members)
      report(line, level_of(hint), 'events.%s: "%s" is not a member of what %s:%s says%s',
        about.name, part, about.service, about.operation, hint)
    end
    if inner and part:find("^%u") then
      report(line, "warning", 'events.%s: CloudTrail usually writes "%s"', about.name,
        part:sub(1, 1):lower() .. part:sub(2))
    end
    shape, first = inner, false
  end
end

local function check_path(path, about, line, report)
  local first = path:match("^([%w_-]+)")
  if first and not roots[first] then
    report(line, "error", 'an event has no "%s"%s', first, core.suggest(first, keys(roots)))
  elseif about and (first == "requestParameters" or first == "responseElements") then
    check_members(path, about, line, report)
  end
end

local function check_paths(rule, about, line, report)
  if type(rule) == "string" then return check_path(rule, about, line, report) end
  if type(rule) ~= "table" then return end
  if rule.id ~= nil then return check_paths(rule.id, about, line, report) end
  for _, path in ipairs(rule) do check_paths(path, about, line, report) end
end

local function check_events(events, node, report)
  for _, name in ipairs(keys(events)) do
    local source, event = name:match("^([%w-]+):(%w+)$")
    local line = line_of(node, name, node and node.line or 1)
    local known, problem = lint.event(source, bare(event))
    local own = event_names[source]
    if not known and not (own and own[event]) then
      report(line, level_of(problem), "events.%s: %s", name, problem)
    end
    local about = known and not own_members[source]
      and { service = known, operation = bare(event), name = name }
    check_paths(events[name], about, line, report)
  end
end

----------------------------------------------------------------------------------------------------
-- declared, and never called

-- Usually, the name of a service in IAM is the name that requests are signed for.
local function check_actions(permissions, node, report)
  for _, access in ipairs { "read", "write" } do
    for key in pairs(permissions[access] or {}) do
      local source = type(key) == "string" and key:match("^([%w-]+):")
      local known, problem = lint.event(source or "ec2", "")
      if source and not known and problem:find("^there is no such service") then
        local list = field(node, access)
        local line = line_of(list, key, list and list.line or 1)
        report(line, level_of(problem), '%s: %s', key, problem)
      end
    end
  end
end

-- The names of operations that required modules call, or pass to a call.
local function library_words(modules)
  local words = {}
  for name in next, modules do
    for word in (lint.library(name) or ""):gmatch "[:.\"'](%u%w+)" do words[word] = true end
  end
  return words
end

local function check_unused(context, permissions, report)
  local library = library_words(lint.modules())
  for _, name in ipairs(keys(context.declared)) do
    local operation = name:match(":(.*)$")
    if not context.used[name] and not context.words[operation] and not library[operation] then
      local node = field(permissions, context.declared[name])
      local line = line_of(node, name, node and node.line or 1)
      report(line, "warning", "%s is declared and never called", name)
    end
  end
end

----------------------------------------------------------------------------------------------------

-- Names of the sandbox: libraries with their fields, functions as true.
local function globals()
  local out = {}
  for name, value in next, lint.real(lint.environment()) do
    out[name] = type(value) == "table" and lint.real(value) or true
  end
  return out
end

-- Methods that an object of unknown type may have: those of strings, resources and services, and
-- functions that the file itself keeps in tables.
local function methods(tree, libraries)
  local known = lint.set "try pages one in_region later gone trusted caller log found map"
  for name in next, libraries.string do known[name] = true end
  each_node(tree, function(node)
    if node.t == "index" and node.key.t == "string" then known[node.key.value] = true end
    if node.key and node.value and node.key.t == "string" then known[node.key.value] = true end
  end)
  return known
end

local function new_report(file, found)
  local seen = {}
  return function(line, level, format, ...)
    local text = ("%s:%d: %s"):format(file, line, format:format(...))
    if not seen[text] then found[#found + 1] = { line = line, level = level, message = text } end
    seen[text] = true
  end
end

local function read(file, found)
  local tree, declared = lint.parse(core.text()), core.declared()
  local own, libraries = policy_table(tree), globals()
  local permissions = field(own, "permissions")
  local report = new_report(file, found)
  local calls, services = lint.read_declared(declared.permissions)
  local context = {
    declared = calls, services = services, used = {}, words = {}, globals = libraries,
    modules = lint.modules(), known_methods = methods(tree, libraries), state = state_of(own),
    skipped = {}, report = report,
  }
  if permissions then context.skipped[permissions] = true end
  if field(own, "events") then context.skipped[field(own, "events")] = true end
  lint.walk(tree, context)
  check_fixes(own, context.state, report)
  check_events(declared.events or {}, field(own, "events"), report)
  check_actions(declared.permissions, permissions, report)
  check_unused(context, permissions, report)
  table.sort(found, function(a, b)
    if a.line ~= b.line then return a.line < b.line end
    return a.message < b.message
  end)
end

function lint.run(file)
  local found = core.list({})
  local ok, problem = pcall(read, file, found)
  if not ok then return core.fail(problem) end
  core.finish(core.box(found, "what was found"))
end
