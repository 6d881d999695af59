-- The policy of a bucket: what S3 makes of it under Block Public Access, and the step that puts
-- another in its place. `state` is the bucket's: { policy = of lib.documents, acl =, blocks() = of
-- lib.s3_block, status() = { public = S3's word on the policy, text = it } }; the last two cost
-- calls, so they are looked at only where they decide.
local access = require "lib.access"
local documents = require "lib.documents"
local s3_statements = require "lib.s3_statements"

local s3_policy = {}

local LONGEST = 20 * 1024 -- bytes (S3 user guide, "Bucket policies")

-- Whose canonical user id is no stranger's.
function s3_policy.own_users(state)
  return { canonical_users = { state.acl.Owner.ID } }
end

local function open_in(document, bucket, state)
  return access.open_to_anyone(document, bucket, s3_policy.own_users(state))
end

-- The statements by which anyone gets in, as they are written.
function s3_policy.open(bucket, state)
  return open_in(documents.of(state.policy), bucket, state)
end

-- Is the policy public by S3's word? On what an earlier fix made of it, by ours.
local function is_public(bucket, state)
  local status = state.status()
  if status.text == documents.raw(state.policy) then return status.public end
  return #s3_policy.open(bucket, state) > 0
end

-- The setting under which the policy, being public, lets in nobody but the account itself and
-- services of AWS, or nil (S3 user guide, "Block public access settings": RestrictPublicBuckets).
function s3_policy.restriction(bucket, state)
  local setting = state.blocks().RestrictPublicBuckets
  return setting and is_public(bucket, state) and setting or nil
end

-- The setting by which S3 would refuse to store the policy again, since it is public, or nil.
local function block_of(bucket, state)
  if not documents.of(state.policy) then return nil end
  local setting = state.blocks().BlockPublicPolicy
  return setting and is_public(bucket, state) and setting or nil
end

-- The policy is public: is the document, put in its place? One that only adds denials is. So is,
-- for all we know, one that takes out others than those by which we find the policy public.
local function stays_public(bucket, state, document)
  return s3_statements.holds(document, state.policy.document) or #s3_policy.open(bucket, state) == 0
    or #open_in(document, bucket, state) > 0
end

-- Why S3 would refuse to store the document in the place of the bucket's own, or nil.
local function refusal(bucket, state, document, text)
  if text and #text > LONGEST then
    return ("the policy would hold %d bytes, more than the 20 KB that S3 stores"):format(#text)
  end
  local block = document and block_of(bucket, state)
  if block and stays_public(bucket, state, document) then
    return ("what stays is public, and %s refuses to store that"):format(block)
  end
  return documents.refusal(document)
end

-- What a fix returns that puts this document (nil: none) in the place of the bucket's own.
-- put(text or nil) makes the call.
function s3_policy.replace(bucket, state, document, put)
  local text = document and documents.text(state.policy, document)
  local why = refusal(bucket, state, document, text)
  if why then return { held = why } end
  local step = put(text)
  local block = block_of(bucket, state)
  if block then
    step.irreversible = ("the former policy is public, and %s refuses to store it"):format(block)
  else
    step.undo = put(documents.former(state.policy))
  end
  return { step }, { policy = documents.keep(text) }
end

return s3_policy
