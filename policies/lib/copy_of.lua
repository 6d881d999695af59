-- copy_of(table) -> a new table with the same members; the members themselves are shared.
return function(from)
  local copy = {}
  for key, value in pairs(from) do copy[key] = value end
  return copy
end
