-- Events of IAM about the root user, which is no user to IAM's other operations.
local detail = require "lib.detail"

local root_user = {}

local NAME = "AWS ROOT USER" -- as CloudTrail writes it
local DEVICE = ":mfa/root-account-mfa-device" -- the end of its virtual device's ARN

-- Is it the root user whose MFA device was turned off? Without a name it is who asked.
function root_user.is_deprived(event)
  local name = detail.at(event, "requestParameters", "userName")
  local serial = detail.at(event, "requestParameters", "serialNumber")
  if name == NAME then return true end
  if type(serial) == "string" and serial:sub(-#DEVICE) == DEVICE then return true end
  return name == nil and detail.at(event, "userIdentity", "type") == "Root"
end

return root_user
