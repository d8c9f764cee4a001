/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "config/schema.h"

#include <string.h>

#include "base/clock.h"
#include "model/conf.h"
#include "model/cost.h"

#define AT(type, field) .offset = offsetof(struct type, field)
#define COUNT_AT(type, field) .count_offset = offsetof(struct type, field)
#define WITHIN(low, high) .min = (low), .max = (high)
#define WORDS(...) ((const char *const[]){ __VA_ARGS__, NULL })
/* clang-format off */
#define GROUP(path_text, ...) { .path = (path_text), .keys = (const struct schema_key[]){ __VA_ARGS__, { 0 } } }
#define ELEMENT(type, path_text, ...) \
	{ .path = (path_text), .element_bytes = sizeof(struct type), .keys = (const struct schema_key[]){ __VA_ARGS__, { 0 } } }
/* clang-format on */

#define MS NS_PER_MS
#define SEC NS_PER_SEC
#define DAY (86400 * NS_PER_SEC)
#define KIB INT64_C(1024)
#define MIB (1024 * KIB)

static const struct schema_group web_keys = GROUP("web",
    { "listen", VALUE_TEXTS, KEY_OWN, AT(config, web.listen), COUNT_AT(config, web.listen_count), WITHIN(1, 16),
	.check = syntax_listen, .fallback = "127.0.0.1:10077",
	.text = "addresses to serve on: \"127.0.0.1:10077\", \"[::1]:10077\", \":10077\" (all), \"unix:/path\"" },
    { "telemetry_path", VALUE_TEXT, KEY_OWN, AT(config, web.telemetry_path), .check = syntax_telemetry_path,
	.fallback = "/metrics", .text = "where Prometheus scrapes" },
    { "lifecycle", VALUE_BOOL, KEY_OWN, AT(config, web.lifecycle), .fallback = "false",
	.text = "allow POST /-/reload, /-/fallback and /-/probe" },
    { "max_connections", VALUE_COUNT, KEY_OWN, AT(config, web.max_connections), WITHIN(1, 4096), .fallback = "64",
	.text = "HTTP connections at the same time" },
    { "tls_server_config", VALUE_GROUP, KEY_LATER, .sub = &schema_web_tls,
	.text = "serve over TLS; keys as in the exporter-toolkit's web configuration" },
    { "basic_auth_users", VALUE_LIST, KEY_LATER, .sub = &schema_web_user,
	.text = "users that may read; as in the exporter-toolkit's web configuration" },
    { "open_health", VALUE_BOOL, KEY_LATER, .fallback = "true",
	.text = "/-/healthy and /-/ready without credentials" });

static const struct schema_group log_keys = GROUP("log",
    { "level", VALUE_WORD, KEY_OWN, AT(config, log.level), .words = WORDS("debug", "info", "warn", "error"),
	.fallback = "info", .text = "the least severity that is written" },
    { "format", VALUE_WORD, KEY_OWN, AT(config, log.format), .words = WORDS("json", "logfmt"), .fallback = "json",
	.text = "one object or one line of key=value a message" },
    { "file", VALUE_TEXT, KEY_OWN | KEY_EMPTY, AT(config, log.file), .fallback = "",
	.text = "where to; \"\" is standard error" });

#define SECRET_PLACES \
	{ "env", VALUE_TEXT, KEY_HIDE, .check = syntax_env_name, .text = "the name of an environment variable" }, \
	    { "file", VALUE_TEXT, KEY_HIDE, .check = syntax_absolute_path, .text = "the path of a file" }, \
	{ \
		"credential", VALUE_TEXT, KEY_HIDE, .check = syntax_credential, \
						    .text = "the name of a file in $CREDENTIALS_DIRECTORY" \
	}

static const struct schema_group secret_keys = GROUP("providers[].auth.secret", SECRET_PLACES);
static const struct schema_group tenant_secret_keys = GROUP("tenants[].secret", SECRET_PLACES);

static const struct schema_group auth_keys = GROUP("providers[].auth",
    { "header", VALUE_TEXT, 0, AT(provider, auth.header), .check = syntax_header_name, .fallback = "Authorization",
	.text = "the header that carries the key" },
    { "scheme", VALUE_TEXT, KEY_EMPTY, AT(provider, auth.scheme), .check = syntax_header_value, .fallback = "Bearer",
	.text = "what stands before the key; \"\" is nothing" },
    { "secret", VALUE_SECRET, KEY_REQUIRED, AT(provider, auth.secret), .sub = &secret_keys,
	.text = "where the key is: exactly one of env, file, credential" });

static const struct schema_group header_keys = ELEMENT(header_pair, "providers[].headers[]",
    { "name", VALUE_TEXT, KEY_REQUIRED, AT(header_pair, name), .check = syntax_header_name,
	.text = "the header's name" },
    { "value", VALUE_TEXT, KEY_REQUIRED | KEY_EMPTY | KEY_HIDE, AT(header_pair, value), .check = syntax_header_value,
	.text = "its value, never a secret" });

