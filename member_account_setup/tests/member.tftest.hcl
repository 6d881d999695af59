# The setup of a member account.

mock_provider "aws" {
  source = "./tests/mocks"
}

mock_provider "aws" {
  alias  = "us-east-1"
  source = "./tests/mocks"
}

mock_provider "aws" {
  alias  = "us-east-2"
  source = "./tests/mocks"
}

mock_provider "aws" {
  alias  = "us-west-1"
  source = "./tests/mocks"
}

mock_provider "aws" {
  alias  = "us-west-2"
  source = "./tests/mocks"
}

variables {
  master = "999988887777"
}

run "reads_only" {
  assert {
    condition     = length(module.account.write_policy) == 0
    error_message = "The role can write."
  }
  assert {
    condition     = jsondecode(module.account.read_policy) == jsondecode(file("permissions_read.json"))
    error_message = "The role may read something else."
  }
  assert {
    condition = module.account.trust[0].Principal.AWS == [
      "arn:aws:iam::999988887777:role/poller", "arn:aws:iam::999988887777:role/remediator"
    ] && !can(module.account.trust[0].Condition) && length(module.account.trust) == 2
    error_message = "The trust policy names other roles."
  }
  assert {
    condition = module.account.trust[1].Effect == "Deny" && module.account.trust[1].Condition == {
      ArnNotEquals = { "aws:PrincipalArn" = ["arn:aws:iam::999988887777:role/remediator"] }
      StringLike   = { "sts:RoleSessionName" = "engine-change-*" }
    }
    error_message = "Other sessions may use the names of changing sessions."
  }
  assert {
    condition = alltrue([
      for region, events in {
        us-east-1 = module.events_us-east-1
        us-east-2 = module.events_us-east-2
        us-west-1 = module.events_us-west-1
        us-west-2 = module.events_us-west-2
        } : length(events.targets) == length(local.events.patterns) && alltrue([
          for target in events.targets : target == "arn:aws:events:${region}:999988887777:event-bus/remediator"
      ])
    ])
    error_message = "A region's events are not sent to the master account's bus there."
  }

  # No permissions boundary is asked for.
  assert {
    condition     = length(compact(module.account.boundaries)) == 0
    error_message = "A role has a permissions boundary."
  }

  # Security Hub is not used.
  assert {
    condition     = length(module.account.security_hub_policy) == 0 && length([for rule in keys(module.events_us-west-2.targets) : rule if strcontains(rule, "securityhub")]) == 0
    error_message = "Security Hub is used without being asked for."
  }
}

# A queue here keeps events that the master account's bus does not accept; the alarm is published there.
run "events_are_not_lost" {
  variables {
    master = "999988887777"
  }
  assert {
    condition = alltrue([
      for events in [module.events_us-east-1, module.events_us-east-2, module.events_us-west-1, module.events_us-west-2] :
      keys(events.dead_letters) == keys(events.targets) && alltrue([for arn in values(events.dead_letters) : arn == events.dead_letter.arn])
    ])
    error_message = "A rule has no dead-letter queue."
  }
  assert {
    condition     = length(module.events_us-west-2.dead_letter.senders) == length(local.events.patterns) && module.events_us-west-2.dead_letter.name == "event_forward-dead-letter"
    error_message = "Some rule may not send to the queue."
  }
  assert {
    condition = module.events_us-west-2.dead_letter.alarm == {
      name       = "event_forward-dead-letters"
      metric     = "AWS/SQS/ApproximateNumberOfMessagesVisible"
      dimensions = tomap({ QueueName = "event_forward-dead-letter" })
      missing    = "notBreaching"
      actions    = toset(["arn:aws:sns:us-west-2:999988887777:remediator_event_translator_alarms"])
    }
    error_message = "The alarm has no topic."
  }
}

