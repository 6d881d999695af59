/* Divides a stream into the JSON texts of single events, byte by byte, without holding more than
 * one of them. Serves event_source. Owns its buffer.
 *
 * Documents follow each other, on one line or over several. The elements of "Records" in a document
 * are passed on one by one, as CloudTrail's log files hold them (AWS CloudTrail User Guide,
 * "CloudTrail log file examples": a JSON text with one or more records in "Records"). Only brackets
 * and strings are followed here; whoever gets a text parses it.
 *
 * What is broken is passed on as well, so that it gives an error, and reading continues: after
 * another text, with the next line; after a broken document, with the next line that begins with
 * '{'; after a broken record, where its brackets close. A '{' that begins a line where JSON allows
 * none begins a new document or record. */
#ifndef INTAKE_EVENT_FRAMES_H
#define INTAKE_EVENT_FRAMES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

#define EVENT_MAX (1u << 20) /* bytes of one event */
#define EVENT_MOST_DEEP 512  /* JSON_MAX_NESTING; what is deeper is refused when it is parsed */
#define EVENT_KEY "Records"

/* One text, borrowed until the next call. */
struct event_text {
    const char *text;
    size_t length;
    unsigned long line;         /* where it begins */
    unsigned long file, record; /* numbers of the log file, and of the record in it; 0: in none */
    const char *problem;        /* the text cannot be used, or is cut off; NULL: parse it */
};

enum event_state {
    EVENT_BETWEEN, /* documents */
    EVENT_OTHER,   /* in a text that is no object and no list */
    EVENT_UNIT,    /* in an object or a list */
    EVENT_GAP,     /* between records */
    EVENT_TAIL,    /* after "Records" */
    EVENT_SKIP     /* after a broken document */
};

struct event_frames {
    enum event_state state;
    bool in_file; /* in "Records" */
    struct buf text;
    unsigned long line, begun, file, record;
    bool at_line, at_margin; /* only blanks before this byte in its line; nothing before it */
    /* The brackets that are open in the current document or record. */
    char open[EVENT_MOST_DEEP];
    size_t depth;
    char last; /* byte that is no blank, outside strings */
    bool in_string, escaped, broken;
    char key[sizeof EVENT_KEY];
    size_t key_length;
    bool is_records; /* the last string at the first level was EVENT_KEY */
};

void event_frames_init(struct event_frames *frames);
void event_frames_clear(struct event_frames *frames);
/* Reads bytes up to the end of the next text, and returns how many; *found says whether there was
 * such an end. */
size_t event_frames_feed(struct event_frames *frames, const char *bytes, size_t length,
                         struct event_text *out, bool *found);
/* The stream has ended: what is left, if anything. Call it until it returns false. */
bool event_frames_end(struct event_frames *frames, struct event_text *out);
/* A compressed file has ended: a line has ended, too. */
bool event_frames_end_line(struct event_frames *frames, struct event_text *out);
/* Where a text is: "line 12", "line 1, record 7 of file 2". Returns `err`'s -1. */
int event_text_prefix(const struct event_text *text, struct err *err);

#endif
