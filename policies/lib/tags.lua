-- Tags: maps of key to value.
local tags = {}

-- AWS's list of { Key =, Value = } as a map. A tag may have a key only (ELB API reference, Tag).
function tags.map(list)
  local map = {}
  for _, tag in ipairs(list or {}) do map[tag.Key] = tag.Value or "" end
  return map
end

-- Are any tags required?
function tags.are_required(settings)
  return settings.required_tags ~= nil and #settings.required_tags > 0
end

-- The audit of a `.tags` check: is each required tag present, in any letter case?
function tags.audit(map, settings)
  local there, missing = {}, {}
  for key in pairs(map) do there[key:lower()] = true end
  for _, key in ipairs(settings.required_tags or {}) do
    if not there[key:lower()] then missing[#missing + 1] = key end
  end
  if #missing == 0 then return true end
  local noun = #missing == 1 and "tag" or "tags"
  return false, ("required %s missing: %s"):format(noun, table.concat(missing, ", ")), missing
end

return tags
