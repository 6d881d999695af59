-- Describes offending statements in words: short, on one line, whatever text the document contains.
local describe = {}

local MOST_NAMES, MOST_TEXT, MOST_STATEMENTS = 2, 72, 3

-- Printable, and cut at a character boundary.
local function tidy(text)
  text = text:gsub("%c", " ")
  if #text <= MOST_TEXT then return text end
  local cut = MOST_TEXT
  while cut > 0 and (text:byte(cut + 1) & 0xC0) == 0x80 do cut = cut - 1 end
  return text:sub(1, cut) .. "..."
end

local function some(list)
  local shown = {}
  for i = 1, math.min(#list, MOST_NAMES) do shown[i] = tidy(list[i]) end
  local text = table.concat(shown, ", ")
  return #list > MOST_NAMES and ("%s and %d more"):format(text, #list - MOST_NAMES) or text
end

local function whom(open, accounts)
  if #accounts == 0 then return "anyone" end
  return (open and "anyone, " or "") .. some(accounts)
end

-- Why a parsed statement offends.
function describe.why(statement, open, names, accounts, limit)
  local who = statement.principals.negated and "NotPrincipal" or "principal " .. some(names)
  local ends = "no condition limits it to what is trusted"
  if not open and limit.named then
    ends = "the conditions admit what is not trusted"
  elseif #statement.conditions == 0 then
    ends = "there is no condition"
  end
  return ("%s lets in %s; %s"):format(who, whom(open, accounts), ends)
end

local function one(offender)
  local raw = offender.statement
  local actions = (raw.NotAction ~= nil and "everything except " or "") .. some(offender.actions)
  local name = offender.sid and (" (%s)"):format(tidy(offender.sid)) or ""
  local who = whom(offender.anyone, offender.accounts or {})
  local text = ("statement %d%s lets %s use %s"):format(offender.index, name, who, actions)
  if not offender.unknown then return text end
  return ("%s [%s, so it does not limit]"):format(text, offender.unknown)
end

-- A list of offenders -> one line; "" for none.
function describe.line(offenders)
  local parts = {}
  for i = 1, math.min(#offenders, MOST_STATEMENTS) do parts[i] = one(offenders[i]) end
  local text = table.concat(parts, "; ")
  if #offenders <= MOST_STATEMENTS then return text end
  return ("%s; and %d more statements"):format(text, #offenders - MOST_STATEMENTS)
end

return describe
