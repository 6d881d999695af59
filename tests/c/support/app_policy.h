/* The text of the policy "queue", the only one that runs of the whole program load (app_case.h). */
#ifndef TESTS_APP_POLICY_H
#define TESTS_APP_POLICY_H

extern const char app_policy[];

#endif
