#include "prompt/prompt.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "prompt/draw.h"
#include "prompt/history.h"
#include "prompt/keys.h"
#include "prompt/line.h"
#include "prompt/raw_mode.h"

#define USUAL_COLUMNS 80
#define MAX_OUTPUT ((size_t)1 << 20)
#define CLEAR_SCREEN "\033[H\033[2J"
#define BELL "\a"

enum state { TYPING, ENTERED, INTERRUPTED, ENDED };

struct prompt {
    struct history *history;
    prompt_complete complete;
    void *arg;
    struct line line;
    struct line typed; /* the line before others were recalled */
    size_t recalled;   /* position in the history; its count: none was recalled */
    const char *text;
    struct draw draw;
    bool stale; /* the terminal does not show the line as it is */
    struct keys keys;
    /* Bytes that were read but not used: a paste has several lines. */
    char input[1024];
    size_t next, end;
    struct buf out;
};

bool prompt_is_possible(void)
{
    const char *term = getenv("TERM");
    return isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1 && term != NULL &&
           strcmp(term, "") != 0 && strcmp(term, "dumb") != 0;
}

struct prompt *prompt_new(const char *history, prompt_complete complete, void *arg, struct err *err)
{
    struct prompt *prompt = mem_alloc(sizeof *prompt);
    prompt->history = history_new(history, err);
    prompt->complete = complete;
    prompt->arg = arg;
    line_init(&prompt->line);
    line_init(&prompt->typed);
    buf_init(&prompt->out, MAX_OUTPUT);
    return prompt;
}

void prompt_free(struct prompt *prompt)
{
    if (prompt == NULL)
        return;
    history_free(prompt->history);
    line_clear(&prompt->line);
    line_clear(&prompt->typed);
    buf_clear(&prompt->out);
    mem_free(prompt);
}

/* ---- the terminal ---- */

static size_t columns(void)
{
    struct winsize size = {0};
    bool known = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
    return known ? size.ws_col : USUAL_COLUMNS;
}

static void flush(struct prompt *prompt)
{
    const char *rest = buf_text(&prompt->out);
    size_t length = prompt->out.len;
    while (length > 0) {
        ssize_t sent = write(STDOUT_FILENO, rest, length);
        if (sent < 0 && errno != EINTR)
            break;
        if (sent > 0) {
            rest += sent;
            length -= (size_t)sent;
        }
    }
    buf_reset(&prompt->out);
}

/* A paste is drawn once, when all that came of it is read. */
static void redraw(struct prompt *prompt)
{
    if (!prompt->stale)
        return;
    prompt->stale = false;
    draw_line(&prompt->draw, prompt->text, &prompt->line, columns(), &prompt->out);
}

/* Waits for a byte. -1: the terminal is gone. */
static int next_byte(struct prompt *prompt)
{
    if (prompt->next == prompt->end) {
        ssize_t got;
        redraw(prompt);
        flush(prompt);
        do
            got = read(STDIN_FILENO, prompt->input, sizeof prompt->input);
        while (got < 0 && errno == EINTR);
        if (got <= 0)
            return -1;
        prompt->next = 0;
        prompt->end = (size_t)got;
    }
    return (unsigned char)prompt->input[prompt->next++];
}

static void suspend(struct prompt *prompt)
{
    flush(prompt);
    raw_mode_off();
    raise(SIGTSTP);
    raw_mode_on();
    prompt->draw = (struct draw){0};
}

/* ---- history ---- */

static void recall(struct prompt *prompt, bool older)
{
    size_t at = prompt->recalled, count = history_count(prompt->history);
    if (at == count)
        line_set(&prompt->typed, buf_text(&prompt->line.text), prompt->line.text.len);
    const char *start = buf_text(&prompt->typed.text);
    size_t length = prompt->typed.text.len;
    const char *line = older ? history_before(prompt->history, &at, start, length)
                             : history_after(prompt->history, &at, start, length);
    if (line != NULL)
        line_set(&prompt->line, line, strlen(line));
    else if (!older)
        line_set(&prompt->line, start, length);
    if (line == NULL && older)
        buf_adds(&prompt->out, BELL);
    prompt->recalled = line == NULL && !older ? count : at;
}

