-- lib.copy_of: the members are shared, the table is new.
local copy_of = require "lib.copy_of"

describe("a copy", function()
  it("has the same members, and does not change with the original", function()
    local inner = { "a" }
    local from = { inner = inner, name = "n" }
    local copy = copy_of(from)
    assert.same(from, copy)
    assert.equal(inner, copy.inner)
    copy.name = nil
    assert.equal("n", from.name)
  end)
end)
