/* The arguments of this command line that a follow-up command must repeat to work on the same
 * resources in the same way: what is selected and how it is read, but not where output goes. Serves
 * settings_options and services, which record them in settings->again, and the reports that name
 * the next command. */
#ifndef SETTINGS_SETTINGS_AGAIN_H
#define SETTINGS_SETTINGS_AGAIN_H

#include <stddef.h>

struct settings;

/* The first two words: the program as it was called, and the command, "" without one. */
#define AGAIN_PROGRAM 0
#define AGAIN_COMMAND 1
#define AGAIN_OPTIONS 2 /* the first word after them */

void settings_again_begin(struct settings *settings, const char *program, const char *command);
/* Keeps the option ("--regions") if it is one of those; `value` is NULL if there is none. */
void settings_again_add(struct settings *settings, const char *label, const char *value);

#endif
