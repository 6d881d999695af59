-- A helper of Busted. Where ENGINE_LUA_COVERAGE is set, counts the lines of policies that run, and
-- writes them to the file that it names, one "<file>:<line> <count>" each.

-- Specs create many tables that are soon dropped: a seventh of the time is the collector's.
collectgarbage("generational")

local path = os.getenv("ENGINE_LUA_COVERAGE")
if not path then return end

local module = assert(os.getenv("ENGINE_LUA_LINES"), "ENGINE_LUA_LINES is not set")
local lines = assert(package.loadlib(module, "luaopen_lua_lines"))()

require("busted").subscribe({"exit"}, function()
  lines.write(path)
  return nil, true
end)
lines.start(os.getenv("ENGINE_POLICIES") or "policies")
