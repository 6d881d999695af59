-- Policy documents as the texts that AWS keeps: read into a state, judged, written back.
local principal_order = require "lib.principal_order"
local statements = require "lib.statements"

local documents = {}

-- What `fetch` keeps of a policy's text: { document = } or { broken = why, unparsed = text }; {}
-- where there is none (nil or ""). A broken document does not stop checks that never look at it.
-- Names stand in a fixed order: the same policy is the same state, and makes the same steps. The
-- text itself stands behind a function, by which states are not compared: a service may tell the
-- same document with other blanks than those that it was given.
function documents.keep(text)
  if text == nil or text == "" then return {} end
  local document, why = json.decode(text)
  if document == nil then return { broken = why, unparsed = text } end
  local sorted = principal_order.sorted(text, document)
  if sorted ~= text then document = json.decode(sorted) end
  return { document = document, text = function() return sorted end }
end

-- The text of what `keep` gave; nil where there is none.
function documents.raw(kept)
  return kept.unparsed or kept.text and kept.text()
end

-- The decoded document of what `keep` gave, nil where there is none; raises where it is broken, so
-- that the verdict is unknown.
function documents.of(kept)
  if kept.broken then error("policy document: it is no JSON: " .. kept.broken, 0) end
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

-- The text to store in the place of what `keep` gave; nil where no document is left. Members keep
-- the order in which they stood. Plain ASCII, which every service takes (IAM and KMS refuse
-- characters beyond U+00FF; API references, PutRolePolicy and PutKeyPolicy).
function documents.text(kept, document)
  if document == nil then return nil end
  local ordered = json.decode(documents.raw(kept) or POLICY)
  for key in pairs(json.decode(POLICY)) do ordered[key] = document[key] end
  for key, value in pairs(document) do ordered[key] = value end
  ordered.Statement = all_arranged(kept.document, document)
  return (json.encode(ordered):gsub("[\xC2-\xF4][\x80-\xBF]*", escaped))
end

-- The first principal whose user or role is deleted, or nil.
local function deleted_principal(document)
  for _, statement in ipairs(statements.parse(document)) do
    for _, principal in ipairs(statement.principals.list) do
      if principal.kind == "deleted" then return statement.index, principal.text end
    end
  end
  return nil
end

-- Why AWS would refuse to store this document, or nil. (IAM user guide, "Principal": the unique id
-- that a deleted user or role leaves behind names no valid principal.)
function documents.refusal(document)
  local index, text = deleted_principal(document)
  if not index then return nil end
  local why = "statement %d of what stays names a deleted principal (%s): AWS refuses to store it"
  return why:format(index, text)
end

-- Gives the step its way back: `call` as its undo, unless AWS would refuse the former document.
function documents.reversible(step, former, call)
  local _, text = deleted_principal(former)
  if text then
    step.irreversible = "the former policy names a deleted principal (" .. text .. ")"
  else
    step.undo = call
  end
  return step
end

return documents
