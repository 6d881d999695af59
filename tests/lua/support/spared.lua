-- Which of the resources in `ids` of the evidence exceptions exempt, applied as in the engine: a
-- check with only exempt ids passes; the fix gets the evidence about the others.
local spared = {}

function spared.set(list)
  local set = {}
  for _, item in ipairs(list or {}) do set[item] = true end
  return set
end

function spared.rest(set, entry)
  local evidence = entry.evidence
  if type(evidence) ~= "table" or type(evidence.ids) ~= "table" then return entry end
  local copy = {}
  for key, value in pairs(evidence) do copy[key] = value end
  copy.ids = {}
  for _, id in ipairs(evidence.ids) do
    if not set[id] then copy.ids[#copy.ids + 1] = id end
  end
  entry.rest = copy
  if #copy.ids == 0 then entry.status, entry.spared = "compliant", true end
  return entry
end

return spared
