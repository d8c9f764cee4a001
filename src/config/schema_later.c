/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "config/schema.h"

/* The sections and keys that the format has and this version does not implement. Their rows serve the manual and the
 * error that says so; they fill nothing. */

#define WORDS(...) ((const char *const[]){ __VA_ARGS__, NULL })
/* clang-format off */
#define GROUP(path_text, ...) { .path = (path_text), .keys = (const struct schema_key[]){ __VA_ARGS__, { 0 } } }
/* clang-format on */

const struct schema_group schema_web_tls = GROUP("web.tls_server_config",
    { "cert_file", VALUE_TEXT, KEY_LATER | KEY_REQUIRED, .text = "the server's certificate" },
    { "key_file", VALUE_TEXT, KEY_LATER | KEY_REQUIRED, .text = "its key" },
    { "client_auth_type", VALUE_TEXT, KEY_LATER, .text = "whether clients need a certificate" },
    { "client_ca_file", VALUE_TEXT, KEY_LATER, .text = "who may have issued it" },
    { "min_version", VALUE_WORD, KEY_LATER, .words = WORDS("TLS12", "TLS13"), .fallback = "TLS12",
	.text = "the oldest TLS that is served" });

const struct schema_group schema_web_user =
    GROUP("web.basic_auth_users[]", { "name", VALUE_TEXT, KEY_LATER | KEY_REQUIRED, .text = "the user" },
	{ "hash", VALUE_TEXT, KEY_LATER | KEY_REQUIRED, .text = "the password's bcrypt hash" });

const struct schema_group schema_parser =
    GROUP("parsers[]", { "name", VALUE_TEXT, KEY_LATER | KEY_REQUIRED, .text = "by which endpoints refer to it" },
	{ "command", VALUE_TEXTS, KEY_LATER | KEY_REQUIRED,
	    .text = "program and arguments; the body on standard input, exit 0 = parsed" },
	{ "timeout", VALUE_DURATION, KEY_LATER, .fallback = "5s", .text = "for one body" });

const struct schema_group schema_golden =
    GROUP("golden", { "dir", VALUE_TEXT, KEY_LATER, .fallback = "golden", .text = "where they are" });

const struct schema_group schema_gate = GROUP("gate",
    { "require", VALUE_TEXTS, KEY_LATER,
	.words = WORDS("documentation", "credential", "golden_request", "parser", "negative_path", "fallback", "budget",
	    "alert", "rollback", "evidence"),
	.text = "the checks that have to pass [all]" },
    { "rules_file", VALUE_TEXT, KEY_LATER, .fallback = "/usr/share/cometcanary/rules/cometcanary.rules.yml",
	.text = "the alert rules that must be there" },
    { "evidence_max_age", VALUE_DURATION, KEY_LATER, .fallback = "90d",
	.text = "after which evidence has to be read again" },
    { "forbid_env", VALUE_TEXTS, KEY_LATER, .text = "environment variables that must not be set" });

const struct schema_group schema_fleet = GROUP("fleet",
    { "coordinator", VALUE_TEXTS, KEY_LATER | KEY_REQUIRED, .text = "the addresses of etcd" },
    { "prefix", VALUE_TEXT, KEY_LATER, .fallback = "/cometcanary", .text = "of the keys there" },
    { "member", VALUE_TEXT, KEY_LATER, .fallback = "", .text = "the name of this daemon [the host's]" },
    { "mode", VALUE_WORD, KEY_LATER, .words = WORDS("split"), .fallback = "split", .text = "how endpoints are shared" },
    { "lease", VALUE_DURATION, KEY_LATER, .fallback = "15s", .text = "after which a silent member loses them" });
