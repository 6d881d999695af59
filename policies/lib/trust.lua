-- Whether named accounts may be shut out.
local trust = {}

-- Why no fix may remove a named account, or nil: with nobody said to be trusted, everybody would be
-- a stranger.
function trust.refusal(settings)
  local known, organization = settings.known_accounts, settings.organization_account
  if known and #known > 0 or organization and organization ~= "" then return nil end
  return "neither KNOWN_ACCOUNTS nor ORGANIZATION_ACCOUNT says which accounts are trusted"
end

return trust
