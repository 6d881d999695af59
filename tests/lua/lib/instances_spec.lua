-- The tags of instances behind another resource.
local instances = require "lib.instances"

-- pages(values of the filter) -> a list of pages
local function resource_with(pages)
  local seen = {}
  local ec2 = {}
  function ec2.pages(_, operation, params)
    assert.equal("DescribeInstances", operation)
    assert.equal("instance-id", params.Filters[1].Name)
    local values = params.Filters[1].Values
    seen[#seen + 1] = #values
    local list, at = pages(values), 0
    return function()
      at = at + 1
      return list[at]
    end
  end
  return { aws = { ec2 = ec2 } }, seen
end

local function page(id, tags)
  return { Reservations = { { Instances = { { InstanceId = id, Tags = tags } } } } }
end

describe("instances.of", function()
  it("requests batches of the size of a filter, page by page, and sorts", function()
    local ids = {}
    for i = 1, 401 do ids[i] = ("i-%03d"):format(402 - i) end
    local resource, seen = resource_with(function(values)
      return { page(values[1], { { Key = "a", Value = "b" } }), page(values[#values]) }
    end)
    local found = instances.of(resource, ids)
    assert.same({ 200, 200, 1 }, seen)
    assert.equal(6, #found)
    assert.equal("i-001", found[1].id)
    assert.same({ a = "b" }, found[6].tags)
    assert.same({}, found[3].tags)
  end)

  it("makes no call for no instances", function()
    local resource, seen = resource_with(error)
    assert.same({}, instances.of(resource, {}))
    assert.same({}, seen)
  end)

  it("raises an error if a response is incomplete", function()
    for _, cut in ipairs { {}, { Reservations = { {} } },
      { Reservations = { { Instances = { {} } } } } } do
      local resource = resource_with(function() return { cut } end)
      assert.has_error(function() instances.of(resource, { "i-1" }) end)
    end
  end)
end)
