-- Sorts names that AWS returns in a different order each time, because it stores principals by
-- their unique ids (github.com/aws/aws-cli issue 9456, KMS; ansible/ansible issue 29341 and
-- hashicorp/terraform-provider-aws issue 13144, S3). So the same policy gives the same text.
-- Nothing else changes, not even white space. The text is JSON that was decoded before.
local principal_order = {}

local QUOTE, BACKSLASH, COLON = ('"'):byte(), ("\\"):byte(), (":"):byte()
local ELEMENTS = { ['"Principal"'] = true, ['"NotPrincipal"'] = true }

-- The end of the string that begins at `from`.
local function end_of_string(text, from)
  local at = from
  repeat
    at = text:find('["\\]', at + 1)
    local byte = text:byte(at)
    if byte == BACKSLASH then at = at + 1 end
  until byte == QUOTE
  return at
end

-- Is the list `inner` one of a kind of principals: "Principal": { kind: [ … ] }?
local function holds_names(inner)
  local kinds = inner.list and inner.outer
  return kinds and not kinds.list and kinds.outer and ELEMENTS[kinds.outer.key]
end

-- Sorts { from =, to =, text = } for each string of such a list, by position
local function sort_names(names, found)
  local texts = {}
  for i, name in ipairs(names) do texts[i] = name.text end
  table.sort(texts)
  for i, name in ipairs(names) do
    name.text = texts[i]
    found[#found + 1] = name
  end
end

-- A string: the key of the next value, or a name. Returns its end.
local function take_string(text, at, inner)
  local to = end_of_string(text, at)
  local literal = text:sub(at, to)
  if text:byte(text:find("%S", to + 1)) == COLON then
    inner.key = literal
  elseif inner.names then
    inner.names[#inner.names + 1] = { from = at, to = to, text = literal }
  end
  return to
end

-- All names in the order of their positions, with the texts to put there.
local function sorted_names(text)
  local inner, found, at = { list = true }, {}, 0
  while true do
    at = text:find('["%[%]{}]', at + 1)
    if not at then return found end
    local mark = text:sub(at, at)
    if mark == '"' then
      at = take_string(text, at, inner)
    elseif mark == "[" or mark == "{" then
      inner = { list = mark == "[", outer = inner }
      inner.names = holds_names(inner) and {} or nil
    else
      if inner.names then sort_names(inner.names, found) end
      inner = inner.outer
    end
  end
end

local function has_several(principals)
  if type(principals) ~= "table" then return false end
  for _, names in pairs(principals) do
    if type(names) == "table" and #names > 1 then return true end
  end
  return false
end

-- Does any kind of principals in the document have several names? If not there is nothing to sort,
-- and reading the text would take longer than all other work on it.
local function may_vary(document)
  local raw = type(document) == "table" and document.Statement
  if type(raw) ~= "table" then return false end
  for _, statement in ipairs(raw[1] ~= nil and raw or { raw }) do
    if type(statement) == "table"
      and (has_several(statement.Principal) or has_several(statement.NotPrincipal)) then
      return true
    end
  end
  return false
end

-- The text of a policy and its decoded document -> the text with its names sorted.
function principal_order.sorted(text, document)
  if document ~= nil and not may_vary(document) then return text end
  local parts, from = {}, 1
  for _, name in ipairs(sorted_names(text)) do
    parts[#parts + 1] = text:sub(from, name.from - 1)
    parts[#parts + 1] = name.text
    from = name.to + 1
  end
  parts[#parts + 1] = text:sub(from)
  return table.concat(parts)
end

return principal_order
