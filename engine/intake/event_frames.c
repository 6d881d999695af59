#include "intake/event_frames.h"

#include <string.h>

#define TOO_LONG "longer than 1048576 bytes"
#define TOO_DEEP "nested deeper than 512 levels"
#define CUT_OFF "the list \"Records\" of this file is cut off"

/* What a byte does: the text goes on, ends with this byte, or ended before it. */
enum step { STEP_ON, STEP_END, STEP_END_BEFORE };

/* What a byte of JSON does to the brackets. */
enum lex { LEX_ON, LEX_CLOSED, LEX_BROKEN, LEX_RECORDS };

void event_frames_init(struct event_frames *frames)
{
    *frames = (struct event_frames){.line = 1, .at_line = true, .at_margin = true};
    buf_init(&frames->text, EVENT_MAX);
}

void event_frames_clear(struct event_frames *frames)
{
    buf_clear(&frames->text);
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* A byte order mark before a text may be ignored (RFC 8259, section 8.1); no JSON text begins with
 * one of its bytes. */
static bool is_mark(char c)
{
    return c == '\xef' || c == '\xbb' || c == '\xbf';
}

/* ---- brackets and strings ---- */

static enum lex lex_string(struct event_frames *frames, char c)
{
    if (c == '\n') { /* no string of JSON holds one */
        frames->in_string = false;
        return LEX_BROKEN;
    }
    if (!frames->escaped && c == '"') {
        frames->in_string = false;
        frames->last = c;
        frames->is_records = frames->depth == 1 && frames->key_length == strlen(EVENT_KEY) &&
                             memcmp(frames->key, EVENT_KEY, strlen(EVENT_KEY)) == 0;
        return LEX_ON;
    }
    frames->escaped = !frames->escaped && c == '\\';
    if (frames->key_length < sizeof frames->key)
        frames->key[frames->key_length++] = c;
    return LEX_ON;
}

static char innermost(const struct event_frames *frames)
{
    bool known = frames->depth > 0 && frames->depth <= EVENT_MOST_DEEP;
    return known ? frames->open[frames->depth - 1] : '\0';
}

static enum lex lex_open(struct event_frames *frames, char c)
{
    bool allowed = frames->depth == 0 || frames->last == ':' || frames->last == '[' ||
                   (frames->last == ',' && innermost(frames) == '[');
    bool records = c == '[' && frames->depth == 1 && frames->last == ':' && frames->is_records;
    if (frames->depth < EVENT_MOST_DEEP)
        frames->open[frames->depth] = c;
    else
        allowed = false;
    frames->depth++;
    frames->last = c;
    if (!allowed && !frames->broken)
        return LEX_BROKEN;
    return records ? LEX_RECORDS : LEX_ON;
}

/* The wrong bracket closes a record as well: the next one should not be lost. */
static enum lex lex_close(struct event_frames *frames, char c)
{
    bool fits = innermost(frames) == (c == '}' ? '{' : '[');
    bool in_record = frames->in_file && frames->state == EVENT_UNIT;
    frames->depth--;
    frames->last = c;
    if (frames->depth == 0 && (fits || in_record))
        return LEX_CLOSED;
    return fits || frames->broken ? LEX_ON : LEX_BROKEN;
}

static enum lex lex(struct event_frames *frames, char c)
{
    if (frames->in_string)
        return lex_string(frames, c);
    if (c == '{' || c == '[')
        return lex_open(frames, c);
    if (c == '}' || c == ']')
        return lex_close(frames, c);
    if (c == '"') {
        frames->in_string = true;
        frames->key_length = 0;
    } else if (!is_blank(c)) {
        frames->last = c;
    }
    return LEX_ON;
}

static void begin_lex(struct event_frames *frames)
{
    frames->depth = frames->key_length = 0;
    frames->last = '\0';
    frames->in_string = frames->escaped = frames->broken = frames->is_records = false;
}

/* ---- texts ---- */

static void begin_text(struct event_frames *frames, enum event_state state)
{
    buf_reset(&frames->text);
    begin_lex(frames);
    frames->begun = frames->line;
    frames->record += frames->in_file;
    frames->state = state;
}

/* `problem`: NULL, unless the text is too long. */
static void put_out(const struct event_frames *frames, const char *problem, struct event_text *out)
{
    *out = (struct event_text){.text = buf_text(&frames->text),
                               .length = frames->text.len,
                               .line = frames->begun,
                               .file = frames->in_file ? frames->file : 0,
                               .record = frames->in_file ? frames->record : 0,
                               .problem = frames->text.failed ? TOO_LONG : problem};
}

static enum event_state outside(const struct event_frames *frames)
{
    return frames->in_file ? EVENT_GAP : EVENT_BETWEEN;
}

/* A document with "Records" in the place of a record: the one before has no end. */
static enum step enter_file(struct event_frames *frames, struct event_text *out)
{
    bool nested = frames->in_file;
    buf_reset(&frames->text);
    if (nested)
        put_out(frames, CUT_OFF, out);
    frames->in_file = true;
    frames->file++;
    frames->record = 0;
    frames->state = EVENT_GAP;
    return nested ? STEP_END : STEP_ON;
}

/* Within a file the brackets are followed to the end of the record. */
static enum step break_unit(struct event_frames *frames, char c, struct event_text *out)
{
    bool restart = c == '{' && frames->at_line;
    if (frames->in_file && !restart) {
        frames->broken = true;
        return STEP_ON;
    }
    put_out(frames, frames->depth > EVENT_MOST_DEEP ? TOO_DEEP : NULL, out);
    frames->state = restart ? outside(frames) : EVENT_SKIP;
    return restart ? STEP_END_BEFORE : STEP_END;
}

static enum step step_unit(struct event_frames *frames, char c, struct event_text *out)
{
    enum lex result = lex(frames, c);
    if (result == LEX_RECORDS)
        return enter_file(frames, out);
    if (result == LEX_BROKEN) {
        enum step step = break_unit(frames, c, out);
        if (step != STEP_ON)
            return step;
    }
    buf_addc(&frames->text, c);
    if (result != LEX_CLOSED)
        return STEP_ON;
    put_out(frames, NULL, out);
    frames->state = outside(frames);
    return STEP_END;
}

static enum step step_other(struct event_frames *frames, char c, struct event_text *out)
{
    bool ends = c == '\n' || (frames->in_file && (c == ',' || c == ']'));
    if (!ends) {
        buf_addc(&frames->text, c);
        return STEP_ON;
    }
    put_out(frames, NULL, out);
    frames->state = outside(frames);
    return c == ']' ? STEP_END_BEFORE : STEP_END;
}

static enum step step_begin(struct event_frames *frames, char c, struct event_text *out)
{
    bool unit = c == '{' || c == '[';
    begin_text(frames, unit ? EVENT_UNIT : EVENT_OTHER);
    return unit ? step_unit(frames, c, out) : step_other(frames, c, out);
}

static enum step step_gap(struct event_frames *frames, char c, struct event_text *out)
{
    if (is_blank(c) || c == ',')
        return STEP_ON;
    if (c != ']')
        return step_begin(frames, c, out);
    begin_lex(frames);
    frames->open[frames->depth++] = '{';
    frames->last = c;
    frames->state = EVENT_TAIL;
    return STEP_ON;
}

static enum step step_tail(struct event_frames *frames, char c, struct event_text *out)
{
    enum lex result = lex(frames, c);
    if (result == LEX_RECORDS) /* a second list: its records count as well */
        frames->state = EVENT_GAP;
    if (result == LEX_ON || result == LEX_RECORDS)
        return STEP_ON;
    if (result == LEX_BROKEN) {
        buf_reset(&frames->text);
        frames->begun = frames->line;
        put_out(frames, CUT_OFF, out);
    }
    bool restart = result == LEX_BROKEN && c == '{' && frames->at_line;
    frames->in_file = false;
    frames->state = result == LEX_CLOSED || restart ? EVENT_BETWEEN : EVENT_SKIP;
    if (result == LEX_CLOSED)
        return STEP_ON;
    return restart ? STEP_END_BEFORE : STEP_END;
}

static enum step step(struct event_frames *frames, char c, struct event_text *out)
{
    switch (frames->state) {
    case EVENT_OTHER: return step_other(frames, c, out);
    case EVENT_UNIT: return step_unit(frames, c, out);
    case EVENT_GAP: return step_gap(frames, c, out);
    case EVENT_TAIL: return step_tail(frames, c, out);
    case EVENT_SKIP:
        if (c != '{' || !frames->at_margin)
            return STEP_ON;
        break;
    case EVENT_BETWEEN: break;
    }
    return is_blank(c) || is_mark(c) ? STEP_ON : step_begin(frames, c, out);
}

static void pass(struct event_frames *frames, char c)
{
    frames->at_margin = c == '\n';
    frames->at_line = c == '\n' || (frames->at_line && is_blank(c));
    frames->line += c == '\n';
}

size_t event_frames_feed(struct event_frames *frames, const char *bytes, size_t length,
                         struct event_text *out, bool *found)
{
    *found = false;
    for (size_t i = 0; i < length; i++) {
        enum step result = step(frames, bytes[i], out);
        *found = result != STEP_ON;
        if (result == STEP_END_BEFORE)
            return i;
        pass(frames, bytes[i]);
        if (result == STEP_END)
            return i + 1;
    }
    return length;
}

bool event_frames_end_line(struct event_frames *frames, struct event_text *out)
{
    bool left = frames->state == EVENT_OTHER;
    if (left) {
        put_out(frames, NULL, out);
        frames->state = outside(frames);
    }
    frames->at_line = frames->at_margin = true;
    return left;
}

bool event_frames_end(struct event_frames *frames, struct event_text *out)
{
    bool unit = frames->state == EVENT_OTHER || frames->state == EVENT_UNIT;
    bool cut = frames->in_file;
    if (!unit) {
        buf_reset(&frames->text);
        frames->begun = frames->line;
    }
    put_out(frames, unit ? NULL : CUT_OFF, out);
    frames->in_file = false;
    frames->state = EVENT_BETWEEN;
    return unit || cut;
}

int event_text_prefix(const struct event_text *text, struct err *err)
{
    if (text->file == 0)
        return err_prefix(err, "line %lu", text->line);
    return err_prefix(err, "line %lu, record %lu of file %lu", text->line, text->record,
                      text->file);
}
