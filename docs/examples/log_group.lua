-- Keeps log lines for one year instead of forever.
local DAYS = 365
local GROUPS = "arn:${partition}:logs:${region}:${account}:log-group:*"

-- Returns the log group with exactly this name, or nil.
local function find(resource)
  local wanted = { logGroupNamePrefix = resource.id }
  for page in resource.aws.logs:pages("DescribeLogGroups", wanted) do
    for _, group in ipairs(page.logGroups or {}) do
      if group.logGroupName == resource.id then return group end
    end
  end
  return nil
end

return policy {
  type = "log_group",
  title = "CloudWatch log group",

  permissions = { -- this file can make no other calls
    read = { "logs:DescribeLogGroups" },
    write = {
      ["logs:PutRetentionPolicy"] = { on = GROUPS },
      ["logs:DeleteRetentionPolicy"] = { on = GROUPS },
    },
  },

  events = { -- the path of the name in the event of a change
    ["logs:CreateLogGroup"] = "requestParameters.logGroupName",
    ["logs:DeleteRetentionPolicy"] = "requestParameters.logGroupName",
  },

  discover = function(scope)
    for page in scope.aws.logs:pages("DescribeLogGroups", {}) do
      for _, group in ipairs(page.logGroups or {}) do
        scope:found(group.logGroupName)
      end
    end
  end,

  fetch = function(resource)
    local group = find(resource)
    return group and { days = group.retentionInDays }
  end,

  checks = {
    {
      id = "log_group.retention",
      title = "Log group keeps its lines forever",
      severity = "low",
      risk = "Lines are kept, and paid for, without end, personal data among them.",
      advice = "Set a retention.",
      url = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/WhatIsCloudWatchLogs.html",
      impact = "destroys",
      repair = "Sets a retention of a year: older lines are deleted.",

      audit = function(_, state)
        if state.days then return true end
        return false, "no retention is set: lines are kept, and paid for, without end"
      end,

      fix = function(resource)
        local name = resource.id
        local step = {
          call = "logs:PutRetentionPolicy",
          with = { logGroupName = name, retentionInDays = DAYS },
          undo = { call = "logs:DeleteRetentionPolicy", with = { logGroupName = name } },
        }
        return { step }, { days = DAYS }
      end,
    },
  },
}
