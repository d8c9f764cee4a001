/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every row of fault.def on the wire. Each has a simulator of its own, with the same seed and clock as the one that gives
 * the honest answer to compare with. A row that has no case here fails the test.
 */
#include "config.h"

#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <curl/curl.h>
#include <zlib.h>

#include "base/attr.h"
#include "base/parse.h"
#include "sim/fault.h"
#include "sim_bed.h"

enum { ENOUGH = 300000 }; /* bytes of an endless answer */

#define RESPONSES_STREAM "{\"model\":\"gpt-5.4-mini\",\"input\":\"Count for me, please.\",\"stream\":true}"

struct check {
	const char *parameters; /* after the name: ",\"ms\":5"; NULL = the defaults */
	const char *request; /* body; NULL = ASK_WHOLE */
	const char *path; /* NULL = that of chat */
	const char *has[3], *lacks[2]; /* in the answer's bytes */
	enum ending ending;
	size_t len; /* of the whole answer; 0 = any */
	void (*special)(const struct reply *honest, const struct reply *reply);
	void (*connect)(const struct bed *bed); /* a fault of the connection checks itself */
	bool endless;
};

static void
starts_as_honest(const struct reply *honest, const struct reply *reply)
{
	assert_memory_equal(reply->bytes.at, honest->bytes.at, reply->bytes.len);
	assert_true(reply->bytes.len < honest->bytes.len);
}

static void
bytes_as_honest(const struct reply *honest, const struct reply *reply)
{
	assert_int_equal(reply->bytes.len, honest->bytes.len);
	assert_memory_equal(reply->bytes.at, honest->bytes.at, reply->bytes.len);
}

static void
slow_head(const struct reply *honest, const struct reply *reply)
{
	bytes_as_honest(honest, reply);
	assert_true(reply->first_ms >= 55);
}

static void
slow_middle(const struct reply *honest, const struct reply *reply)
{
	bytes_as_honest(honest, reply);
	assert_true(reply->last_ms >= 55 && reply->reads > 1);
}

static void
in_pieces(const struct reply *honest, const struct reply *reply)
{
	bytes_as_honest(honest, reply);
	assert_true(reply->last_ms >= 10);
	assert_true(reply->reads > 5);
}

static void
split_pieces(const struct reply *honest, const struct reply *reply)
{
	bytes_as_honest(honest, reply);
}

static void
length_off(const struct reply *honest, const struct reply *reply)
{
	struct str body = body_of(reply);
	const char *at = memmem(reply->bytes.at, reply->bytes.len, "Content-Length: ", 16);
	uint64_t length = 0;
	assert_int_equal(body.len, body_of(honest).len);
	assert_non_null(at);
	struct str rest = str_span(at + 16, 12);
	assert_true(parse_u64(str_split(&rest, '\r'), &length));
	assert_int_equal(length > body.len ? length - body.len : body.len - length, 10);
}

static void
unpack(struct str packed, int want, struct buf *out)
{
	z_stream z = { .next_in = (Bytef *)(uintptr_t)packed.at, .avail_in = (uInt)packed.len };
	int rc;
	assert_int_equal(inflateInit2(&z, 15 + 16), Z_OK);
	do {
		z.next_out = (Bytef *)buf_reserve(out, REPLY_PIECE);
		assert_non_null(z.next_out);
		z.avail_out = REPLY_PIECE;
		rc = inflate(&z, Z_NO_FLUSH);
		out->len += REPLY_PIECE - z.avail_out;
	} while (rc == Z_OK && (z.avail_in > 0 || z.avail_out == 0));
	inflateEnd(&z);
	assert_int_equal(rc, want);
}

static void
unpacks(const struct reply *honest, const struct reply *reply)
{
	auto_buf struct buf plain = BUF_INIT(REPLY_MAX);
	unpack(body_of(reply), Z_STREAM_END, &plain);
	assert_int_equal(plain.len, body_of(honest).len);
	assert_memory_equal(plain.at, body_of(honest).at, plain.len);
}

