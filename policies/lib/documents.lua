-- Policy documents as the texts that AWS stores: read into a state, evaluated, and written back.
local deleted_principals = require "lib.deleted_principals"
local principal_order = require "lib.principal_order"
local repairs = require "lib.repairs"
local statements = require "lib.statements"

local documents = {}

-- Is there no list of names whose order could vary, and no deleted principal? Most policies are so,
-- and their checks need the statements in any case.
local function is_plain(reading)
  local ok, parsed = pcall(statements.of, reading)
  for _, statement in ipairs(ok and parsed or {}) do
    local names = statement.principals.list
    if #names > 1 or names[1].kind == "deleted" then return false end
  end
  return ok
end

-- What `fetch` keeps of a policy's text: { document = } or { broken = why, unparsed = text }; {} if
-- there is none (nil or ""). A broken document does not affect checks that do not read it. Names
-- are in a fixed order: the same policy gives the same state and the same steps. `document` lacks
-- deleted principals, because AWS accepts no policy that names one: so the state after such a
-- policy was put back equals the former state. The text stands behind the function `ask`, because
-- functions are not compared as parts of a state: a service may return a document with other white
-- space than it was given.
function documents.keep(text)
  if text == nil or text == "" then return {} end
  local document, why = json.decode(text)
  if document == nil then return { broken = why, unparsed = text } end
  local reading = { document = document, text = text }
  if not is_plain(reading) then
    local sorted = principal_order.sorted(text, document)
    if sorted ~= text then reading = { document = json.decode(sorted), text = sorted } end
    document = deleted_principals.removed(reading.document)
  end
  return {
    document = document,
    ask = function(question, ...) return question(reading, ...) end,
  }
end

local function text_of(reading) return reading.text end
local function document_of(reading) return reading.document end

-- The text of a result of `keep`; nil if there is none.
function documents.raw(kept)
  return kept.unparsed or kept.ask and kept.ask(text_of)
end

-- The decoded document of a result of `keep`, as AWS returned it; nil if there is none. Raises if
-- it is broken, so that the result of the check is "unknown".
function documents.of(kept)
  if kept.broken then error("policy document is not valid JSON: " .. kept.broken, 0) end
  return kept.ask and kept.ask(document_of)
end

-- question(reading, ...) -> its results. A reading is { document = of a result of `keep` }, and a
-- question may add to it what other questions about the same document need too: so all checks
-- together parse it once. Raises if the document is broken.
function documents.ask(kept, question, ...)
  local ask = kept.ask
  if ask then return ask(question, ...) end
  return question({ document = documents.of(kept) }, ...)
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

-- The statement with its members in the order in which AWS returns them (S3 API reference,
-- GetBucketPolicy), so that it is the same text when it is read again.
local function arranged(statement)
  local copy = json.decode(STATEMENT)
  for key in pairs(json.decode(STATEMENT)) do copy[key] = statement[key] end
  for key, value in pairs(statement) do copy[key] = value end
  return copy
end

-- The statements to write: those that the former document has, as they were written there.
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

-- The text to store instead of a result of `keep`. If no document remains there is none: nil in the
-- parameters of a step would mean no parameter. Members keep their order. Plain ASCII, which every
-- service accepts (IAM and KMS refuse characters beyond U+00FF; API references, PutRolePolicy and
-- PutKeyPolicy).
function documents.text(kept, document)
  if document == nil then error("nothing is left of the document, so it has no text", 2) end
  local ordered = json.decode(documents.raw(kept) or POLICY)
  for key in pairs(json.decode(POLICY)) do ordered[key] = document[key] end
  for key, value in pairs(document) do ordered[key] = value end
  ordered.Statement = all_arranged(documents.of(kept), document)
  return (json.encode(ordered):gsub("[\xC2-\xF4][\x80-\xBF]*", escaped))
end

-- The text of a reading that names no deleted principal; else nil and what is left without them.
local function former_of(reading)
  local left = deleted_principals.removed(reading.document)
  if left == reading.document then return reading.text end
  return nil, left
end

-- The text that restores a result of `keep`, without deleted principals, because AWS would refuse
-- them; nil if there is nothing to restore.
function documents.former(kept)
  if not kept.ask then return kept.unparsed end
  local text, left = kept.ask(former_of)
  if left ~= nil then return documents.text(kept, left) end
  return text
end

-- Why AWS would refuse to store this document, or nil.
documents.refusal = repairs.refusal

return documents
