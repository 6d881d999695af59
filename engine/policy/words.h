/* Words that must name something there is: types, checks, regions. What nothing is called is
 * ERR_USAGE with did-you-mean, before anything is sent. Serves options, variables and exceptions.
 */
#ifndef POLICY_WORDS_H
#define POLICY_WORDS_H

#include "aws/endpoint/endpoint.h"
#include "policy/evaluator.h"

/* `label` is where the word stands ("--types"). As a pattern ('*', '?') it must match one of the
 * names, else be one. */
struct word {
    const char *label, *text;
    bool pattern;
};
int words_type(struct evaluator *evaluator, const struct word *word, struct err *err);
int words_check(struct evaluator *evaluator, const struct word *word, struct err *err);
/* Regions are those of the compiled models; without endpoint data there all are taken. */
int words_region(const struct endpoints *endpoints, const struct word *word, struct err *err);
/* 12 digits, or a pattern that can match such. */
int words_account(const char *label, const char *word, struct err *err);

/* '*' any text, '?' one character, all else itself. */
bool words_glob(const char *pattern, const char *text);

#endif
