-- Which trails cover a region, and which selectors log changes.
local trails = require "lib.trails"

local function arns(list)
  local names = {}
  for i, trail in ipairs(list) do names[i] = trail.TrailARN end
  return names
end

describe("trails.covering", function()
  it("returns those of the region and those of all regions, the simple ones first", function()
    local list = {
      { TrailARN = "d", HomeRegion = "eu-west-1", HasCustomEventSelectors = true },
      { TrailARN = "c", HomeRegion = "us-east-1", IsMultiRegionTrail = true },
      { TrailARN = "b", HomeRegion = "us-east-1", IsMultiRegionTrail = false },
      { TrailARN = "a", HomeRegion = "eu-west-1", HasCustomEventSelectors = false },
    }
    assert.same({ "a", "c", "d" }, arns(trails.covering(list, "eu-west-1")))
    assert.same({ "b", "c" }, arns(trails.covering(list, "us-east-1")))
    assert.same({ "c" }, arns(trails.covering(list, "us-east-11")))
    assert.same({}, trails.covering({}, "us-east-1"))
  end)
end)

describe("trails.log_changes", function()
  local function basic(...) return trails.log_changes { EventSelectors = { ... } } end
  local function advanced(...)
    local selectors = {}
    for i, fields in ipairs { ... } do selectors[i] = { FieldSelectors = fields } end
    return trails.log_changes { AdvancedEventSelectors = selectors }
  end

  it("reads basic selectors", function()
    assert.is_true(basic {})
    assert.is_true(basic { ReadWriteType = "All", IncludeManagementEvents = true })
    assert.is_true(basic { ReadWriteType = "WriteOnly" })
    assert.is_false(basic { ReadWriteType = "ReadOnly" })
    assert.is_false(basic { ReadWriteType = "All", IncludeManagementEvents = false })
    assert.is_true(basic({ ReadWriteType = "ReadOnly" }, { ReadWriteType = "WriteOnly" }))
    assert.is_false(basic())
  end)

  it("reads advanced selectors", function()
    local management = { Field = "eventCategory", Equals = { "Management" } }
    local data = { Field = "eventCategory", Equals = { "Data" } }
    local no_kms = { Field = "eventSource", NotEquals = { "kms.amazonaws.com" } }
    assert.is_true(advanced { management })
    assert.is_true(advanced { management, no_kms })
    assert.is_true(advanced { management, { Field = "readOnly", Equals = { "false" } } })
    assert.is_false(advanced { management, { Field = "readOnly", Equals = { "true" } } })
    assert.is_false(advanced { data })
    assert.is_false(advanced { no_kms })
    assert.is_true(advanced({ data }, { management }))
    assert.is_false(advanced {})
  end)

  it("refuses a response without selectors", function()
    assert.has_error(function() trails.log_changes {} end)
  end)
end)
