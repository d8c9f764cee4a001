/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The least that a program can do for the same answers: curl_multi_poll() and curl_multi_perform(), one easy handle a
 * slot whose options are set once, json-c on each body, and three values read from it. The request's bytes are those of
 * the pipeline.
 */
#include "config.h"

#include <string.h>

#include <curl/curl.h>
#include <json-c/json.h>

#include "base/arena.h"
#include "base/clock.h"
#include "bench/bench.h"
#include "bench/load.h"
#include "config/load.h"
#include "request/build.h"

enum { BODY_BYTES_MAX = 1 << 20, SLOTS_MAX = 256, POLL_MS = 1000 };

struct slot {
	CURL *easy;
	struct buf body;
};

struct naive {
	CURLM *multi;
	const struct load *load;
	struct slot slots[SLOTS_MAX];
	unsigned started, finished, failed;
};

static size_t
on_bytes(char *bytes, size_t size, size_t count, void *arg)
{
	struct slot *slot = arg;
	return buf_add(&slot->body, bytes, size * count) ? size * count : 0;
}

/* The model, the text, the tokens; true when they are there. */
static bool
read_answer(const char *text, int len, const char *holder)
{
	struct json_tokener *tokener = json_tokener_new();
	struct json_object *root = json_tokener_parse_ex(tokener, text, len);
	struct json_object *model, *choices, *usage, *total, *message, *content;
	bool good = json_object_object_get_ex(root, "model", &model) &&
	    json_object_object_get_ex(root, "choices", &choices) && json_object_get_string(model);
	if (good && json_object_array_length(choices) > 0)
		good = json_object_object_get_ex(json_object_array_get_idx(choices, 0), holder, &message) &&
		    (!json_object_object_get_ex(message, "content", &content) || json_object_get_string(content));
	if (good && json_object_object_get_ex(root, "usage", &usage))
		good = json_object_object_get_ex(usage, "total_tokens", &total) && json_object_get_int64(total) > 0;
	json_object_put(root);
	json_tokener_free(tokener);
	return good;
}

static bool
read_body(struct slot *slot, bool stream)
{
	if (!stream)
		return read_answer(slot->body.at, (int)slot->body.len, "message");
	struct str rest = buf_view(&slot->body);
	bool good = true;
	while (rest.at) {
		struct str line = str_split(&rest, '\n');
		if (str_starts(line, STR("data: {")))
			good = read_answer(line.at + 6, (int)line.len - 6, "delta") && good;
	}
	return good;
}

static void
set_up(struct slot *slot, const struct load *load, const struct request *request, struct curl_slist *headers)
{
	slot->easy = curl_easy_init();
	slot->body = BUF_INIT(BODY_BYTES_MAX);
	curl_easy_setopt(slot->easy, CURLOPT_URL, request->url);
	curl_easy_setopt(slot->easy, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(slot->easy, CURLOPT_POSTFIELDS, request->body.at);
	curl_easy_setopt(slot->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body.len);
	curl_easy_setopt(slot->easy, CURLOPT_ACCEPT_ENCODING, load->stream ? "identity" : "");
	curl_easy_setopt(slot->easy, CURLOPT_WRITEFUNCTION, on_bytes);
	curl_easy_setopt(slot->easy, CURLOPT_WRITEDATA, slot);
	curl_easy_setopt(slot->easy, CURLOPT_PRIVATE, slot);
	if (load->setup.ca_file)
		curl_easy_setopt(slot->easy, CURLOPT_CAINFO, load->setup.ca_file);
	curl_easy_setopt(slot->easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(slot->easy, CURLOPT_FRESH_CONNECT, load->setup.reuse ? 0L : 1L);
	curl_easy_setopt(slot->easy, CURLOPT_FORBID_REUSE, load->setup.reuse ? 0L : 1L);
}

static void
start(struct naive *naive, struct slot *slot)
{
	buf_reset(&slot->body);
	naive->started++;
	curl_multi_add_handle(naive->multi, slot->easy);
}

static void
collect(struct naive *naive)
{
	const struct load *load = naive->load;
	CURLMsg *message;
	int left;
	while ((message = curl_multi_info_read(naive->multi, &left))) {
		struct slot *slot;
		long status = 0;
		CURLcode code = message->data.result;
		curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &slot);
		curl_easy_getinfo(message->easy_handle, CURLINFO_RESPONSE_CODE, &status);
		curl_multi_remove_handle(naive->multi, slot->easy);
		naive->finished++;
		if (code != CURLE_OK || status != 200 || !read_body(slot, load->stream))
			naive->failed++;
		if (naive->started < load->warm + load->requests)
			start(naive, slot);
	}
}

static void
run_until(struct naive *naive, unsigned finished)
{
	int running;
	while (naive->finished < finished) {
		curl_multi_perform(naive->multi, &running);
		collect(naive);
		if (naive->finished < finished)
			curl_multi_poll(naive->multi, NULL, 0, POLL_MS, NULL);
	}
}

void
naive_run(const void *arg, void *ret_result)
{
	const struct load *load = arg;
	struct load_result *result = ret_result;
	bench_call_me("bench-bare");
	static struct naive naive;
	struct config *config = load_config(load);
	struct arena arena;
	struct asked asked;
	struct request request;
	struct curl_slist *headers = NULL;
	arena_init(&arena, BODY_BYTES_MAX);
	request_ask(&config->endpoints[0], load->stream ? PROBE_STREAM : PROBE_SYNC, &asked);
	if (request_build(&config->endpoints[0], &asked, STR("01J00000000000000000000000"), &arena, &request) < 0)
		bench_die("no request");
	for (size_t i = 0; i < request.header_count; i++)
		headers = curl_slist_append(headers, request.headers[i]);
	if (request.secret_header)
		headers = curl_slist_append(headers, request.secret_header);
	curl_global_init(CURL_GLOBAL_DEFAULT);
	naive = (struct naive){ .multi = curl_multi_init(), .load = load };
	for (unsigned i = 0; i < load->in_flight; i++) {
		set_up(&naive.slots[i], load, &request, headers);
		start(&naive, &naive.slots[i]);
	}
	run_until(&naive, load->warm);
	double cpu_us = bench_cpu_us();
	unsigned before = naive.finished;
	struct mono begun = clock_mono();
	run_until(&naive, load->warm + load->requests);
	double counted = (double)(naive.finished - before);
	result->cpu_us = (bench_cpu_us() - cpu_us) / counted;
	result->wall_us = (double)mono_diff_ns(clock_mono(), begun) / 1000 / counted;
	result->failed = naive.failed;
}
