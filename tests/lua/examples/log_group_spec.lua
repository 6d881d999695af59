-- The worked example of docs/policy-authors.md: a model for the spec of a new type.
local policies = require "support.policy"

local log_groups = policies.load(function(env)
  return assert(loadfile("docs/examples/log_group.lua", "t", env))()
end)

local NAME = "/aws/lambda/orders"

-- A log group that stores its changes.
local function group_of(days)
  local kept = { days = days }
  return log_groups:resource {
    id = NAME,
    replies = {
      ["logs:DescribeLogGroups"] = function(params)
        assert.equal(NAME, params.logGroupNamePrefix)
        return {
          logGroups = {
            { logGroupName = NAME .. "-archive" },
            { logGroupName = NAME, retentionInDays = kept.days },
          },
        }
      end,
      ["logs:PutRetentionPolicy"] = function(params)
        kept.days = params.retentionInDays
        return {}
      end,
      ["logs:DeleteRetentionPolicy"] = function()
        kept.days = nil
        return {}
      end,
    },
  }
end

describe("log_group", function()
  it("passes if a retention is set", function()
    assert.equal("compliant", group_of(30):audit()["log_group.retention"].status)
  end)

  it("finds a group that keeps its lines forever, sets a year, and can undo that", function()
    local group = group_of(nil)
    local found = group:audit()["log_group.retention"]
    assert.equal("non_compliant", found.status)
    assert.truthy(found.summary:find("no retention", 1, true))
    assert.same({ ["log_group.retention"] = "fixed" }, group:repair())
    assert.equal(365, group:sent()[1].with.retentionInDays)
    group:undo()
  end)

  it("is gone if only other groups begin with the name", function()
    local group = log_groups:resource {
      id = NAME,
      replies = { ["logs:DescribeLogGroups"] = { logGroups = { { logGroupName = NAME .. "2" } } } },
    }
    assert.equal("gone", group:audit().state)
  end)

  it("is unknown if the read is refused", function()
    local group = log_groups:resource {
      id = NAME, replies = { ["logs:DescribeLogGroups"] = policies.fault("AccessDeniedException") },
    }
    assert.equal("unknown", group:audit()["log_group.retention"].status)
  end)

  it("lists every page", function()
    local found = log_groups:discover {
      replies = {
        ["logs:DescribeLogGroups"] = policies.pages {
          { logGroups = { { logGroupName = "a" } }, nextToken = "t" },
          { logGroups = { { logGroupName = "b" } } },
        },
      },
    }
    assert.same({ { id = "a", test = false }, { id = "b", test = false } }, found)
  end)

  it("is found in the events of a change", function()
    local detail = { requestParameters = { logGroupName = NAME } }
    for _, name in ipairs { "logs:CreateLogGroup", "logs:DeleteRetentionPolicy" } do
      assert.equal(NAME, log_groups:event(name, detail)[1].id)
    end
  end)

  it("calls everything that it declares", function()
    assert.same({}, log_groups:never_called())
  end)
end)
