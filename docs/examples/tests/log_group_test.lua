-- The tests of ../log_group.lua, for `engine test docs/examples/tests`.
local NAME = "/aws/lambda/orders"

-- What AWS returns about a group with this retention, beside one whose name only begins alike.
local function replies(days)
  return {
    ["logs:DescribeLogGroups"] = {
      logGroups = {
        { logGroupName = NAME .. "-archive" },
        { logGroupName = NAME, retentionInDays = days },
      },
    },
  }
end

return {
  cases = {
    {
      name = "a group with a retention",
      id = NAME,
      replies = replies(30),
      expect = "compliant",
    },
    {
      name = "a group that keeps its lines forever",
      id = NAME,
      replies = replies(nil),
      expect = {
        ["log_group.retention"] = { status = "non_compliant", summary = "no retention is set" },
      },
      changes = {
        {
          call = "logs:PutRetentionPolicy",
          with = { logGroupName = NAME, retentionInDays = 365 },
          replies = replies(365),
          undo = { call = "logs:DeleteRetentionPolicy", with = { logGroupName = NAME } },
        },
      },
    },
    {
      name = "a group that was deleted",
      id = NAME,
      replies = { ["logs:DescribeLogGroups"] = { logGroups = {} } },
      expect = "gone",
    },
  },
  listings = {
    {
      name = "two pages",
      replies = {
        ["logs:DescribeLogGroups"] = {
          pages = {
            { logGroups = { { logGroupName = "a" } } },
            { logGroups = { { logGroupName = "b" } } },
          },
        },
      },
      ids = { "a", "b" },
    },
  },
  events = {
    {
      event = "logs:CreateLogGroup",
      detail = { requestParameters = { logGroupName = NAME } },
      ids = { NAME },
    },
  },
}
