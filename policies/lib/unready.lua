-- Databases that cannot be changed in every state.

-- unready("cluster", status, lasting, seconds) -> nil if it is available; { held = } in a state
-- that does not end by itself, { later = seconds } in all others.
return function(what, status, lasting, seconds)
  if status == "available" then return nil end
  if lasting[status] then return { held = ("the %s is %s"):format(what, status) } end
  return { later = seconds }
end
