-- A helper of Busted: counts the lines of policies that run, and writes them to the file that
-- ENGINE_LUA_COVERAGE names, one "<file>:<line> <count>" each. Without it, does nothing.
local path = os.getenv("ENGINE_LUA_COVERAGE")
if not path then return end

local counts = {}
-- Of each function the counts of its file, or false: asking for a source at each line is slow.
local counted = setmetatable({}, { __mode = "k" })
local getinfo = debug.getinfo

local function counts_of(source)
  if not source:find("policies/", 1, true) then return false end
  counts[source] = counts[source] or {}
  return counts[source]
end

local function count(_, line)
  local fn = getinfo(2, "f").func
  local lines = counted[fn]
  if lines == nil then
    lines = counts_of(getinfo(2, "S").source)
    counted[fn] = lines
  end
  if lines then lines[line] = (lines[line] or 0) + 1 end
end

-- A hook belongs to one coroutine, so each new one gets it too.
local create = coroutine.create
function coroutine.create(body) -- luacheck: ignore 122
  local thread = create(body)
  debug.sethook(thread, count, "l")
  return thread
end

local function finish(ok, ...)
  if not ok then error((...), 0) end
  return ...
end

function coroutine.wrap(body) -- luacheck: ignore 122
  local thread = coroutine.create(body)
  return function(...) return finish(coroutine.resume(thread, ...)) end
end

local function write()
  debug.sethook()
  local file <close> = assert(io.open(path, "w"))
  for source, lines in pairs(counts) do
    for line, number in pairs(lines) do
      file:write(source:gsub("^@", ""), ":", line, " ", number, "\n")
    end
  end
end

assert(io.open(path, "w")):close()
require("busted").subscribe({"exit"}, function()
  write()
  return nil, true
end)
debug.sethook(count, "l")
