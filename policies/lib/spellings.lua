-- The spellings of ids that AWS takes, made one: what a policy's `id.canonical` is built of. The
-- account and region of an ARN are compared with the line's by the engine.
local arn = require "lib.arn"

local spellings = {}

local function refuse(format, ...) error(format:format(...), 0) end

-- The last part of an ARN of that service; nil where the text is no ARN at all.
function spellings.resource(text, service)
  if text:sub(1, 4) ~= "arn:" then return nil end
  local found = arn.parse(text)
  if not found or found.service ~= service or found.resource == "" then
    refuse("%s is no ARN of %s", text, service)
  end
  return found.resource
end

-- What stands behind the first of these prefixes in the ARN; other texts as they are.
function spellings.behind(text, service, ...)
  local resource = spellings.resource(text, service)
  if not resource then return text end
  for _, prefix in ipairs { ... } do
    if #resource > #prefix and resource:sub(1, #prefix) == prefix then
      return resource:sub(#prefix + 1)
    end
  end
  return refuse("%s is no ARN of %s:%s...", text, service, (...))
end

-- A canonical function: an id, or the ARN that ends in it behind one of these prefixes.
function spellings.named(service, ...)
  local prefixes = { ... }
  return function(text) return spellings.behind(text, service, table.unpack(prefixes)) end
end

-- The same where the service keeps its names in lower case, whatever it is told.
function spellings.lower(service, ...)
  local named = spellings.named(service, ...)
  return function(text) return named(text):lower() end
end

-- The same of IAM, whose ARNs hold a path before the name.
function spellings.behind_path(service, ...)
  local named = spellings.named(service, ...)
  return function(text)
    local name = named(text)
    if name == text then return text end
    return name:match("[^/]+$") or refuse("%s names nothing", text)
  end
end

-- The same where the id itself is an ARN: `path` of one turns other texts into the ARN's last part,
-- or says nil where they are none.
function spellings.whole(service, path)
  return function(text, line)
    local resource = spellings.resource(text, service) or path(text)
    if not resource then refuse("%s is no ARN of %s", text, service) end
    local partition = arn.partition(line.region)
    return ("arn:%s:%s:%s:%s:%s"):format(partition, service, line.region, line.account, resource)
  end
end

return spellings
