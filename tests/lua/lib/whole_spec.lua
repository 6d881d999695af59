local whole = require "lib.whole"

describe("a whole answer", function()
  it("is handed on", function()
    local reply = { A = {}, B = false }
    assert.equal(reply, whole(reply, "x:Y", "A", "B"))
  end)

  it("lacks nothing that is always sent", function()
    local ok, why = pcall(whole, { A = 1 }, "x:Y", "A", "B")
    assert.is_false(ok)
    assert.equal("x:Y answered without B", why)
    assert.is_false(pcall(whole, { A = "" }, "x:Y", "A"))
  end)
end)
