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

-- The names and where they end; nothing if this is no list of names, or if one of them is to be
-- closed, which happens at the end of its statement.
local function names_at(text, at)
  local names = {}
  repeat
    local name, rest = text:match("^%s*([%a_][%w_]*)%s*()", at)
    if not name then return nil end
    local attribute, behind = text:match("^<%s*(%a+)%s*>%s*()", rest)
    if attribute == "close" then return nil end
    names[#names + 1], at = name, behind or rest
    local comma = text:match("^,()", at)
    at = comma or at
  until not comma
  return table.concat(names, ", "), at
end

-- What stands in place of `local` and what follows it, and where the rest of the text begins.
local function replaced(text, at)
  if text:find("^%s+function%f[^%w_]", at) then return "", at end
  local names, rest = names_at(text, at)
  if not names then return "local", at end
  if text:find("^=", rest) then return names .. " ", rest end
  return names .. " = nil; ", rest
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
