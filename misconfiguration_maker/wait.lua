-- wait(what, ready, ...): calls ready(...) until it returns a value, and returns that value; raises
-- an error after half an hour.
local PAUSE, LONGEST = 10, 1800 -- seconds

return function(what, ready, ...)
  for waited = 0, LONGEST, PAUSE do
    local result = ready(...)
    if result then return result end
    if waited < LONGEST then os.execute("sleep " .. PAUSE) end
  end
  error(("%s: not ready after %d minutes"):format(what, LONGEST // 60), 0)
end
