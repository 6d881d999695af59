-- What may stand at the end of a line that is being typed at the prompt. Nothing is called and no
-- metamethod runs: only tables, the services of `aws` and their operations are looked at.
local names = ... -- services(), operations(service), members(service, operation), kind(value)

local keywords = {
  "and", "break", "do", "else", "elseif", "end", "false", "for", "function", "goto", "if", "in",
  "local", "nil", "not", "or", "repeat", "return", "then", "true", "until", "while",
}
local is_keyword = {}
for _, word in ipairs(keywords) do is_keyword[word] = true end

local methods = {
  aws = { "in_account", "in_region" },
  service = { "one", "pages", "try" },
}

local function add(list, more)
  for _, word in ipairs(more) do list[#list + 1] = word end
  return list
end

-- With functions_only: what can stand after a colon.
local function members_of(value, functions_only)
  local found = {}
  for key, member in next, type(value) == "string" and string or value do
    local is_word = type(key) == "string" and key:find("^[%a_][%w_]*$") and not is_keyword[key]
    if is_word and (not functions_only or type(member) == "function") then
      found[#found + 1] = key
    end
  end
  return found
end

-- A member of a value: what it is ("table", "aws", "service"), and the value or the service's name.
local function member(what, value, name)
  if what == "aws" then
    return "service", (name:gsub("_", "-"))
  elseif what == "service" then
    return nil
  end
  return names.kind(rawget(value, name))
end

-- What a path such as aws.sqs or a.b is.
local function follow(path)
  local what, value = "table", _G
  for name in path:gmatch("[^.:]+") do
    what, value = member(what, value, name)
    if not what or what == "text" then break end
  end
  return what, value
end

local function words_after(path, mark)
  local what, value = follow(path)
  if what == "aws" then
    return mark == "." and names.services() or methods.aws
  elseif what == "service" and mark == ":" then
    return add(names.operations(value), methods.service)
  elseif what == "table" or (what == "text" and mark == ":") then
    return members_of(value, mark == ":")
  end
  return {}
end

-- Within the first name of try, pages or one: aws.sqs:try("Get
local function words_in_call(path, method)
  local what, service = follow(path)
  if what ~= "service" then return {} end
  return (method == "try" or method == "pages" or method == "one") and names.operations(service)
    or {}
end

-- Within the parameters of a call, where a name may stand: aws.sqs:GetQueueUrl{ Que
local function parameters(text)
  local path, operation, inside = text:gsub("%b{}", "")
    :match("([%a_][%w_.]*):(%u%w*)%s*%(?%s*{([^{}]*)$")
  local what, service = follow(path or "")
  if what ~= "service" then return nil end
  local is_name = inside:find("^%s*[%w_]*$") or inside:find("[,;]%s*[%w_]*$")
  return is_name and names.members(service, operation) or nil
end

local function candidates(text)
  local path, method, start = text:match("([%a_][%w_.]*):(%l+)%s*%(%s*[\"'](%w*)$")
  if path then return start, words_in_call(path, method) end
  local mark
  path, mark, start = text:match("([%a_][%w_.]*)([.:])([%w_]*)$")
  if path then return start, words_after(path, mark) end
  start = text:match("[%w_]*$")
  if start:find("^%d") or text:find("[.:]%s*[%w_]*$") then return start, {} end
  return start, parameters(text) or add(members_of(_G), keywords)
end

-- The length of what is typed of the word, and the words in order.
return function(text)
  local start, words = candidates(text)
  local fitting = {}
  for _, word in ipairs(words) do
    if word:sub(1, #start) == start then fitting[#fitting + 1] = word end
  end
  table.sort(fitting)
  return #start, fitting
end