static void
unpacks_in_part(const struct reply *honest, const struct reply *reply)
{
	(void)honest;
	auto_buf struct buf plain = BUF_INIT(REPLY_MAX);
	unpack(body_of(reply), Z_OK, &plain);
}

/* The checksum at its end is right too, or zlib would complain. */
static void
is_bomb(const struct reply *honest, const struct reply *reply)
{
	(void)honest;
	auto_buf struct buf plain = BUF_INIT(REPLY_MAX);
	unpack(body_of(reply), Z_STREAM_END, &plain);
	assert_in_range(plain.len, 9999742, 10000000);
	assert_in_range(body_of(reply).len, 1000, 70000);
	assert_int_equal(plain.at[plain.len - 1], ' ');
}

static void
head_is_large(const struct reply *honest, const struct reply *reply)
{
	assert_int_equal(body_of(reply).len, body_of(honest).len);
	assert_in_range(reply->bytes.len - honest->bytes.len, 99900, 102000);
}

static void
all_null(const struct reply *honest, const struct reply *reply)
{
	(void)honest;
	struct str body = body_of(reply);
	assert_true(
	    str_starts(body, STR("{\"id\":null,\"object\":null,\"created\":null,\"model\":null,\"choices\":null,")));
	assert_int_equal(count_of(body, "\"error\""), 0);
}

static void
lost_end(const struct reply *honest, const struct reply *reply)
{
	assert_int_equal(body_of(reply).len + 20, body_of(honest).len);
}

static void
deep(const struct reply *honest, const struct reply *reply)
{
	(void)honest;
	assert_int_equal(count_of(body_of(reply), "["), 200);
	assert_int_equal(body_of(reply).len, 400);
}

static void
nothing_left(const struct reply *honest, const struct reply *reply)
{
	(void)honest;
	assert_int_equal(body_of(reply).len, 0);
}

static void
one_content(const struct reply *honest, const struct reply *reply)
{
	assert_int_equal(count_of(body_of(honest), "obfuscation"), 6);
	assert_int_equal(count_of(body_of(reply), "obfuscation"), 1);
}

static void
no_content(const struct reply *honest, const struct reply *reply)
{
	(void)honest;
	assert_int_equal(count_of(body_of(reply), "obfuscation"), 0);
	assert_int_equal(count_of(body_of(reply), "assistant"), 1);
}

static void
two_markers(const struct reply *honest, const struct reply *reply)
{
	assert_int_equal(count_of(body_of(honest), "data: [DONE]\n\n"), 1);
	assert_int_equal(count_of(body_of(reply), "data: [DONE]\n\n"), 2);
}

static void
two_finishes(const struct reply *honest, const struct reply *reply)
{
	assert_int_equal(count_of(body_of(honest), "\"finish_reason\":\"length\""), 1);
	assert_int_equal(count_of(body_of(reply), "\"finish_reason\":\"length\""), 2);
}

static void
half_event(const struct reply *honest, const struct reply *reply)
{
	assert_int_equal(count_of(body_of(honest), "data: {"), count_of(body_of(honest), "}\n\n"));
	assert_int_equal(count_of(body_of(reply), "data: {"), count_of(body_of(honest), "data: {") + 1);
	assert_int_equal(count_of(body_of(reply), "}\n\n"), count_of(body_of(honest), "}\n\n"));
}

static void
content_comes_last(const struct reply *honest, const struct reply *reply)
{
	(void)honest;
	struct str body = body_of(reply);
	const char *done = memmem(body.at, body.len, "[DONE]", 6);
	assert_non_null(done);
	assert_non_null(memmem(done, (size_t)(body.at + body.len - done), "obfuscation", 11));
}

static void
usage_each(const struct reply *honest, const struct reply *reply)
{
	assert_int_equal(count_of(body_of(honest), "\"total_tokens\":"), 1);
	assert_int_equal(
	    count_of(body_of(reply), "\"total_tokens\":"), count_of(body_of(reply), "chat.completion.chunk"));
}

