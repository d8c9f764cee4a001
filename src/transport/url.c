/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "transport/url.h"

#include <curl/curl.h>
#include <string.h>

#include "base/attr.h"

enum { LOCATION_MAX = 8 * 1024 };

static void
url_free(CURLU **url)
{
	curl_url_cleanup(*url);
}

static void
text_free(char **text)
{
	curl_free(*text);
}

#define auto_url ATTR_CLEANUP(url_free)
#define auto_text ATTR_CLEANUP(text_free)

/* NULL when it has no such part. */
static char *
part_of(CURLU *url, CURLUPart part)
{
	char *text = NULL;
	return curl_url_get(url, part, &text, CURLU_DEFAULT_PORT) == CURLUE_OK ? text : NULL;
}

static bool
same_part(CURLU *a, CURLU *b, CURLUPart part)
{
	auto_text char *left = part_of(a, part), *right = part_of(b, part);
	return left && right && strcasecmp(left, right) == 0;
}

static bool
is_web(CURLU *url, bool secure)
{
	auto_text char *scheme = part_of(url, CURLUPART_SCHEME), *password = part_of(url, CURLUPART_PASSWORD);
	if (!scheme || password)
		return false;
	return strcmp(scheme, "https") == 0 || (!secure && strcmp(scheme, "http") == 0);
}

bool
url_resolve(const char *base, struct str location, struct buf *ret_url)
{
	auto_url CURLU *url = curl_url();
	auto_buf struct buf text = BUF_INIT(LOCATION_MAX);
	buf_reset(ret_url);
	buf_str(&text, location);
	if (!url || text.overflow || memchr(location.at, '\0', location.len) ||
	    curl_url_set(url, CURLUPART_URL, base, 0) != CURLUE_OK)
		return false;
	bool secure = is_web(url, true);
	if (curl_url_set(url, CURLUPART_URL, buf_cstr(&text), CURLU_URLENCODE) != CURLUE_OK || !is_web(url, secure))
		return false;
	curl_url_set(url, CURLUPART_FRAGMENT, NULL, 0);
	auto_text char *whole = NULL;
	return curl_url_get(url, CURLUPART_URL, &whole, 0) == CURLUE_OK && buf_text(ret_url, whole);
}

bool
url_same_origin(const char *a, const char *b)
{
	auto_url CURLU *left = curl_url();
	auto_url CURLU *right = curl_url();
	return left && right && curl_url_set(left, CURLUPART_URL, a, 0) == CURLUE_OK &&
	    curl_url_set(right, CURLUPART_URL, b, 0) == CURLUE_OK && same_part(left, right, CURLUPART_SCHEME) &&
	    same_part(left, right, CURLUPART_HOST) && same_part(left, right, CURLUPART_PORT);
}
