-- Timestamps: epoch seconds, and the texts that AWS uses for them.
local dates = {}

dates.DAY = 24 * 60 * 60

-- Days from 1970-01-01 to a date in the Gregorian calendar; counts in years that begin in March.
local function days_of(year, month, day)
  if month <= 2 then year, month = year - 1, month + 12 end
  local leap_days = year // 4 - year // 100 + year // 400
  return 365 * year + leap_days + (153 * (month - 3) + 2) // 5 + day - 719469
end

local function offset_of(zone)
  if zone == "Z" then return 0 end
  local sign, hours, minutes = zone:match("^([+-])(%d%d):?(%d%d)$")
  if not sign then return nil end
  local seconds = tonumber(hours) * 3600 + tonumber(minutes) * 60
  return sign == "-" and -seconds or seconds
end

-- "2026-11-23T08:30:00+00:00", with any zone and fraction -> epoch seconds; nil for any other text.
function dates.parse(text)
  if #text > 40 then return nil end
  local date, clock, zone = text:match("^(%d+%-%d+%-%d+)T(%d+:%d+:%d+)%.?%d*(.+)$")
  local offset = zone and offset_of(zone)
  if not offset then return nil end
  local year, month, day = date:match("^(%d%d%d%d)%-(%d%d)%-(%d%d)$")
  local hour, minute, second = clock:match("^(%d%d):(%d%d):(%d%d)$")
  if not year or not hour then return nil end
  local days = days_of(tonumber(year), tonumber(month), tonumber(day))
  return days * dates.DAY + tonumber(hour) * 3600 + tonumber(minute) * 60 + tonumber(second)
    - offset
end

-- Epoch seconds -> "2026-11-23T08:30:00Z".
function dates.text(time)
  local seconds = math.floor(time)
  local days, rest = seconds // dates.DAY, seconds % dates.DAY
  local shifted = days + 719468 -- from 0000-03-01
  local era, of_era = shifted // 146097, shifted % 146097
  local year = (of_era - of_era // 1460 + of_era // 36524 - of_era // 146096) // 365
  local of_year = of_era - (365 * year + year // 4 - year // 100)
  local month = (5 * of_year + 2) // 153
  local day = of_year - (153 * month + 2) // 5 + 1
  month = month < 10 and month + 3 or month - 9
  year = year + era * 400 + (month <= 2 and 1 or 0)
  return ("%04d-%02d-%02dT%02d:%02d:%02dZ"):format(year, month, day, rest // 3600,
    rest // 60 % 60, rest % 60)
end

-- Is it more than this many days ago? True for nil (never).
function dates.is_past(time, days, now)
  return time == nil or now - time > days * dates.DAY
end

return dates
