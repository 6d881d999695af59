/* The doctor's items as a list for people: a line for each, its way out below it. Serves
 * doctor_report and doctor_groups. */
#ifndef DOCTOR_DOCTOR_TEXT_H
#define DOCTOR_DOCTOR_TEXT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct doctor_text {
    FILE *out;
    bool colour;
    size_t width;
};

void doctor_text_init(struct doctor_text *text, FILE *out);
/* A heading above the items of one account, or of several: of these the first or, if `whole`,
 * all. */
void doctor_text_accounts(const struct doctor_text *text, const json_t *accounts, bool whole);
/* next: the item that follows, or NULL. What helps both stands below the last. */
void doctor_text_item(const struct doctor_text *text, const json_t *item, const json_t *next);
/* counts: by doctor_status. */
void doctor_text_sum(const struct doctor_text *text, const size_t *counts);

#endif