static const struct schema_group tls_keys = GROUP("providers[].tls",
    { "ca_file", VALUE_TEXT, KEY_EMPTY, AT(provider, tls.ca_file), .check = syntax_file, .fallback = "",
	.text = "certificate authorities to trust; \"\" is the system's" },
    { "cert_file", VALUE_TEXT, KEY_EMPTY, AT(provider, tls.cert_file), .check = syntax_file, .fallback = "",
	.text = "a client certificate" },
    { "key_file", VALUE_TEXT, KEY_EMPTY, AT(provider, tls.key_file), .check = syntax_file, .fallback = "",
	.text = "its key" },
    { "min_version", VALUE_WORD, 0, AT(provider, tls.min_version), .words = WORDS("TLS12", "TLS13"),
	.fallback = "TLS12", .text = "the oldest TLS that is accepted" });

static const struct schema_group provider_keys = ELEMENT(provider, "providers[]",
    { "name", VALUE_TEXT, KEY_REQUIRED | KEY_UNIQUE, AT(provider, name), .check = syntax_name,
	.text = "by which endpoints refer to it" },
    { "base_url", VALUE_TEXT, KEY_REQUIRED, AT(provider, base_url), .check = syntax_base_url,
	.text = "\"https://HOST\"; an endpoint's path is put behind it" },
    { "auth", VALUE_GROUP, KEY_IF_THERE, .sub = &auth_keys, .text = "how the key is sent; without it no key is" },
    { "headers", VALUE_LIST, 0, AT(provider, headers), COUNT_AT(provider, header_count), WITHIN(0, 12),
	.sub = &header_keys, .text = "further request headers, never secrets" },
    { "request_id_header", VALUE_TEXT, 0, AT(provider, request_id_header), .check = syntax_header_name,
	.fallback = "X-Request-ID", .text = "the header in which each request's own id is sent" },
    { "response_id_headers", VALUE_TEXTS, 0, AT(provider, response_id_headers),
	COUNT_AT(provider, response_id_header_count), WITHIN(0, 16), .check = syntax_header_name,
	.fallback = "x-cometapi-request-id,x-request-id,request-id",
	.text = "where the provider says its id of a request; the first that is there counts" },
    { "tls", VALUE_GROUP, 0, .sub = &tls_keys, .text = "trust and client certificate" },
    { "proxy", VALUE_TEXT, KEY_EMPTY, AT(provider, proxy), .check = syntax_proxy, .fallback = "",
	.text = "\"http://HOST:PORT\"; \"\" is none, whatever the environment says" },
    { "ip_family", VALUE_WORD, 0, AT(provider, ip_family), .words = WORDS("any", "ip4", "ip6"), .fallback = "any",
	.text = "the addresses that are used" },
    { "http_version", VALUE_WORD, 0, AT(provider, http_version), .words = WORDS("any", "1.1", "2"), .fallback = "any",
	.text = "the HTTP version that is asked for" },
    { "max_in_flight", VALUE_COUNT, 0, AT(provider, max_in_flight), WITHIN(1, 4096), .fallback = "8",
	.text = "requests to this provider at the same time" },
    { "allow_plaintext", VALUE_BOOL, 0, AT(provider, allow_plaintext), .fallback = "false",
	.text = "send the key over http:// to a host that is not this one" },
    { "models_path", VALUE_TEXT, 0, AT(provider, models_path), .check = syntax_path,
	.text =
	    "where the provider lists its models, on up to 50 pages: is each configured one still there? [not asked]" },
    { "models_interval", VALUE_DURATION, 0, AT(provider, models_interval_ns), WITHIN(1 * SEC, 30 * 86400 * SEC),
	.fallback = "1h", .text = "how often that is asked" });

static const struct schema_group timeout_keys = GROUP("endpoints[].timeout",
    { "connect", VALUE_DURATION, 0, AT(endpoint, deadlines.connect_ns), WITHIN(1 * MS, 3600 * SEC), .fallback = "5s",
	.text = "name, connection and TLS, from the start" },
    { "first_byte", VALUE_DURATION, 0, AT(endpoint, deadlines.first_byte_ns), WITHIN(1 * MS, 3600 * SEC),
	.fallback = "20s", .text = "the response's head, from the sent request" },
    { "first_token", VALUE_DURATION, 0, AT(endpoint, deadlines.first_token_ns), WITHIN(1 * MS, 3600 * SEC),
	.fallback = "20s", .text = "the first visible content of a stream, from the sent request" },
    { "idle", VALUE_DURATION, 0, AT(endpoint, deadlines.idle_ns), WITHIN(1 * MS, 3600 * SEC), .fallback = "10s",
	.text = "a gap within body or stream" },
    { "total", VALUE_DURATION, 0, AT(endpoint, deadlines.total_ns), WITHIN(1 * MS, 3600 * SEC), .fallback = "30s",
	.text = "the whole run; the others are no longer than this" });

