-- Who owns a bucket of which only the name is known?
local expect = require "lib.expect"
local listing = require "lib.listing"

local owner = {}

-- Does it belong to the account? Its list of buckets shows that, and needs no other permission.
function owner.is_own(s3, name)
  local found, wanted = false, { Prefix = name, MaxBuckets = 1000 }
  listing(s3, "ListBuckets", wanted, "ContinuationToken", "ContinuationToken", function(page)
    for _, bucket in ipairs(expect(page, "s3:ListBuckets", "Buckets").Buckets) do
      found = found or bucket.Name == name
    end
  end)
  return found
end

-- S3 returns the same error if a request expects a different owner than the bucket has, and if the
-- caller has no permission (S3 user guide, "Verifying bucket ownership with bucket owner
-- condition"). So if a bucket answers only when no owner is expected, it belongs to another
-- account; if it never answers, the owner is unknown. The call itself only returns a region.
function owner.is_of(s3, name, account)
  local seen, code = s3:try("GetBucketLocation", { Bucket = name, ExpectedBucketOwner = account },
    "AccessDenied", "NoSuchBucket")
  if seen then return true end
  if code == "NoSuchBucket" then return false end
  local _, refused = s3:try("GetBucketLocation", { Bucket = name }, "AccessDenied", "NoSuchBucket")
  if refused ~= "AccessDenied" then return false end
  error(("the owner of bucket %s cannot be read: its policy must allow this account "
    .. "s3:GetBucketLocation"):format(name), 0)
end

return owner
