/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "sim/http.h"

#include <stdint.h>
#include <string.h>
#include <time.h>

#include "base/attr.h"

static const struct {
	int status;
	const char *reason;
} reasons[] = {
	{ 100, "Continue" },
	{ 102, "Processing" },
	{ 103, "Early Hints" },
	{ 200, "OK" },
	{ 201, "Created" },
	{ 202, "Accepted" },
	{ 204, "No Content" },
	{ 206, "Partial Content" },
	{ 301, "Moved Permanently" },
	{ 302, "Found" },
	{ 303, "See Other" },
	{ 304, "Not Modified" },
	{ 307, "Temporary Redirect" },
	{ 308, "Permanent Redirect" },
	{ 400, "Bad Request" },
	{ 401, "Unauthorized" },
	{ 402, "Payment Required" },
	{ 403, "Forbidden" },
	{ 404, "Not Found" },
	{ 405, "Method Not Allowed" },
	{ 408, "Request Timeout" },
	{ 409, "Conflict" },
	{ 410, "Gone" },
	{ 413, "Payload Too Large" },
	{ 415, "Unsupported Media Type" },
	{ 422, "Unprocessable Entity" },
	{ 425, "Too Early" },
	{ 429, "Too Many Requests" },
	{ 431, "Request Header Fields Too Large" },
	{ 451, "Unavailable For Legal Reasons" },
	{ 500, "Internal Server Error" },
	{ 502, "Bad Gateway" },
	{ 503, "Service Unavailable" },
	{ 504, "Gateway Timeout" },
};

const char *
http_reason(int status)
{
	for (size_t i = 0; i < ARRAY_LEN(reasons); i++)
		if (reasons[i].status == status)
			return reasons[i].reason;
	return "Unknown";
}

