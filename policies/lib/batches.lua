-- Splits lists into parts of the size that a call accepts.
local batches = {}

-- {1, 2, 3}, 2 -> { {1, 2}, {3} }
function batches.of(list, size)
  local found = {}
  for from = 1, #list, size do
    found[#found + 1] = table.move(list, from, math.min(from + size - 1, #list), 1, {})
  end
  return found
end

return batches
