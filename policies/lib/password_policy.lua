-- The required strength of passwords of an account's users.
local password_policy = {}

local SHORTEST, LONGEST = 8, 128 -- the least that is required; the most that IAM can require

local CLASSES = {
  { "RequireUppercaseCharacters", "upper-case letters" },
  { "RequireLowercaseCharacters", "lower-case letters" },
  { "RequireNumbers", "digits" },
  { "RequireSymbols", "symbols" },
}

-- The required length: 8, or the setting if it is stricter.
function password_policy.length(settings)
  local text = settings.password_min_length
  if text == nil then return SHORTEST end
  local number = math.tointeger(tonumber(text))
  if not number or number < SHORTEST or number > LONGEST then
    error(("PASSWORD_MIN_LENGTH: %q is not a whole number from %d to %d"):format(text, SHORTEST,
      LONGEST), 0)
  end
  return number
end

-- The requirements that IAM's PasswordPolicy lacks, as texts.
function password_policy.lacks(policy, length)
  local missing = {}
  if (policy.MinimumPasswordLength or 0) < length then
    missing[1] = ("at least %d characters"):format(length)
  end
  for _, class in ipairs(CLASSES) do
    if policy[class[1]] ~= true then missing[#missing + 1] = class[2] end
  end
  return missing
end

return password_policy
