-- AWS's own accounts, which AWS features need to write logs, to read what they scan, or to send
-- news. They count as trusted, although no customer lists them as own accounts. An id belongs to
-- the same account in its own partition only. Pure.
local arn = require "lib.arn"

local aws_accounts = {}

-- { use, page, partition -> ids }. The pages are AWS's. If a page now names a service instead, AWS
-- still honours older policies; the ids are in the older version of the page.
local OWNERS = {
  { use = "access logs of load balancers",
    -- Elastic Load Balancing user guides, "Enable access logs", "Regions available before August
    -- 2022"; GovCloud user guide, "Elastic Load Balancing"
    ["aws"] = [[
      127311923021 033677994240 027434742980 797873946194 098369216593 754344448648 718504428378
      589379963580 383597477331 600734575887 114774131450 783225319266 582318560864 985666609251
      054676820928 156460612806 652711504416 635631232127 009996457667 897822967062 076674570225
      507241528517
    ]],
    ["aws-cn"] = "638102146993 037604701340",
    ["aws-us-gov"] = "048591011584 190560391635" },
  { use = "audit logs of Redshift",
    -- Redshift management guide, "Database audit logging", "Bucket permissions" (before service
    -- principals); GovCloud user guide, "Amazon Redshift"
    ["aws"] = [[
      193672423079 391106570357 262260360010 902366379725 365689465814 313564881002 865932855811
      090321488786 760740231472 361669875840 762762565011 404641285394 907379612154 053454850223
      210876761215 307160386991 945612479654 915173422425 729911121831 013126148197 075028567923
    ]],
    ["aws-cn"] = "111890595117 660998842044",
    ["aws-us-gov"] = "665727464434" },
  { use = "logs of CloudTrail",
    -- CloudTrail user guide, "CloudTrail supported Regions"; GovCloud user guide, "AWS CloudTrail"
    ["aws"] = [[
      086441151436 475085895292 388731089494 113285607260 525921808201 119688915426 582488909970
      069019280451 187074758985 977081816279 765225791966 492519147666 903692715234 284668455005
      216624486486 819402241893 035351147821 859597730677 282025262664 669305197877 262312530599
      757211635381 829690693026 453052556044 683224464357 034638983726 585772288577 814480443879
    ]],
    ["aws-cn"] = "193415116832 681348832753",
    ["aws-us-gov"] = "608710470296 886388586500" },
  { use = "billing and cost and usage reports",
    -- Billing user guide, "Getting started", "Receive a billing report" (before
    -- billingreports.amazonaws.com)
    ["aws"] = "386209384616" },
  { use = "images that are offered in AWS Marketplace",
    -- AWS Marketplace seller guide, "AMI-based products"; the owner aws-marketplace of its images
    ["aws"] = "679593333241",
    ["aws-us-gov"] = "345084742485" },
  { use = "reports of AWS Marketplace to sellers",
    -- AWS Marketplace seller guide, "Onboarding to the Commerce Analytics Service"
    ["aws"] = "452565589796" },
  { use = "notices of AWS Marketplace to sellers",
    -- AWS Marketplace seller guide, "SaaS notifications"
    ["aws"] = "287250355862" },
  { use = "malware scans by GuardDuty, which snapshots are shared with",
    -- GuardDuty user guide, "GuardDuty service accounts by AWS Region"
    ["aws"] = [[
      652050842985 178123968615 669213148797 447226417196 913179291432 089661699081 039163547507
      874749492622 247460962669 124839743349 175877067165 894794104037 002294850712 283769539786
      310125036783 866607715269 693780578038 546914126324 682251015962 353488359550 009160069308
      941377115582 936182149045 867642063380 619233833001 977238331021 249472122084 404001805210
      957664736811 452118225523 828603743433 557690616787 863518437308
    ]],
    ["aws-cn"] = "448721096076 480864352451",
    ["aws-us-gov"] = "226283551151 226300430612" },
  { use = "announcements of GuardDuty",
    -- GuardDuty user guide, "Subscribing to GuardDuty announcements SNS topic"
    ["aws"] = [[
      242987662583 118283430703 144182107116 934957504740 107430051933 973841112453 965013871422
      506403581195 436163563069 378365507264 383009515534 646602203151 741172661024 464168911255
      476419727788 457615622431 926826061926 955633302743 430639793359 002991280229 003033775354
      552740612889 030935290150 188461706213 445632894446 143972945659 129086577509 225965583551
      595653072700 529900636122
    ]] },
  { use = "news of address ranges", -- VPC user guide, "AWS IP address ranges", "Notifications"
    ["aws"] = "806199016981" },
  { use = "news of prices", -- Billing user guide, "Setting up notifications" of the price list
    ["aws"] = "278350005181" },
  { use = "news of images",
    -- Amazon Linux 2 and 2023 user guides, "Receive notifications"; Windows AMI reference,
    -- "Subscribe to AWS Windows AMI notifications"; ECS developer guide, "Subscribing to Amazon
    -- ECS-optimized AMI update notifications"
    ["aws"] = "137112412989 801119661308 177427601217" },
}

-- Canonical ids of AWS's own users: CloudFront developer guide, "Standard logging (legacy)", and in
-- China's "Access logs"; ElastiCache user guide, "Exporting a backup".
local CANONICAL = {
  ["c4c1ede66af53448b93c283ce9448c4ba468c9432aa01d700d3878632f77d2d0"] = true,
  ["a52cb28745c0c06e84ec548334e44bfa7fc2a85c54af20cd59e4969344b7af56"] = true,
  ["540804c33a284a299d2547575ce1010f2312ef3da9b3a053c8bc45bf233e4353"] = true,
  ["40fa568277ad703bd160f66ae4f83fc9dfdfd06c2f1b5060ca22442ac3ef8be6"] = true,
  ["b14d6a125bdf69854ed8ef2e71d8a20b7c490f252229b806e514966e490b8d83"] = true,
}

local IDS = {}
for _, owner in ipairs(OWNERS) do
  for partition, ids in pairs(owner) do
    if partition ~= "use" then
      IDS[partition] = IDS[partition] or {}
      for id in ids:gmatch("%d+") do IDS[partition][id] = owner.use end
    end
  end
end

-- AWS's use of an account, as a few words: text is the account's id, an ARN with it, or the id of a
-- canonical user; nil for all others. The partition is the ARN's, else the one given, else "aws".
function aws_accounts.use(text, partition)
  if CANONICAL[text] then return "logs and backups" end
  local name = not arn.is_account(text) and arn.parse(text)
  if name then text, partition = name.account, name.partition end
  return (IDS[partition or "aws"] or {})[text]
end

-- Does the account or user belong to AWS itself?
function aws_accounts.is_aws(text, partition)
  return aws_accounts.use(text, partition) ~= nil
end

return aws_accounts
