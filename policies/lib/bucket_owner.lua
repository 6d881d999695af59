-- Whose is a bucket that is known by its name alone?
local whole = require "lib.whole"

local owner = {}

-- Is it the account's own? Its list tells, which needs no right from anybody else.
function owner.is_own(aws, name)
  for page in aws.s3:pages("ListBuckets", { Prefix = name, MaxBuckets = 1000 }) do
    for _, bucket in ipairs(whole(page, "s3:ListBuckets", "Buckets").Buckets) do
      if bucket.Name == name then return true end
    end
  end
  return false
end

-- S3 refuses a request that expects another owner than the bucket has, and one that may not ask at
-- all, in the same words (S3 user guide, "Verifying bucket ownership with bucket owner condition").
-- So a bucket that answers only while no owner is expected is another's, and one that never answers
-- may be anybody's. The question itself tells nothing but a region.
function owner.is_of(s3, name, account)
  local seen, code = s3:try("GetBucketLocation", { Bucket = name, ExpectedBucketOwner = account },
    "AccessDenied", "NoSuchBucket")
  if seen then return true end
  if code == "NoSuchBucket" then return false end
  local _, refused = s3:try("GetBucketLocation", { Bucket = name }, "AccessDenied", "NoSuchBucket")
  if refused ~= "AccessDenied" then return false end
  error(("bucket %s does not say whose it is: its policy must allow this account "
    .. "s3:GetBucketLocation"):format(name), 0)
end

return owner
