/* The accounts of a list for people, those with the same results as one: of hundreds of accounts,
 * the few in which something is missing can be seen. Serves doctor_report; calls doctor_text. */
#ifndef DOCTOR_DOCTOR_GROUPS_H
#define DOCTOR_DOCTOR_GROUPS_H

#include <jansson.h>

#include "doctor/doctor_text.h"

/* An account and its items. Groups are an object that the caller made and frees. */
void doctor_groups_add(json_t *groups, const char *account, json_t *items);
/* Prints those in which something failed or is missing last, next to the sum. */
void doctor_groups_print(json_t *groups, const struct doctor_text *text);

#endif
