-- S3 Block Public Access: the settings of a bucket and of its account. A setting applies if either
-- turns it on (S3 user guide, "Blocking public access to your Amazon S3 storage": the most
-- restrictive combination). Pure.
local s3_block = {}

local SETTINGS = { "BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls",
  "RestrictPublicBuckets" }

-- The PublicAccessBlockConfiguration of the bucket and of the account (nil: none) -> the settings
-- that are on, each with its description: { IgnorePublicAcls = "the account's IgnorePublicAcls" }
function s3_block.merged(of_bucket, of_account)
  local merged = {}
  for _, name in ipairs(SETTINGS) do
    local bucket = of_bucket and of_bucket[name] == true
    local account = of_account and of_account[name] == true
    local whose = bucket and account and "the bucket's and the account's"
      or bucket and "the bucket's" or account and "the account's"
    merged[name] = whose and whose .. " " .. name or nil
  end
  return merged
end

-- The note of a check that only passes because of a setting, which `merged` describes. `without`:
-- what would have an effect otherwise.
function s3_block.contained(block, without)
  return {
    summary = ("has no effect by %s: %s"):format(block, without),
    evidence = { contained_by = block, without_it = without },
  }
end

return s3_block
