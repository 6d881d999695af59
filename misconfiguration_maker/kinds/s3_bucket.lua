-- An empty bucket that anyone may list, by its ACL and by its policy, and to which an unknown
-- account has access. Bucket names are unique across all accounts of AWS, so the name contains the
-- account's id.
local UNKNOWN_ACCOUNT = "999988887777"

local function name_of(place)
  return "misconfig-maker-" .. place.account
end

local function policy_of(name)
  local function statement(sid, principal)
    return {
      Sid = sid, Effect = "Allow", Principal = principal, Action = "s3:ListBucket",
      Resource = "arn:aws:s3:::" .. name,
    }
  end
  return json.encode {
    Version = "2012-10-17",
    Statement = {
      statement("AnyoneLists", "*"),
      statement("UnknownAccountLists", { AWS = "arn:aws:iam::" .. UNKNOWN_ACCOUNT .. ":root" }),
    },
  }
end

-- us-east-1 is the one region that may not be named (S3 API reference, CreateBucket).
local function create(aws, place, name)
  local wanted = { Bucket = name, ObjectOwnership = "BucketOwnerPreferred" }
  if place.region ~= "us-east-1" then
    wanted.CreateBucketConfiguration = { LocationConstraint = place.region }
  end
  aws.s3:try("CreateBucket", wanted, "BucketAlreadyOwnedByYou")
end

return {
  make = function(aws, place)
    local name = name_of(place)
    create(aws, place, name)
    aws.s3:DeletePublicAccessBlock { Bucket = name }
    aws.s3:PutBucketAcl { Bucket = name, ACL = "public-read" }
    aws.s3:PutBucketPolicy { Bucket = name, Policy = policy_of(name) }
    return { name }
  end,

  clean = function(aws, place)
    aws.s3:try("DeleteBucket", { Bucket = name_of(place) }, "NoSuchBucket")
  end,
}
