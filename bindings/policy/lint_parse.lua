-- Parses Lua's grammar (reference manual, section 9) to a tree, for lint.lua. The file was compiled
-- before, so the input is correct Lua. Nodes: { t = kind, line =, … }.
local _, lint = ...

----------------------------------------------------------------------------------------------------
-- tokens: { kind, text, line } by position; kinds: name, string, number, the operator or keyword

local keywords = {}
for word in ([[and break do else elseif end false for function goto if in local nil not or repeat
  return then true until while]]):gmatch("%a+") do keywords[word] = true end

local long_operators = {}
for word in ("... .. == ~= <= >= // :: << >>"):gmatch("%S+") do long_operators[word] = true end

local source, position, line, tokens, at

local function count_lines(text)
  for _ in text:gmatch("\n") do line = line + 1 end
end

-- The text of a long bracket that opens at the position, or nil.
local function long_bracket(from)
  local level = source:match("^%[(=*)%[", from)
  if not level then return nil end
  local first = from + #level + 2
  local last, last_end = source:find("]" .. level .. "]", first, true)
  position = last_end and last_end + 1 or #source + 1
  return source:sub(first, (last or #source + 1) - 1)
end

local function skip_blanks()
  while true do
    local space = source:match("^%s+", position)
    if space then
      count_lines(space)
      position = position + #space
    elseif source:sub(position, position + 1) == "--" then
      local text = long_bracket(position + 2)
      if text then count_lines(text) end
      if not text then position = source:find("\n", position, true) or #source + 1 end
    else
      return
    end
  end
end

local function read_string(quote)
  local from = position + 1
  position = from
  while source:sub(position, position) ~= quote do
    position = position + (source:sub(position, position) == "\\" and 2 or 1)
  end
  position = position + 1
  return source:sub(from, position - 2)
end

local function next_token()
  local first = source:sub(position, position)
  local name = source:match("^[%a_][%w_]*", position)
  if name then
    position = position + #name
    return keywords[name] and name or "name", name
  end
  local number = source:match("^0[xX][%x%.pP]+", position)
    or source:match("^%.?%d[%d%.]*", position)
  if number then
    local exponent = source:match("^[eE][+-]?%d+", position + #number) or ""
    position = position + #number + #exponent
    return "number", number
  end
  if first == '"' or first == "'" then return "string", read_string(first) end
  local long = first == "[" and long_bracket(position)
  if long then return "string", long end
  for length = 3, 1, -1 do
    local operator = source:sub(position, position + length - 1)
    if length == 1 or long_operators[operator] then
      position = position + length
      return operator, operator
    end
  end
end

local function read_tokens(text)
  source, position, line, tokens, at = text, 1, 1, {}, 1
  skip_blanks()
  while position <= #source do
    local here = line
    local kind, word = next_token()
    if kind == "string" then count_lines(word) end
    tokens[#tokens + 1] = { kind, word, here }
    skip_blanks()
  end
  tokens[#tokens + 1] = { "end of file", "", line }
end

local function kind() return tokens[at][1] end
local function here() return tokens[at][3] end

local function take(wanted)
  local token = tokens[at]
  if wanted and token[1] ~= wanted then
    error(("line %d: %s where %s is expected"):format(token[3], token[1], wanted), 0)
  end
  at = at + 1
  return token[2]
end

local function take_if(wanted)
  if kind() ~= wanted then return false end
  at = at + 1
  return true
end

----------------------------------------------------------------------------------------------------
-- expressions

local expression, block

local function expressions()
  local list = { expression() }
  while take_if(",") do list[#list + 1] = expression() end
  return list
end

local function table_constructor()
  local node = { t = "table", line = here(), items = {} }
  take("{")
  while kind() ~= "}" do
    local item = { line = here() }
    if kind() == "[" then
      take()
      item.key = expression()
      take("]")
      take("=")
    elseif kind() == "name" and tokens[at + 1][1] == "=" then
      item.key = { t = "string", value = take(), line = item.line }
      take("=")
    end
    item.value = expression()
    node.items[#node.items + 1] = item
    if not take_if(",") then take_if(";") end
  end
  take("}")
  return node
end

local function function_body(line_of, own)
  local node = { t = "function", line = line_of, params = {} }
  if own then node.params[1] = "self" end
  take("(")
  while kind() ~= ")" do
    if kind() == "name" then node.params[#node.params + 1] = take() else take("...") end
    take_if(",")
  end
  take(")")
  node.body = block()
  take("end")
  return node
end

local function arguments()
  if kind() == "string" then return { { t = "string", line = here(), value = take() } } end
  if kind() == "{" then return { table_constructor() } end
  take("(")
  local list = kind() == ")" and {} or expressions()
  take(")")
  return list
end

local function suffixed()
  local node
  local line_of = here()
  if take_if("(") then
    node = { t = "group", line = line_of, expression() }
    take(")")
  else
    node = { t = "name", line = line_of, name = take("name") }
  end
  while true do
    line_of = here()
    if take_if(".") then
      node = { t = "index", line = line_of, object = node,
        key = { t = "string", line = line_of, value = take("name") } }
    elseif take_if("[") then
      node = { t = "index", line = line_of, object = node, key = expression() }
      take("]")
    elseif take_if(":") then
      local name = take("name")
      node = { t = "method", line = line_of, object = node, name = name, args = arguments() }
    elseif kind() == "(" or kind() == "{" or kind() == "string" then
      node = { t = "call", line = line_of, callee = node, args = arguments() }
    else
      return node
    end
  end
end

local constants = {
  ["nil"] = true, ["true"] = true, ["false"] = true, number = true, ["..."] = true,
}
local unary = { ["not"] = true, ["-"] = true, ["#"] = true, ["~"] = true }
local binary = {}
for word in ("+ - * / // % ^ .. == ~= <= >= < > and or & | ~ << >>"):gmatch("%S+") do
  binary[word] = true
end

local function operand()
  local node = { line = here() }
  if constants[kind()] then
    node.t = kind()
    take()
  elseif kind() == "string" then
    node.t, node.value = "string", take()
  elseif kind() == "{" then
    return table_constructor()
  elseif take_if("function") then
    return function_body(node.line)
  else
    return suffixed()
  end
  return node
end

-- Operators in sequence: precedence does not matter for finding names.
function expression()
  local node = { t = "operation", line = here(), operators = {} }
  repeat
    while unary[kind()] do
      node.unary = true
      take()
    end
    node[#node + 1] = operand()
    local more = binary[kind()]
    if more then node.operators[#node] = take() end
  until not more
  return #node == 1 and not node.unary and node[1] or node
end

----------------------------------------------------------------------------------------------------
-- statements

local function names()
  local list = {}
  repeat
    list[#list + 1] = take("name")
    if take_if("<") then
      take("name")
      take(">")
    end
  until not take_if(",")
  return list
end

local closing = {
  ["end"] = true, ["else"] = true, ["elseif"] = true, ["until"] = true, ["end of file"] = true,
}

local statements = {}

statements["if"] = function(node)
  node.t, node.tests, node.blocks = "if", {}, {}
  repeat
    node.tests[#node.tests + 1] = expression()
    take("then")
    node.blocks[#node.blocks + 1] = block()
  until not take_if("elseif")
  if take_if("else") then node.blocks[#node.blocks + 1] = block() end
  take("end")
end

statements["while"] = function(node)
  node.t, node.tests = "if", { expression() }
  take("do")
  node.blocks = { block() }
  take("end")
end

statements["do"] = function(node)
  node.t, node.tests, node.blocks = "if", {}, { block() }
  take("end")
end

statements["repeat"] = function(node)
  node.t, node.body = "repeat", block()
  take("until")
  node.test = expression()
end

statements["for"] = function(node)
  node.t, node.names = "for", names()
  node.numeric = take_if("=")
  if not node.numeric then take("in") end
  node.values = expressions()
  take("do")
  node.body = block()
  take("end")
end

statements["function"] = function(node)
  local target = { t = "name", line = node.line, name = take("name") }
  local own = false
  while kind() == "." or kind() == ":" do
    own = take() == ":"
    local key = { t = "string", line = here(), value = take("name") }
    target = { t = "index", line = key.line, object = target, key = key }
  end
  node.t, node.targets, node.values = "assign", { target }, { function_body(node.line, own) }
end

statements["local"] = function(node)
  if take_if("function") then
    node.t, node.name = "local function", take("name")
    node.value = function_body(node.line)
    return
  end
  node.t, node.names = "local", names()
  node.values = take_if("=") and expressions() or {}
end

statements["return"] = function(node)
  local ends = closing[kind()] or kind() == ";"
  node.t, node.values = "return", ends and {} or expressions()
  take_if(";")
end

statements["goto"] = function(node) node.t = "jump" take("name") end
statements["break"] = function(node) node.t = "jump" end
statements["::"] = function(node) node.t = "jump" take("name") take("::") end
statements[";"] = function(node) node.t = "jump" end

local function assignment(node)
  node.t, node.targets = "assign", { suffixed() }
  if kind() ~= "," and kind() ~= "=" then
    node.t, node.value = "expression", node.targets[1]
    return
  end
  while take_if(",") do node.targets[#node.targets + 1] = suffixed() end
  take("=")
  node.values = expressions()
end

function block()
  local list = {}
  while not closing[kind()] do
    local node = { line = here() }
    local read = statements[kind()]
    if read then take() else read = assignment end
    read(node)
    list[#list + 1] = node
  end
  return list
end

function lint.parse(text)
  read_tokens(text)
  return block()
end