static void
comments(const struct reply *honest, const struct reply *reply)
{
	assert_int_equal(count_of(body_of(reply), ": PING\n\n"), count_of(body_of(honest), "data: "));
}

static void
line_ends(const struct reply *honest, const struct reply *reply)
{
	assert_int_equal(count_of(body_of(reply), "}\r\r"), count_of(body_of(honest), "}\n\n"));
	assert_int_equal(count_of(body_of(reply), "}\n"), 0);
}

static void
open_end(const struct reply *honest, const struct reply *reply)
{
	assert_int_equal(reply->bytes.len + 1, honest->bytes.len);
}

static void
two_interims(const struct reply *honest, const struct reply *reply)
{
	struct str all = buf_view(&reply->bytes);
	assert_int_equal(count_of(all, "HTTP/1.1 102 Processing\r\nX-Interim: yes\r\n\r\n"), 2);
	assert_true(str_ends(all, body_of(honest)));
}

static void
is_endless(const struct reply *honest, const struct reply *reply)
{
	(void)honest;
	assert_true(reply->bytes.len >= ENOUGH);
}

static void
stays_after_content(const struct reply *honest, const struct reply *reply)
{
	(void)honest;
	assert_int_equal(count_of(body_of(reply), "obfuscation"), 2);
}

static void
burst(const struct reply *honest, const struct reply *reply)
{
	bytes_as_honest(honest, reply);
	assert_true(reply->last_ms >= 55);
	assert_int_equal(reply->reads, 2);
}

/* ---- faults of a connection ---- */

static void
check_refuse(const struct bed *bed)
{
	struct mono start = clock_mono();
	add_rule(bed, "{\"faults\":[{\"fault\":\"refuse\",\"ms\":150}]}");
	assert_int_equal(dial(bed->ports[HTTP]), -ECONNREFUSED);
	assert_int_equal(dial(bed->ports[TLS]), -ECONNREFUSED);
	int fd;
	while ((fd = dial(bed->ports[HTTP])) < 0 && ms_since(start) < PATIENCE_MS)
		assert_int_equal(poll(NULL, 0, 5), 0);
	assert_true(fd >= 0);
	assert_true(ms_since(start) >= 145);
	close(fd);
}

static void
check_silent(const struct bed *bed)
{
	struct reply reply;
	add_rule(bed, "{\"count\":1,\"faults\":[\"accept-silent\"]}");
	exchange(bed->ports[HTTP], "GET / HTTP/1.1\r\n\r\n", QUIET_MS, &reply);
	assert_int_equal(reply.ending, SILENT);
	assert_int_equal(reply.bytes.len, 0);
	buf_done(&reply.bytes);
}

static void
check_reset(const struct bed *bed)
{
	struct reply reply;
	add_rule(bed, "{\"count\":1,\"faults\":[\"accept-reset\"]}");
	exchange(bed->ports[HTTP], "GET / HTTP/1.1\r\n\r\n", PATIENCE_MS, &reply);
	assert_int_equal(reply.ending, RESET);
	assert_int_equal(reply.bytes.len, 0);
	buf_done(&reply.bytes);
}

static size_t
swallow(char *bytes, size_t size, size_t count, void *arg)
{
	return buf_add(arg, bytes, size * count) ? count : 0;
}

static CURLcode
fetch(const struct bed *bed, const char *host, struct buf *body, long *ret_verdict)
{
	char url[128];
	struct curl_blob ca = { .data = (void *)(uintptr_t)bed->ca, .len = strlen(bed->ca), .flags = CURL_BLOB_NOCOPY };
	CURL *curl = curl_easy_init();
	snprintf(url, sizeof(url), "https://%s:%u/_sim/health", host, bed->ports[TLS]);
	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(curl, CURLOPT_CAINFO_BLOB, &ca);
	curl_easy_setopt(curl, CURLOPT_CAPATH, NULL);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, swallow);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, body);
	curl_easy_setopt(curl, CURLOPT_PROXY, "");
	curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)PATIENCE_MS);
	CURLcode code = curl_easy_perform(curl);
	curl_easy_getinfo(curl, CURLINFO_SSL_VERIFYRESULT, ret_verdict);
	curl_easy_cleanup(curl);
	return code;
}

