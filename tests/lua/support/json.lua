-- JSON as policies see it: keys keep their order, empty lists stay lists, integers stay integers,
-- null is json.null; duplicate keys and a depth over 512 are refused. Written in Lua, so that specs
-- need no executable.
--
--   json.decode(text) -> value, or nil and a message
--   json.encode(value) -> text; keys of decoded objects in their order, others sorted
--   json.canonical(value) -> text; all keys sorted, values that JSON lacks left out: equal values
--   give equal texts
--   json.copy(value) -> a deep copy that encodes as the value does
--   json.list(table) -> the table, marked as a list even if it is empty
local json = { null = require("cjson").null }

local DEEPEST = 512

-- What was decoded: table -> { list = true } or { keys = {…} }.
local shapes = setmetatable({}, { __mode = "k" })

local ESCAPES = {
  ['"'] = '"', ["\\"] = "\\", ["/"] = "/", b = "\b", f = "\f", n = "\n", r = "\r", t = "\t",
}

local value_at

local function fail(at, what)
  error({ message = ("%s at character %d"):format(what, at) }, 0)
end

local function skip(text, at)
  return text:find("[^ \t\r\n]", at) or #text + 1
end

local function hex_at(text, at)
  local digits = text:match("^%x%x%x%x", at)
  return digits and tonumber(digits, 16) or fail(at, "bad \\u escape")
end

local function code_point(text, at)
  local code = hex_at(text, at + 2)
  if code < 0xD800 or code > 0xDFFF then return utf8.char(code), at + 6 end
  local low = code < 0xDC00 and text:sub(at + 6, at + 7) == "\\u" and hex_at(text, at + 8) or 0
  if low < 0xDC00 or low > 0xDFFF then fail(at, "lone surrogate") end
  return utf8.char(0x10000 + (code - 0xD800) * 0x400 + low - 0xDC00), at + 12
end

local function escape_at(text, at)
  local letter = text:sub(at + 1, at + 1)
  if letter == "u" then return code_point(text, at) end
  return ESCAPES[letter] or fail(at, "bad escape"), at + 2
end

