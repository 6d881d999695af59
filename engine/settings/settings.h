/* All settings of a run: options first, then environment variables, then defaults. Read once;
 * serves every part of the engine. An invalid value is ERR_USAGE, which names the option or
 * variable, the value and what is expected; nothing is guessed. */
#ifndef SETTINGS_SETTINGS_H
#define SETTINGS_SETTINGS_H

#include <jansson.h>
#include <stdbool.h>

#include "base/err.h"
#include "base/log.h"
#include "base/text_list.h"

enum settings_format {
    FORMAT_TABLE,
    FORMAT_SUMMARY,
    FORMAT_JSONL,
    FORMAT_JSON,
    FORMAT_CSV,
    FORMAT_HTML,
    FORMAT_SARIF,
    FORMAT_JUNIT,
    FORMAT_ASFF,
    FORMAT_OCSF,
    FORMAT_MARKDOWN
};

enum settings_log_format { LOG_FORMAT_TEXT, LOG_FORMAT_JSON };

struct settings {
    /* What to look at. */
    struct text_list accounts, regions, types, checks, severity;
    bool all_regions;         /* --regions all: `regions` is empty then */
    struct text_list fail_on; /* --fail-on: severities, "new" */
    char *baseline;           /* --baseline FILE */
    char *compliance;         /* --compliance FRAMEWORK */
    char *account, *region;   /* --account, --region; region falls back to AWS_REGION, … */
    bool only_use_test_resources;
    char *profile;           /* --profile; NULL: AWS_PROFILE, which creds reads */
    char *master_region;     /* MASTER_REGION; default: region, else us-east-1 */
    char *policy, *resource; /* --policy, --resource */

    /* Output. */
    char *sqs;                         /* --sqs; settings_queue adds POLLER_SQS and SQS */
    char *poller_sqs, *translator_sqs; /* POLLER_SQS, SQS */
    bool to_stdout;
    char *notification_topic, *remediator_region, *sqs_queue, *poll_queue;
    char *event_bus;   /* EVENT_BUS: a name or an ARN */
    bool security_hub; /* SECURITY_HUB: import findings into it */
    enum settings_format format;
    bool format_given;
    bool selection_given; /* --accounts or --regions as options, not only as variables */
    char *output;         /* NULL: stdout */
    char *scope;          /* --scope FILE: the record of the run's scope; NULL: none */
    bool all, quiet, explain;
    bool steps; /* an audit runs fixes too: --steps, --format html */
    enum log_level log_level;
    enum settings_log_format log_format;
    bool metrics; /* true unless it is set to false */

    /* What is allowed. */
    bool remediate, dry_run;
    bool hold_irreversible;  /* true unless it is set to false */
    char *repair;            /* NULL: impact at most "interrupts"; see admission.h */
    int max_changes;         /* -1: no limit */
    int max_changes_per_day; /* in one account; -1: no limit */
    int repair_rounds;       /* 3 */
    char *state_table;       /* STATE_TABLE: a name or an ARN */
    char *plans;             /* PLANS: s3://bucket/prefix for the remediator's plans */
    char *bucket_owner;      /* BUCKET_OWNER: the account that the named buckets belong to */
    int wait_s, verify_s;    /* --wait 0; VERIFY_SECONDS 60 */
    int concurrency;         /* 200 */
    int max_attempts;        /* for a call; -1: the client's own */
    int patience_s;          /* with a throttled service; -1: 900, in Lambda the deadline */
    char *journal;           /* NULL: engine-<time>.journal when something changes */
    char *record, *replay;

    /* Identity. */
    bool no_assume_role; /* --no-assume-role, MEMBER_ROLE=none */
    char *member_role, *external_id;

    /* Files. */
    char *policies; /* as given, or found: directories separated by ':'; NULL: none */
    char *builtin;  /* the directory of the built-in policies, or NULL */
    char *models;   /* directory as found, absolute or relative; NULL: not found */
    /* The directories of `policies`, by settings_locate: of several policies for a type, that of
     * the first directory counts. */
    struct text_list policy_folders;
    char *config; /* --config; settings_file.h has read it */
    char *exceptions;
    bool exceptions_given; /* by --exceptions, not by EXCEPTIONS */

    /* For policies: contract names in lower case. Lists are arrays, numbers are numbers, and
     * settings without a value are absent: known_accounts, organization_account, dev_accounts,
     * required_tags, guardduty_master_account, log_account, db_check_time, master_region,
     * s3_bucket_ignore_list, ec2_instance_ignore_list, member_role, … */
    json_t *for_policies;

    /* Options of a single command, by name, as settings_options read them: a string, or true for
     * those without a value. */
    json_t *extra;
    bool master_region_given, region_given; /* the latter by --region, not from the environment */
    struct text_list again;                 /* see settings_again.h */
};

typedef const char *(*settings_getenv)(const char *name);

/* Fills the settings from the environment only. */
int settings_init(struct settings *settings, settings_getenv getenv_fn, const char *executable_dir,
                  struct err *err);
void settings_clear(struct settings *settings);

/* The region of the profile, or another last resort: used if no option and no variable gave one. */
void settings_fallback_region(struct settings *settings, const char *region);

/* Where resource lines go: --stdout (NULL), --sqs, then POLLER_SQS (for poll) or SQS (for
 * translate). NULL: stdout. */
const char *settings_queue(const struct settings *settings, bool poll);

/* Does anyone receive findings as they are made, apart from the report? */
bool settings_notifies(const struct settings *settings);

/* Derives settings from other fields: call it once after the variables, and once after the
 * options. */
void settings_settle(struct settings *settings);

#endif
