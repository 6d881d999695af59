/* Does each endpoint respond, for every service that the policies read in each region, and does
 * this machine's clock agree with theirs? One request without a signature for each endpoint: any
 * HTTP response will do, and its Date header tells the time. Serves doctor. */
#ifndef DOCTOR_DOCTOR_HOSTS_H
#define DOCTOR_DOCTOR_HOSTS_H

#include "doctor/doctor.h"

/* Calls done once, from the loop, when each has answered or failed. */
struct doctor_hosts *doctor_hosts_start(const struct doctor *doctor, loop_fn done, void *arg);
void doctor_hosts_free(struct doctor_hosts *hosts);

/* STS did not answer in time, though a connection may have been made. */
bool doctor_hosts_sts_is_silent(const struct doctor_hosts *hosts);
/* The URL of an endpoint that the policy needs in this region, and that did not answer; NULL: all
 * did. */
const char *doctor_hosts_dead(struct doctor_hosts *hosts, const struct policy *policy,
                              const char *region);

#endif