local function string_at(text, at)
  local parts, from = {}, at + 1
  while true do
    local stop = text:find('[%c"\\]', from) or fail(at, "string without end")
    local char = text:sub(stop, stop)
    parts[#parts + 1] = text:sub(from, stop - 1)
    if char == '"' then return table.concat(parts), stop + 1 end
    if char ~= "\\" and char ~= "\127" then fail(stop, "control character in string") end
    if char == "\127" then
      parts[#parts + 1], from = char, stop + 1
    else
      parts[#parts + 1], from = escape_at(text, stop)
    end
  end
end

local function number_at(text, at)
  local digits = text:match("^-?%d+%.?%d*[eE]?[-+]?%d*", at)
  local whole = digits and digits:match("^-?(%d+)")
  if not whole or #whole > 1 and whole:sub(1, 1) == "0" then fail(at, "no value") end
  return tonumber(digits) or fail(at, "bad number"), at + #digits
end

-- The items between brackets; `one(at)` reads an item and returns where it ends.
local function items_at(text, at, close, one)
  at = skip(text, at + 1)
  if text:sub(at, at) == close then return at + 1 end
  while true do
    at = skip(text, one(at))
    local char = text:sub(at, at)
    if char == close then return at + 1 end
    if char ~= "," then fail(at, ("',' or '%s' expected"):format(close)) end
    at = skip(text, at + 1)
  end
end

local function list_at(text, at, depth)
  local list = {}
  shapes[list] = { list = true }
  return list, items_at(text, at, "]", function(here)
    local item, after = value_at(text, here, depth)
    list[#list + 1] = item
    return after
  end)
end

local function object_at(text, at, depth)
  local object, keys, seen = {}, {}, {}
  shapes[object] = { keys = keys }
  return object, items_at(text, at, "}", function(here)
    if text:sub(here, here) ~= '"' then fail(here, "key expected") end
    local key, after = string_at(text, here)
    if seen[key] then fail(here, ("duplicate key \"%s\""):format(key)) end
    keys[#keys + 1], seen[key] = key, true
    after = skip(text, after)
    if text:sub(after, after) ~= ":" then fail(after, "':' expected") end
    object[key], after = value_at(text, skip(text, after + 1), depth)
    return after
  end)
end

local WORDS = { { "true", true }, { "false", false }, { "null", json.null } }

function value_at(text, at, depth)
  local char = text:sub(at, at)
  if depth >= DEEPEST and (char == "{" or char == "[") then fail(at, "too deep") end
  if char == "{" then return object_at(text, at, depth + 1) end
  if char == "[" then return list_at(text, at, depth + 1) end
  if char == '"' then return string_at(text, at) end
  for _, word in ipairs(WORDS) do
    if text:sub(at, at + #word[1] - 1) == word[1] then return word[2], at + #word[1] end
  end
  return number_at(text, at)
end

local function whole(text)
  local value, after = value_at(text, skip(text, 1), 0)
  after = skip(text, after)
  if after <= #text then fail(after, "something follows the value") end
  return value
end

function json.decode(text)
  local ok, value = pcall(whole, text)
  if ok then return value end
  if type(value) ~= "table" then error(value, 0) end
  return nil, value.message
end

local SHORT = { ["\b"] = "\\b", ["\f"] = "\\f", ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t" }

local function quoted(text)
  return '"' .. text:gsub('[%c"\\]', function(char)
    if char == '"' or char == "\\" then return "\\" .. char end
    if char == "\127" then return char end
    return SHORT[char] or ("\\u%04x"):format(char:byte())
  end) .. '"'
end

-- Decoded keys in their order, then added keys, sorted.
local function keys_of(object)
  local shape, keys, seen = shapes[object], {}, {}
  for _, key in ipairs(shape and shape.keys or {}) do
    if object[key] ~= nil then keys[#keys + 1], seen[key] = key, true end
  end
  local added = {}
  for key in pairs(object) do
    if type(key) ~= "string" then error("json.encode: a key that is no string", 0) end
    if not seen[key] then added[#added + 1] = key end
  end
  table.sort(added)
  return table.move(added, 1, #added, #keys + 1, keys)
end

local function is_list(value)
  return #value > 0 or next(value) == nil and shapes[value] ~= nil and shapes[value].list == true
end

local encode

local function encode_list(value, depth)
  local parts = {}
  for i, item in ipairs(value) do parts[i] = encode(item, depth) end
  return "[" .. table.concat(parts, ",") .. "]"
end

local function encode_table(value, depth)
  if depth > DEEPEST then error("json.encode: too deep", 0) end
  if is_list(value) then return encode_list(value, depth) end
  local parts = {}
  for i, key in ipairs(keys_of(value)) do
    parts[i] = quoted(key) .. ":" .. encode(value[key], depth)
  end
  return "{" .. table.concat(parts, ",") .. "}"
end

function encode(value, depth)
  local kind = math.type(value) or type(value)
  if value == json.null then return "null" end
  if kind == "string" then return quoted(value) end
  if kind == "boolean" or kind == "integer" then return tostring(value) end
  if kind == "float" then return ("%.17g"):format(value) end
  if kind == "table" then return encode_table(value, depth + 1) end
  return error("json.encode: cannot say a " .. kind, 0)
end

function json.encode(value)
  return encode(value, 0)
end

local SAYABLE = { string = true, number = true, boolean = true, table = true }

local function plain(value)
  if type(value) ~= "table" then return value end
  local copy = {}
  shapes[copy] = is_list(value) and { list = true } or nil
  for key, item in pairs(value) do
    if SAYABLE[type(item)] or item == json.null then copy[key] = plain(item) end
  end
  return copy
end

function json.canonical(value)
  return encode(plain(value), 0)
end

function json.list(value)
  shapes[value] = { list = true }
  return value
end

function json.copy(value)
  if type(value) ~= "table" then return value end
  local copy = {}
  shapes[copy] = shapes[value]
  for key, item in pairs(value) do copy[key] = json.copy(item) end
  return copy
end

return json