static const struct schema_group request_keys = GROUP("endpoints[].request",
    { "prompt", VALUE_TEXT, KEY_PROSE, AT(endpoint, request.prompt),
	.fallback = "Reply with the word ok and no other text.", .text = "the synthetic question" },
    { "max_tokens", VALUE_INT, 0, AT(endpoint, request.max_tokens), WITHIN(1, MAX_TOKENS_MAX), .fallback = "16",
	.text = "the cap on the answer's length" },
    { "token_field", VALUE_TEXT, 0, AT(endpoint, request.token_field), .check = syntax_model,
	.text = "the request's key for that cap [the dialect's own]" },
    { "temperature", VALUE_REAL, 0, AT(endpoint, request.temperature), COUNT_AT(endpoint, request.has_temperature),
	WITHIN(0, 2), .text = "0 to 2; absent means not sent [absent]" },
    { "stream_usage", VALUE_BOOL, 0, AT(endpoint, request.stream_usage), .fallback = "true",
	.text = "ask for usage in streams, where the dialect has to ask" },
    { "extra", VALUE_JSON, KEY_PROSE, AT(endpoint, request.extra),
	.text = "a JSON object that is merged into the body [none]" });

#define REFUSALS \
	"missing_auth", "invalid_auth", "invalid_model", "malformed_json", "missing_field", "wrong_path", "rate_limit"

static const struct schema_group refusal_keys = ELEMENT(refusal, "endpoints[].expect.negative[]",
    { "case", VALUE_PROBE, KEY_REQUIRED, AT(refusal, probe), .words = WORDS(REFUSALS), .text = "the negative probe" },
    { "outcome", VALUE_OUTCOMES, 0, AT(refusal, outcomes),
	.text = "the outcomes that are the right refusal [the dialect's]" },
    { "status", VALUE_STATUSES, 0, AT(refusal, statuses), COUNT_AT(refusal, status_count),
	.text = "the HTTP statuses that are [any]" });

static const struct schema_group expect_keys = GROUP("endpoints[].expect",
    { "usage", VALUE_WORD, 0, AT(endpoint, expect.usage), .words = WORDS("optional", "documented", "none"),
	.fallback = "optional", .text = "what the documentation says about token usage" },
    { "model", VALUE_WORD, 0, AT(endpoint, expect.model), .words = WORDS("prefix", "exact", "any"),
	.fallback = "prefix", .text = "the model that answers: the alias or its dated snapshot, exactly it, or any" },
    { "output", VALUE_PATTERN, KEY_PROSE, AT(endpoint, expect.output), COUNT_AT(endpoint, expect.output_text),
	.text = "a PCRE2 pattern that the visible output matches [none]" },
    { "prompt_tokens", VALUE_RANGE, 0, AT(endpoint, expect.prompt_tokens_min), WITHIN(0, 1000000),
	.text = "least and most tokens that the prompt counts for [none]" },
    { "negative", VALUE_LIST, 0, AT(endpoint, expect.refusals), COUNT_AT(endpoint, expect.refusal_count),
	WITHIN(0, PROBE_COUNT), .sub = &refusal_keys,
	.text = "what the right refusal of a negative probe is, instead of the dialect's" });

