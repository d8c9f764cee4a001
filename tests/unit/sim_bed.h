/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For tests of the simulator: one in a child process, with a fixed clock, so that the same requests get the same bytes;
 * and a client that sees bytes and how a connection ends. All calls fail the test that makes them.
 */
#ifndef COMETCANARY_TESTS_UNIT_SIM_BED_H
#define COMETCANARY_TESTS_UNIT_SIM_BED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/clock.h"

enum {
	PATIENCE_MS = 10000, /* until something has to happen */
	QUIET_MS = 120, /* nothing for so long is silence */
	REPLY_MAX = 32 * 1024 * 1024,
	REPLY_PIECE = 65536,
	CLOCK_S = 1795341600,
};

enum { HTTP, TLS, CONTROL, PORTS };

struct bed {
	pid_t pid;
	uint16_t ports[PORTS];
	char ca[4096];
};

void bed_start(struct bed *bed, uint64_t seed);
/* It has to end cleanly. */
void bed_stop(struct bed *bed);

enum ending { CLOSED, RESET, SILENT, FULL };

struct reply {
	struct buf bytes;
	enum ending ending;
	int reads; /* how many pieces came, at least */
	int64_t first_ms, last_ms; /* since the request was sent */
};

/* Connects to loopback: a descriptor, or -errno. */
int dial(uint16_t port);
int64_t ms_since(struct mono start);
/* False when the other side has gone. */
bool send_all(int fd, const char *bytes, size_t len);
/* Reads until the other side ends it, `most` bytes are there (FULL), or nothing has come for quiet_ms (SILENT). */
void listen_to(int fd, int quiet_ms, size_t most, struct reply *reply);
/* Sends a text, reads the reply, closes. reply->bytes is the caller's to free. */
void exchange(uint16_t port, const char *request, int quiet_ms, struct reply *reply);
/* With the key and Connection: close. */
void write_request(struct buf *out, const char *method, const char *path, const char *body);
/* A call of the simulator's own interface. */
void control(const struct bed *bed, const char *method, const char *path, const char *body, struct reply *reply);
void add_rule(const struct bed *bed, const char *rule);

struct str body_of(const struct reply *reply);
size_t count_of(struct str text, const char *part);

#define ASK_WHOLE \
	"{\"model\":\"gpt-5.4-mini\",\"messages\":[{\"role\":\"user\",\"content\":\"Count for me, please.\"}],\"max_tokens\":6}"
#define ASK_STREAM \
	"{\"model\":\"gpt-5.4-mini\",\"messages\":[{\"role\":\"user\",\"content\":\"Count for me, please.\"}],\"max_tokens\":6," \
	"\"stream\":true,\"stream_options\":{\"include_usage\":true}}"

#endif
