/* Checks that a word names an existing type, check, region or partition. If not, the error is
 * ERR_USAGE with a did-you-mean, before any call is sent. Serves options, variables and exceptions.
 */
#ifndef POLICY_WORDS_H
#define POLICY_WORDS_H

#include "aws/endpoint/endpoint.h"
#include "base/suggest.h"
#include "policy/evaluator.h"

/* `label` says where the word was given ("--types"). A pattern ('*', '?') must match one of the
 * names; any other word must equal one. */
struct word {
    const char *label, *text;
    bool pattern;
};
int words_type(struct evaluator *evaluator, const struct word *word, struct err *err);
/* ", did you mean "sqs"?" for a word that names no type, or "". */
void words_type_hint(struct evaluator *evaluator, const char *text, char hint[SUGGEST_TEXT]);
int words_check(struct evaluator *evaluator, const struct word *word, struct err *err);
/* Regions are those of the compiled models; without endpoint data all are accepted. */
int words_region(const struct endpoints *endpoints, const struct word *word, struct err *err);
/* Do the models have this region? If not, also the hint for it, or "". */
bool words_has_region(const struct endpoints *endpoints, const char *text, char hint[SUGGEST_TEXT]);
/* The same as words_region for partitions. */
int words_partition(const struct endpoints *endpoints, const struct word *word, struct err *err);
/* 12 digits, or a pattern that can match 12 digits. */
int words_account(const char *label, const char *word, struct err *err);

/* '*' matches any text, '?' one character, any other character itself. */
bool words_glob(const char *pattern, const char *text);

#endif
