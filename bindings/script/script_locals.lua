-- A local variable ends with its statement. In what is typed at the prompt, `local` outside of
-- blocks and functions therefore makes a global: it stays for the next statements, also after an
-- error, and functions of the statement share it.

local depths = {
  ["do"] = 1, ["then"] = 1, ["function"] = 1, ["repeat"] = 1, ["end"] = -1, ["until"] = -1,
  ["elseif"] = -1, -- its `then` opens the block again
}

-- The last character of a string in quotes that begins here.
local function end_of_quoted(text, at)
  local quote, escaped = text:sub(at, at), false
  for i = at + 1, #text do
    local character = text:sub(i, i)
    if character == quote and not escaped then return i end
    escaped = character == "\\" and not escaped
  end
  return #text
end

-- The last character of the token, comment or white space that begins here.
local function end_of_token(text, at)
  local level = text:match("^%-%-%[(=*)%[", at) or text:match("^%[(=*)%[", at)
  if level then return select(2, text:find("]" .. level .. "]", at, true)) or #text end
  if text:find("^%-%-", at) then return (text:find("\n", at, true) or #text + 1) - 1 end
  if text:find("^[\"']", at) then return end_of_quoted(text, at) end
  return select(2, text:find("^[%w_]+", at)) or select(2, text:find("^%s+", at)) or at
end

-- Behind white space and comments.
local function skip(text, at)
  while text:find("^%s", at) or text:find("^%-%-", at) do at = end_of_token(text, at) + 1 end
  return at
end

-- The token if it is of this kind, and where the next one begins.
local function take(text, at, kind)
  local token, rest = text:match("^(" .. kind .. ")()", at)
  return token, token and skip(text, rest) or at
end

-- Nil, or the attribute of a variable, and where the next token begins.
local function attribute_at(text, at)
  local open, attribute, _
  open, at = take(text, at, "<")
  if not open then return nil, at end
  attribute, at = take(text, at, "[%w_]+")
  _, at = take(text, at, ">")
  return attribute, at
end

-- The names and where they end; nothing if this is no list of names, or if one of them is to be
-- closed, which happens at the end of its statement.
local function names_at(text, at)
  local names = {}
  repeat
    local name, attribute, comma
    name, at = take(text, at, "[%a_][%w_]*")
    attribute, at = attribute_at(text, at)
    if not name or attribute == "close" then return nil end
    names[#names + 1] = name
    comma, at = take(text, at, ",")
  until not comma
  return table.concat(names, ", "), at
end

-- What stands in place of `local` and what follows it, and where the rest of the text begins. Lines
-- are kept, because messages count them.
local function replaced(text, at)
  local first = skip(text, at)
  if text:find("^function%f[^%w_]", first) then return "", at end
  local names, rest = names_at(text, first)
  if not names then return "local", at end
  local lines = text:sub(at, rest - 1):gsub("[^\n]", "")
  if text:find("^=", rest) then return names .. " " .. lines, rest end
  return names .. " = nil; " .. lines, rest
end

return function(text)
  local out, depth, at = {}, 0, 1
  while at <= #text do
    local last = end_of_token(text, at)
    local token = text:sub(at, last)
    depth, at = depth + (depths[token] or 0), last + 1
    if token == "local" and depth == 0 then token, at = replaced(text, at) end
    out[#out + 1] = token
  end
  return table.concat(out)
end
