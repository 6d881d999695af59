-- IAM events about the root user, which other operations of IAM do not treat as a user.
local detail = require "lib.detail"

local root_user = {}

local NAME = "AWS ROOT USER" -- as CloudTrail writes it
local DEVICE = ":mfa/root-account-mfa-device" -- the end of the ARN of its virtual device

-- Was the MFA device of the root user turned off? Without a name, the caller is meant.
function root_user.is_deprived(event)
  local name = detail.at(event, "requestParameters", "userName")
  local serial = detail.at(event, "requestParameters", "serialNumber")
  if name == NAME then return true end
  if type(serial) == "string" and serial:sub(-#DEVICE) == DEVICE then return true end
  return name == nil and detail.at(event, "userIdentity", "type") == "Root"
end

return root_user
