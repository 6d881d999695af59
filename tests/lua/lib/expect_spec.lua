local expect = require "lib.expect"

describe("a reply", function()
  it("is returned", function()
    local reply = { A = {}, B = false }
    assert.equal(reply, expect(reply, "x:Y", "A", "B"))
  end)

  it("has every member that is always sent", function()
    local ok, why = pcall(expect, { A = 1 }, "x:Y", "A", "B")
    assert.is_false(ok)
    assert.equal("x:Y returned no B", why)
    assert.is_false(pcall(expect, { A = "" }, "x:Y", "A"))
  end)
end)
