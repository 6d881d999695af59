-- Whom policies trust, and whom no fix may remove.
local trust = require "lib.trust"

local OWN, FRIEND, STRANGER = "111122223333", "222233334444", "999988887777"

-- answers: { id = true | false | "undecided" }; doubts: { id = why }
local function resource(answers, doubts)
  return {
    account = OWN,
    trusted = function(_, id)
      local answer = answers[id] or false
      if answer == "undecided" then return nil end
      return answer, doubts and doubts[id]
    end,
  }
end

describe("trust.knows", function()
  it("trusts the resource's own account, and everyone who is set as trusted", function()
    local one = resource { [FRIEND] = true, ["o-own1234567"] = true, [STRANGER] = "undecided" }
    assert.is_true(trust.knows(one, OWN))
    assert.is_true(trust.knows(one, FRIEND))
    assert.is_true(trust.knows(one, "o-own1234567"))
    assert.is_false(trust.knows(one, "o-foreign1234"))
    assert.is_nil(trust.knows(one, STRANGER))
  end)

  it("trusts a path if one of its parts is trusted", function()
    local path = "o-own1234567/r-ab12/ou-ab12-11111111/ou-ab12-22222222/"
    for _, id in ipairs { "o-own1234567", "r-ab12", "ou-ab12-11111111", "ou-ab12-22222222" } do
      assert.is_true(trust.knows(resource { [id] = true }, path), id)
      assert.is_true(trust.knows(resource { [id] = true }, path .. "*"), id)
    end
    assert.is_false(trust.knows(resource { ["ou-ab12-33333333"] = true }, path))
    assert.is_nil(trust.knows(resource { ["o-own1234567"] = "undecided" }, path))
    local rooted = resource { ["o-own1234567"] = "undecided", ["r-ab12"] = true }
    assert.is_true(trust.knows(rooted, path))
  end)

  it("keeps the parts of a path apart", function()
    local one = resource { ["ou-ab12-11111111"] = true, ["*"] = true, [""] = true }
    for _, path in ipairs {
      "o-foreign1234/r-ab12/ou-ab12-1111111*/", "o-foreign1234/r-ab12/ou-ab12-1111111?/",
      "o-foreign1234/*", "o-foreign1234//", "o-foreign1234/xou-ab12-11111111/", "",
    } do
      assert.is_false(trust.knows(one, path), path)
    end
  end)
end)

describe("trust.doubt", function()
  local one = resource({}, { ["o-foreign1234"] = "it may be your own" })

  it("says why one of the named accounts may not be removed", function()
    assert.equal("o-foreign1234: it may be your own",
      trust.doubt(one, { STRANGER, "o-foreign1234" }))
    assert.is_nil(trust.doubt(one, { STRANGER }))
    assert.is_nil(trust.doubt(one, {}))
  end)

  it("considers everyone to whom the statements give access", function()
    assert.equal("o-foreign1234: it may be your own", trust.doubt_of(one, {
      { index = 1, anyone = true }, { index = 2, accounts = { STRANGER, "o-foreign1234" } },
    }))
    assert.is_nil(trust.doubt_of(one, { { index = 1, anyone = true } }))
    local deleted = "AROA1234567890EXAMPLE"
    local doubted = resource({}, { [deleted] = "nobody knows" })
    assert.is_nil(trust.doubt_of(doubted, { { index = 1, accounts = { deleted } } }))
  end)
end)
