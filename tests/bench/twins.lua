-- lua5.4 tests/bench/twins.lua FOLDER TYPE GOOD BAD: writes, as JSON, the two cases of
-- FOLDER/TYPE_test.lua that have these names: their ids, regions, settings and replies.
local json = require "cjson"
local folder, kind, good, bad = table.unpack(arg)

local cases = {}
for _, case in ipairs(dofile(("%s/%s_test.lua"):format(folder, kind)).cases) do
  cases[case.name] = case
end

local function twin(name)
  local case = assert(cases[name], kind .. ": no case " .. name)
  return {
    id = case.id, region = case.region, settings = case.settings or {}, replies = case.replies,
  }
end

io.write(json.encode { good = twin(good), bad = twin(bad) })
