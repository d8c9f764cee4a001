/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The simulated documentation site, under /docs/: pages in three forms, an index, and what has been switched on or put
 * there by control requests. Loop thread; no I/O.
 */
#ifndef COMETCANARY_SIM_SITE_H
#define COMETCANARY_SIM_SITE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/clock.h"

struct answer;
struct http_request;
struct site;

enum { SITE_TEXT_BYTES = 4 * 1024 * 1024, SITE_TEXTS_MAX = 64 };

/* now: when its pages were last changed. Owned: site_free(). */
struct site *site_new(uint64_t seed, struct wall now);
void site_free(struct site *site);

/* Is it one of the site's paths? */
bool site_owns(struct str path);
/* answer is empty; it may borrow from the site until the next call. *ret_delay_ns: how long to wait before the head. */
void site_answer(struct site *site, const struct http_request *request, struct wall now, struct answer *answer,
    int64_t *ret_delay_ns);

/* json: {"page": NAME or "*" or "index", "changes": ["NAME" or "NAME:ARGUMENT", ...]}; they are added to what is on.
 * With "*" every page that has such a thing gets it. All or nothing: on false, *ret_error says what is wrong. */
bool site_change(struct site *site, struct str json, struct wall now, struct buf *ret_error);
/* Takes back the changes of one page; absent: of all pages, and every text. False when there is no such page. */
bool site_restore(struct site *site, struct str page, struct wall now);
/* Serves the body at that path (below /docs/) from now on. type: absent = by the path. False when it is too much. */
bool site_put(struct site *site, struct str path, const struct http_request *request, struct wall now);
/* Takes the text back. False when there is none. */
bool site_take_back(struct site *site, struct str path, struct wall now);
/* {"pages":[...],"changes":[...],"texts":[...]}: what there is, and what is on. */
void site_write_catalogue(const struct site *site, struct buf *out);

#endif
