-- A function that does nothing, whose settings anyone may read, and a stranger by name; its role
-- may do nothing.
local NAME = "misconfiguration_maker"
local STRANGER = "999988887777"
local CONFLICT, GONE = "ResourceConflictException", "ResourceNotFoundException"
local ACTION = "lambda:GetFunctionConfiguration"
local ATTEMPTS, PAUSE = 10, 3 -- until a new role is known everywhere; seconds

-- A zip file of index.py: "def handler(event, context):\n    return None\n".
local CODE = [[
504b030414000000000000002100ae56bcba2d0000002d00000008000000696e6465782e70796465662068616e646c6572
286576656e742c20636f6e74657874293a0a2020202072657475726e204e6f6e650a504b01021403140000000000000021
00ae56bcba2d0000002d000000080000000000000000000000a40100000000696e6465782e7079504b0506000000000100
010036000000530000000000]]

local function bytes_of(digits)
  local function byte(two) return string.char(tonumber(two, 16)) end
  return (digits:gsub("%X", ""):gsub("%x%x", byte))
end

-- Roles are the same in all regions, functions are not.
local function role_name(place)
  return "misconfigured_function_" .. place.region
end

local function role(aws, place)
  local document = json.encode {
    Version = "2012-10-17",
    Statement = { {
      Effect = "Allow", Principal = { Service = "lambda.amazonaws.com" }, Action = "sts:AssumeRole",
    } },
  }
  local name = role_name(place)
  aws.iam:try("CreateRole", { RoleName = name, AssumeRolePolicyDocument = document },
    "EntityAlreadyExists")
  return aws.iam:GetRole({ RoleName = name }).Role.Arn
end

local function create(aws, arn)
  local wanted = {
    FunctionName = NAME, Runtime = "python3.13", Handler = "index.handler", Role = arn,
    Code = { ZipFile = bytes_of(CODE) },
  }
  for _ = 2, ATTEMPTS do
    local _, code = aws.lambda:try("CreateFunction", wanted, CONFLICT,
      "InvalidParameterValueException")
    if code ~= "InvalidParameterValueException" then return end
    os.execute("sleep " .. PAUSE)
  end
  aws.lambda:try("CreateFunction", wanted, CONFLICT)
end

-- What is granted already: text of the policy, "" where there is none.
local function policy(aws)
  local reply = aws.lambda:try("GetPolicy", { FunctionName = NAME }, GONE)
  return reply and reply.Policy or ""
end

local function allow(aws, sid, principal)
  if policy(aws):find('"' .. sid .. '"', 1, true) then return end
  aws.lambda:AddPermission {
    FunctionName = NAME, StatementId = sid, Action = ACTION, Principal = principal,
  }
end

return {
  make = function(aws, place)
    create(aws, role(aws, place))
    allow(aws, "AnyoneReads", "*")
    allow(aws, "StrangerReads", "arn:aws:iam::" .. STRANGER .. ":root")
    return { NAME }
  end,

  clean = function(aws, place)
    aws.lambda:try("DeleteFunction", { FunctionName = NAME }, GONE)
    aws.iam:try("DeleteRole", { RoleName = role_name(place) }, "NoSuchEntity")
  end,
}
