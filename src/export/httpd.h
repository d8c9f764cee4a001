/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The daemon's web server: pages of export/pages.c over libmicrohttpd, driven by our loop. Connections are accepted here
 * and handed over, so that a lack of file descriptors or a full house pauses the door and nothing else. Long pages go out
 * in slices between which the loop turns. The only user of libmicrohttpd. Loop thread.
 */
#ifndef COMETCANARY_EXPORT_HTTPD_H
#define COMETCANARY_EXPORT_HTTPD_H

#include <stddef.h>

#include "base/attr.h"
#include "base/buf.h"
#include "export/view.h"
#include "model/conf.h"

struct loop;
struct httpd;

/* Serves nowhere yet. loop and view are borrowed. Returns owned; NULL and errno when libmicrohttpd cannot start. */
struct httpd *httpd_new(struct loop *loop, const struct export_view *view) ATTR_NODISCARD;
/* Opens the addresses that are new, keeps those that stay (with their connections), closes the rest. All or nothing:
 * on failure -errno, nothing has changed, and ret_error says why, for people. May be called from inside a request.
 * web must stay valid until the next call. */
int httpd_configure(struct httpd *httpd, const struct web_config *web, struct buf *ret_error);
/* How many addresses are served, and the one at index with its real port: "127.0.0.1:10077". Borrowed. */
size_t httpd_address_count(const struct httpd *httpd);
const char *httpd_address(const struct httpd *httpd, size_t index);
/* The version of libmicrohttpd that runs. */
const char *httpd_library_version(void);
/* Closes all connections; not from inside a request. */
void httpd_free(struct httpd *httpd);

#endif
