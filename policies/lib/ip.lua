-- Exact address ranges: IPv4 and IPv6 in every form that AWS accepts, and whether several cover all
-- addresses together. An address is two integers of 64 bits, high and low, compared unsigned; IPv4
-- only uses the low one.
local ip = {}

local LONGEST = 64

local function octets(text)
  local a, b, c, d = text:match("^(%d%d?%d?)%.(%d%d?%d?)%.(%d%d?%d?)%.(%d%d?%d?)$")
  if not a then return nil end
  local value = 0
  for _, digits in ipairs { a, b, c, d } do
    local octet = tonumber(digits, 10)
    if octet > 255 then return nil end
    value = value << 8 | octet
  end
  return value
end

-- "1:2:3" -> the list of its 16-bit groups; the empty text has none; nil when malformed.
local function groups_of(text)
  local groups = {}
  if text == "" then return groups end
  for part in (text .. ":"):gmatch("([^:]*):") do
    if not part:find("^%x%x?%x?%x?$") then return nil end
    groups[#groups + 1] = tonumber(part, 16)
  end
  return groups
end

-- Converts an IPv4 tail, as in ::ffff:10.0.0.1, to two groups.
local function without_dotted_tail(text)
  local head, tail = text:match("^(.*:)([%d.]+)$")
  if not head or not tail:find(".", 1, true) then return text end
  local value = octets(tail)
  return value and ("%s%x:%x"):format(head, value >> 16, value & 0xffff)
end

-- A `::` stands for at least one group of zeros.
local function expand(text)
  local gap = text:find("::", 1, true)
  if not gap then
    local groups = groups_of(text)
    return groups and #groups == 8 and groups or nil
  end
  local head, tail = groups_of(text:sub(1, gap - 1)), groups_of(text:sub(gap + 2))
  if not head or not tail or #head + #tail > 7 then return nil end
  for _ = #head + 1, 8 - #tail do head[#head + 1] = 0 end
  return table.move(tail, 1, #tail, #head + 1, head)
end

local function sixteen_octets(text)
  local plain = without_dotted_tail(text)
  local groups = plain and expand(plain)
  if not groups then return nil end
  local high, low = 0, 0
  for i = 1, 4 do
    high, low = high << 16 | groups[i], low << 16 | groups[i + 4]
  end
  return high, low
end

local function split_prefix(text)
  local slash = text:find("/", 1, true)
  if not slash then return text, nil, true end
  local digits = text:sub(slash + 1)
  if not digits:find("^%d%d?%d?$") then return text, nil, false end
  return text:sub(1, slash - 1), tonumber(digits, 10), true
end

-- An integer with the lowest `bits` of 64 set.
local function ones(bits)
  if bits >= 64 then return -1 end
  return bits <= 0 and 0 or (1 << bits) - 1
end

local function range4(value, prefix)
  local host = ones(32 - prefix)
  return {
    family = 4,
    prefix = prefix,
    high = 0,
    low = value & ~host,
    last_high = 0,
    last_low = value | host,
  }
end

local function range6(high, low, prefix)
  local over, under = ones(64 - prefix), ones(128 - prefix)
  return {
    family = 6,
    prefix = prefix,
    high = high & ~over,
    low = low & ~under,
    last_high = high | over,
    last_low = low | under,
  }
end

-- "10.0.0.0/8", "10.1.2.3", "2001:db8::/32", "::1" -> { family = 4 or 6, prefix =, high =, low =,
-- last_high =, last_low = } (first and last address; bits beyond the prefix do not matter), or nil
-- if it is not a range. IPv4 written as IPv6 (::ffff:0:0/96 and inside) is treated as IPv4.
function ip.parse(text)
  if type(text) ~= "string" or #text > LONGEST then return nil end
  local address, prefix, sound = split_prefix(text)
  if not sound then return nil end
  local value = octets(address)
  if value then
    prefix = prefix or 32
    return prefix <= 32 and range4(value, prefix) or nil
  end
  local high, low = sixteen_octets(address)
  prefix = prefix or 128
  if not high or prefix > 128 then return nil end
  if high == 0 and low >> 32 == 0xffff and prefix >= 96 then
    return range4(low & 0xffffffff, prefix - 96)
  end
  return range6(high, low, prefix)
end

-- Does `outer` contain all of `inner`?
function ip.holds(outer, inner)
  return outer.family == inner.family and outer.prefix <= inner.prefix
    and (inner.high & ~ones(64 - (outer.family == 4 and 64 or outer.prefix))) == outer.high
    and (inner.low & ~ones((outer.family == 4 and 32 or 128) - outer.prefix)) == outer.low
end

local PRIVATE = {}
for i, text in ipairs {
  "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", -- RFC 1918
  "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", -- RFC 6598, 1122, 3927
  "fc00::/7", "fe80::/10", "::1/128", -- RFC 4193, 4291
} do
  PRIVATE[i] = ip.parse(text)
end

-- Is the whole range (as parsed) private?
function ip.is_private(range)
  for _, known in ipairs(PRIVATE) do
    if ip.holds(known, range) then return true end
  end
  return false
end

local function before(ah, al, bh, bl)
  return math.ult(ah, bh) or ah == bh and math.ult(al, bl)
end

local function earlier(one, other)
  return before(one.high, one.low, other.high, other.low)
end

-- Do the ranges of one family cover, without a gap, its first address to its last?
local function reaches_everything(ranges, last_high, last_low)
  table.sort(ranges, earlier)
  local high, low = 0, 0 -- the first address not yet covered
  for _, range in ipairs(ranges) do
    if before(high, low, range.high, range.low) then return false end
    if not before(range.last_high, range.last_low, high, low) then
      if range.last_high == last_high and range.last_low == last_low then return true end
      low = range.last_low + 1
      high = low == 0 and range.last_high + 1 or range.last_high
    end
  end
  return false
end

-- A list of texts -> 4 or 6 if together they cover 0.0.0.0/0 or ::/0, else false. Texts that are
-- not ranges are ignored.
function ip.covers_everything(cidrs)
  local four, six = {}, {}
  for _, text in ipairs(cidrs) do
    local range = ip.parse(text)
    local list = range and (range.family == 4 and four or six)
    if list then list[#list + 1] = range end
  end
  if reaches_everything(four, 0, 0xffffffff) then return 4 end
  return reaches_everything(six, -1, -1) and 6
end

return ip
