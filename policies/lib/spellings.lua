-- Converts the spellings of an id that AWS accepts to one: helpers for a policy's `id.canonical`.
-- The engine compares the account and region of an ARN with those of the line.
local arn = require "lib.arn"

local spellings = {}

local function refuse(format, ...) error(format:format(...), 0) end

-- The last part of an ARN of this service; nil if the text is not an ARN.
function spellings.resource(text, service)
  if text:sub(1, 4) ~= "arn:" then return nil end
  local found = arn.parse(text)
  if not found or found.service ~= service or found.resource == "" then
    refuse("%s is not the ARN of %s", text, service)
  end
  return found.resource
end

-- The text after the first of these prefixes in the ARN; other texts are not changed.
function spellings.after_prefix(text, service, ...)
  local resource = spellings.resource(text, service)
  if not resource then return text end
  for _, prefix in ipairs { ... } do
    if #resource > #prefix and resource:sub(1, #prefix) == prefix then
      return resource:sub(#prefix + 1)
    end
  end
  return refuse("%s is not the ARN of %s:%s...", text, service, (...))
end

-- A canonical function: takes an id, or the ARN that ends in it after one of these prefixes.
function spellings.named(service, ...)
  local prefixes = { ... }
  return function(text) return spellings.after_prefix(text, service, table.unpack(prefixes)) end
end

-- The same for a service that stores its names in lower case.
function spellings.lower(service, ...)
  local named = spellings.named(service, ...)
  return function(text) return named(text):lower() end
end

-- The same for IAM, whose ARNs have a path before the name.
function spellings.after_path(service, ...)
  local named = spellings.named(service, ...)
  return function(text)
    local name = named(text)
    if name == text then return text end
    return name:match("[^/]+$") or refuse("%s names nothing", text)
  end
end

-- The same if the id itself is an ARN: `path` converts another text to the last part of the ARN, or
-- returns nil if it is not an id.
function spellings.full_arn(service, path)
  return function(text, line)
    local resource = spellings.resource(text, service) or path(text)
    if not resource then refuse("%s is not the ARN of %s", text, service) end
    local partition = arn.partition(line.region)
    return ("arn:%s:%s:%s:%s:%s"):format(partition, service, line.region, line.account, resource)
  end
end

return spellings