run "a_prefix" {
  variables {
    prefix = "second"
  }
  assert {
    condition     = module.account.trust[0].Principal.AWS == ["arn:aws:iam::999988887777:role/second-poller", "arn:aws:iam::999988887777:role/second-remediator"]
    error_message = "Roles of another deployment are trusted."
  }
  assert {
    condition     = module.account.names == ["second-member_remediator", "second-event_forward"]
    error_message = "The roles have other names."
  }
  assert {
    condition = alltrue([
      for rule, target in module.events_us-west-2.targets :
      startswith(rule, "second-remediator-") && target == "arn:aws:events:us-west-2:999988887777:event-bus/second-remediator"
    ])
    error_message = "Events go to another deployment's bus, or the rules have its names."
  }
  assert {
    condition     = module.events_us-west-2.dead_letter.name == "second-event_forward-dead-letter" && module.events_us-west-2.dead_letter.alarm.name == "second-event_forward-dead-letters"
    error_message = "Events are kept in another deployment's queue."
  }
  assert {
    condition     = module.events_us-west-2.dead_letter.alarm.actions == toset(["arn:aws:sns:us-west-2:999988887777:second-remediator_event_translator_alarms"])
    error_message = "The alarm is published to another deployment's topic."
  }
  assert {
    condition     = local.tags["remediator:deployment"] == "999988887777/second-member"
    error_message = "Resources have the tag of another deployment."
  }
}

run "writes_if_enabled" {
  variables {
    remediate   = true
    external_id = "acme-2026"
  }
  # The default: repairs that at most interrupt. Others would stop tasks, or delete keys of users.
  assert {
    condition = [for statement in jsondecode(module.account.write_policy[0]).Statement : statement if statement.Effect == "Allow"] == flatten([
      for type in sort(distinct([
        for check in jsondecode(file("checks.json")) : check.type if check.fix && contains(["none", "interrupts"], check.impact)
      ])) : jsondecode(file("permissions_write/${type}.json")).Statement
    ])
    error_message = "The role may write other types."
  }
  assert {
    condition = length(setintersection(
      flatten([for statement in jsondecode(module.account.write_policy[0]).Statement : statement.Action if statement.Effect == "Allow"]),
      ["ecs:StopTask", "iam:DeleteAccessKey"],
    )) == 0 && strcontains(module.account.write_policy[0], "iam:UpdateAssumeRolePolicy")
    error_message = "The role may write types whose repairs stop or delete, or may not write a type of the default."
  }
  assert {
    condition     = module.account.trust[0].Condition == { StringEquals = { "sts:ExternalId" = "acme-2026" } }
    error_message = "The role does not require the external id."
  }
}

run "operators" {
  variables {
    operators            = ["arn:aws:iam::999988887777:role/operator", "arn:aws:iam::123456789012:user/ann"]
    external_id          = "acme-2026"
    permissions_boundary = "security/boundary"
  }
  assert {
    condition     = module.account.boundaries == [for role in ["member", "event_forward"] : "arn:aws:iam::123456789012:policy/security/boundary"]
    error_message = "A role does not have the permissions boundary of this account."
  }
  assert {
    condition = length(module.account.trust) == 3 && module.account.trust[1] == {
      Sid       = "Operators"
      Effect    = "Allow"
      Principal = { AWS = ["arn:aws:iam::999988887777:role/operator", "arn:aws:iam::123456789012:user/ann"] }
      Action    = "sts:AssumeRole"
      Condition = { StringEquals = { "sts:ExternalId" = "acme-2026" } }
    }
    error_message = "The operators are not trusted, or need no external id."
  }
  assert {
    condition = module.account.trust[2].Condition.ArnNotEquals["aws:PrincipalArn"] == [
      "arn:aws:iam::999988887777:role/remediator", "arn:aws:iam::999988887777:role/operator",
      "arn:aws:iam::123456789012:user/ann"
    ]
    error_message = "The operators may not use the names of changing sessions, which undo needs."
  }
}