const struct schema_group schema_endpoint = ELEMENT(endpoint, "endpoints[]",
    { "name", VALUE_TEXT, KEY_REQUIRED | KEY_UNIQUE | KEY_OWN, AT(endpoint, name), .check = syntax_name,
	.text = "the label `endpoint` of its metrics" },
    { "provider", VALUE_PROVIDER, KEY_REQUIRED, AT(endpoint, provider), .text = "the name of a provider" },
    { "dialect", VALUE_DIALECT, KEY_REQUIRED, AT(endpoint, dialect),
	.words = WORDS("openai-chat", "openai-responses", "anthropic-messages", "gemini", "openai-embeddings",
	    "openai-images", "openai-models", "json-get"),
	.text = "the API family" },
    { "path", VALUE_TEXT, KEY_REQUIRED | KEY_OWN, AT(endpoint, path), .check = syntax_path,
	.text = "copied from the documentation; {model} is filled in" },
    { "model", VALUE_TEXT, KEY_OWN, AT(endpoint, model), .check = syntax_model,
	.text = "the model's id; required where the dialect has one" },
    { "enabled", VALUE_BOOL, 0, AT(endpoint, enabled), .fallback = "true", .text = "false: checked, but not probed" },
    { "interval", VALUE_DURATION, 0, AT(endpoint, interval_ns), WITHIN(100 * MS, 366 * DAY), .fallback = "60s",
	.text = "from one run of a positive probe to the next" },
    { "negative_interval", VALUE_DURATION, 0, AT(endpoint, negative_interval_ns), WITHIN(100 * MS, 366 * DAY),
	.fallback = "15m", .text = "the same for negative probes" },
    { "connection", VALUE_WORD, 0, AT(endpoint, connection), .words = WORDS("fresh", "reuse"), .fallback = "fresh",
	.text = "a new connection for each run, or one kept open" },
    { "probes", VALUE_PROBES, 0, WITHIN(0, PROBE_COUNT), .words = WORDS("sync", "stream"), .fallback = "sync",
	.text = "positive probes" },
    { "negative", VALUE_PROBES, 0, WITHIN(0, PROBE_COUNT), .words = WORDS(REFUSALS, "timeout", "stream_abort"),
	.text = "negative probes: requests that must be refused, and ends of our own making [none]" },
    { "timeout", VALUE_GROUP, 0, .sub = &timeout_keys,
	.text = "deadlines; one that is not set is the smaller of its default and the total" },
    { "negative_timeout", VALUE_DURATION, 0, AT(endpoint, negative_timeout_ns), WITHIN(1 * MS, 3600 * SEC),
	.fallback = "50ms", .text = "the low deadline of the probe \"timeout\"; an answer before it is ok" },
    { "max_body", VALUE_SIZE, 0, AT(endpoint, caps.body_bytes), WITHIN(1 * KIB, 256 * MIB), .fallback = "1MiB",
	.text = "cap on a body, decompressed; for images 16MiB" },
    { "max_head", VALUE_SIZE, 0, AT(endpoint, caps.head_bytes), WITHIN(1 * KIB, 1 * MIB), .fallback = "64KiB",
	.text = "cap on a response's head" },
    { "max_line", VALUE_SIZE, 0, AT(endpoint, caps.line_bytes), WITHIN(1 * KIB, 256 * MIB), .fallback = "256KiB",
	.text = "cap on a line of a stream" },
    { "max_event", VALUE_SIZE, 0, AT(endpoint, caps.event_bytes), WITHIN(1 * KIB, 256 * MIB), .fallback = "1MiB",
	.text = "cap on an event of a stream" },
    { "request", VALUE_GROUP, 0, .sub = &request_keys, .text = "what is asked" },
    { "expect", VALUE_GROUP, 0, .sub = &expect_keys, .text = "what a good answer is" },
    { "contract", VALUE_CONTRACT, 0, AT(endpoint, contract), .text = "the name of a contract [none]" },
    { "fallback", VALUE_NAMES, KEY_EXACT, AT(endpoint, fallback_names), COUNT_AT(endpoint, fallback_count),
	WITHIN(1, FALLBACK_POLICIES_MAX), .check = syntax_name,
	.text = "a fallback policy; of a list the first is in force, the others only decide beside it [none]" },
    { "budget", VALUE_BUDGET, 0, AT(endpoint, budget), .text = "the name of a budget [none]" },
    { "tenant", VALUE_TENANT, 0, AT(endpoint, tenant),
	.text = "the name of a tenant, with whose key it asks [none: with the provider's]" },
    { "parser", VALUE_TEXT, KEY_LATER, .text = "the name of a parser" });

static const struct schema_group self_check_keys = GROUP("self_check",
    { "anchors", VALUE_TEXTS, KEY_OWN, AT(config, self_check.anchors), COUNT_AT(config, self_check.anchor_count),
	WITHIN(0, 16), .check = syntax_anchor,
	.text = "\"https://HOST/\" or \"tcp://HOST:PORT\"; when none answers, runs are skipped: self_offline" },
    { "interval", VALUE_DURATION, KEY_OWN, AT(config, self_check.interval_ns), WITHIN(100 * MS, 1 * DAY),
	.fallback = "15s", .text = "how often they are asked" },
    { "loopback", VALUE_BOOL, KEY_OWN, AT(config, self_check.loopback), .fallback = "true",
	.text = "ask this machine itself, too" });

static const struct schema_group maintenance_keys = ELEMENT(maintenance_window, "maintenance[]",
    { "start_utc", VALUE_TIME_OF_DAY, KEY_REQUIRED, AT(maintenance_window, start_minute), .text = "\"HH:MM\", UTC" },
    { "days", VALUE_DAYS, 0, AT(maintenance_window, days),
	.words = WORDS("mon", "tue", "wed", "thu", "fri", "sat", "sun"), .fallback = "mon,tue,wed,thu,fri,sat,sun",
	.text = "the days on which it starts" },
    { "duration", VALUE_DURATION, KEY_REQUIRED, AT(maintenance_window, duration_ns), WITHIN(1 * SEC, 7 * DAY),
	.text = "how long runs are skipped" },
    { "endpoints", VALUE_ENDPOINTS, 0, AT(maintenance_window, endpoints), COUNT_AT(maintenance_window, endpoint_count),
	.text = "names of endpoints [all]" });

