#include "prompt/keys.h"

#include <stdint.h>
#include <string.h>

#include "base/clean_text.h"

#define ESCAPE '\033'
#define DELETE '\177'

struct named {
    const char *text;
    enum key_kind kind;
};

/* XTerm Control Sequences, "PC-Style Function Keys" and "Bracketed Paste Mode"; 5 stands for the
 * control key, 3 for the alt key. The Linux console and rxvt have their own for Home and End. */
static const struct named sequences[] = {
    {"[A", KEY_UP},           {"[B", KEY_DOWN},          {"[C", KEY_RIGHT},
    {"[D", KEY_LEFT},         {"[H", KEY_HOME},          {"[F", KEY_END},
    {"OA", KEY_UP},           {"OB", KEY_DOWN},          {"OC", KEY_RIGHT},
    {"OD", KEY_LEFT},         {"OH", KEY_HOME},          {"OF", KEY_END},
    {"[1~", KEY_HOME},        {"[4~", KEY_END},          {"[7~", KEY_HOME},
    {"[8~", KEY_END},         {"[3~", KEY_DELETE},       {"[1;5C", KEY_WORD_RIGHT},
    {"[1;5D", KEY_WORD_LEFT}, {"[1;3C", KEY_WORD_RIGHT}, {"[1;3D", KEY_WORD_LEFT},
    {"f", KEY_WORD_RIGHT},    {"b", KEY_WORD_LEFT},      {"\177", KEY_DELETE_WORD},
};

/* As in every shell. */
static const enum key_kind controls[] = {
    ['A' - '@'] = KEY_HOME,         ['B' - '@'] = KEY_LEFT,         ['C' - '@'] = KEY_INTERRUPT,
    ['D' - '@'] = KEY_END_OF_INPUT, ['E' - '@'] = KEY_END,          ['F' - '@'] = KEY_RIGHT,
    ['H' - '@'] = KEY_BACKSPACE,    ['I' - '@'] = KEY_TAB,          ['J' - '@'] = KEY_ENTER,
    ['K' - '@'] = KEY_DELETE_END,   ['L' - '@'] = KEY_CLEAR_SCREEN, ['M' - '@'] = KEY_ENTER,
    ['N' - '@'] = KEY_DOWN,         ['P' - '@'] = KEY_UP,           ['U' - '@'] = KEY_DELETE_START,
    ['W' - '@'] = KEY_DELETE_WORD,  ['Z' - '@'] = KEY_SUSPEND,      [' ' - 1] = KEY_NONE,
};

static bool finish(struct keys *keys, struct key *key, enum key_kind kind)
{
    key->kind = kind;
    keys->length = 0;
    return true;
}

static bool take_text(struct keys *keys, struct key *key)
{
    memcpy(key->text, keys->bytes, keys->length);
    key->length = keys->length;
    return finish(keys, key, KEY_TEXT);
}

/* ECMA-48: after "[" come parameters, and a byte from @ to ~ ends the sequence. */
static bool is_complete(const struct keys *keys)
{
    char last = keys->bytes[keys->length - 1];
    if (keys->length == 2)
        return last != '[' && last != 'O';
    return last >= '@' && last <= '~';
}

static bool add_to_sequence(struct keys *keys, struct key *key)
{
    enum key_kind kind = KEY_NONE;
    if (!is_complete(keys)) {
        if (keys->length == sizeof keys->bytes) /* longer than any known: wait for its end */
            keys->length--;
        return false;
    }
    const char *text = keys->bytes + 1;
    size_t length = keys->length - 1;
    for (size_t i = 0; i < sizeof sequences / sizeof *sequences && kind == KEY_NONE; i++) {
        if (strlen(sequences[i].text) == length && memcmp(sequences[i].text, text, length) == 0)
            kind = sequences[i].kind;
    }
    if (length == 5 && memcmp(text, "[200~", length) == 0)
        keys->pasting = true;
    if (length == 5 && memcmp(text, "[201~", length) == 0)
        keys->pasting = false;
    return finish(keys, key, keys->pasting ? KEY_NONE : kind);
}

/* A pasted tab is text, and other pasted control characters are dropped. */
static bool add_control(struct keys *keys, char byte, struct key *key)
{
    enum key_kind kind = byte == DELETE ? KEY_BACKSPACE : controls[(unsigned char)byte];
    if (keys->pasting && byte == '\t')
        return take_text(keys, key);
    return finish(keys, key, keys->pasting && kind != KEY_ENTER ? KEY_NONE : kind);
}

static size_t announced_length(unsigned char first)
{
    return first < 0xc0 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

/* Does the byte start anew, so that what came before it will never be complete? A control character
 * ends a sequence (only DELETE follows ESCAPE as part of one). */
static bool is_cut_off(const struct keys *keys, char byte)
{
    bool continues = ((unsigned char)byte & 0xc0) == 0x80;
    if (keys->length == 0)
        return false;
    if (keys->bytes[0] != ESCAPE)
        return !continues;
    return (unsigned char)byte < ' ' || (byte == DELETE && keys->length > 1);
}

bool keys_add(struct keys *keys, char byte, struct key *key)
{
    uint32_t point;
    bool control = (unsigned char)byte < ' ' || byte == DELETE;
    if (is_cut_off(keys, byte))
        keys->length = 0;
    keys->bytes[keys->length++] = byte;
    if (keys->length > 1 && keys->bytes[0] == ESCAPE)
        return add_to_sequence(keys, key);
    if (byte == ESCAPE)
        return false;
    if (control)
        return add_control(keys, byte, key);
    if (text_decode(keys->bytes, keys->length, &point) == keys->length)
        return take_text(keys, key);
    if (keys->length < announced_length((unsigned char)keys->bytes[0]))
        return false;
    return finish(keys, key, KEY_NONE); /* not UTF-8 */
}
