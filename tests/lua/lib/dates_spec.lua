-- Points in time, parsed from texts and written as texts.
local dates = require "lib.dates"

describe("dates", function()
  it("are read in every form that AWS writes", function()
    assert.equal(1409770740, dates.parse("2014-09-03T18:59:00+00:00"))
    assert.equal(1409770740, dates.parse("2014-09-03T18:59:00Z"))
    assert.equal(1409770740, dates.parse("2014-09-03T18:59:00.123Z"))
    assert.equal(1409770740, dates.parse("2014-09-03T20:59:00+0200"))
    assert.equal(1409770740, dates.parse("2014-09-03T15:29:00-03:30"))
    assert.equal(0, dates.parse("1970-01-01T00:00:00Z"))
  end)

  it("are refused in any other form", function()
    for _, text in ipairs {
      "", "N/A", "no_information", "2014-09-03", "2014-09-03T18:59:00", "2014-09-03T18:59Z",
      "2014-9-3T18:59:00Z", "2014-09-03T18:59:00 UTC", "14-09-03T18:59:00Z", "T::Z",
      "2014-09-03T8:59:00Z", ("2"):rep(1000) .. "-09-03T18:59:00Z",
    } do
      assert.is_nil(dates.parse(text), text)
    end
  end)

  it("are written as they are read, on every day of four centuries", function()
    for time = -86400 * 400, 86400 * 366 * 430, 86400 * 13 + 3607 do
      local text = dates.text(time)
      assert.equal(os.date("!%Y-%m-%dT%H:%M:%SZ", time), text)
      assert.equal(time, dates.parse(text))
    end
    assert.equal("2000-02-29T23:59:59Z", dates.text(951868799.9))
  end)

  it("are past if they are more than the given number of days ago", function()
    assert.is_true(dates.is_past(nil, 90, 1000000000))
    assert.is_false(dates.is_past(1000000000 - 90 * 86400, 90, 1000000000))
    assert.is_true(dates.is_past(1000000000 - 90 * 86400 - 1, 90, 1000000000))
    assert.is_false(dates.is_past(1000000001, 0, 1000000000))
  end)
end)
