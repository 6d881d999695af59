-- The policy of a bucket: its effect under Block Public Access, and the step that replaces it.
-- `state` is the bucket's: { policy = of lib.documents, acl =, blocks() = of lib.s3_block, status()
-- = { public = S3's status of the policy, text = it } }. Each costs a call, so it is only used if
-- the result depends on it.
local access = require "lib.access"
local documents = require "lib.documents"
local s3_statements = require "lib.s3_statements"
local statements = require "lib.statements"

local s3_policy = {}

local LONGEST = 20 * 1024 -- bytes (S3 user guide, "Bucket policies")

local function names_canonical_users(reading)
  for _, statement in ipairs(statements.of(reading)) do
    for _, principal in ipairs(statement.principals.list) do
      if principal.kind == "canonical" then return true end
    end
  end
  return false
end

-- The canonical user ids that belong to trusted accounts; nil if the policy names none. The ACL
-- says which id is the owner's.
function s3_policy.own_users(state)
  if not documents.ask(state.policy, names_canonical_users) then return nil end
  return { canonical_users = { state.acl.Owner.ID } }
end

local function open_in(document, bucket, state)
  return access.open_to_anyone(document, bucket, s3_policy.own_users(state))
end

-- The statements that allow anyone, as written.
function s3_policy.open(bucket, state)
  return documents.ask(state.policy, access.find_open, bucket, s3_policy.own_users(state))
end

-- Is the policy public, by S3's status? A policy changed by an earlier fix is judged by our own
-- rules.
local function is_public(bucket, state)
  local status = state.status()
  if status.text == documents.raw(state.policy) then return status.public end
  return #s3_policy.open(bucket, state) > 0
end

-- The setting under which a public policy only allows the account itself and AWS services, or nil
-- (S3 user guide, "Block public access settings": RestrictPublicBuckets).
function s3_policy.restriction(bucket, state)
  local setting = state.blocks().RestrictPublicBuckets
  return setting and is_public(bucket, state) and setting or nil
end

-- Judges what is removed with the access of unknown accounts: also statements that let in anyone if
-- a block disables them, because S3 may refuse to store them again. If they take effect, they are
-- left to their own check, which may be exempt.
function s3_policy.judge_of_unknown(bucket, state)
  local open = #s3_policy.open(bucket, state) > 0 and not s3_policy.restriction(bucket, state)
  return open and access.shared_with_unknown or access.untrusted
end

-- The setting because of which S3 would refuse to store the policy again, as it is public, or nil.
local function block_of(bucket, state)
  if not documents.of(state.policy) then return nil end
  local setting = state.blocks().BlockPublicPolicy
  return setting and is_public(bucket, state) and setting or nil
end

-- The policy is public: would this document in its place be public too? Yes if it only adds Deny
-- statements. Also yes, as far as we know, if it removes other statements than those that make the
-- policy public by our rules.
local function stays_public(bucket, state, document)
  return s3_statements.holds(document, state.policy.document) or #s3_policy.open(bucket, state) == 0
    or #open_in(document, bucket, state) > 0
end

-- Why S3 would refuse to store the document instead of the bucket's own, or nil.
local function refusal(bucket, state, document, text)
  if text and #text > LONGEST then
    return ("the policy would have %d bytes, more than the 20 KB that S3 stores"):format(#text)
  end
  local block = document and block_of(bucket, state)
  if block and stays_public(bucket, state, document) then
    return ("the remaining policy is public, and %s refuses to store it"):format(block)
  end
  return documents.refusal(document)
end

-- The result of a fix that replaces the bucket's policy by this document (nil: none). put(text or
-- nil) makes the call.
function s3_policy.replace(bucket, state, document, put)
  local text = document and documents.text(state.policy, document)
  local why = refusal(bucket, state, document, text)
  if why then return { held = why } end
  local step = put(text)
  local block = block_of(bucket, state)
  if block then
    step.irreversible = ("the earlier policy is public, and %s refuses to store it"):format(block)
  else
    step.undo = put(documents.former(state.policy))
  end
  return { step }, { policy = documents.keep(text) }
end

return s3_policy