static const struct schema_group store_keys = GROUP("store",
    { "path", VALUE_STATE_FILE, 0, AT(config, store.path), .check = syntax_file_name, .fallback = "cometcanary.db",
	.text = "relative to $STATE_DIRECTORY, else $XDG_STATE_HOME/cometcanary, else ~/.local/state/cometcanary" },
    { "retention", VALUE_DURATION, 0, AT(config, store.retention_ns), WITHIN(60 * SEC, 3660 * DAY), .fallback = "30d",
	.text = "how long runs are kept" });

static const struct schema_group evidence_keys = ELEMENT(evidence, "contracts[].evidence[]",
    { "area", VALUE_WORD, KEY_REQUIRED | KEY_UNIQUE, AT(evidence, area),
	.words = WORDS("auth", "errors", "limits", "request", "path", "response"), .text = "what it is about" },
    { "status", VALUE_WORD, KEY_REQUIRED, AT(evidence, status),
	.words = WORDS("documented", "observed", "undocumented"),
	.text = "how it is known; documented needs title, url and accessed" },
    { "title", VALUE_TEXT, 0, AT(evidence, title), .text = "of the page" },
    { "url", VALUE_TEXT, 0, AT(evidence, url), .check = syntax_page, .text = "of the page" },
    { "accessed", VALUE_DATE, 0, AT(evidence, accessed_days), .text = "when it was read: \"2026-11-22\"" },
    { "note", VALUE_TEXT, KEY_PROSE, AT(evidence, note), .text = "a remark" },
    { "doc", VALUE_TEXT, 0, AT(evidence, doc), .check = syntax_name, .text = "the name of a watched document" },
    { "must_mention", VALUE_TEXTS, KEY_PROSE | KEY_EXACT, AT(evidence, must_mention),
	COUNT_AT(evidence, must_mention_count), WITHIN(0, 64), .text = "phrases that this document has to have" });

static const struct schema_group enum_keys = ELEMENT(enum_spec, "contracts[].enums[]",
    { "path", VALUE_PATH, KEY_REQUIRED, AT(enum_spec, path), .text = "of the field" },
    { "values", VALUE_TEXTS, KEY_REQUIRED | KEY_EXACT | KEY_EMPTY | KEY_PROSE, AT(enum_spec, values),
	COUNT_AT(enum_spec, count), WITHIN(1, 256), .text = "that it may have" });

static const struct schema_group baseline_keys = GROUP("contracts[].baseline",
    { "mode", VALUE_WORD, 0, AT(contract, baseline_mode), .words = WORDS("off", "learn", "pinned"), .fallback = "learn",
	.text = "do without; learn the shape, then pin it; or keep it as it is" },
    { "samples", VALUE_COUNT, 0, AT(contract, baseline_samples), WITHIN(1, 1000), .fallback = "20",
	.text = "good answers to learn from" });

static const struct schema_group severity_keys = ELEMENT(severity_rule, "contracts[].severity[]",
    { "rule", VALUE_RULE, KEY_REQUIRED | KEY_UNIQUE, AT(severity_rule, rule), .text = "the id of a finding" },
    { "level", VALUE_GRADE, KEY_REQUIRED, AT(severity_rule, level), COUNT_AT(severity_rule, disabled),
	.words = WORDS("breaking", "warning", "info", "none"), .text = "its severity here; none: it is not reported" });

static const struct schema_group acknowledge_keys = ELEMENT(acknowledgement, "contracts[].acknowledge[]",
    { "endpoint", VALUE_TEXT, 0, AT(acknowledgement, endpoint), .check = syntax_name,
	.text = "where [every endpoint of the contract]" },
    { "rule", VALUE_RULE, KEY_REQUIRED, AT(acknowledgement, rule), .text = "the id of the finding" },
    { "path", VALUE_PATH, KEY_HEADERS, AT(acknowledgement, path), .text = "of the field [any]" },
    { "until", VALUE_DATE, KEY_REQUIRED, AT(acknowledgement, until_days), .text = "the last day: \"2027-01-31\"" },
    { "reason", VALUE_TEXT, KEY_REQUIRED | KEY_PROSE, AT(acknowledgement, reason), .text = "why" });

