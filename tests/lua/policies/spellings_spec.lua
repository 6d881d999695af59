-- Every way in which AWS lets a resource be named leads to one id, and to one alone.
local policies = require "support.policy"

local LINE = { account = "111122223333", region = "us-east-1" }
local HERE = "us-east-1:111122223333:"

local QUEUE = "https://sqs.us-east-1.amazonaws.com/111122223333/Orders"
local ECS = "arn:aws:ecs:" .. HERE
local ELB = "arn:aws:elasticloadbalancing:" .. HERE
local KEY = "0d990263-018e-4e65-a703-eff731de951e"

-- id, its other spellings, and what is refused: it names something else.
local TYPES = {
  ami = { "ami-0a1", { "arn:aws:ec2:us-east-1::image/ami-0a1" }, {
    "arn:aws:ec2:us-east-1::snapshot/snap-1", "arn:aws:ec2:us-east-1::image/",
  } },
  ebs_snapshot = { "snap-0a1", { "arn:aws:ec2:us-east-1::snapshot/snap-0a1" }, {
    "arn:aws:ec2:us-east-1:111122223333:volume/vol-1",
  } },
  ec2 = { "i-0a1", { "arn:aws:ec2:" .. HERE .. "instance/i-0a1" }, {
    "arn:aws:ec2:" .. HERE .. "volume/vol-1", "arn:aws:rds:" .. HERE .. "instance/i-0a1",
  } },
  security_group = { "sg-0a1", { "arn:aws:ec2:" .. HERE .. "security-group/sg-0a1" }, {
    "arn:aws:ec2:" .. HERE .. "security-group-rule/sgr-1",
  } },
  rds = { "plain", { "Plain", "PLAIN", "arn:aws:rds:" .. HERE .. "db:plain",
    "arn:aws:rds:" .. HERE .. "db:Plain" }, {
    "arn:aws:rds:" .. HERE .. "cluster:plain", "arn:aws:rds:" .. HERE .. "snapshot:plain",
  } },
  rds_snapshot = { "mysnap", { "MySnap", "arn:aws:rds:" .. HERE .. "snapshot:MySnap",
    "arn:aws:rds:" .. HERE .. "cluster-snapshot:mysnap" }, {
    "arn:aws:rds:" .. HERE .. "db:mysnap",
  } },
  redshift = { "houses", { "Houses", "arn:aws:redshift:" .. HERE .. "cluster:houses" }, {
    "arn:aws:redshift:" .. HERE .. "namespace:0d990263",
  } },
  s3_bucket = { "my.bucket", { "arn:aws:s3:::my.bucket" }, {
    "arn:aws:s3:::my.bucket/object", "my.bucket/object", "arn:aws:sns:us-east-1::my.bucket",
  } },
  sqs = { QUEUE, {
    "https://queue.amazonaws.com/111122223333/Orders",
    "https://us-east-1.queue.amazonaws.com/111122223333/Orders",
    "http://sqs.us-east-1.amazonaws.com/111122223333/Orders",
    "https://sqs.us-east-1.amazonaws.com/111122223333/Orders/",
    "https://sqs.us-east-1.amazonaws.com:443/111122223333/Orders",
    "http://queue.amazonaws.com:80/111122223333/Orders/",
    "https://SQS.us-east-1.AmazonAWS.com/111122223333/Orders",
    "https://sqs-fips.us-east-1.amazonaws.com/111122223333/Orders",
    "https://sqs.us-east-1.api.aws/111122223333/Orders",
    "https://vpce-0a1-bc.sqs.us-east-1.vpce.amazonaws.com/111122223333/Orders",
    "arn:aws:sqs:us-east-1:111122223333:Orders", "Orders",
  }, {
    "https://sqs.eu-west-1.amazonaws.com/111122223333/Orders",
    "https://eu-west-1.queue.amazonaws.com/111122223333/Orders",
    "https://queue.amazonaws.com/999988887777/Orders",
    "https://queue.amazonaws.com/Orders", "arn:aws:sns:us-east-1:111122223333:Orders",
  } },
  lambda_function = { "resize", {
    "arn:aws:lambda:" .. HERE .. "function:resize",
    "arn:aws:lambda:" .. HERE .. "function:resize:prod",
    "arn:aws:lambda:" .. HERE .. "function:resize:$LATEST",
    "111122223333:function:resize", "111122223333:function:resize:7", "function:resize",
    "resize:prod", "us-east-1:111122223333:function:resize",
  }, { "999988887777:function:resize", "arn:aws:lambda:" .. HERE .. "function:", } },
  kms_key = { KEY, { "arn:aws:kms:" .. HERE .. "key/" .. KEY }, {
    "alias/shop", "arn:aws:kms:" .. HERE .. "alias/shop", "arn:aws:kms:" .. HERE .. "grant/1",
  } },
  iam_role = { "App", { "arn:aws:iam::111122223333:role/App",
    "arn:aws:iam::111122223333:role/team/shop/App" }, {
    "arn:aws:iam::111122223333:user/App", "arn:aws:iam::111122223333:role/team/",
  } },
  iam_user = { "ann", { "arn:aws:iam::111122223333:user/ann",
    "arn:aws:iam::111122223333:user/team/ann" }, { "arn:aws:iam::111122223333:role/ann" } },
  elb = { "front", { ELB .. "loadbalancer/front" }, {
    ELB .. "loadbalancer/app/front/50dc6c495c0c9188", ELB .. "targetgroup/front/1",
  } },
  elbv2 = { ELB .. "loadbalancer/app/front/50dc6c495c0c9188", {
    "app/front/50dc6c495c0c9188", "loadbalancer/app/front/50dc6c495c0c9188",
  }, { "front", "arn:aws:ecs:" .. HERE .. "service/c/s" } },
  ecs_service = { ECS .. "service/main/web", { "service/main/web", "main/web" }, {
    "web", "arn:aws:ec2:" .. HERE .. "service/main/web",
  } },
  ecs_task = { ECS .. "task/main/0a1", { "task/main/0a1", "main/0a1" }, { "0a1" } },
  ecs_task_set = { ECS .. "task-set/main/web/ecs-svc/1", {
    "task-set/main/web/ecs-svc/1", "main/web/ecs-svc/1",
  }, { "ecs-svc" } },
}

