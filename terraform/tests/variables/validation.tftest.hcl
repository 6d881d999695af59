# Values that variables refuse. tests/e2e/test_terraform.py copies this file beside variables.tf alone,
# because runs with all resources would take minutes.

variables {
  lambda_bucket = "acme"
}

run "master_region_1" {
  command = plan
  variables {
    master_region = "moon"
  }
  expect_failures = [var.master_region]
}

run "master_region_2" {
  command = plan
  variables {
    master_region = "cn-north-1"
  }
  expect_failures = [var.master_region]
}

run "log_format" {
  command = plan
  variables {
    log_format = "xml"
  }
  expect_failures = [var.log_format]
}

run "unknown_alarm_percent" {
  command = plan
  variables {
    unknown_alarm_percent = 0
  }
  expect_failures = [var.unknown_alarm_percent]
}

run "bucket_owner" {
  command = plan
  variables {
    bucket_owner = "1111"
  }
  expect_failures = [var.bucket_owner]
}

run "held_alarm_count" {
  command = plan
  variables {
    held_alarm_count = 0
  }
  expect_failures = [var.held_alarm_count]
}

run "master_region_3" {
  command = plan
  variables {
    master_region = "us-gov-west-1"
  }
  expect_failures = [var.master_region]
}

run "master_region_of_another_partition" {
  command = plan
  variables {
    regions = ["cn-north-1"]
  }
  expect_failures = [var.master_region]
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
    regions       = ["us-gov-west-1", "us-west-2"]
    master_region = "us-gov-west-1"
  }
  expect_failures = [var.regions]
}

run "regions_3" {
  command = plan
  variables {
    regions = ["us-east"]
  }
  expect_failures = [var.regions]
}

run "accounts_1" {
  command = plan
  variables {
    accounts = ["12345"]
  }
  expect_failures = [var.accounts]
}

run "accounts_2" {
  command = plan
  variables {
    accounts = ["111122223333", "111122223333"]
  }
  expect_failures = [var.accounts]
}

run "organization_id_1" {
  command = plan
  variables {
    organization_id = "111122223333"
  }
  expect_failures = [var.organization_id]
}

run "tags_1" {
  command = plan
  variables {
    tags = { "aws:name" = "x" }
  }
  expect_failures = [var.tags]
}

run "lambda_bucket_1" {
  command = plan
  variables {
    lambda_bucket = "Acme"
  }
  expect_failures = [var.lambda_bucket]
}

run "architecture_1" {
  command = plan
  variables {
    architecture = "arm"
  }
  expect_failures = [var.architecture]
}

run "package_key_1" {
  command = plan
  variables {
    package_key = "a b"
  }
  expect_failures = [var.package_key]
}

run "policies_key_1" {
  command = plan
  variables {
    policies_key = ""
  }
  expect_failures = [var.policies_key]
}

run "exceptions_1" {
  command = plan
  variables {
    exceptions = "rules.txt"
  }
  expect_failures = [var.exceptions]
}

run "exceptions_2" {
  command = plan
  variables {
    exceptions = "s3://rules/*.json"
  }
  expect_failures = [var.exceptions]
}

run "exceptions_3" {
  command = plan
  variables {
    exceptions = "ssm:/rules/*"
  }
  expect_failures = [var.exceptions]
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
    member_role = "a/b"
  }
  expect_failures = [var.member_role]
}

run "permissions_boundary_1" {
  command = plan
  variables {
    permissions_boundary = "/security/boundary"
  }
  expect_failures = [var.permissions_boundary]
}

run "external_id_1" {
  command = plan
  variables {
    external_id = "x"
  }
  expect_failures = [var.external_id]
}

run "org_account_1" {
  command = plan
  variables {
    org_account = "o-1"
  }
  expect_failures = [var.org_account]
}

run "accounts_3" {
  command = plan
  variables {
    accounts = ["org"]
  }
  expect_failures = [var.accounts]
}

run "accounts_4" {
  command = plan
  variables {
    accounts    = ["org:ou-1"]
    org_account = "111122223333"
  }
  expect_failures = [var.accounts]
}

run "accounts_5" {
  command = plan
  variables {
    accounts = ["!111122223333"]
  }
  expect_failures = [var.accounts]
}

run "known_accounts_1" {
  command = plan
  variables {
    known_accounts = ["*"]
  }
  expect_failures = [var.known_accounts]
}

run "known_accounts_2" {
  command = plan
  variables {
    known_accounts = ["111122223333", "ou-ab12"]
  }
  expect_failures = [var.known_accounts]
}

run "dev_accounts_1" {
  command = plan
  variables {
    dev_accounts = [""]
  }
  expect_failures = [var.dev_accounts]
}

run "log_account_1" {
  command = plan
  variables {
    log_account = "1"
  }
  expect_failures = [var.log_account]
}

run "guardduty_master_account_1" {
  command = plan
  variables {
    guardduty_master_account = "1"
  }
  expect_failures = [var.guardduty_master_account]
}

run "required_tags_1" {
  command = plan
  variables {
    required_tags = ["a,b"]
  }
  expect_failures = [var.required_tags]
}

run "db_check_time_1" {
  command = plan
  variables {
    db_check_time = -1
  }
  expect_failures = [var.db_check_time]
}

run "db_check_time_2" {
  command = plan
  variables {
    db_check_time = 1.5
  }
  expect_failures = [var.db_check_time]
}

run "password_min_length_1" {
  command = plan
  variables {
    password_min_length = 6
  }
  expect_failures = [var.password_min_length]
}