static const struct schema_group contract_keys = ELEMENT(contract, "contracts[]",
    { "name", VALUE_TEXT, KEY_REQUIRED | KEY_UNIQUE, AT(contract, name), .check = syntax_name,
	.text = "by which endpoints refer to it" },
    { "reviewed", VALUE_DATE, 0, AT(contract, reviewed_days), .text = "when somebody last read it through" },
    { "evidence", VALUE_LIST, 0, AT(contract, evidence), COUNT_AT(contract, evidence_count), WITHIN(0, AREA_COUNT),
	.sub = &evidence_keys, .text = "where each area is written" },
    { "required", VALUE_FIELDS, KEY_NO_USAGE, AT(contract, required), WITHIN(0, 256),
	.text =
	    "fields that are always there, with their types: \"id:string\", \"choices[].message.content:string|null\"" },
    { "optional", VALUE_FIELDS, 0, AT(contract, optional), WITHIN(0, 256), .text = "fields that may be there" },
    { "enums", VALUE_LIST, 0, AT(contract, enums), COUNT_AT(contract, enum_count), WITHIN(0, 256), .sub = &enum_keys,
	.text = "fields with a closed set of values" },
    { "stream_required", VALUE_FIELDS, KEY_NO_USAGE, AT(contract, stream_required), WITHIN(0, 64),
	.text = "fields that at least one event of a stream has" },
    { "error_required", VALUE_FIELDS, 0, AT(contract, error_required), WITHIN(0, 256),
	.text = "fields of an error body" },
    { "baseline", VALUE_GROUP, KEY_IF_THERE, .sub = &baseline_keys,
	.text = "a shape learned from good answers; without it none is" },
    { "severity", VALUE_LIST, 0, AT(contract, severity), COUNT_AT(contract, severity_count), WITHIN(0, RULE_COUNT),
	.sub = &severity_keys, .text = "findings that weigh more or less here" },
    { "acknowledge", VALUE_LIST, 0, AT(contract, acknowledgements), COUNT_AT(contract, acknowledgement_count),
	WITHIN(0, 1000), .sub = &acknowledge_keys, .text = "findings that are known" });

static const struct schema_group retry_keys = GROUP("fallback_policies[].retry",
    { "max", VALUE_COUNT, 0, AT(fallback_policy, retry.max), WITHIN(0, 10), .fallback = "1",
	.text = "attempts after the first, in one run" },
    { "base", VALUE_DURATION, 0, AT(fallback_policy, retry.base_ns), WITHIN(1 * MS, 3600 * SEC), .fallback = "1s",
	.text = "the widest first delay; doubled for each retry, and a random part of it is waited" },
    { "cap", VALUE_DURATION, 0, AT(fallback_policy, retry.cap_ns), WITHIN(1 * MS, 3600 * SEC), .fallback = "30s",
	.text = "the longest delay; Retry-After is clamped to it" });

static const struct schema_group policy_keys = ELEMENT(fallback_policy, "fallback_policies[]",
    { "name", VALUE_TEXT, KEY_REQUIRED | KEY_UNIQUE, AT(fallback_policy, name), .check = syntax_name,
	.text = "by which endpoints refer to it" },
    { "enabled", VALUE_BOOL, 0, AT(fallback_policy, enabled), .fallback = "true",
	.text = "what the kill switch starts as; POST /-/fallback turns it at run time" },
    { "mode", VALUE_WORD, 0, AT(fallback_policy, mode), .words = WORDS("simulate", "exercise"), .fallback = "simulate",
	.text = "decide only, or really ask the target" },
    { "allow", VALUE_REASONS, 0, AT(fallback_policy, allow),
	.words = WORDS("connection", "timeout", "stream_disconnect", "server_error", "capacity", "rate_limit"),
	.text = "reasons for which it may fall back [none]" },
    { "duplicates_ok", VALUE_BOOL, 0, AT(fallback_policy, duplicates_ok), .fallback = "false",
	.text = "may a dispatched request be repeated, here or elsewhere?" },
    { "targets", VALUE_ENDPOINTS, 0, AT(fallback_policy, targets), COUNT_AT(fallback_policy, target_count),
	WITHIN(1, FALLBACK_TARGETS_MAX),
	.text = "names of endpoints, in order; one that is not enabled is asked in mode exercise alone [none]" },
    { "max_attempts", VALUE_COUNT, 0, AT(fallback_policy, max_attempts), WITHIN(1, FALLBACK_TARGETS_MAX),
	.fallback = "2", .text = "targets that are asked in one run" },
    { "cooldown", VALUE_DURATION, 0, AT(fallback_policy, cooldown_ns), WITHIN(0, 1 * DAY), .fallback = "30s",
	.text = "from one fallback of an endpoint to its next" },
    { "retry", VALUE_GROUP, KEY_IF_THERE, .sub = &retry_keys, .text = "without it nothing is retried" });

static const struct schema_group budget_keys = ELEMENT(budget, "budgets[]",
    { "name", VALUE_TEXT, KEY_REQUIRED | KEY_UNIQUE, AT(budget, name), .check = syntax_name,
	.text = "the label `budget` of its metrics" },
    { "window", VALUE_WORD, KEY_REQUIRED, AT(budget, window), .words = WORDS("hour", "day", "month"),
	.text = "of the calendar, UTC" },
    { "max_requests", VALUE_INT, 0, AT(budget, max_requests), WITHIN(1, INT64_C(1000000000000)),
	.text = "in a window [no limit]" },
    { "max_tokens", VALUE_INT, 0, AT(budget, max_tokens), WITHIN(1, INT64_C(1000000000000)),
	.text = "of prompts and answers, in a window [no limit]" },
    { "max_usd", VALUE_USD, 0, AT(budget, max_usd_micro), WITHIN(1, 1000000 * USD_MICRO),
	.text = "US dollars in a window; needs the prices of its models [no limit]" });

