local arn = require "lib.arn"

describe("arn", function()
  it("parses an ARN", function()
    assert.same({
      partition = "aws", service = "lambda", region = "eu-west-1", account = "111122223333",
      resource = "function:f:1",
    }, arn.parse "arn:aws:lambda:eu-west-1:111122223333:function:f:1")
    assert.same({ partition = "aws", service = "s3", region = "", account = "", resource = "b/k" },
      arn.parse "arn:aws:s3:::b/k")
  end)

  it("refuses what is not an ARN", function()
    for _, text in ipairs {
      "", "arn", "arn:aws:s3", "arn:aws:s3::", "ARN:a:b:c:d:e", "*:a:b:c:d:e",
    } do
      assert.is_nil(arn.parse(text), text)
    end
    assert.is_nil(arn.parse("arn:aws:s3:::" .. ("x"):rep(3000)))
  end)

  it("recognizes ids of accounts and organizations", function()
    assert.is_true(arn.is_account "000000000001")
    for _, text in ipairs { "", "11112222333", "1111222233334", "11112222333x" } do
      assert.is_false(arn.is_account(text), text)
    end
    assert.is_true(arn.is_organization "o-a1b2c3d4e5")
    for _, text in ipairs {
      "", "o-", "o-A1B2C3D4E5", "x-a1b2c3d4e5", "o-a1b2/r-1", "o-" .. ("a"):rep(33),
    } do
      assert.is_false(arn.is_organization(text), text)
    end
  end)

  it("knows the partition of a region", function()
    for region, partition in pairs {
      ["us-east-1"] = "aws", ["cn-north-1"] = "aws-cn", ["us-gov-west-1"] = "aws-us-gov",
      ["us-iso-east-1"] = "aws-iso", ["us-isob-east-1"] = "aws-iso-b",
      ["eu-isoe-west-1"] = "aws-iso-e", ["us-isof-south-1"] = "aws-iso-f",
      ["eusc-de-east-1"] = "aws-eusc", ["eu-central-1"] = "aws",
    } do
      assert.equal(partition, arn.partition(region))
    end
  end)
end)
