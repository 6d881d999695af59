-- The names of a type's resources: how an id is spelled, its ARN, and what AWS calls the type.
local schema = select(2, ...)
local refuse, check_fields, optional, text =
  schema.refuse, schema.check_fields, schema.optional, schema.text

local arn_parts = { partition = true, region = true, account = true, id = true, name = true }

local function check_arn(arn)
  for part, close in text(arn, "arn"):gmatch("%${([^}]*)(}?)") do
    if not arn_parts[part] or close == "" then
      refuse("arn", '"${%s}" is none of ${partition}, ${region}, ${account}, ${id}, ${name}', part)
    end
  end
  return arn
end

function schema.read_names(declared, meta, functions)
  local id, arn = optional(declared.id, "table", "id") or {}, declared.arn
  check_fields(id, "id", { canonical = true })
  functions.canonical = optional(id.canonical, "function", "id.canonical")
  functions.region = optional(declared.region, "function", "region")
  functions.arn = type(arn) == "function" and arn or nil
  if arn ~= functions.arn then meta.arn = check_arn(arn) end
  if declared.aws_type ~= nil then meta.aws_type = text(declared.aws_type, "aws_type") end
  if declared.asff ~= nil then meta.asff = text(declared.asff, "asff") end
end
