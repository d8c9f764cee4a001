/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The grammars of single values: names, addresses, URLs, headers; and the two things that no value may hold, a
 * placeholder and an API key. A check answers NULL, or what would be right (static text). Pure.
 */
#ifndef COMETCANARY_CONFIG_SYNTAX_H
#define COMETCANARY_CONFIG_SYNTAX_H

#include <stdbool.h>

#include "base/str.h"

typedef const char *syntax_check(struct str text);

syntax_check syntax_name; /* [a-z0-9][a-z0-9_-]{0,63} */
syntax_check syntax_listen;
syntax_check syntax_telemetry_path;
syntax_check syntax_base_url;
syntax_check syntax_proxy;
syntax_check syntax_anchor;
syntax_check syntax_path; /* of a request; {model} is the only brace */
syntax_check syntax_header_name;
syntax_check syntax_header_value;
syntax_check syntax_model;
syntax_check syntax_page; /* a URL for people */
syntax_check syntax_file; /* "" or an absolute path */
syntax_check syntax_file_name; /* of a file, absolute or not */
syntax_check syntax_env_name;
syntax_check syntax_absolute_path;
syntax_check syntax_credential;

bool syntax_is_placeholder(struct str text);
/* The same for prose and patterns, where < > may have a meaning. */
bool syntax_is_bare_placeholder(struct str text);
/* Holds something with the form of an API key. */
bool syntax_looks_secret(struct str text);
/* The same, or a password or key within a URL: such a text is not shown. */
bool syntax_may_hold_secret(struct str text);
/* A header that carries a key by its name. */
bool syntax_is_auth_header(struct str name);
/* A header that the client sets itself. */
bool syntax_is_own_header(struct str name);
bool syntax_url_is_plaintext(struct str url);
bool syntax_url_is_loopback(struct str url);

#endif