run "plans_1" {
  command = plan
  variables {
    plans = "plans/of/the/engine"
  }
  expect_failures = [var.plans]
}

run "plans_2" {
  command = plan
  variables {
    plans     = "s3://acme-plans/engine"
    remediate = true
  }
  expect_failures = [var.plans]
}

run "max_changes_1" {
  command = plan
  variables {
    max_changes = -1
  }
  expect_failures = [var.max_changes]
}

run "max_changes_per_day_1" {
  command = plan
  variables {
    max_changes_per_day = 0.5
  }
  expect_failures = [var.max_changes_per_day]
}

run "repair_rounds_1" {
  command = plan
  variables {
    repair_rounds = 0
  }
  expect_failures = [var.repair_rounds]
}

run "event_bus_1" {
  command = plan
  variables {
    event_bus = "findings"
  }
  expect_failures = [var.event_bus]
}

run "verify_seconds_1" {
  command = plan
  variables {
    verify_seconds = 601
  }
  expect_failures = [var.verify_seconds]
}

run "patience_1" {
  command = plan
  variables {
    patience = 0
  }
  expect_failures = [var.patience]
}

run "ec2_ignore_list_1" {
  command = plan
  variables {
    ec2_ignore_list = ["*"]
  }
  expect_failures = [var.ec2_ignore_list]
}

run "s3_bucket_ignore_list_1" {
  command = plan
  variables {
    s3_bucket_ignore_list = ["a,b"]
  }
  expect_failures = [var.s3_bucket_ignore_list]
}

run "remediation_module_exception_1" {
  command = plan
  variables {
    remediation_module_exception = { production = ["ami"] }
  }
  expect_failures = [var.remediation_module_exception]
}

run "remediation_module_exception_2" {
  command = plan
  variables {
    remediation_module_exception = { "111122223333" = ["*"] }
  }
  expect_failures = [var.remediation_module_exception]
}

run "remediation_resource_exception_1" {
  command = plan
  variables {
    remediation_resource_exception = ["ami-1"]
  }
  expect_failures = [var.remediation_resource_exception]
}

run "remediation_resource_exception_2" {
  command = plan
  variables {
    remediation_resource_exception = { "S3 bucket" = "x" }
  }
  expect_failures = [var.remediation_resource_exception]
}

run "schedule_1" {
  command = plan
  variables {
    schedule = "0 8 * * ? *"
  }
  expect_failures = [var.schedule]
}

run "schedule_2" {
  command = plan
  variables {
    schedule = "rate(0 days)"
  }
  expect_failures = [var.schedule]
}

run "delay_seconds_1" {
  command = plan
  variables {
    delay_seconds = 901
  }
  expect_failures = [var.delay_seconds]
}

run "poller_timeout_1" {
  command = plan
  variables {
    poller_timeout = 901
  }
  expect_failures = [var.poller_timeout]
}

run "remediator_timeout_1" {
  command = plan
  variables {
    remediator_timeout = 29
  }
  expect_failures = [var.remediator_timeout]
}

run "memory_size_1" {
  command = plan
  variables {
    memory_size = 64
  }
  expect_failures = [var.memory_size]
}

run "batch_size_1" {
  command = plan
  variables {
    batch_size = 11
  }
  expect_failures = [var.batch_size]
}

run "maximum_concurrency_1" {
  command = plan
  variables {
    maximum_concurrency = 1
  }
  expect_failures = [var.maximum_concurrency]
}

run "log_retention_days_1" {
  command = plan
  variables {
    log_retention_days = 31
  }
  expect_failures = [var.log_retention_days]
}

run "queue_age_alarm_seconds_1" {
  command = plan
  variables {
    queue_age_alarm_seconds = 0
  }
  expect_failures = [var.queue_age_alarm_seconds]
}

run "operators_1" {
  command = plan
  variables {
    operators = ["arn:aws:iam::123456789012:root"]
  }
  expect_failures = [var.operators]
}

run "repair_1" {
  command = plan
  variables {
    repair = { prod = ["sqs"] }
  }
  expect_failures = [var.repair]
}

run "repair_2" {
  command = plan
  variables {
    repair = { "*" = { sqs = true } }
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

run "lists_1" {
  command = plan
  variables {
    accounts = ["@all.txt"]
  }
  expect_failures = [var.lists]
}

run "accounts_6" {
  command = plan
  variables {
    lists    = "../lists"
    accounts = ["@../all.txt"]
  }
  expect_failures = [var.accounts]
}

run "round_alarm_hours_1" {
  command = plan
  variables {
    round_alarm_hours = 0
  }
  expect_failures = [var.round_alarm_hours]
}

run "round_alarm_hours_2" {
  command = plan
  variables {
    round_alarm_hours = 169
  }
  expect_failures = [var.round_alarm_hours]
}

run "round_end_alarm_hours_1" {
  command = plan
  variables {
    round_end_alarm_hours = 0
  }
  expect_failures = [var.round_end_alarm_hours]
}

run "round_end_alarm_hours_2" {
  command = plan
  variables {
    round_end_alarm_hours = 1.5
  }
  expect_failures = [var.round_end_alarm_hours]
}

run "busy_regions_1" {
  command = plan
  variables {
    busy_regions = ["eu-west-1"]
  }
  expect_failures = [var.busy_regions]
}

run "security_hub_events_1" {
  command = plan
  variables {
    security_hub_events = ["all"]
  }
  expect_failures = [var.security_hub_events]
}