/* First without the fault: the good certificate is good. The verdicts are the TLS library's numbers for why. */
static void
check_certificate(const struct bed *bed, const char *rule, CURLcode wanted, long verdict)
{
	auto_buf struct buf body = BUF_INIT(1024);
	long got = -1;
	assert_int_equal(fetch(bed, "127.0.0.1", &body, &got), CURLE_OK);
	assert_string_equal(buf_cstr(&body), "ok\n");
	add_rule(bed, rule);
	assert_int_equal(fetch(bed, "127.0.0.1", &body, &got), wanted);
	if (verdict >= 0)
		assert_int_equal(got, verdict);
	assert_int_equal(fetch(bed, "localhost", &body, &got), CURLE_OK); /* the rule's count is used up */
}

static void
check_expired(const struct bed *bed)
{
	check_certificate(bed, "{\"count\":1,\"faults\":[\"tls-expired\"]}", CURLE_PEER_FAILED_VERIFICATION, 10);
}

/* No chain was at fault: it is libcurl's own comparison that fails. */
static void
check_wrong_name(const struct bed *bed)
{
	check_certificate(bed, "{\"count\":1,\"faults\":[\"tls-wrong-name\"]}", CURLE_PEER_FAILED_VERIFICATION, 1);
}

static void
check_self_signed(const struct bed *bed)
{
	check_certificate(bed, "{\"count\":1,\"faults\":[\"tls-self-signed\"]}", CURLE_PEER_FAILED_VERIFICATION, 18);
}

static void
check_tls_garbage(const struct bed *bed)
{
	check_certificate(bed, "{\"count\":1,\"faults\":[\"tls-garbage\"]}", CURLE_SSL_CONNECT_ERROR, -1);
}