/* ---- completion ---- */

static size_t common_start(const struct text_list *words)
{
    size_t length = strlen(words->items[0]);
    for (size_t i = 1; i < words->count; i++) {
        size_t same = 0;
        while (same < length && words->items[i][same] == words->items[0][same])
            same++;
        length = same;
    }
    return length;
}

static void show_words(struct prompt *prompt, const struct text_list *words)
{
    struct line shown = prompt->line;
    draw_end(&prompt->draw, prompt->text, &shown, columns(), &prompt->out);
    draw_words(words, columns(), &prompt->out);
}

/* One word is inserted; of several, what they begin with, or all are shown. */
static void complete(struct prompt *prompt)
{
    struct text_list words = {0};
    struct line *line = &prompt->line;
    size_t start = prompt->complete != NULL
                       ? prompt->complete(prompt->arg, buf_text(&line->text), line->cursor, &words)
                       : line->cursor;
    if (words.count == 0) {
        buf_adds(&prompt->out, BELL);
    } else {
        size_t length = common_start(&words);
        if (words.count > 1 && length <= line->cursor - start)
            show_words(prompt, &words);
        else
            line_replace(line, start, words.items[0], length);
    }
    text_list_clear(&words);
}

/* ---- a line ---- */

static enum state end_of_input(struct prompt *prompt)
{
    const struct key deleted = {.kind = KEY_DELETE};
    if (prompt->line.text.len == 0)
        return ENDED;
    line_key(&prompt->line, &deleted);
    return TYPING;
}

static enum state act(struct prompt *prompt, const struct key *key)
{
    switch (key->kind) {
    case KEY_ENTER: return ENTERED;
    case KEY_INTERRUPT: return INTERRUPTED;
    case KEY_END_OF_INPUT: return end_of_input(prompt);
    case KEY_TAB: complete(prompt); break;
    case KEY_UP: recall(prompt, true); break;
    case KEY_DOWN: recall(prompt, false); break;
    case KEY_SUSPEND: suspend(prompt); break;
    case KEY_CLEAR_SCREEN:
        buf_adds(&prompt->out, CLEAR_SCREEN);
        prompt->draw = (struct draw){0};
        break;
    default:
        if (line_key(&prompt->line, key))
            prompt->recalled = history_count(prompt->history);
    }
    return TYPING;
}

static enum state type(struct prompt *prompt)
{
    enum state state = TYPING;
    while (state == TYPING) {
        struct key key = {0};
        int byte = next_byte(prompt);
        if (byte < 0)
            return ENDED;
        if (!keys_add(&prompt->keys, (char)byte, &key))
            continue;
        state = act(prompt, &key);
        prompt->stale = true;
    }
    return state;
}

static void begin(struct prompt *prompt, const char *text)
{
    prompt->text = text;
    prompt->stale = true;
    prompt->draw = (struct draw){0};
    line_set(&prompt->line, "", 0);
    prompt->recalled = history_count(prompt->history);
}

enum prompt_result prompt_read(struct prompt *prompt, const char *text, bool further,
                               const char **line, size_t *length)
{
    if (raw_mode_on() != 0)
        return PROMPT_END;
    begin(prompt, text);
    enum state state = type(prompt);
    draw_end(&prompt->draw, prompt->text, &prompt->line, columns(), &prompt->out);
    flush(prompt);
    raw_mode_off();
    if (state != ENTERED)
        return state == INTERRUPTED ? PROMPT_INTERRUPT : PROMPT_END;
    *line = buf_text(&prompt->line.text);
    *length = prompt->line.text.len;
    history_add(prompt->history, *line, further);
    return PROMPT_LINE;
}
