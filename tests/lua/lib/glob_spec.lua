-- Wildcard patterns, compared with a plain and slow matcher for every short text.
local glob = require "lib.glob"

-- All texts over an alphabet up to a length.
local function texts(alphabet, longest)
  local all, last = { "" }, { "" }
  for _ = 1, longest do
    local next_ones = {}
    for _, text in ipairs(last) do
      for _, letter in ipairs(alphabet) do next_ones[#next_ones + 1] = text .. letter end
    end
    table.move(next_ones, 1, #next_ones, #all + 1, all)
    last = next_ones
  end
  return all
end

local function matches(pattern, text)
  if pattern == "" then return text == "" end
  local first, rest = pattern:sub(1, 1), pattern:sub(2)
  if first == "*" then
    return matches(rest, text) or text ~= "" and matches(pattern, text:sub(2))
  end
  return text ~= "" and (first == "?" or first == text:sub(1, 1)) and matches(rest, text:sub(2))
end

local PATTERNS = texts({ "a", "b", "*", "?" }, 3)
local PLAIN = texts({ "a", "b" }, 5)

describe("glob.covers", function()
  it("matches plain texts exactly as the slow matcher does", function()
    for _, pattern in ipairs(PATTERNS) do
      for _, text in ipairs(PLAIN) do
        assert(glob.covers(pattern, text) == matches(pattern, text), pattern .. " " .. text)
      end
    end
  end)

  it("covers a pattern only if it matches every text of that pattern", function()
    for _, wide in ipairs(PATTERNS) do
      for _, narrow in ipairs(PATTERNS) do
        if glob.covers(wide, narrow) then
          for _, text in ipairs(PLAIN) do
            assert(not matches(narrow, text) or matches(wide, text), wide .. " " .. narrow)
          end
        end
      end
    end
  end)

  it("covers the usual patterns", function()
    assert.is_true(glob.covers("*", "sqs:*"))
    assert.is_true(glob.covers("sqs:*", "sqs:send*"))
    assert.is_false(glob.covers("sqs:send*", "sqs:*"))
    assert.is_false(glob.covers("sqs:?", "sqs:*"))
    assert.is_true(glob.covers("a?c*", "a?cd"))
    assert.is_false(glob.covers("abc", "a?c"))
  end)

  it("answers no for long texts and for an empty budget", function()
    assert.is_true(glob.covers("*", ("a"):rep(2048)))
    assert.is_false(glob.covers("*", ("a"):rep(2049)))
    assert.is_false(glob.covers("*", "abc", { left = 2 }))
    assert.is_true(glob.covers("*", "abc", glob.budget()))
  end)
end)

describe("glob.disjoint", function()
  it("is true only if no text matches both", function()
    local yes = 0
    for _, one in ipairs(PATTERNS) do
      for _, other in ipairs(PATTERNS) do
        if glob.disjoint(one, other) then
          yes = yes + 1
          for _, text in ipairs(PLAIN) do
            assert(not (matches(one, text) and matches(other, text)), one .. " " .. other)
          end
        end
      end
    end
    assert.is_true(yes > 1000)
  end)

  it("is exact for plain texts", function()
    assert.is_true(glob.disjoint("abc", "abd"))
    assert.is_false(glob.disjoint("abc", "abc"))
    assert.is_true(glob.disjoint("ab*d", "abc"))
    assert.is_false(glob.disjoint("ab*", "abc"))
    assert.is_false(glob.disjoint("a*", ("a"):rep(3000)))
  end)
end)
