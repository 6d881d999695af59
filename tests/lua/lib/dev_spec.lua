local dev = require "lib.dev"

local function resource(accounts)
  return { account = "111122223333", settings = { dev_accounts = accounts } }
end

describe("dev accounts", function()
  it("are those whose whole id is listed", function()
    assert.is_true(dev.applies(resource { "444455556666", "111122223333" }))
    assert.is_false(dev.applies(resource { "11112222333", "1111222233334", "*" }))
    assert.is_false(dev.applies(resource {}))
    assert.is_false(dev.applies(resource(nil)))
  end)

  it("name the number of instances, and some of them", function()
    assert.equal("1 instance (i-1)", dev.count { "i-1" })
    assert.equal("3 instances (i-1, i-2, i-3)", dev.count { "i-1", "i-2", "i-3" })
    assert.equal("4 instances (i-1, i-2, i-3, ...)", dev.count { "i-1", "i-2", "i-3", "i-4" })
  end)
end)
