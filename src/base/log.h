/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Structured log: one line a message, constant text plus fields, as JSON or logfmt, to stderr or a file. Writing never
 * blocks a probe: lines go through a bounded buffer that the loop empties; what does not fit is dropped and counted.
 * A sink that fails (disk full, closed pipe) is counted too, and tried again. Pure layers do not log. Loop thread only.
 */
#ifndef COMETCANARY_BASE_LOG_H
#define COMETCANARY_BASE_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/clock.h"

enum log_severity { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR, LOG_SEVERITIES };

enum { LOG_FIELDS_MAX = 48 }; /* of one line, time, level and msg included */

enum log_field_type { LOG_TEXT, LOG_INT, LOG_BOOL, LOG_REAL };

/* A field whose text is absent is left out. Use the LOG_* makers. */
struct log_field {
	const char *key;
	enum log_field_type type;
	struct str text;
	int64_t number;
	double real;
};

#define LOG_F_TEXT(k, v) ((struct log_field){ .key = (k), .type = LOG_TEXT, .text = str_of(v) })
#define LOG_F_STR(k, v) ((struct log_field){ .key = (k), .type = LOG_TEXT, .text = (v) })
#define LOG_F_INT(k, v) ((struct log_field){ .key = (k), .type = LOG_INT, .number = (v) })
#define LOG_F_BOOL(k, v) ((struct log_field){ .key = (k), .type = LOG_BOOL, .number = (v) })

struct loop;

/* path "" = stderr. 0 or -errno. Before log_open(), lines go to stderr at once. loop may be NULL (one-shot commands). */
int log_open(struct loop *loop, const char *path, bool json, enum log_severity level);
/* SIGUSR1: opens the file again (rotation). Keeps the old one on failure. 0 or -errno. */
int log_reopen(void);
/* Writes what is buffered, as far as that works without waiting longer than patience_ms. */
void log_close(int patience_ms);

const char *log_severity_name(enum log_severity severity);
bool log_wants(enum log_severity severity);
void log_write(enum log_severity severity, const char *msg, const struct log_field *fields, size_t count);
#define log_msg(severity, msg, ...) \
	log_write((severity), (msg), (const struct log_field[]){ __VA_ARGS__ }, \
	    sizeof((const struct log_field[]){ __VA_ARGS__ }) / sizeof(struct log_field))

struct log_stats {
	uint64_t messages[LOG_SEVERITIES];
	uint64_t dropped;
};
struct log_stats log_stats(void);

#endif
