-- Tags in the forms in which AWS's services list them.
local tags = require "lib.tags"

describe("tags", function()
  it("are a map by key, including keys without a value", function()
    local owner, empty = { Key = "Owner", Value = "shop" }, { Key = "Empty", Value = "" }
    local list = { owner, empty, { Key = "Bare" } }
    assert.same({ Owner = "shop", Empty = "", Bare = "" }, tags.map(list))
    assert.same({}, tags.map(nil))
  end)

  it("are present if their key is, in any letter case", function()
    local settings = { required_tags = { "OWNER", "team" } }
    assert.is_true(tags.audit({ owner = "", Team = "x" }, settings))
    local passes, summary, missing = tags.audit({ Owner = "team" }, settings)
    assert.is_false(passes)
    assert.equal("required tag missing: team", summary)
    assert.same({ "team" }, missing)
    assert.equal("required tags missing: OWNER, team", select(2, tags.audit({}, settings)))
  end)
end)
