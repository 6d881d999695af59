-- lint.lua's checks of `one`, which gathers ids into one call:
--   aws.ec2:one("DescribeInstances", "InstanceIds", id[, { with =, most = }][, code…])
-- The list of ids is a parameter of the call, as those of `with` are.
local core, lint = ...
local key_of = lint.key_of

local options = lint.set "with most"

-- The literal with the options, if there is one, and the index of the first code. `is_open`: the
-- file may add to the options, or they are not known.
local function options_of(node, values)
  local given, value = node.args[4], values[4]
  if given and given.t == "table" then return { node = given }, 5 end
  if value and value.kind == "literal" then return { node = value.node, is_open = true }, 5 end
  return { is_open = given ~= nil and not lint.text_of(value) }, 4
end

-- Parameters, or the name of a local variable set to a literal.
local function parameters_of(option, found)
  local value = found.node.values and found.node.values[option]
  if option.t ~= "table" then found.is_open = true end
  return option.t == "table" and option or value and value.kind == "literal" and value.node or nil
end

-- The literal parameters of `with`, if there are any. The literal is marked as no step, which later
-- passes over the file see.
local function with_of(context, found)
  local with
  if found.node then found.node.is_options = true end
  for _, item in ipairs(found.node and found.node.items or {}) do
    local name = key_of(item)
    if name == "with" then
      with = parameters_of(item.value, found)
    elseif name and not options[name] then
      context.report(item.line, "error", 'one has no option "%s"%s', name,
        core.suggest(name, lint.keys(options)))
    elseif not name then
      found.is_open = true
    end
  end
  return with
end

-- The engine fills the list with ids: it must be a list of texts, and `with` must leave it out.
local function check_list(context, service, name, list, input, node)
  local element_of = input and lint.member(service, input, list)
  if not element_of then return end -- reported with the other parameters
  local kind, element = lint.kind(service, element_of)
  if kind ~= "list" then
    context.report(node.line, "error", '%s:%s: "%s" is no list', service, name, list)
  elseif lint.kind(service, element) ~= "other" then
    context.report(node.line, "error", '%s:%s: "%s" is no list of ids', service, name, list)
  end
end

local function check_repeated(context, list, with)
  for _, item in ipairs(with and with.items or {}) do
    if key_of(item) == list then
      context.report(item.line, "error", 'one fills in "%s": leave it out of `with`', list)
    end
  end
end

-- The parameters as the call has them: those of `with`, and the list with the id.
local function parameters(list, with, node)
  local ids = { t = "table", line = node.line, items = { { value = node.args[3] } } }
  local key = { t = "string", value = list, line = node.line }
  local items = { { key = key, value = ids, line = node.args[2].line } }
  for _, item in ipairs(with and with.items or {}) do items[#items + 1] = item end
  return { t = "table", line = node.line, items = items }
end

-- Returns the value of the result.
function lint.check_one(context, service, name, node, values)
  local result, input = lint.check_operation(context, service, name, node.args[1].line)
  local list, found, first = lint.text_of(values[2]), options_of(node, values)
  if not node.args[3] then context.report(node.line, "error", "one needs an id") end
  if input == nil or not list or not node.args[3] then return result end
  local with = with_of(context, found)
  local about = { service = service, report = context.report, unlisted = "warning" }
  lint.check_codes(context, service, name, node, values, first)
  check_list(context, service, name, list, input, node.args[2])
  check_repeated(context, list, with)
  lint.check_parameters(service .. ":" .. name, about, input, parameters(list, with, node),
    not found.is_open)
  return result
end
