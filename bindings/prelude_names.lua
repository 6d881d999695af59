-- The spellings of ids.
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

function drivers.names(file, line, ids)
  local out = core.list({})
  for i, id in ipairs(ids) do out[i] = spell(file.canonical, id, line) end
  core.finish(core.box(out, "ids"))
end
