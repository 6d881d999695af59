/* Which words complete a command line. Serves completion_shells.c, which writes them for a shell.
 */
#ifndef GUIDE_COMPLETION_H
#define GUIDE_COMPLETION_H

#include "guide/guide.h"

/* Words separated by blanks. "@types", "@checks" and "@frameworks" among them stand for those of
 * the policies; completion_words replaces them. */

/* The values of an option of this command; NULL: any, or a file or folder. */
const char *completion_values(const struct guide_command *command, const char *option);
/* The words, with those of the policies in place of "@types" and so on. mem_free. */
char *completion_words(const char *words, const struct generate_input *input);

/* What follows an option. */
enum completion_value {
    VALUE_NONE,
    VALUE_OPTIONAL,
    VALUE_WORDS,
    VALUE_FILE,
    VALUE_FOLDER,
    VALUE_ANY
};
enum completion_value completion_value(const struct guide_command *command,
                                       const struct guide_option *option);

#endif
