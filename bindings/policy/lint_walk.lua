-- Walks the tree of a file for lint.lua: finds the value of each name, and how the file uses it.
local core, lint = ...
local key_of = lint.key_of

local PASSES = 4 -- enough for values that functions pass on

-- What those who look for print want.
local LOG = ": resource:log(…) and scope:log(…) log values, and --log-level info shows them"

local context, report -- of the file being read
local expression, block

----------------------------------------------------------------------------------------------------
-- scopes: { name = { value = } }, and `up`

local function open(scope) return { names = {}, up = scope } end

local function bind(scope, name, value) scope.names[name] = { value = value } end

local function find(scope, name)
  while scope do
    local found = scope.names[name]
    if found then return found end
    scope = scope.up
  end
end

local function names_of(scope)
  local list = {}
  while scope do
    for name in pairs(scope.names) do list[#list + 1] = name end
    scope = scope.up
  end
  for name in pairs(context.globals) do list[#list + 1] = name end
  return list
end

----------------------------------------------------------------------------------------------------
-- expressions: each function returns what is known about its value

-- The arguments of a policy's functions; those of other functions are learned from their calls.
local given = {
  fetch = { lint.resource }, discover = { lint.resource },
  tags = { lint.resource, "state" }, audit = { lint.resource, "state" },
  fix = { lint.resource, "state" },
  when = { lint.resource, "state" },
}

-- If a function is only called, its parameters are the arguments of its calls, and the result of a
-- call is what the function returns, as far as all of them agree. The file is walked several times:
-- each pass uses what the passes before have found. `false`: they do not agree.
local function merge(known, value)
  if known == nil then return value or false end
  if not known or not value or known.kind ~= value.kind then return false end
  local same = known.service == value.service and known.shape == value.shape
    and known.fields == value.fields and known.text == value.text and known.node == value.node
  return same and known
end

local function begin_function(node)
  if node.pass == context.pass then return end
  node.pass = context.pass
  node.known, node.given = node.given, {}
  node.answer, node.result = node.result, nil
  node.handed, node.hands = node.hands, nil
end

local function escape(value)
  if value and value.kind == "function" then
    begin_function(value.node)
    value.node.escaped = true
  end
end

local current -- function whose body is being walked

local function function_value(node, scope, values)
  local inner, outer = open(scope), current
  begin_function(node)
  if not values and not node.escaped then values = node.known end
  for i, name in ipairs(node.params) do
    local value = values and values[i]
    bind(inner, name, value == "state" and context.state or value or nil)
  end
  current = node
  block(node.body, inner)
  current = outer
  return { kind = "function", node = node }
end

-- A call of a function of the file with these values. Returns its result.
local function call_function(callee, values, from)
  local node = callee.node
  if not node then return nil end
  begin_function(node)
  for i = 1, #node.params do node.given[i] = merge(node.given[i], values[i + from]) end
  return node.handed and values[node.handed + from] or node.answer or nil
end

local function all(list, scope)
  local values = {}
  for i, node in ipairs(list) do values[i] = expression(node, scope) end
  return values
end

-- For values that are passed to code where they are not followed.
local function let_go(values, count)
  for i = 1, count do escape(values[i]) end
end

local readers = {}

-- `otherwise` is said where no name is similar.
local function report_unknown(node, scope, otherwise)
  local hint = core.suggest(node.name, names_of(scope))
  report(node.line, "error", 'there is no variable "%s"%s', node.name,
    hint ~= "" and hint or otherwise)
end

function readers.name(node, scope)
  local found = find(scope, node.name)
  if found then return found.value end
  if context.globals[node.name] == nil then
    report_unknown(node, scope, node.name == "print" and LOG or "")
    return nil
  end
  local library = context.globals[node.name]
  if type(library) ~= "table" then return { kind = "global", name = node.name } end
  return { kind = "fields", name = node.name, fields = library }
end

function readers.group(node, scope) return expression(node[1], scope) end

readers["function"] = function(node, scope) return function_value(node, scope) end

function readers.string(node)
  lint.check_text(context, node)
  context.words[node.value] = true
  return { kind = "text", text = node.value }
end

function readers.index(node, scope)
  local object = expression(node.object, scope)
  local constant = node.key.t == "string"
  if not constant then expression(node.key, scope) end
  return lint.read(object, constant and node.key.value, node.line, report)
end

function readers.operation(node, scope)
  local values = all(node, scope)
  -- `a and b` is b; in `a or b` both sides usually have the same type.
  let_go(values, #node)
  for i = 1, #node do
    local operator = node.operators[i]
    if operator == nil or operator == "or" then return not node.unary and values[i] or nil end
    if operator ~= "and" then return nil end
  end
end

-- The value of a table item; some names have a meaning in policies.
local function item_value(item, scope)
  local name = key_of(item)
  local values = name and given[name]
  if values and item.value.t == "function" then return function_value(item.value, scope, values) end
  return expression(item.value, scope)
end

function readers.table(node, scope)
  if context.skipped[node] then return nil end
  local values = {}
  for _, item in ipairs(node.items) do
    if item.key and item.key.t ~= "string" then expression(item.key, scope) end
    values[item.value] = item_value(item, scope)
    escape(values[item.value])
  end
  lint.check_step(context, node, function(value) return values[value] end)
  node.values = values
  return { kind = "literal", node = node }
end

-- require "lib.x" is the table that the module returned.
local function required(node)
  local name = node.args[1] and node.args[1].t == "string" and node.args[1].value
  local module = name and context.modules[name]
  if type(module) ~= "table" then return nil end
  return { kind = "fields", name = name, fields = lint.real(module) }
end

function readers.call(node, scope)
  local callee = expression(node.callee, scope)
  local values = all(node.args, scope)
  if callee and callee.kind == "function" then
    let_go(values, #node.args)
    return call_function(callee, values, 0)
  end
  if not callee or callee.kind ~= "global" then
    let_go(values, #node.args)
    return nil
  end
  if callee.name == "pcall" and values[1] and values[1].kind == "function" then
    call_function(values[1], values, 1)
    return nil
  end
  let_go(values, #node.args)
  if callee.name == "require" then return required(node) end
  if callee.name == "ipairs" or callee.name == "pairs" then
    return { kind = "loop", element = lint.element(values[1]) }
  end
end

local found_options = lint.set "test region listed"

-- Methods of resource and scope: their parameters, and the operations that they call.
local function resource_method(node, values)
  local options = node.name == "found" and node.args[2]
  for _, item in ipairs(options and options.t == "table" and options.items or {}) do
    local name = key_of(item)
    if name and not found_options[name] then
      report(item.line, "error", 'found has no option "%s"%s', name,
        core.suggest(name, lint.keys(found_options)))
    end
  end
  local called = node.name == "map" and values[2] and values[2].kind == "function" and values[2]
  if called then call_function(called, { lint.element(values[1]) }, 0) end
  return called
end

-- The service of a call on an unknown object: the only service with an operation of this name, or
-- false if there is none. The second result is true if several have it, so the service is unknown.
local function service_of(object, node, values)
  if object and object.kind == "service" then return object.service, false end
  if object ~= nil then return nil, false end
  local name = lint.service_methods[node.name] and lint.text_of(values[1]) or node.name
  if type(name) ~= "string" or not name:find("^%u") then return nil, false end
  local service = context.services[name]
  if service ~= lint.SEVERAL then return service or false, false end
  lint.use_all(context, name)
  return nil, true
end

local function unknown_method(object, node)
  if object.kind == "aws" and node.name ~= "in_region" then
    report(node.line, "error", 'aws has no "%s"', node.name)
  elseif object.kind == "resource" and not lint.is_resource_method(node.name) then
    report(node.line, "error", 'resources and scopes have no "%s"%s', node.name,
      core.suggest(node.name, lint.resource_methods()))
  elseif object.kind == "text" and not context.globals.string[node.name] then
    report(node.line, "error", 'strings have no "%s"%s', node.name,
      core.suggest(node.name, lint.keys(context.globals.string)))
  end
end

function readers.method(node, scope)
  local object = expression(node.object, scope)
  local values = all(node.args, scope)
  if not resource_method(node, values) then let_go(values, #node.args) end
  if object and object.kind == "aws" and node.name == "in_region" then return lint.aws end
  local service, several = service_of(object, node, values)
  if several then return nil end
  if service then
    local method = lint.service_methods[node.name]
    if method then return method(context, service, node, values) end
    if node.name:find("^%u") then
      return lint.check_call(context, service, node.name, node.line, node.args[1], values[1])
    end
    report(node.line, "error", 'aws.%s has no "%s": only operations, try, pages and one', service,
      node.name)
  elseif service == false then
    local name = lint.service_methods[node.name] and lint.text_of(values[1]) or node.name
    report(node.line, "error", 'no operation "%s" is declared in permissions%s', name,
      core.suggest(name, lint.keys(context.services)))
  elseif object then
    unknown_method(object, node)
  elseif not context.known_methods[node.name] then
    report(node.line, "error", 'there is no method "%s"%s', node.name,
      core.suggest(node.name, lint.keys(context.known_methods)))
  end
end

function expression(node, scope)
  local read = readers[node.t]
  return read and read(node, scope) or nil
end

----------------------------------------------------------------------------------------------------
-- statements

local statements = {}

statements["local"] = function(node, scope)
  local values = all(node.values, scope)
  for i, name in ipairs(node.names) do bind(scope, name, values[i]) end
end

statements["local function"] = function(node, scope)
  bind(scope, node.name, { kind = "function", node = node.value })
  expression(node.value, scope)
end

-- A variable that is assigned again, or extended, is unknown from then on.
local function forget(target, scope)
  if target.t == "index" then
    if target.key.t ~= "string" then expression(target.key, scope) end
    return forget(target.object, scope)
  end
  if target.t ~= "name" then return expression(target, scope) end
  local found = find(scope, target.name)
  if found then
    escape(found.value)
    found.value = nil
  elseif context.globals[target.name] == nil then
    report_unknown(target, scope, ": a policy has only local variables (local NAME = …)")
  end
end

function statements.assign(node, scope)
  let_go(all(node.values, scope), #node.values)
  for _, target in ipairs(node.targets) do forget(target, scope) end
end

function statements.expression(node, scope) expression(node.value, scope) end

-- The position of the function's parameter that the expression names.
local function parameter(node, value)
  for i, name in ipairs(node.params) do
    if value.t == "name" and value.name == name then return i end
  end
  return false
end

statements["return"] = function(node, scope)
  local values = all(node.values, scope)
  let_go(values, #node.values)
  local nothing = node.values[1] == nil or node.values[1].t == "nil"
  if not current or nothing then return end
  current.result = merge(current.result, values[1])
  local place = parameter(current, node.values[1])
  if current.hands == nil then current.hands = place or false end
  if current.hands ~= place then current.hands = false end
end

statements["if"] = function(node, scope)
  for _, test in ipairs(node.tests) do expression(test, scope) end
  for _, list in ipairs(node.blocks) do block(list, open(scope)) end
end

statements["repeat"] = function(node, scope)
  local inner = open(scope)
  block(node.body, inner)
  expression(node.test, inner)
end

statements["for"] = function(node, scope)
  local values = all(node.values, scope)
  local inner, first = open(scope), values[1]
  for _, name in ipairs(node.names) do bind(inner, name, nil) end
  if first and first.kind == "pages" then bind(inner, node.names[1], first.element) end
  if first and first.kind == "loop" and node.names[2] then
    bind(inner, node.names[2], first.element)
  end
  block(node.body, inner)
end

function block(list, scope)
  for _, node in ipairs(list) do
    local read = statements[node.t]
    if read then read(node, scope) end
  end
end

-- Walks the whole file and reports what it finds.
function lint.walk(tree, about)
  local pass_on = about.report
  context, current = about, nil
  for pass = 1, PASSES do
    report = pass == PASSES and pass_on or function() end
    context.pass, context.report = pass, report
    block(tree, open(nil))
  end
end
