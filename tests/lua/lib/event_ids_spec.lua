local event_ids = require "lib.event_ids"

local NAME, NEW = "requestParameters.name", "requestParameters.newName"

local function event(parameters) return { requestParameters = parameters } end

describe("ids out of events", function()
  it("come from the first path that has a value", function()
    assert.equal("a", event_ids.first(event { name = "a" }, NAME))
    assert.equal("b", event_ids.first(event { name = "a", newName = "b" }, NEW, NAME))
    assert.equal("a", event_ids.first(event { name = "a", newName = "" }, NEW, NAME))
  end)

  it("cause the engine's own error if they are missing", function()
    local message = ("the event has no id at detail.%s or detail.%s"):format(NEW, NAME)
    for _, odd in ipairs { {}, event "text", event {}, event { name = "" } } do
      assert.has_error(function() event_ids.first(odd, NEW, NAME) end,
        { code = "MissingId", message = message })
    end
    assert.has_error(function() event_ids.missing "a.b" end,
      { code = "MissingId", message = "the event has no id at detail.a.b" })
  end)

  it("may be several", function()
    assert.same({ "b", "a" }, event_ids.all(event { name = "a", newName = "b" }, NEW, NAME))
    assert.same({ "a" }, event_ids.all(event { name = "a" }, NEW, NAME))
    assert.has_error(function() event_ids.all(event {}, NEW, NAME) end)
  end)

  it("are not expected where CloudTrail left out what was too large", function()
    for _, cut in ipairs { { omitted = true }, { omitted = "true", reason = "too large" } } do
      assert.is_true(event_ids.is_cut(cut))
    end
    for _, whole in ipairs { {}, "omitted", { omitted = false }, { name = "omitted" } } do
      assert.is_false(event_ids.is_cut(whole))
    end
    assert.is_false(event_ids.is_cut(nil))
  end)

  it("must be a string", function()
    for _, odd in ipairs { 7, true, {} } do
      assert.has_error(function() event_ids.first(event { name = odd }, NAME) end,
        "detail.requestParameters.name is no string where an id should be")
    end
  end)
end)
