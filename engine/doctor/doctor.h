/* What the probes of `engine doctor` share, and the order of those that call AWS. Every call is a
 * reviewed read, or a request without a signature that asks whether an endpoint answers. Serves
 * app/cli; owns what it makes, borrows the rest. */
#ifndef DOCTOR_DOCTOR_H
#define DOCTOR_DOCTOR_H

#include "accounts/context.h"
#include "doctor/doctor_report.h"
#include "net/http/http.h"

struct doctor_accounts;
struct doctor_caller;
struct doctor_hosts;
struct doctor_destinations;

struct doctor {
    const struct context *context;
    struct http_transport transport;
    struct creds_provider *own; /* the caller's own credentials */
    struct doctor_report *report;
    char *caller;         /* its ARN; NULL: not known */
    char *caller_account; /* NULL: not known */
    bool stopped;         /* by a signal: nothing more is begun */
    bool sts_is_silent;   /* its endpoint did not answer in time */

    struct doctor_caller *whose;
    struct doctor_hosts *hosts;
    struct doctor_destinations *destinations;
    struct doctor_accounts *accounts;
    bool hosts_known, accounts_known;
};

/* Which endpoints answer, what time it is there, and whose credentials these are. Begins at once,
 * from before the loop runs. */
void doctor_begin(struct doctor *doctor);
/* The rest, after services know the caller and the accounts. */
void doctor_go_on(struct doctor *doctor);
/* Frees what it owns; the report is closed by whoever opened it. */
void doctor_clear(struct doctor *doctor);

#endif
