/* What the doctor found: one item for each probe. The items of a section are
 * printed together, and sections in the order in which they were begun, so that equal results are
 * printed equally; for people, accounts follow at the end. Serves the files of this room; calls
 * doctor_groups and doctor_text. */
#ifndef DOCTOR_DOCTOR_REPORT_H
#define DOCTOR_DOCTOR_REPORT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#include "doctor/doctor_status.h"

struct doctor_report;
struct doctor_section;

/* As a list for people, or one JSON object a line. */
struct doctor_report *doctor_report_new(FILE *out, bool for_people);
/* Prints for people how many items have which status, if `sum`. Returns the exit status: 1 if
 * something failed, is missing or could not be written. Frees. */
int doctor_report_close(struct doctor_report *report, bool sum);

/* A section, of this account or (NULL) of none. It belongs to the report. */
struct doctor_section *doctor_section_new(struct doctor_report *report, const char *account);
/* No more items follow. */
void doctor_section_end(struct doctor_section *section);

/* Adds {"probe","status","account","message"}. Borrowed: valid until the section ends. */
json_t *doctor_add(struct doctor_section *section, enum doctor_status status, const char *probe,
                   const char *format, ...) __attribute__((format(printf, 4, 5)));
/* The way out, in one sentence: "fix". */
void doctor_advise(json_t *item, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The same for a permission that this role or user lacks. */
void doctor_advise_permission(json_t *item, const char *principal);
/* The keys of an object as a list, new, and in words ("a, b", mem_free). */
json_t *doctor_keys(const json_t *object, char **words);
/* Another member ("region", "actions"); takes the value. */
void doctor_set(json_t *item, const char *key, json_t *value);

#endif