static const struct check checks[FAULT_COUNT] = {
	[FAULT_refuse] = { .connect = check_refuse },
	[FAULT_accept_silent] = { .connect = check_silent },
	[FAULT_accept_reset] = { .connect = check_reset },
	[FAULT_tls_expired] = { .connect = check_expired },
	[FAULT_tls_wrong_name] = { .connect = check_wrong_name },
	[FAULT_tls_self_signed] = { .connect = check_self_signed },
	[FAULT_tls_garbage] = { .connect = check_tls_garbage },

	[FAULT_say] = { .parameters = ",\"text\":\"seven\"",
	    .has = { "\"content\":\"seven\"", "\"finish_reason\":\"stop\"" } },
	[FAULT_reasoning] = { .request = ASK_STREAM,
	    .has = { "{\"reasoning_content\":\"Well\"}", "{\"reasoning_content\":\" so\"}",
		"\"reasoning_tokens\":3" } },
	[FAULT_content_filter] = { .has = { "\"content\":null", "\"finish_reason\":\"content_filter\"" } },
	[FAULT_refusal] = { .has = { "\"content\":null", "\"refusal\":\"I can't help", "\"finish_reason\":\"stop\"" } },
	[FAULT_failed] = { .path = "/v1/responses",
	    .request = RESPONSES_STREAM,
	    .has = { "event: response.failed\n", "\"status\":\"failed\"", "\"code\":\"server_error\"" },
	    .lacks = { "response.completed" } },
	[FAULT_cap_eaten] = { .has = { "\"content\":\"\"", "\"finish_reason\":\"length\"", "\"reasoning_tokens\":6" } },
	[FAULT_empty_output] = { .has = { "\"content\":\"\"", "\"finish_reason\":\"stop\"",
				     "\"completion_tokens\":0" } },
	[FAULT_accept_any_key] = { .request = "nokey", .has = { "HTTP/1.1 200 OK\r\n", "\"content\":" } },
	[FAULT_accept_any_model] = { .request =
					 "{\"model\":\"nobody\",\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}",
	    .has = { "HTTP/1.1 200 OK\r\n", "\"model\":\"nobody\"" } },
	[FAULT_accept_any_body] = { .request = "{\"model\":", .has = { "HTTP/1.1 200 OK\r\n", "\"content\":" } },
	[FAULT_vary] = { .has = { "HTTP/1.1 200 OK\r\n", "\"finish_reason\":\"length\"", "\"prompt_tokens\":" } },
	[FAULT_as_stream] = { .has = { "text/event-stream", "\r\ndata: {", "data: [DONE]\n\n" } },
	[FAULT_as_whole] = { .request = ASK_STREAM,
	    .has = { "application/json", "\"chat.completion\"" },
	    .lacks = { "data:" } },

	[FAULT_error] = { .parameters = ",\"name\":\"retry_after_date\"",
	    .has = { "HTTP/1.1 429 ", "Retry-After: Sun, 22 Nov 2026 10:01:00 GMT\r\n", "rate_limit_exceeded" } },
	[FAULT_error_in_200] = { .has = { "HTTP/1.1 200 OK\r\n", "\"code\":\"bad_response_status_code\"" } },
	[FAULT_status] = { .parameters = ",\"status\":206",
	    .has = { "HTTP/1.1 206 Partial Content\r\n", "\"content\":" } },
	[FAULT_redirect] = { .has = { "HTTP/1.1 302 Found\r\n", "Location: /login\r\n", "Content-Length: 0\r\n" } },
	[FAULT_body] = { .parameters = ",\"text\":\"{}\"", .has = { "Content-Length: 2\r\n", "\r\n\r\n{}" } },
	[FAULT_empty_body] = { .has = { "HTTP/1.1 200 OK\r\n", "Content-Length: 0\r\n" }, .special = nothing_left },
	[FAULT_blank_body] = { .has = { "\r\n\r\n \r\n\r\n " } },
	[FAULT_null_skeleton] = { .special = all_null },
	[FAULT_content_type] = { .parameters = ",\"text\":\"text/plain\"", .has = { "Content-Type: text/plain\r\n" } },
	[FAULT_no_content_type] = { .lacks = { "Content-Type" } },
	[FAULT_header] = { .parameters = ",\"text\":\"Deprecation: true\"", .has = { "\r\nDeprecation: true\r\n" } },
	[FAULT_no_header] = { .parameters = ",\"name\":\"X-CometAPI-Request-Id\"",
	    .lacks = { "x-cometapi-request-id" } },
	[FAULT_drop] = { .parameters = ",\"path\":\"choices[].message.content\"", .lacks = { "\"content\":" } },
	[FAULT_set_null] = { .parameters = ",\"path\":\"$.created\"", .has = { "\"created\":null" } },
	[FAULT_empty] = { .parameters = ",\"path\":\"choices\"", .has = { "\"choices\":[]" } },
	[FAULT_retype] = { .parameters = ",\"path\":\"created\"", .has = { "\"created\":\"1795341600\"" } },
	[FAULT_set] = { .parameters = ",\"path\":\"usage.latency_checkpoint\",\"text\":\"{\\\"a\\\":1}\"",
	    .has = { "\"latency_checkpoint\":{\"a\":1}" } },
	[FAULT_usage_missing] = { .request = ASK_STREAM, .has = { "data: [DONE]\n\n" }, .lacks = { "usage" } },
	[FAULT_usage_null] = { .has = { "\"usage\":null" } },
	[FAULT_usage_empty] = { .has = { "\"usage\":{}" } },
	[FAULT_usage_odd] = { .parameters = ",\"text\":\"total\"", .has = { "\"total_tokens\":1," } },
	[FAULT_model_renamed] = { .request = ASK_STREAM,
	    .has = { "\"model\":\"some-other-model\"" },
	    .lacks = { "gpt-5.4" } },
	[FAULT_id_missing] = { .lacks = { "\"id\"" } },
	[FAULT_finish_missing] = { .has = { "\"finish_reason\":null" } },
	[FAULT_json_cut] = { .special = lost_end },
	[FAULT_json_trailing] = { .has = { "}\ndata: [DONE]" } },
	[FAULT_json_deep] = { .special = deep },
	[FAULT_bom] = { .request = ASK_STREAM,
	    .has = { "\xEF\xBB\xBF"
		     "data: {" } },
	[FAULT_invalid_utf8] = { .request = ASK_STREAM, .has = { "\xC3\x28\xFF" } },

	[FAULT_no_terminal] = { .request = ASK_STREAM,
	    .has = { "\"finish_reason\":\"length\"", "0\r\n\r\n" },
	    .lacks = { "[DONE]" } },
	[FAULT_no_finish] = { .request = ASK_STREAM, .has = { "[DONE]" }, .lacks = { "\"finish_reason\":\"length\"" } },
	[FAULT_cut_stream] = { .request = ASK_STREAM,
	    .has = { "0\r\n\r\n" },
	    .lacks = { "[DONE]", "\"finish_reason\":\"length\"" },
	    .special = one_content },
	[FAULT_start_only] = { .request = ASK_STREAM, .lacks = { "[DONE]" }, .special = no_content },
	[FAULT_terminal_twice] = { .request = ASK_STREAM, .special = two_markers },
	[FAULT_after_terminal] = { .request = ASK_STREAM, .special = content_comes_last },
	[FAULT_finish_twice] = { .request = ASK_STREAM, .special = two_finishes },
	[FAULT_error_event] = { .request = ASK_STREAM,
	    .has = { "data: {\"error\":{\"message\":\"The server had an error" },
	    .lacks = { "[DONE]" },
	    .special = one_content },
	[FAULT_bad_event] = { .request = ASK_STREAM, .has = { "[DONE]" }, .special = half_event },
	[FAULT_cut_event] = { .request = ASK_STREAM, .lacks = { "[DONE]", "\n\n\r\n0\r\n" }, .special = one_content },
	[FAULT_odd_data] = { .request = ASK_STREAM, .has = { "data: : keepalive\n\n", "[DONE]" } },
	[FAULT_empty_data] = { .request = ASK_STREAM, .has = { "\ndata: \n\n", "[DONE]" } },
	[FAULT_empty_choices] = { .request = ASK_STREAM, .has = { "\"choices\":[],\"usage\":null" } },
	[FAULT_usage_each] = { .request = ASK_STREAM, .special = usage_each },
	[FAULT_comments] = { .request = ASK_STREAM, .special = comments },
	[FAULT_line_end] = { .parameters = ",\"text\":\"cr\"", .request = ASK_STREAM, .special = line_ends },
	[FAULT_no_space] = { .request = ASK_STREAM, .has = { "data:{\"id\"", "data:[DONE]" }, .lacks = { "data: " } },
	[FAULT_several_lines] = { .request = ASK_STREAM, .has = { ",\ndata: \"object\":\"chat.completion.chunk\"" } },
	[FAULT_open_end] = { .request = ASK_STREAM, .special = open_end },

	[FAULT_latency_head] = { .parameters = ",\"ms\":60", .special = slow_head },
	[FAULT_latency_first] = { .parameters = ",\"ms\":60", .request = ASK_STREAM, .special = slow_middle },
	[FAULT_latency_token] = { .parameters = ",\"ms\":12", .request = ASK_STREAM, .special = slow_middle },
	[FAULT_burst] = { .parameters = ",\"ms\":60", .request = ASK_STREAM, .special = burst },
	[FAULT_pings] = { .parameters = ",\"ms\":5,\"count\":4",
	    .request = ASK_STREAM,
	    .has = { "8\r\n: PING\n\n\r\n8\r\n: PING\n\n\r\n8\r\n: PING\n\n\r\n8\r\n: PING\n\n\r\n", "[DONE]" } },
	[FAULT_silent] = { .ending = SILENT, .special = starts_as_honest },
	[FAULT_hang_after_head] = { .ending = SILENT, .special = nothing_left },
	[FAULT_hang_after_events] = { .parameters = ",\"events\":2",
	    .request = ASK_STREAM,
	    .ending = SILENT,
	    .special = stays_after_content },
	[FAULT_hang_at] = { .parameters = ",\"at\":100", .ending = SILENT, .len = 100, .special = starts_as_honest },
	[FAULT_close_at] = { .parameters = ",\"at\":100", .len = 100, .special = starts_as_honest },
	[FAULT_reset_at] = { .parameters = ",\"at\":100", .ending = RESET, .len = 100, .special = starts_as_honest },
	[FAULT_close_in_body] = { .special = starts_as_honest, .has = { "\r\n\r\n{\"id\":\"cha" } },
	[FAULT_reset_in_body] = { .ending = RESET, .special = starts_as_honest, .has = { "\r\n\r\n{\"id\":\"cha" } },
	[FAULT_hold_open] = { .request = ASK_STREAM,
	    .has = { "[DONE]" },
	    .ending = SILENT,
	    .special = starts_as_honest },
	[FAULT_slow] = { .parameters = ",\"bytes\":50,\"ms\":1", .special = in_pieces },
	[FAULT_split] = { .special = split_pieces },
	[FAULT_length_short] = { .special = length_off },
	[FAULT_length_long] = { .special = length_off },
	[FAULT_length_odd] = { .has = { "Content-Length: ten\r\n" } },
	[FAULT_no_length] = { .lacks = { "Content-Length", "Transfer-Encoding" } },
	[FAULT_bad_chunk] = { .request = ASK_STREAM, .has = { "\r\n\r\nzz" } },
	[FAULT_no_last_chunk] = { .request = ASK_STREAM, .has = { "[DONE]\n\n\r\n" }, .lacks = { "\r\n0\r\n" } },
	[FAULT_endless_body] = { .ending = FULL, .endless = true, .special = is_endless },
	[FAULT_endless_stream] = { .request = ASK_STREAM, .ending = FULL, .endless = true, .special = is_endless },
	[FAULT_gzip] = { .has = { "Content-Encoding: gzip\r\n" }, .special = unpacks },
	[FAULT_gzip_undeclared] = { .lacks = { "Content-Encoding" }, .special = unpacks },
	[FAULT_gzip_garbage] = { .has = { "Content-Encoding: gzip\r\n", "\r\n\r\n{\"id\"" } },
	[FAULT_gzip_cut] = { .has = { "Content-Encoding: gzip\r\n" }, .special = unpacks_in_part },
	[FAULT_gzip_bomb] = { .parameters = ",\"bytes\":10000000", .special = is_bomb },
	[FAULT_head_line] = { .special = head_is_large },
	[FAULT_head_lines] = { .special = head_is_large },
	[FAULT_interim] = { .parameters = ",\"status\":102,\"count\":2", .special = two_interims },
	[FAULT_not_http] = { .has = { "SSH-2.0-OpenSSH_9.2\r\n" }, .lacks = { "HTTP/1" } },
	[FAULT_connection_close] = { .request = "keep", .has = { "Connection: close\r\n" } },
};

