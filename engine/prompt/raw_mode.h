/* The raw mode of the terminal on stdin: keys arrive one by one and are not echoed. Serves prompt.
 * A signal that would end the process while the mode is on restores the terminal first. */
#ifndef PROMPT_RAW_MODE_H
#define PROMPT_RAW_MODE_H

#include <stddef.h>

int raw_mode_on(void); /* -1: stdin is no terminal */
void raw_mode_off(void);

#endif
