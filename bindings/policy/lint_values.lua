-- What lint.lua knows about a value without running code: resource and scope, aws, a service, a
-- result or a part of it, a module, the state. nil is unknown: nothing is reported about it.
local core, lint = ...

local function set(text)
  local out = {}
  for word in text:gmatch("%S+") do out[word] = true end
  return out
end

local function keys(map)
  local list = {}
  for key in next, map do list[#list + 1] = key end
  table.sort(list)
  return list
end

lint.set, lint.keys = set, keys

local resource_fields = set "account region now settings id type listed wants_listed aws"
local resource_methods = set "later gone trusted caller log found map"
local settings = lint.settings()

lint.resource = { kind = "resource" }
lint.aws = { kind = "aws" }

-- The value of a member of a result; nil if it has no structure.
local function shaped(service, shape)
  if not shape then return nil end
  local kind, element = lint.kind(service, shape)
  if kind == "other" then return nil end
  return { kind = kind, service = service, shape = shape, element = element }
end

lint.shaped = shaped

local function no_member(report, line, value, name)
  local _, structure, hint = lint.member(value.service, value.shape, name)
  report(line, "error", '%s: %s has no member "%s"%s', value.service, structure, name, hint)
end

-- Each one returns the value of a constant name.
local readers = {}

function readers.resource(_, name, line, report)
  if name == "aws" then return lint.aws end
  if name == "settings" then return { kind = "settings" } end
  if not resource_fields[name] and not resource_methods[name] then
    report(line, "error", 'resources and scopes have no "%s"%s', name,
      core.suggest(name, keys(resource_fields)))
  end
end

function readers.settings(_, name, line, report)
  if not settings[name] then
    report(line, "error", 'there is no setting "%s"%s', name, core.suggest(name, keys(settings)))
  end
end

function readers.aws(_, name) return { kind = "service", service = name:gsub("_", "-") } end

function readers.structure(value, name, line, report)
  local member = lint.member(value.service, value.shape, name)
  if not member then return no_member(report, line, value, name) end
  return shaped(value.service, member)
end

function readers.map(value) return shaped(value.service, value.element) end

function readers.fields(value, name, line, report)
  if value.fields[name] == nil then
    report(line, "error", '%s has no "%s"%s', value.name, name,
      core.suggest(name, keys(value.fields)))
  end
end

function readers.state(value, name, line, report)
  if value.parts and not value.parts[name] then
    report(line, "error", 'the state that fetch returns has no "%s"%s', name,
      core.suggest(name, keys(value.parts)))
  end
end

-- The value of value[name]; a key that is not constant is `false`.
function lint.read(value, name, line, report)
  if not value then
    return name == "aws" and lint.aws or name == "settings" and { kind = "settings" } or nil
  end
  if not name then
    local inner = value.kind == "list" or value.kind == "map"
    return inner and shaped(value.service, value.element) or nil
  end
  local read = readers[value.kind]
  return read and read(value, name, line, report) or nil
end

-- The second variable of a loop over the value.
function lint.element(value)
  local inner = value and (value.kind == "list" or value.kind == "map")
  return inner and shaped(value.service, value.element) or nil
end

function lint.is_resource_method(name) return resource_methods[name] end
function lint.resource_methods() return keys(resource_methods) end

----------------------------------------------------------------------------------------------------
-- literal parameters against the model's input

local function key_of(item)
  local key = item.key
  return key and key.t == "string" and key.value or nil
end

lint.key_of = key_of

local check_value

-- about: { service =, report =, unlisted = "error" or "warning": for a value that the model does
-- not list }. In a step this is an error, because it would fail only when the step is carried out.
-- In a read it is a warning: AWS adds values before the models have them, and refuses unknown
-- values itself.
local function check_text(about, shape, text, line)
  local name, hint = lint.unlisted(about.service, shape, text)
  if name then
    about.report(line, about.unlisted, '%s: "%s" is not one of the values of %s%s', about.service,
      text, name, hint)
  end
end

local function check_structure(about, shape, node)
  local there, computed = {}, false
  for _, item in ipairs(node.items) do
    local name = key_of(item)
    if name then
      there[name] = true
      local member, structure, hint = lint.member(about.service, shape, name)
      if member then
        check_value(about, member, item.value)
      else
        about.report(item.line, "error", '%s: %s has no "%s"%s', about.service, structure, name,
          hint)
      end
    else
      computed = true
    end
  end
  return there, computed
end

function check_value(about, shape, node)
  if node.t == "string" then return check_text(about, shape, node.value, node.line) end
  if node.t ~= "table" then return end
  local kind, element, keys_shape = lint.kind(about.service, shape)
  if kind == "structure" then
    check_structure(about, shape, node)
  elseif kind ~= "other" then
    for _, item in ipairs(node.items) do
      local key = key_of(item)
      if key and keys_shape then check_text(about, keys_shape, key, item.line) end
      check_value(about, element, item.value)
    end
  end
end

-- The parameters of a call. `whole`: the file adds nothing to the table later.
function lint.check_parameters(name, about, input, node, whole)
  if not input then
    if #node.items > 0 then about.report(node.line, "error", "%s takes no parameters", name) end
    return
  end
  local there, computed = check_structure(about, input, node)
  if not whole or computed then return end
  local members = lint.members(about.service, input)
  for _, member in ipairs(keys(members)) do
    if members[member] and not there[member] then
      about.report(node.line, "error", '%s needs the parameter "%s"', name, member)
    end
  end
end
