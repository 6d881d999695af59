-- Whether a password policy is strong enough.
local password_policy = require "lib.password_policy"

local function policy(length, ...)
  local given = { MinimumPasswordLength = length }
  for _, name in ipairs { ... } do given["Require" .. name] = true end
  return given
end

local ALL = { "UppercaseCharacters", "LowercaseCharacters", "Numbers", "Symbols" }

describe("password_policy", function()
  it("requires 8 characters of four classes", function()
    assert.same({}, password_policy.lacks(policy(8, table.unpack(ALL)), 8))
    assert.same({ "at least 8 characters" },
      password_policy.lacks(policy(7, table.unpack(ALL)), 8))
    assert.same({ "upper-case letters", "lower-case letters", "digits", "symbols" },
      password_policy.lacks(policy(128), 8))
    assert.same({ "at least 8 characters", "upper-case letters", "lower-case letters", "digits",
      "symbols" }, password_policy.lacks({}, 8))
    for i, name in ipairs(ALL) do
      local others = table.move(ALL, 1, 4, 1, {})
      table.remove(others, i)
      assert.equal(1, #password_policy.lacks(policy(8, table.unpack(others)), 8), name)
    end
  end)

  it("requires more if the setting says so, and never less", function()
    assert.equal(8, password_policy.length {})
    assert.equal(14, password_policy.length { password_min_length = "14" })
    assert.equal(8, password_policy.length { password_min_length = "8" })
    assert.equal(128, password_policy.length { password_min_length = "128" })
    for _, wrong in ipairs { "7", "129", "8.5", "long", "" } do
      assert.has_error(function() password_policy.length { password_min_length = wrong } end)
    end
  end)
end)
