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

local form_parts = { region = true, account = true, word = true, lower = true }

-- A word takes as much as it can, so what follows it must not be able to belong to it.
local function check_form(form, path)
  for part, close, after in text(form, path):gmatch("%${([^}]*)(}?)(.?)") do
    if not form_parts[part] or close == "" then
      refuse(path, '"${%s}" is not one of ${region}, ${account}, ${word}, ${lower}', part)
    end
    if (part == "word" or part == "lower") and after:find("[%w_.$-]") then
      refuse(path, '"%s" follows ${%s}, which may contain it', after, part)
    end
  end
  return form
end

local function check_id(declared, meta)
  local id = optional(declared.id, "table", "id") or {}
  check_fields(id, "id", { canonical = true, form = true })
  optional(id.canonical, "function", "id.canonical")
  if id.form == nil then return end
  if id.canonical == nil then refuse("id.form", "needs id.canonical, for ids of other forms") end
  meta.form = check_form(id.form, "id.form")
end

function schema.read_names(declared, meta)
  local arn = declared.arn
  attempt(check_id, declared, meta)
  attempt(optional, declared.region, "function", "region")
  if arn ~= nil and type(arn) ~= "function" then meta.arn = attempt(check_arn, arn) end
  for _, name in ipairs { "aws_type", "asff" } do
    if declared[name] ~= nil then meta[name] = attempt(text, declared[name], name) end
  end
end
