-- The spellings of ids, and ARNs.
local core, drivers = ...

local function spell(canonical, id, line)
  local ok, spelled = pcall(canonical, id, line)
  if not ok then return core.object("error", core.error(spelled)) end
  if type(spelled) ~= "string" or spelled == "" then
    local problem = ("%s: id.canonical must return an id, a string"):format(core.where(canonical))
    return core.object("error", core.error(problem))
  end
  return spelled
end

-- Without ids: the ARN of the line.
function drivers.names(file, line, ids)
  local out = core.list({})
  if not ids then return core.finish(core.list { file.arn and drivers.arn_of(file, line) }) end
  for i, id in ipairs(ids) do out[i] = spell(file.canonical, id, line) end
  core.finish(out)
end

-- The template of an ARN that a function returns; nil if it returns none. The state may be missing.
function drivers.arn_of(file, resource, state)
  local ok, arn = pcall(file.arn, resource, state)
  return ok and type(arn) == "string" and arn ~= "" and arn or nil
end