static void
write_checked_request(const struct check *check, struct buf *out)
{
	const char *body = check->request ? check->request : ASK_WHOLE;
	if (strcmp(body, "nokey") == 0)
		buf_printf(out,
		    "POST /v1/chat/completions HTTP/1.1\r\nHost: sim\r\nConnection: close\r\nContent-Length: %zu\r\n\r\n%s",
		    strlen(ASK_WHOLE), ASK_WHOLE);
	else if (strcmp(body, "keep") == 0)
		buf_printf(out,
		    "POST /v1/chat/completions HTTP/1.1\r\nHost: sim\r\nAuthorization: Bearer sk-sim-demo\r\n"
		    "Content-Length: %zu\r\n\r\n%s",
		    strlen(ASK_WHOLE), ASK_WHOLE);
	else
		write_request(out, "POST", check->path ? check->path : "/v1/chat/completions", body);
}

static void
judge(const char *name, const struct check *check, const struct reply *honest, const struct reply *reply)
{
	struct str all = buf_view(&reply->bytes);
	if (reply->ending != check->ending)
		fail_msg("%s: ended as %d, not %d; %zu bytes", name, (int)reply->ending, (int)check->ending, all.len);
	for (size_t i = 0; i < ARRAY_LEN(check->has) && check->has[i]; i++)
		if (!memmem(all.at, all.len, check->has[i], strlen(check->has[i])))
			fail_msg("%s: no \"%s\" in: %.*s", name, check->has[i], STR_ARG(all));
	for (size_t i = 0; i < ARRAY_LEN(check->lacks) && check->lacks[i]; i++)
		if (memmem(all.at, all.len, check->lacks[i], strlen(check->lacks[i])))
			fail_msg("%s: there is \"%s\" in: %.*s", name, check->lacks[i], STR_ARG(all));
	if (check->len > 0)
		assert_int_equal(all.len, check->len);
	bool same = str_eq(all, buf_view(&honest->bytes)) && reply->ending == honest->ending;
	if (!check->special && same)
		fail_msg("%s: the answer is as without it", name);
	if (check->special)
		check->special(honest, reply);
}