static const struct schema_group price_keys = ELEMENT(price, "prices[]",
    { "model", VALUE_TEXT, KEY_REQUIRED | KEY_UNIQUE, AT(price, model), .check = syntax_model,
	.text = "its id, as endpoints write it" },
    { "input_usd_per_million", VALUE_USD, KEY_REQUIRED, AT(price, input_usd_micro), WITHIN(0, 1000000 * USD_MICRO),
	.text = "a million tokens of prompts" },
    { "output_usd_per_million", VALUE_USD, KEY_REQUIRED, AT(price, output_usd_micro), WITHIN(0, 1000000 * USD_MICRO),
	.text = "a million tokens of answers" });

static const struct schema_group tenant_keys = ELEMENT(tenant, "tenants[]",
    { "name", VALUE_TEXT, KEY_REQUIRED | KEY_UNIQUE, AT(tenant, name), .check = syntax_name,
	.text = "by which endpoints refer to it; a label of cometcanary_endpoint_info" },
    { "secret", VALUE_SECRET, KEY_REQUIRED, AT(tenant, secret), .sub = &tenant_secret_keys,
	.text = "its own key: exactly one of env, file, credential" },
    { "budget", VALUE_BUDGET, 0, AT(tenant, budget),
	.text = "the name of a budget for all of its endpoints, beside their own [none]" });

static const struct schema_group doc_keys = ELEMENT(doc, "docs[]",
    { "name", VALUE_TEXT, KEY_REQUIRED | KEY_UNIQUE, AT(doc, name), .check = syntax_name,
	.text = "the label `doc` of its metrics" },
    { "url", VALUE_TEXT, KEY_REQUIRED, AT(doc, url), .check = syntax_page,
	.text = "of the page in the form that is compared: Markdown, JSON, plain text" },
    { "kind", VALUE_WORD, KEY_REQUIRED, AT(doc, kind), .words = WORDS("markdown", "openapi", "index", "text"),
	.text = "how it is compared" },
    { "interval", VALUE_DURATION, 0, AT(doc, interval_ns), WITHIN(1 * SEC, 30 * DAY), .fallback = "1h",
	.text = "from one look to the next" },
    { "confirm", VALUE_COUNT, 0, AT(doc, confirm), WITHIN(1, 10), .fallback = "2",
	.text = "looks that have to agree on a change; after the first the others follow soon" },
    { "must_mention", VALUE_TEXTS, KEY_PROSE | KEY_EXACT, AT(doc, must_mention), COUNT_AT(doc, must_mention_count),
	WITHIN(0, 64), .text = "phrases that it has to have" },
    { "endpoints", VALUE_ENDPOINTS, 0, AT(doc, endpoints), COUNT_AT(doc, endpoint_count),
	.text = "names of the endpoints that it documents, beside those whose contract has it as evidence" },
    { "revalidate", VALUE_BOOL, 0, AT(doc, revalidate), .fallback = "true",
	.text = "probe them at once after a change" });

/* The order matters: what is referred to comes before what refers to it. */
const struct schema_group schema_top = GROUP("",
    { "version", VALUE_INT, KEY_OWN, AT(config, version), WITHIN(1, 1), .fallback = "1", .text = "of this format" },
    { "web", VALUE_GROUP, 0, .sub = &web_keys, .text = "the daemon's HTTP server" },
    { "log", VALUE_GROUP, 0, .sub = &log_keys, .text = "the log" },
    { "store", VALUE_GROUP, KEY_IF_THERE, .sub = &store_keys,
	.text = "what outlives the process: baselines, active findings, history; without it nothing does" },
    { "providers", VALUE_LIST, KEY_REQUIRED, AT(config, providers), COUNT_AT(config, provider_count), WITHIN(1, 1000),
	.sub = &provider_keys, .text = "who is asked" },
    { "contracts", VALUE_LIST, 0, AT(config, contracts), COUNT_AT(config, contract_count), WITHIN(0, 10000),
	.sub = &contract_keys, .text = "the evidence ledger: what is relied on, and where that is written" },
    { "budgets", VALUE_LIST, 0, AT(config, budgets), COUNT_AT(config, budget_count), WITHIN(0, 1000),
	.sub = &budget_keys, .text = "what may be spent" },
    { "prices", VALUE_LIST, 0, AT(config, prices), COUNT_AT(config, price_count), WITHIN(0, 10000), .sub = &price_keys,
	.text = "the operator's prices; none are shipped" },
    { "tenants", VALUE_LIST, 0, AT(config, tenants), COUNT_AT(config, tenant_count), WITHIN(0, 1000),
	.sub = &tenant_keys, .text = "teams with a key and a cap of their own" },
    { "defaults", VALUE_GROUP, KEY_IF_THERE, .sub = &schema_endpoint,
	.text = "inherited by each endpoint; groups merge key by key" },
    { "endpoints", VALUE_LIST, KEY_REQUIRED, AT(config, endpoints), COUNT_AT(config, endpoint_count), WITHIN(1, 100000),
	.sub = &schema_endpoint, .text = "what is asked" },
    { "fallback_policies", VALUE_LIST, 0, AT(config, policies), COUNT_AT(config, policy_count), WITHIN(0, 1000),
	.sub = &policy_keys, .text = "when a failed run would fall back, and to what" },
    { "docs", VALUE_LIST, 0, AT(config, docs), COUNT_AT(config, doc_count), WITHIN(0, 1000), .sub = &doc_keys,
	.text = "the documentation watch" },
    { "self_check", VALUE_GROUP, KEY_IF_THERE, .sub = &self_check_keys, .text = "is it me?" },
    { "parsers", VALUE_LIST, KEY_LATER, .sub = &schema_parser, .text = "the operator's production parsers" },
    { "golden", VALUE_GROUP, KEY_LATER, .sub = &schema_golden, .text = "sanitized request and response artifacts" },
    { "gate", VALUE_GROUP, KEY_LATER, .sub = &schema_gate, .text = "the deploy gate" },
    { "maintenance", VALUE_LIST, 0, AT(config, maintenance), COUNT_AT(config, maintenance_count), WITHIN(0, 1000),
	.sub = &maintenance_keys, .text = "windows in which runs are skipped" },
    { "fleet", VALUE_GROUP, KEY_LATER, .sub = &schema_fleet, .text = "several daemons that share the work" });

