-- Policy documents as the texts that AWS keeps: read into a state, judged, written back.
local deleted_principals = require "lib.deleted_principals"
local principal_order = require "lib.principal_order"
local repairs = require "lib.repairs"
local statements = require "lib.statements"

local documents = {}

-- What `fetch` keeps of a policy's text: { document = } or { broken = why, unparsed = text }; {}
-- where there is none (nil or ""). A broken document does not stop checks that never look at it.
-- Names stand in a fixed order: the same policy is the same state, and makes the same steps.
-- Deleted principals are left out of `document`, since AWS takes no policy that names one: so a
-- policy that was put back, less those, is the state from before. The policy as it is told stands
-- behind functions, by which states are not compared: a service may also tell the same document
-- with other blanks than those that it was given.
function documents.keep(text)
  if text == nil or text == "" then return {} end
  local document, why = json.decode(text)
  if document == nil then return { broken = why, unparsed = text } end
  local sorted = principal_order.sorted(text, document)
  if sorted ~= text then document = json.decode(sorted) end
  local left = deleted_principals.removed(document)
  local kept = { document = left }
  function kept.whole() return document end
  function kept.text() return sorted end
  function kept.former()
    if left == document then return sorted end
    return left and documents.text(kept, left)
  end
  return kept
end

-- The text of what `keep` gave; nil where there is none.
function documents.raw(kept)
  return kept.unparsed or kept.text and kept.text()
end

-- The decoded document of what `keep` gave, as it is told; nil where there is none. Raises where it
-- is broken, so that the verdict is unknown.
function documents.of(kept)
  if kept.broken then error("policy document: it is no JSON: " .. kept.broken, 0) end
  if kept.whole then return kept.whole() end
  return kept.document
end

local function escaped(character)
  local code = utf8.codepoint(character)
  if code < 0x10000 then return ("\\u%04x"):format(code) end
  code = code - 0x10000
  return ("\\u%04x\\u%04x"):format(0xD800 + (code >> 10), 0xDC00 + (code & 0x3FF))
end

local POLICY = '{"Version":0,"Id":0,"Statement":0}'
local STATEMENT = '{"Sid":0,"Effect":0,"Principal":0,"NotPrincipal":0,"Action":0,"NotAction":0,'
  .. '"Resource":0,"NotResource":0,"Condition":0}'

-- The statement with its members in the order in which AWS tells them (S3 API reference,
-- GetBucketPolicy), so that it is the same text when it is read again.
local function arranged(statement)
  local copy = json.decode(STATEMENT)
  for key in pairs(json.decode(STATEMENT)) do copy[key] = statement[key] end
  for key, value in pairs(statement) do copy[key] = value end
  return copy
end

-- The statements to be written: those of the former document as they stand there.
local function all_arranged(former, document)
  local known, list = {}, {}
  for _, statement in ipairs(former and statements.raw(former) or {}) do
    known[json.encode(statement)] = true
  end
  for i, statement in ipairs(statements.raw(document)) do
    list[i] = known[json.encode(statement)] and statement or arranged(statement)
  end
  return list
end

-- The text to store in the place of what `keep` gave. Where no document is left there is none: a
-- step with nil in its parameters would be a step without them. Members keep the order in which
-- they stood. Plain ASCII, which every service takes (IAM and KMS refuse
-- characters beyond U+00FF; API references, PutRolePolicy and PutKeyPolicy).
function documents.text(kept, document)
  if document == nil then error("no document is left, so it has no text", 2) end
  local ordered = json.decode(documents.raw(kept) or POLICY)
  for key in pairs(json.decode(POLICY)) do ordered[key] = document[key] end
  for key, value in pairs(document) do ordered[key] = value end
  ordered.Statement = all_arranged(documents.of(kept), document)
  return (json.encode(ordered):gsub("[\xC2-\xF4][\x80-\xBF]*", escaped))
end

-- The text by which what `keep` gave is put back: less deleted principals, since AWS would refuse
-- these; nil where there is nothing to put.
function documents.former(kept)
  return kept.unparsed or kept.former and kept.former()
end

-- Why AWS would refuse to store this document, or nil.
documents.refusal = repairs.refusal

return documents
