-- Wildcard patterns of access policies: `*` matches any text, `?` any one character; there is no
-- escape. Other people write the policies, so every comparison counts its steps and gives up, with
-- the answer "no", which hides nothing, instead of running for long.
local glob = {}

local LONGEST = 2048 -- the longest ARN of AWS; a longer text matches nothing
local STEPS = 1000000

local find, sub = string.find, string.sub

local STAR, MARK = ("*"):byte(), ("?"):byte()

-- A budget of steps that many comparisons share.
function glob.budget(steps)
  return { left = steps or STEPS }
end

function glob.has_wildcard(text)
  return find(text, "*", 1, true) ~= nil or find(text, "?", 1, true) ~= nil
end

-- The part before the first wildcard.
function glob.literal_prefix(text)
  local star, mark = find(text, "*", 1, true), find(text, "?", 1, true)
  local first = math.min(star or #text + 1, mark or #text + 1)
  return sub(text, 1, first - 1)
end

-- The same as `covers` for the patterns that most policies have: a text without wildcards, and one
-- that ends in its only wildcard, `*`. nil for others.
local function covers_plainly(wide, narrow)
  local star = find(wide, "*", 1, true)
  if star and star < #wide or find(wide, "?", 1, true) then return nil end
  if not star or wide == narrow then return wide == narrow end
  return star == 1 or sub(narrow, 1, star - 1) == sub(wide, 1, star - 1)
end

local function covers_slowly(wide, narrow, allowance)
  local w, n, star, mark = 1, 1, nil, nil
  while n <= #narrow do
    allowance.left = allowance.left - 1
    if allowance.left < 0 then return false end
    local have, want = wide:byte(w), narrow:byte(n)
    if have == STAR then
      star, mark, w = w, n, w + 1
    elseif want ~= STAR and have and (have == want or have == MARK) then
      w, n = w + 1, n + 1
    elseif star then
      mark = mark + 1
      w, n = star + 1, mark
    else
      return false
    end
  end
  while wide:byte(w) == STAR do w = w + 1 end
  return w > #wide
end

-- Does `wide` match everything that `narrow` matches? Only a wildcard of `wide` matches a wildcard
-- character of `narrow`, so "yes" is always right; a text without wildcards is simply matched.
function glob.covers(wide, narrow, budget)
  if #wide > LONGEST or #narrow > LONGEST then return false end
  local known = covers_plainly(wide, narrow)
  if known == nil then return covers_slowly(wide, narrow, budget or glob.budget()) end
  if not budget then return known end
  local left = budget.left - (known and #narrow or 1)
  budget.left = left
  return left >= 0 and known
end

-- Is it certain that no text matches both? ("No" may mean that it is too expensive to find out.)
function glob.disjoint(one, other, budget)
  if not glob.has_wildcard(one) and not glob.has_wildcard(other) then return one ~= other end
  local a, b = glob.literal_prefix(one), glob.literal_prefix(other)
  local common = math.min(#a, #b)
  if a:sub(1, common) ~= b:sub(1, common) then return true end
  if #one > LONGEST or #other > LONGEST then return false end
  if a == one or b == other then
    local allowance = budget or glob.budget()
    local met = glob.covers(one, other, allowance) or glob.covers(other, one, allowance)
    return not met and allowance.left >= 0
  end
  return false
end

return glob