const struct schema_key *
schema_find(const struct schema_group *group, const char *name)
{
	for (const struct schema_key *key = group->keys; key->name; key++)
		if (strcmp(key->name, name) == 0)
			return key;
	return NULL;
}

static const struct {
	const char *text;
	bool quoted, list;
} kinds[] = {
	[VALUE_GROUP] = { "group", false, false },
	[VALUE_LIST] = { "list of groups", false, true },
	[VALUE_TEXT] = { "text", true, false },
	[VALUE_TEXTS] = { "list of texts", true, true },
	[VALUE_NAMES] = { "name, or list of names", true, true },
	[VALUE_WORD] = { "word", true, false },
	[VALUE_BOOL] = { "true or false", false, false },
	[VALUE_COUNT] = { "number", false, false },
	[VALUE_INT] = { "number", false, false },
	[VALUE_REAL] = { "number", false, false },
	[VALUE_DURATION] = { "duration", true, false },
	[VALUE_SIZE] = { "size", true, false },
	[VALUE_SECRET] = { "secret", false, false },
	[VALUE_PROVIDER] = { "name", true, false },
	[VALUE_CONTRACT] = { "name", true, false },
	[VALUE_BUDGET] = { "name", true, false },
	[VALUE_TENANT] = { "name", true, false },
	[VALUE_USD] = { "US dollars", false, false },
	[VALUE_DIALECT] = { "word", true, false },
	[VALUE_PROBES] = { "list of probes", true, true },
	[VALUE_PATTERN] = { "pattern", true, false },
	[VALUE_RANGE] = { "two numbers", false, true },
	[VALUE_JSON] = { "JSON object as text", true, false },
	[VALUE_PROBE] = { "probe", true, false },
	[VALUE_OUTCOMES] = { "list of outcomes", true, true },
	[VALUE_STATUSES] = { "list of numbers", false, true },
	[VALUE_TIME_OF_DAY] = { "time of day", true, false },
	[VALUE_DAYS] = { "list of days", true, true },
	[VALUE_ENDPOINTS] = { "list of names", true, true },
	[VALUE_STATE_FILE] = { "path", true, false },
	[VALUE_FIELDS] = { "list of fields", true, true },
	[VALUE_PATH] = { "path of a field", true, false },
	[VALUE_DATE] = { "date", true, false },
	[VALUE_RULE] = { "finding", true, false },
	[VALUE_GRADE] = { "word", true, false },
	[VALUE_REASONS] = { "list of words", true, true },
};
_Static_assert(sizeof(kinds) / sizeof(kinds[0]) == VALUE_KINDS, "a text for each kind of value");

const char *
schema_kind_text(enum value_kind kind)
{
	return kinds[kind].text;
}

void
schema_write_fallback(const struct schema_key *key, struct buf *out)
{
	const char *quote = kinds[key->kind].quoted ? "\"" : "";
	if (!key->fallback)
		return;
	if (!kinds[key->kind].list) {
		buf_printf(out, "%s%s%s", quote, key->fallback, quote);
		return;
	}
	buf_text(out, "( ");
	for (struct str rest = str_of(key->fallback); rest.at;) {
		struct str part = str_split(&rest, ',');
		buf_printf(out, "%s%.*s%s%s", quote, STR_ARG(part), quote, rest.at ? ", " : " ");
	}
	buf_char(out, ')');
}