static void
ask_of(const struct bed *bed, const struct check *check, struct reply *reply)
{
	auto_buf struct buf request = BUF_INIT(REPLY_PIECE);
	write_checked_request(check, &request);
	*reply = (struct reply){ .bytes = BUF_INIT(REPLY_MAX) };
	int fd = dial(bed->ports[HTTP]);
	assert_true(fd >= 0);
	(void)send_all(fd, request.at, request.len);
	listen_to(fd, check->ending == SILENT ? QUIET_MS : PATIENCE_MS,
	    check->endless ? ENOUGH : REPLY_MAX - REPLY_PIECE, reply);
	close(fd);
}

static void
check_fault(enum fault fault)
{
	const struct check *check = &checks[fault];
	struct bed bed;
	struct reply honest, reply;
	auto_buf struct buf rule = BUF_INIT(4096);
	bed_start(&bed, 7);
	if (check->connect) {
		check->connect(&bed);
	} else {
		struct check plain = { .request = check->request,
			.path = check->path,
			.ending = check->request && strcmp(check->request, "keep") == 0 ? SILENT : CLOSED };
		ask_of(&bed, &plain, &honest);
		bed_stop(&bed);
		bed_start(&bed, 7); /* the same request again, and the first again */
		buf_printf(&rule, "{\"faults\":[{\"fault\":\"%s\"%s}]}", fault_name(fault),
		    check->parameters ? check->parameters : "");
		add_rule(&bed, buf_cstr(&rule));
		ask_of(&bed, check, &reply);
		judge(fault_name(fault), check, &honest, &reply);
		buf_done(&honest.bytes);
		buf_done(&reply.bytes);
	}
	bed_stop(&bed);
}

static void
test_fault(void **state)
{
	const struct check *check = *state;
	if (!check->connect && !check->special && !check->has[0] && !check->lacks[0])
		fail_msg("there is no case here for this fault");
	check_fault((enum fault)(check - checks));
}

int
main(void)
{
	static struct CMUnitTest tests[FAULT_COUNT];
	for (unsigned i = 0; i < FAULT_COUNT; i++)
		tests[i] = (struct CMUnitTest){ .name = fault_name((enum fault)i),
			.test_func = test_fault,
			.initial_state = (void *)(uintptr_t)&checks[i] };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
