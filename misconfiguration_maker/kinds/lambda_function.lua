-- A function that does nothing, whose settings anyone may read, and an unknown account by its id.
-- Its role has no permissions.
local NAME = "misconfiguration_maker"
local UNKNOWN_ACCOUNT = "999988887777"
local CONFLICT, GONE = "ResourceConflictException", "ResourceNotFoundException"
local ACTION = "lambda:GetFunctionConfiguration"
local ATTEMPTS, PAUSE = 10, 3 -- until a new role is visible everywhere; seconds

-- index.py in a zip file: "def handler(event, context): return None".
local function zip()
  local path = (arg[0]:match("^.*/") or "") .. "function.zip"
  local file <close> = assert(io.open(path, "rb"))
  return file:read("a")
end

-- The name has the region, because roles are global and functions are not.
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
    Code = { ZipFile = zip() },
  }
  for _ = 2, ATTEMPTS do
    local _, code = aws.lambda:try("CreateFunction", wanted, CONFLICT,
      "InvalidParameterValueException")
    if code ~= "InvalidParameterValueException" then return end
    os.execute("sleep " .. PAUSE)
  end
  aws.lambda:try("CreateFunction", wanted, CONFLICT)
end

-- The text of the current policy; "" if there is none.
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
    allow(aws, "UnknownAccountReads", "arn:aws:iam::" .. UNKNOWN_ACCOUNT .. ":root")
    return { NAME }
  end,

  clean = function(aws, place)
    aws.lambda:try("DeleteFunction", { FunctionName = NAME }, GONE)
    aws.iam:try("DeleteRole", { RoleName = role_name(place) }, "NoSuchEntity")
  end,
}
