-- policies/lambda_function.lua: the function that an event is about.
local policies = require "support.policy"

local lambda = policies.load "lambda_function"
local json = policies.json

local NAME = "orders"
local ARN = "arn:aws:lambda:us-east-1:111122223333:function:" .. NAME

describe("functions", function()
  it("are found in their events, in each form of the name", function()
    for _, event in ipairs {
      "CreateFunction20150331", "AddPermission20150331", "AddPermission20150331v2",
      "CreateFunctionUrlConfig", "CreateFunctionUrlConfig20211031", "UpdateFunctionUrlConfig",
      "UpdateFunctionUrlConfig20211031",
    } do
      for _, name in ipairs {
        NAME, NAME .. ":live", ARN, ARN .. ":7", "111122223333:function:" .. NAME,
        "111122223333:function:" .. NAME .. ":live", "function:" .. NAME,
      } do
        local detail = { requestParameters = { functionName = name } }
        assert.same({ { id = NAME } }, lambda:event("lambda:" .. event, detail))
      end
    end
    local answered = { requestParameters = json.null, responseElements = { functionName = NAME } }
    assert.same({ { id = NAME } }, lambda:event("lambda:CreateFunction20150331", answered))
    for _, answer in ipairs {
      { functionArn = ARN }, { statement = json.encode { Sid = "s", Resource = ARN .. ":live" } },
    } do
      local cut = { requestParameters = { omitted = true }, responseElements = answer }
      assert.same({ { id = NAME } }, lambda:event("lambda:AddPermission20150331v2", cut))
    end
  end)

  it("are not derived from an event without a name", function()
    for _, detail in ipairs {
      {}, { requestParameters = {} }, { requestParameters = { functionName = "" } },
      { requestParameters = { functionName = 7 } }, { requestParameters = "x" },
      { requestParameters = { functionName = "function:" } },
      { requestParameters = { functionName = { "x" } } },
      { responseElements = { statement = "{" } }, { responseElements = { statement = "[]" } },
    } do
      assert.has_error(function() lambda:event("lambda:AddPermission20150331v2", detail) end)
    end
  end)
end)