void
http_date(struct buf *out, struct wall t)
{
	static const char days[][4] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
	static const char months[][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov",
		"Dec" };
	time_t seconds = (time_t)(t.us / US_PER_SEC);
	struct tm tm;
	gmtime_r(&seconds, &tm);
	buf_printf(out, "%s, %02d %s %04d %02d:%02d:%02d GMT", days[tm.tm_wday], tm.tm_mday, months[tm.tm_mon],
	    tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

struct str
http_header(const struct http_request *request, const char *name)
{
	for (size_t i = 0; i < request->header_count; i++)
		if (str_eq_nocase(request->headers[i].name, str_of(name)))
			return request->headers[i].value;
	return STR_NONE;
}

struct str
http_query(const struct http_request *request, const char *name)
{
	struct str rest = request->query;
	while (rest.at) {
		struct str value = str_split(&rest, '&');
		struct str key = str_split(&value, '=');
		if (str_eq(key, str_of(name)))
			return value.at ? value : STR("");
	}
	return STR_NONE;
}

/* A number in the given base up to max; false on anything else. */
static bool
read_size(struct str text, unsigned base, size_t max, size_t *ret_size)
{
	size_t size = 0;
	if (text.len == 0)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		char c = text.at[i];
		unsigned digit = c >= '0' && c <= '9' ? (unsigned)(c - '0')
		    : c >= 'a' && c <= 'f'            ? (unsigned)(c - 'a') + 10
		    : c >= 'A' && c <= 'F'            ? (unsigned)(c - 'A') + 10
						      : 99;
		if (digit >= base)
			return false;
		size = size * base + digit;
		if (size > max)
			size = max + 1; /* too large, but still a number */
	}
	*ret_size = size;
	return true;
}

static bool
parse_request_line(struct str line, struct http_request *ret)
{
	ret->method = str_split(&line, ' ');
	struct str target = str_split(&line, ' ');
	if (ret->method.len == 0 || target.len == 0 || !str_starts(line, STR("HTTP/1.")) || line.len != 8)
		return false;
	ret->is_1_0 = line.at[7] == '0';
	ret->keep_alive = !ret->is_1_0;
	if (str_starts(target, STR("http://")) || str_starts(target, STR("https://"))) { /* as a proxy would be asked */
		const char *slash = memchr(target.at + 8, '/', target.len - 8);
		target = slash ? str_span(slash, (size_t)(target.at + target.len - slash)) : STR("/");
	}
	ret->query = target;
	ret->path = str_split(&ret->query, '?');
	return target.at[0] == '/';
}

static enum http_progress
note_header(struct http_request *ret, struct str name, struct str value)
{
	if (str_eq_nocase(name, STR("content-length"))) {
		if (!read_size(value, 10, HTTP_BODY_MAX, &ret->content_length))
			return HTTP_BAD;
		return ret->content_length > HTTP_BODY_MAX ? HTTP_TOO_LARGE : HTTP_WHOLE;
	}
	if (str_eq_nocase(name, STR("transfer-encoding")))
		ret->is_chunked = str_contains_nocase(value, STR("chunked"));
	else if (str_eq_nocase(name, STR("connection")) && str_contains_nocase(value, STR("close")))
		ret->keep_alive = false;
	else if (str_eq_nocase(name, STR("connection")) && str_contains_nocase(value, STR("keep-alive")))
		ret->keep_alive = true;
	else if (str_eq_nocase(name, STR("expect")))
		ret->expects_continue = str_eq_nocase(value, STR("100-continue"));
	return HTTP_WHOLE;
}

static enum http_progress
parse_head(struct str head, struct http_request *ret)
{
	struct str line = str_trim(str_split(&head, '\n'));
	if (!parse_request_line(line, ret))
		return HTTP_BAD;
	while (head.at) {
		line = str_trim(str_split(&head, '\n'));
		if (line.len == 0)
			continue;
		struct str value = line;
		struct str name = str_split(&value, ':');
		if (!value.at || name.len == 0)
			return HTTP_BAD;
		if (ret->header_count == HTTP_HEADERS_MAX)
			return HTTP_TOO_LARGE;
		value = str_trim(value);
		ret->headers[ret->header_count++] = (struct http_header){ name, value };
		enum http_progress progress = note_header(ret, name, value);
		if (progress != HTTP_WHOLE)
			return progress;
	}
	return HTTP_WHOLE;
}

struct chunks {
	char *input;
	size_t len, from;
	size_t joined, end; /* found: bytes of body, and where the trailer ends */
};

/* Up to its empty line. */
static enum http_progress
walk_trailer(struct chunks *chunks, size_t at)
{
	for (;;) {
		const char *eol = memchr(chunks->input + at, '\n', chunks->len - at);
		if (!eol)
			return chunks->len - at > HTTP_HEAD_MAX ? HTTP_BAD : HTTP_MORE;
		size_t next = (size_t)(eol - chunks->input) + 1;
		bool empty = str_trim(str_span(chunks->input + at, next - at)).len == 0;
		at = next;
		if (empty)
			break;
	}
	chunks->end = at;
	return HTTP_WHOLE;
}

/* Walks the chunks from input[from]; joins them there when `join`, which only a walk that was whole may do. */
static enum http_progress
walk_chunks(struct chunks *chunks, bool join)
{
	char *input = chunks->input;
	size_t len = chunks->len, at = chunks->from, joined = 0;
	for (;;) {
		const char *eol = memchr(input + at, '\n', len - at);
		if (!eol)
			return len - at > 1024 ? HTTP_BAD : HTTP_MORE;
		struct str line = str_span(input + at, (size_t)(eol - (input + at)));
		size_t size = 0;
		if (!read_size(str_trim(str_split(&line, ';')), 16, HTTP_BODY_MAX, &size))
			return HTTP_BAD;
		at = (size_t)(eol - input) + 1;
		if (size > HTTP_BODY_MAX || joined + size > HTTP_BODY_MAX)
			return HTTP_TOO_LARGE;
		if (size == 0)
			break;
		if (len - at < size + 2)
			return HTTP_MORE;
		if (join)
			memmove(input + chunks->from + joined, input + at, size);
		joined += size;
		at += size + 2;
	}
	chunks->joined = joined;
	return walk_trailer(chunks, at);
}

enum http_progress
http_parse(char *input, size_t len, struct http_request *ret, size_t *ret_used)
{
	ret->header_count = 0;
	ret->content_length = 0;
	ret->is_chunked = ret->expects_continue = false;
	*ret_used = 0;
	const char *blank = memmem(input, len, "\r\n\r\n", 4);
	if (!blank)
		return len > HTTP_HEAD_MAX ? HTTP_TOO_LARGE : HTTP_MORE;
	size_t head_len = (size_t)(blank - input) + 4;
	if (head_len > HTTP_HEAD_MAX)
		return HTTP_TOO_LARGE;
	enum http_progress progress = parse_head(str_span(input, head_len), ret);
	if (progress != HTTP_WHOLE)
		return progress;
	if (ret->is_chunked) {
		struct chunks chunks = { .input = input, .len = len, .from = head_len };
		*ret_used = len + 1;
		progress = walk_chunks(&chunks, false);
		if (progress != HTTP_WHOLE)
			return progress;
		(void)walk_chunks(&chunks, true);
		ret->body = str_span(input + head_len, chunks.joined);
		*ret_used = chunks.end;
		return HTTP_WHOLE;
	}
	*ret_used = head_len + ret->content_length;
	if (len < *ret_used)
		return HTTP_MORE;
	ret->body = str_span(input + head_len, ret->content_length);
	return HTTP_WHOLE;
}
