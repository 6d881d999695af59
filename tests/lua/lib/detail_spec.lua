local detail = require "lib.detail"

describe("an event's detail", function()
  it("is read by the names of its members", function()
    local event = { responseElements = { service = { serviceArn = "a" } } }
    assert.equal("a", detail.at(event, "responseElements", "service", "serviceArn"))
    assert.is_nil(detail.at(event, "responseElements", "task", "taskArn"))
    assert.is_nil(detail.at(nil, "responseElements"))
  end)

  it("may contain anything in any place", function()
    for _, odd in ipairs { "text", 7, true } do
      assert.is_nil(detail.at({ responseElements = odd }, "responseElements", "len"))
      assert.same({}, detail.list({ tasks = odd }, "tasks"))
    end
    assert.same({}, detail.list({}, "tasks"))
    assert.same({ 1 }, detail.list({ tasks = { 1 } }, "tasks"))
  end)
end)
