-- The names of a type's resources: the spellings of an id, its ARN, and AWS's name of the type.
local schema = select(2, ...)
local refuse, check_fields, optional, text, attempt =
  schema.refuse, schema.check_fields, schema.optional, schema.text, schema.attempt

local arn_parts = { partition = true, region = true, account = true, id = true, name = true }

local function check_arn(arn)
  for part, close in text(arn, "arn"):gmatch("%${([^}]*)(}?)") do
    if not arn_parts[part] or close == "" then
      refuse("arn", '"${%s}" is not one of ${partition}, ${region}, ${account}, ${id}, ${name}',
        part)
    end
  end
  return arn
end

local function check_id(declared)
  local id = optional(declared.id, "table", "id") or {}
  check_fields(id, "id", { canonical = true })
  optional(id.canonical, "function", "id.canonical")
end

function schema.read_names(declared, meta)
  local arn = declared.arn
  attempt(check_id, declared)
  attempt(optional, declared.region, "function", "region")
  if arn ~= nil and type(arn) ~= "function" then meta.arn = attempt(check_arn, arn) end
  for _, name in ipairs { "aws_type", "asff" } do
    if declared[name] ~= nil then meta[name] = attempt(text, declared[name], name) end
  end
end
