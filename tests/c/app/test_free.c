/* Every object is freed by one function, which accepts NULL, like free(3), so that a clean-up can
 * free everything that it may own. lint.headers finds a function that is missing here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "accounts/accounts.h"
#include "accounts/early_session.h"
#include "accounts/enabled_regions.h"
#include "accounts/organization_listing.h"
#include "accounts/organization_walk.h"
#include "accounts/read_groups.h"
#include "accounts/sessions.h"
#include "accounts/trust.h"
#include "app/lambda/lambda_account.h"
#include "app/lambda/lambda_runtime.h"
#include "app/lambda/lambda_spread.h"
#include "app/services/services_rules.h"
#include "audit/plan.h"
#include "audit/run.h"
#include "audit/scan.h"
#include "aws/client/client.h"
#include "aws/client/client_pages.h"
#include "aws/client/gathered_reads.h"
#include "aws/client/shared_reads.h"
#include "aws/creds/creds.h"
#include "aws/creds/creds_cache.h"
#include "aws/creds/creds_read.h"
#include "aws/endpoint/endpoint.h"
#include "aws/model/model_open.h"
#include "aws/operations/opset.h"
#include "base/mem.h"
#include "base/order.h"
#include "base/seen.h"
#include "base/store.h"
#include "baseline/baseline.h"
#include "bindings/libs/caller.h"
#include "bindings/policy/evaluator.h"
#include "bindings/policy/known.h"
#include "bindings/script/script_reader.h"
#include "bindings/vm/chunks.h"
#include "bindings/vm/host.h"
#include "bindings/vm/job.h"
#include "bindings/vm/policy_file.h"
#include "bindings/vm/state.h"
#include "bindings/vm/task.h"
#include "bindings/vm/wait.h"
#include "change/admission.h"
#include "change/gate.h"
#include "compliance/compliance.h"
#include "doctor/doctor_accounts.h"
#include "doctor/doctor_caller.h"
#include "doctor/doctor_destinations.h"
#include "doctor/doctor_hosts.h"
#include "doctor/doctor_listing.h"
#include "doctor/doctor_principal.h"
#include "doctor/doctor_simulation.h"
#include "exceptions/exceptions.h"
#include "intake/event_source.h"
#include "intake/found_lines.h"
#include "intake/listing_schedule.h"
#include "intake/listing_turns.h"
#include "intake/poll.h"
#include "journal/journal.h"
#include "journal/journal_parked.h"
#include "net/http/http.h"
#include "net/http/http_transfer.h"
#include "net/loop/loop.h"
#include "net/recording/record.h"
#include "net/recording/replay.h"
#include "notify/message.h"
#include "notify/message_sum.h"
#include "policy/finding_store.h"
#include "policy/resource.h"
#include "prompt/history.h"
#include "prompt/prompt.h"
#include "publish/security_hub.h"
#include "report/report.h"
#include "report/report_html_data.h"
#include "report/report_table.h"
#include "state/organization_list.h"
#include "state/organization_shared.h"
#include "state/state_table.h"
#include "value/xml.h"

static void frees_nothing(void **state)
{
    (void)state;
    account_places_free(NULL);
    accounts_free(NULL);
    admission_free(NULL);
    apply_free(NULL);
    plan_free(NULL);
    listing_schedule_free(NULL);
    listing_turns_free(NULL);
    store_free(NULL);
    finding_store_free(NULL);
    found_lines_free(NULL);
    doctor_accounts_free(NULL);
    enabled_regions_free(NULL);
    doctor_caller_free(NULL);
    doctor_hosts_free(NULL);
    doctor_listing_free(NULL);
    doctor_principal_free(NULL);
    doctor_simulation_free(NULL);
    doctor_destinations_free(NULL);
    gathered_reads_free(NULL);
    history_free(NULL);
    prompt_free(NULL);
    script_reader_free(NULL);
    compliance_free(NULL);
    baseline_free(NULL);
    callers_free(NULL);
    chunks_free(NULL);
    client_free(NULL);
    client_pages_free(NULL);
    creds_cache_free(NULL);
    creds_drop(NULL);
    creds_provider_drop(NULL);
    endpoints_free(NULL);
    event_source_free(NULL);
    exceptions_free(NULL);
    gate_free(NULL);
    host_free(NULL);
    known_free(NULL);
    http_free(NULL);
    http_transfer_free(NULL);
    job_free(NULL);
    journal_free(NULL);
    parked_free(NULL);
    lambda_runtime_free(NULL);
    loop_free(NULL);
    lua_evaluator_free(NULL);
    message_free(NULL);
    message_sum_free(NULL);
    model_set_free(NULL);
    opset_free(NULL);
    order_free(NULL);
    organization_list_free(NULL);
    organization_listing_free(NULL);
    organization_shared_free(NULL);
    organization_walk_free(NULL);
    policy_file_free(NULL);
    poll_free(NULL);
    record_free(NULL);
    replay_free(NULL);
    report_drop(NULL);
    html_data_free(NULL);
    table_batch_free(NULL);
    resource_free(NULL);
    run_free(NULL);
    scan_free(NULL);
    seen_free(NULL);
    read_groups_free(NULL);
    sessions_free(NULL);
    early_session_drop(NULL);
    shared_reads_free(NULL);
    spread_free(NULL);
    state_free(NULL);
    security_hub_free(NULL);
    state_table_free(NULL);
    task_drop(NULL);
    services_rules_free(NULL);
    trust_free(NULL);
    wait_free(NULL);
    xml_free(NULL);
    creds_json_free(NULL);
    mem_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(frees_nothing)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
