/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "docs/operation.h"

#include "docs/builder.h"
#include "docs/gate.h"
#include "model/dialect.h"

enum { URL_MAX = 4096, WORK_MAX = 65536 };

/* Does the text match the whole pattern, where {…} is one character or more, but no slash? `work` bounds what a hostile
 * pattern can cost. */
static bool
matches(struct str pattern, struct str text, unsigned *work)
{
	while (pattern.len > 0 && (*work)-- > 0) {
		const char *close = pattern.at[0] == '{' ? memchr(pattern.at, '}', pattern.len) : NULL;
		if (!close) {
			if (text.len == 0 || text.at[0] != pattern.at[0])
				return false;
			pattern = str_span(pattern.at + 1, pattern.len - 1);
			text = str_span(text.at + 1, text.len - 1);
			continue;
		}
		size_t skip = (size_t)(close - pattern.at) + 1;
		struct str rest = str_span(pattern.at + skip, pattern.len - skip);
		for (size_t i = 1; i <= text.len && text.at[i - 1] != '/' && *work > 0; i++)
			if (matches(rest, str_span(text.at + i, text.len - i), work))
				return true;
		return false;
	}
	return pattern.len == 0 && text.len == 0;
}

/* A document gives its paths from its server's on, a configuration from its provider's: they meet at the end. */
static bool
ends_with(struct str url_path, struct str pattern)
{
	unsigned work = WORK_MAX;
	for (size_t i = 0; i < url_path.len; i++)
		if (url_path.at[i] == '/' && matches(pattern, str_span(url_path.at + i, url_path.len - i), &work))
			return true;
	return false;
}

struct str
operation_of(const struct doc_version *version, const struct endpoint *endpoint)
{
	struct str found = STR_NONE;
	auto_buf struct buf url = BUF_INIT(URL_MAX);
	if (endpoint->provider)
		buf_text(&url, endpoint->provider->base_url);
	buf_text(&url, endpoint->path);
	struct str path = url_path(buf_view(&url));
	struct str method = endpoint->dialect && endpoint->dialect->method == HTTP_GET ? STR("GET ") : STR("POST ");
	for (size_t i = doc_fact_from(version, method); i < version->fact_count; i++) {
		struct str key = version->facts[i].key;
		struct str pattern = str_span(key.at + method.len, key.len < method.len ? 0 : key.len - method.len);
		if (!str_starts(key, method))
			break;
		if (pattern.len > 0 && !memchr(pattern.at, ' ', pattern.len) && key.len > found.len &&
		    ends_with(path, pattern))
			found = key;
	}
	return found;
}

size_t
operation_first(const struct doc_version *version, struct str name)
{
	return doc_fact_from(version, name);
}

bool
operation_has(const struct doc_version *version, struct str name, size_t i)
{
	struct str key = i < version->fact_count ? version->facts[i].key : STR("");
	return str_starts(key, name) && (key.len == name.len || key.at[name.len] == ' ');
}

struct str
operation_rest(const struct doc_version *version, struct str name, size_t i)
{
	struct str key = version->facts[i].key;
	return key.len > name.len ? str_span(key.at + name.len + 1, key.len - name.len - 1) : STR_NONE;
}

struct str
operation_success(const struct doc_version *version, struct str name)
{
	static const struct str statuses[] = { { "200", 3 }, { "201", 3 }, { "202", 3 }, { "2XX", 3 },
		{ "default", 7 } };
	for (size_t i = 0; i < ARRAY_LEN(statuses); i++) {
		auto_buf struct buf key = BUF_INIT(URL_MAX * 2);
		buf_printf(&key, "%.*s %.*s", STR_ARG(name), STR_ARG(statuses[i]));
		if (doc_fact_find(version, buf_view(&key)))
			return statuses[i];
	}
	return STR_NONE;
}

bool
operation_any(const struct doc_version *version)
{
	for (size_t i = 0; i < version->fact_count; i++)
		if (str_starts(version->facts[i].value, STR("operation")))
			return true;
	return false;
}
