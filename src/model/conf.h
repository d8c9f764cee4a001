/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The configuration after loading: immutable, every default resolved, every reference a pointer. Made by config/load.c,
 * owned as one piece (config_free); everything else borrows. A reload makes a new one; runs in flight keep the old one
 * alive by its use count. Durations are in ns, sizes in bytes. A string that is "not set" is NULL.
 * (Not called config.h: that name is autoconf's.)
 */
#ifndef COMETCANARY_MODEL_CONF_H
#define COMETCANARY_MODEL_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/budget.h"
#include "model/contract.h"
#include "model/doc.h"
#include "model/finding.h"
#include "model/outcome.h"
#include "model/policy.h"
#include "model/probe.h"

struct secret;
struct pattern;
struct dialect;

struct web_config {
	const char **listen; /* "127.0.0.1:10077" | "[::1]:10077" | ":10077" | "unix:/path" */
	size_t listen_count;
	const char *telemetry_path;
	bool lifecycle;
	unsigned max_connections;
};

enum log_level { LOG_LEVEL_DEBUG, LOG_LEVEL_INFO, LOG_LEVEL_WARN, LOG_LEVEL_ERROR, LOG_LEVEL_COUNT };
enum log_format { LOG_FORMAT_JSON, LOG_FORMAT_LOGFMT };

struct log_config {
	enum log_level level;
	enum log_format format;
	const char *file; /* "" = stderr */
};

struct header_pair {
	const char *name, *value;
};

enum tls_version { TLS_VERSION_1_2, TLS_VERSION_1_3 };
enum ip_family { IP_FAMILY_ANY, IP_FAMILY_V4, IP_FAMILY_V6 };
enum http_version { HTTP_VERSION_ANY, HTTP_VERSION_1_1, HTTP_VERSION_2 };

struct provider {
	const char *name;
	const char *base_url; /* no trailing slash */
	struct {
		const char *header; /* NULL = no authentication */
		const char *scheme; /* "" = the bare key */
		struct secret *secret; /* NULL also where the configuration was loaded without secrets */
	} auth;
	struct header_pair *headers;
	size_t header_count;
	const char *request_id_header; /* what we send */
	const char **response_id_headers;
	size_t response_id_header_count;
	struct {
		const char *ca_file, *cert_file, *key_file; /* "" = not set */
		enum tls_version min_version;
	} tls;
	const char *proxy; /* "" = none, and the environment is not asked */
	enum ip_family ip_family;
	enum http_version http_version;
	unsigned max_in_flight;
	bool allow_plaintext;
	const char *models_path; /* where it lists its models; NULL = it is not asked */
	int64_t models_interval_ns;
	size_t index; /* its place in config->providers */
};

/* All relative to their own start: connect from the start of the run, first_byte and first_token from the moment at
 * which the request was sent, idle from the last byte (in a stream only once its
 * body has begun: until then first_token is what it waits for), total from the start of the run. */
struct deadlines {
	int64_t connect_ns, first_byte_ns, first_token_ns, idle_ns, total_ns;
};

struct caps {
	size_t body_bytes, head_bytes, line_bytes, event_bytes;
};

enum connection_mode { CONNECTION_FRESH, CONNECTION_REUSE };
enum usage_contract { USAGE_OPTIONAL, USAGE_DOCUMENTED, USAGE_NONE };
enum model_match { MODEL_MATCH_PREFIX, MODEL_MATCH_EXACT, MODEL_MATCH_ANY };

/* An override of what "refused in the right way" is for one negative probe. */
struct refusal {
	enum probe_kind probe;
	uint64_t outcomes; /* bit 1 << enum outcome; 0 = the dialect's default */
	const int *statuses;
	size_t status_count; /* 0 = any */
};

struct expectation {
	enum usage_contract usage;
	enum model_match model;
	struct pattern *output; /* NULL = any */
	const char *output_text; /* the pattern as written, for dumps */
	int64_t prompt_tokens_min, prompt_tokens_max; /* -1 = not set */
	struct refusal *refusals;
	size_t refusal_count;
};

struct request_config {
	const char *prompt;
	int64_t max_tokens;
	const char *token_field; /* NULL where the dialect has none */
	bool has_temperature;
	double temperature;
	bool stream_usage;
	const char *extra; /* a JSON object as text, checked; NULL = none */
	bool base64; /* extra asks for "encoding_format": "base64" */
	int64_t dimensions; /* extra asks for vectors of that length; 0 = it does not */
	const char
	    *image_form; /* extra asks for images in that member of an answer, url or b64_json; NULL = it does not */
	bool uncapped; /* extra takes the cap away: none is sent */
	int64_t answers; /* how many extra asks for; 0 = it does not say, which is one */
};

struct endpoint {
	const char *name;
	const struct provider *provider;
	const struct dialect *dialect;
	const char *path;
	const char *model; /* NULL where the dialect has none */
	bool enabled;
	int64_t interval_ns, negative_interval_ns;
	enum connection_mode connection;
	enum probe_kind probes[PROBE_COUNT]; /* positive, then negative, each once */
	size_t probe_count;
	struct deadlines deadlines;
	int64_t negative_timeout_ns;
	struct caps caps;
	struct request_config request;
	struct expectation expect;
	const struct contract *contract; /* NULL = none */
	const struct budget *budget; /* NULL = none; the tenant may have one too */
	const struct tenant *tenant; /* NULL = none */
	const struct price *price; /* of the model; NULL = not known */
	const struct fallback_policy *fallback; /* in force; NULL = none: neither retries nor fallback */
	/* All that look at its failed runs: the one in force first, the others only decide, and send nothing. */
	const struct fallback_policy **fallbacks;
	const char **fallback_names;
	size_t fallback_count;
	bool documented; /* a change of a watched document sets off its revalidation */
	size_t index; /* its place in config->endpoints */
};

/* The key that the endpoint asks with; NULL = none, or loaded without secrets. A tenant's endpoints never use another. */
static inline const struct secret *
endpoint_secret(const struct endpoint *endpoint)
{
	return endpoint->tenant ? endpoint->tenant->secret : endpoint->provider->auth.secret;
}

/* Its own budget, or its tenant's. */
static inline bool
endpoint_draws_on(const struct endpoint *endpoint, const struct budget *budget)
{
	return endpoint->budget == budget || (endpoint->tenant && endpoint->tenant->budget == budget);
}

static inline int64_t
endpoint_interval_ns(const struct endpoint *endpoint, enum probe_kind probe)
{
	return probe_is_negative(probe) ? endpoint->negative_interval_ns : endpoint->interval_ns;
}

/* The longest that a run can take by its deadlines, with all its retries. */
static inline int64_t
endpoint_run_max_ns(const struct endpoint *endpoint)
{
	int64_t retries = endpoint->fallback ? endpoint->fallback->retry.max : 0;
	int64_t cap_ns = endpoint->fallback ? endpoint->fallback->retry.cap_ns : 0;
	return (retries + 1) * endpoint->deadlines.total_ns + retries * cap_ns;
}

struct self_check_config {
	const char **anchors; /* https://… or tcp://host:port */
	size_t anchor_count; /* 0 = off */
	int64_t interval_ns;
	bool loopback;
};

struct store_config {
	const char *path; /* absolute; "" = no store */
	int64_t retention_ns; /* of the outcome history */
};

struct maintenance_window {
	int start_minute; /* of the UTC day */
	unsigned days; /* bit 0 = Monday */
	int64_t duration_ns;
	const struct endpoint **endpoints; /* endpoint_count 0 = all */
	size_t endpoint_count;
};

struct config {
	int64_t version; /* of the format */
	struct web_config web;
	struct log_config log;
	struct provider *providers;
	size_t provider_count;
	struct endpoint *endpoints;
	size_t endpoint_count;
	const struct endpoint **endpoints_by_name; /* the same, sorted */
	struct maintenance_window *maintenance;
	size_t maintenance_count;
	struct self_check_config self_check;
	struct contract *contracts;
	size_t contract_count;
	struct budget *budgets;
	size_t budget_count;
	struct price *prices;
	size_t price_count;
	struct tenant *tenants;
	size_t tenant_count;
	struct fallback_policy *policies;
	size_t policy_count;
	struct doc *docs;
	size_t doc_count;
	struct store_config store;
	unsigned users; /* config_hold / config_release */
	struct arena *memory; /* everything above lives here */
};

/* Borrowed; NULL when there is none. */
const struct endpoint *config_find_endpoint(const struct config *config, const char *name);
const struct doc *config_find_doc(const struct config *config, const char *name);

#endif
