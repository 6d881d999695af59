-- IAM's credential report, one for all users of an account, in CSV form (IAM user guide, "Getting
-- credential reports").
local dates = require "lib.dates"

local credential_report = {}

local COLUMNS = "user,arn,user_creation_time,password_enabled,password_last_used,"
  .. "password_last_changed,"

-- The rest of a line that begins with `head`, or nil.
local function rest_of_line(report, head)
  local from = report:find("\n" .. head, 1, true)
  if not from then return nil end
  from = from + 1 + #head
  return report:sub(from, (report:find("\n", from, true) or #report + 1) - 1)
end

-- The name of a user may contain commas: the line is found by the whole name and ARN, quoted or
-- not.
local function fields_of(report, user)
  local plain = ("%s,%s,"):format(user.UserName, user.Arn)
  local quoted = ('"%s","%s",'):format(user.UserName, user.Arn)
  local rest = rest_of_line(report, plain) or rest_of_line(report, quoted)
  if not rest then error("the credential report does not contain the user", 0) end
  local fields = {}
  for field in (rest .. ","):gmatch("([^,]*),") do fields[#fields + 1] = field end
  return fields
end

-- When the password of the user ({ UserName =, Arn = }) was last set, in epoch seconds; nil if the
-- report has no password for the user. Raises if the report cannot be parsed.
function credential_report.password_changed(report, user)
  if report:sub(1, #COLUMNS) ~= COLUMNS then error("the credential report has other columns", 0) end
  local changed = fields_of(report, user)[4]
  if changed == "N/A" or changed == "not_supported" then return nil end
  local time = changed and dates.parse(changed)
  if not time then error("the credential report has no date of the password", 0) end
  return time
end

return credential_report