run "repairs_some_types" {
  variables {
    remediate = true
    repair    = ["sqs", "ec2.tags", "ec2.imdsv1"]
  }
  assert {
    condition = [for statement in jsondecode(module.account.write_policy[0]).Statement : statement if statement.Effect == "Allow"] == concat(
      jsondecode(file("permissions_write/ec2.json")).Statement, jsondecode(file("permissions_write/sqs.json")).Statement
    )
    error_message = "The role may write other types."
  }
}

# Aliases of types.
run "repairs_by_alias" {
  variables {
    remediate = true
    repair    = ["s3_bucket.tls", "iam_role"]
  }
  assert {
    condition = [for statement in jsondecode(module.account.write_policy[0]).Statement : statement if statement.Effect == "Allow"] == concat(
      jsondecode(file("permissions_write/iam_role.json")).Statement, jsondecode(file("permissions_write/s3_bucket.json")).Statement
    )
    error_message = "The role may write other types."
  }
}

# A change of these roles' trust policies could raise the rights of the functions.
run "never_its_own_rights" {
  variables {
    remediate       = true
    repair          = ["iam_role", "ecs_service", "sqs"]
    operators       = ["arn:aws:iam::999988887777:role/operator"]
    sensitive_roles = ["arn:aws:iam::*:role/admin-*"]
  }
  assert {
    condition = [for statement in jsondecode(module.account.write_policy[0]).Statement : statement if statement.Effect == "Deny"] == [{
      Sid    = "NeverTheirOwnRights"
      Effect = "Deny"
      Action = ["iam:DeleteAccessKey", "iam:DeleteLoginProfile", "iam:PassRole", "iam:UpdateAssumeRolePolicy"]
      Resource = concat(
        [for name in ["member_remediator", "event_forward"] : "arn:aws:iam::123456789012:role/${name}"],
        [for name in [
          "OrganizationAccountAccessRole", "*AWSControlTower*", "AWSCloudFormationStackSet*", "stacksets-exec-*",
          "aws-reserved/*", "aws-service-role/*"
        ] : "arn:aws:iam::*:role/${name}"],
        ["arn:aws:iam::999988887777:role/operator", "arn:aws:iam::*:role/admin-*"],
      )
    }]
    error_message = "The role may write, or pass, roles that would raise its rights."
  }
}

run "a_check_that_is_none" {
  command = plan
  variables {
    repair = ["sqs.nothing"]
  }
  expect_failures = [var.repair]
}

run "repairs_all" {
  variables {
    remediate = true
    repair    = ["sqs", "all"]
  }
  assert {
    condition = [for statement in jsondecode(module.account.write_policy[0]).Statement : statement if statement.Effect == "Allow"] == flatten([
      for name in sort(fileset("permissions_write", "*.json")) : jsondecode(file("permissions_write/${name}")).Statement
    ])
    error_message = "The role may not write every type, although repair is all."
  }
}

run "repairs_nothing" {
  variables {
    remediate = true
    repair    = []
  }
  assert {
    condition     = length(module.account.write_policy) == 0
    error_message = "The role can write."
  }
}

# A region that regions.tf.json does not have.
run "another_region" {
  command = plan
  variables {
    regions = ["us-east-1", "eu-west-1"]
  }
  expect_failures = [check.regions, output.regions]
}

run "security_hub" {
  variables {
    security_hub        = true
    security_hub_events = ["action"]
  }
  assert {
    condition     = [for policy in module.account.security_hub_policy : jsondecode(policy).Statement[*].Action] == [["securityhub:BatchImportFindings"]]
    error_message = "The role may not import findings, or may do more: ${jsonencode(module.account.security_hub_policy)}"
  }
  assert {
    condition     = [for rule in keys(module.events_us-west-2.targets) : rule if strcontains(rule, "securityhub")] == ["remediator-securityhub-1"]
    error_message = "Other events of Security Hub are sent: ${jsonencode(keys(module.events_us-west-2.targets))}"
  }
  assert {
    condition     = [for pattern in local.events.patterns : pattern.detail.actionName if pattern.source == ["aws.securityhub"]] == [["Repair with engine"]]
    error_message = "The rule selects other events."
  }
}
