-- One user's line of the account's credential report.
local credential_report = require "lib.credential_report"

local HEAD = "user,arn,user_creation_time,password_enabled,password_last_used,"
  .. "password_last_changed,password_next_rotation,mfa_active\n"

local function user(name)
  return { UserName = name, Arn = "arn:aws:iam::111122223333:user/" .. name }
end

local function line(name, changed)
  local form = "%s,arn:aws:iam::111122223333:user/%s,2014-09-01T22:28:48+00:00,true,"
    .. "no_information,%s,N/A,false\n"
  return form:format(name, name, changed)
end

local function changed(report, name)
  return credential_report.password_changed(report, user(name))
end

describe("the credential report", function()
  it("says when a password was changed", function()
    local report = HEAD .. line("<root_account>", "not_supported")
      .. line("anna", "2014-09-03T18:59:00+00:00") .. line("bob", "2014-09-04T18:59:00+00:00")
    assert.equal(1409770740, changed(report, "anna"))
    assert.equal(1409770740 + 86400, changed(report, "bob"))
    assert.equal(1409770740 + 86400, changed(report:sub(1, -2), "bob"))
  end)

  it("knows of users without a password", function()
    assert.is_nil(changed(HEAD .. line("anna", "N/A"), "anna"))
    assert.is_nil(changed(HEAD .. line("anna", "not_supported"), "anna"))
  end)

  it("finds names that contain commas or look like patterns", function()
    local odd = "a,b.c+d@e"
    assert.equal(1409770740, changed(HEAD .. line(odd, "2014-09-03T18:59:00+00:00"), odd))
    local quoted = '"a,b","arn:aws:iam::111122223333:user/a,b",x,true,x,2014-09-03T18:59:00Z,x\n'
    assert.equal(1409770740, changed(HEAD .. quoted, "a,b"))
  end)

  it("does not confuse users", function()
    local report = HEAD .. line("joanna", "2014-09-03T18:59:00+00:00")
    assert.has_error(function() changed(report, "anna") end,
      "the credential report does not contain the user")
  end)

  it("refuses an unknown format", function()
    for text, why in pairs {
      [""] = "the credential report has other columns",
      [line("anna", "2014-09-03T18:59:00Z")] = "the credential report has other columns",
      [HEAD .. line("anna", "yesterday")] = "the credential report has no date of the password",
      [HEAD .. "anna," .. user("anna").Arn .. ",x"] =
        "the credential report has no date of the password",
    } do
      assert.has_error(function() changed(text, "anna") end, why)
    end
  end)
end)