local function canonical(type)
  return policies.load(type).definition.id.canonical
end

describe("an id", function()
  for type, case in pairs(TYPES) do
    local id, others, refused = table.unpack(case)

    it("of " .. type .. " is one, however it is spelled", function()
      local spell = canonical(type)
      assert.equal(id, spell(id, LINE))
      for _, other in ipairs(others) do assert.equal(id, spell(other, LINE), other) end
    end)

    it("of something else is none of " .. type, function()
      for _, other in ipairs(refused) do
        assert.is_false(pcall(canonical(type), other, LINE), other)
      end
    end)
  end

  it("has one spelling in every policy but that of regions, whose id is a region", function()
    for path in io.popen("ls policies/*.lua"):lines() do
      local type = path:match("([%w_]+)%.lua$")
      if type ~= "region" then assert.truthy(TYPES[type], type) end
    end
  end)

  it("of a queue follows the region's partition", function()
    local spell = canonical "sqs"
    local line = { account = "111122223333", region = "cn-north-1" }
    local url = "https://sqs.cn-north-1.amazonaws.com.cn/111122223333/q"
    for _, id in ipairs {
      url, "https://cn-north-1.queue.amazonaws.com.cn/111122223333/q", "q",
      "arn:aws-cn:sqs:cn-north-1:111122223333:q",
    } do assert.equal(url, spell(id, line), id) end
  end)

  it("of a queue at an endpoint of one's own is the URL that it was given there", function()
    local spell = canonical "sqs"
    for _, url in ipairs {
      "http://127.0.0.1:5000/123456789012/q", "https://sqs.amazonaws.com/1/q",
      "https://queue.amazonaws.com.evil.example/1/q",
      "http://sqs.us-east-1.localhost.localstack.cloud:4566/000000000000/q",
    } do assert.equal(url, spell(url, LINE)) end
  end)
end)
