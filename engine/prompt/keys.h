/* Bytes from a terminal become keys: UTF-8 characters, control characters, the escape sequences of
 * xterm (which every common terminal sends), and bracketed paste, where nothing but a line end is a
 * command. Serves prompt; calls base. Owns nothing. */
#ifndef PROMPT_KEYS_H
#define PROMPT_KEYS_H

#include <stdbool.h>
#include <stddef.h>

enum key_kind {
    KEY_NONE, /* nothing that the prompt knows */
    KEY_TEXT,
    KEY_ENTER,
    KEY_TAB,
    KEY_LEFT,
    KEY_RIGHT,
    KEY_WORD_LEFT,
    KEY_WORD_RIGHT,
    KEY_HOME,
    KEY_END,
    KEY_UP,
    KEY_DOWN,
    KEY_BACKSPACE,
    KEY_DELETE,
    KEY_DELETE_WORD,  /* before the cursor */
    KEY_DELETE_START, /* all before the cursor */
    KEY_DELETE_END,   /* all after it */
    KEY_CLEAR_SCREEN,
    KEY_INTERRUPT,
    KEY_END_OF_INPUT,
    KEY_SUSPEND
};

struct key {
    enum key_kind kind;
    char text[8]; /* of KEY_TEXT: one character */
    size_t length;
};

/* Starts zeroed. */
struct keys {
    char bytes[16]; /* of a character or sequence that is not complete */
    size_t length;
    bool pasting;
};

/* Is `key` complete with this byte? */
bool keys_add(struct keys *keys, char byte, struct key *key);

#endif
