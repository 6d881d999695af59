# Values that variables refuse; see terraform/tests/variables.

variables {
  master = "999988887777"
}

run "master_1" {
  command = plan
  variables {
    master = "acme"
  }
  expect_failures = [var.master]
}

run "master_2" {
  command = plan
  variables {
    master = ""
  }
  expect_failures = [var.master]
}

run "external_id_1" {
  command = plan
  variables {
    external_id = "x"
  }
  expect_failures = [var.external_id]
}

run "external_id_2" {
  command = plan
  variables {
    external_id = "a b"
  }
  expect_failures = [var.external_id]
}

run "permissions_boundary_1" {
  command = plan
  variables {
    permissions_boundary = "arn:aws:iam::999988887777:policy/boundary"
  }
  expect_failures = [var.permissions_boundary]
}

run "regions_1" {
  command = plan
  variables {
    regions = []
  }
  expect_failures = [var.regions]
}

run "regions_2" {
  command = plan
  variables {
    regions = ["us-east-1", "us-east-1"]
  }
  expect_failures = [var.regions]
}

run "regions_4" {
  command = plan
  variables {
    regions = ["us-gov-west-1", "us-west-2"]
  }
  expect_failures = [var.regions]
}

run "regions_3" {
  command = plan
  variables {
    regions = ["moon"]
  }
  expect_failures = [var.regions]
}

run "member_role_1" {
  command = plan
  variables {
    member_role = "none"
  }
  expect_failures = [var.member_role]
}

run "member_role_2" {
  command = plan
  variables {
    member_role = "a b"
  }
  expect_failures = [var.member_role]
}

run "tags_1" {
  command = plan
  variables {
    tags = { "aws:x" = "y" }
  }
  expect_failures = [var.tags]
}

# An account, and the session of a role: aws:PrincipalArn never has such a value.
run "operators_1" {
  command = plan
  variables {
    operators = ["arn:aws:iam::123456789012:root"]
  }
  expect_failures = [var.operators]
}

run "operators_2" {
  command = plan
  variables {
    operators = ["arn:aws:sts::123456789012:assumed-role/operator/ann"]
  }
  expect_failures = [var.operators]
}

run "repair_1" {
  command = plan
  variables {
    repair = ["sqss"]
  }
  expect_failures = [var.repair]
}

run "prefix_1" {
  command = plan
  variables {
    prefix = "second-"
  }
  expect_failures = [var.prefix]
}

run "prefix_2" {
  command = plan
  variables {
    prefix = "twenty-one-characters"
  }
  expect_failures = [var.prefix]
}

run "member_role_with_a_prefix" {
  command = plan
  variables {
    prefix      = "second"
    member_role = "a-name-of-sixty-characters-a-name-of-sixty-characters-a-name"
  }
  expect_failures = [var.member_role]
}

run "sensitive_roles_1" {
  command = plan
  variables {
    sensitive_roles = ["admin"]
  }
  expect_failures = [var.sensitive_roles]
}

run "security_hub_events_1" {
  command = plan
  variables {
    security_hub_events = ["all"]
  }
  expect_failures = [var.security_hub_events]
}
