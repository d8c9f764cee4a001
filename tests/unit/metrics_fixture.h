/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A small configuration and runs made by hand, for the tests of what is counted, rendered and served.
 */
#ifndef COMETCANARY_TESTS_METRICS_FIXTURE_H
#define COMETCANARY_TESTS_METRICS_FIXTURE_H

#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "model/dialect.h"
#include "model/record.h"
#include "record/metrics.h"

#define FIXTURE_NOW ((struct wall){ INT64_C(1795341600123000) }) /* 2026-11-22T10:00:00.123Z */

struct fixture_config {
	struct evidence evidence[2];
	struct contract contract;
	struct provider providers[2];
	struct endpoint endpoints[3];
	struct doc docs[1];
	struct config config;
};

static inline void
fixture_endpoint(struct fixture_config *f, size_t i, const char *name, const char *dialect)
{
	f->endpoints[i] = (struct endpoint){
		.name = name,
		.provider = &f->providers[i == 2],
		.dialect = dialect_find(str_of(dialect)),
		.path = "/v1/chat/completions",
		.enabled = true,
		.interval_ns = 60 * NS_PER_SEC,
		.negative_interval_ns = 900 * NS_PER_SEC,
		.negative_timeout_ns = 50 * NS_PER_MS,
		.probes = { PROBE_SYNC },
		.probe_count = 1,
		.deadlines = { .total_ns = 30 * NS_PER_SEC },
		.index = i,
	};
}

/* chat: sync, stream, missing_auth, timeout; vectors: sync; off: disabled. */
static inline void
fixture_config_init(struct fixture_config *f)
{
	*f = (struct fixture_config){ 0 };
	f->providers[0] = (struct provider){ .name = "cometapi", .index = 0 };
	f->providers[1] = (struct provider){ .name = "other", .index = 1 };
	fixture_endpoint(f, 0, "chat", "openai-chat");
	fixture_endpoint(f, 1, "vectors", "openai-embeddings");
	fixture_endpoint(f, 2, "off", "openai-chat");
	struct endpoint *chat = &f->endpoints[0];
	chat->model = "gpt-5.4-mini";
	chat->request.prompt = "Reply with the word ok and no other text.";
	chat->expect.usage = USAGE_DOCUMENTED;
	f->evidence[0] = (struct evidence){ .area = AREA_PATH, .status = EVIDENCE_DOCUMENTED, .accessed_days = 20779 };
	f->evidence[1] =
	    (struct evidence){ .area = AREA_ERRORS, .status = EVIDENCE_OBSERVED, .accessed_days = DATE_NOT_SET };
	f->contract = (struct contract){ .name = "chat-ledger",
		.evidence = f->evidence,
		.evidence_count = ARRAY_LEN(f->evidence),
		.baseline_mode = BASELINE_LEARN,
		.baseline_samples = 20 };
	chat->contract = &f->contract;
	chat->probes[1] = PROBE_STREAM;
	chat->probes[2] = PROBE_MISSING_AUTH;
	chat->probes[3] = PROBE_TIMEOUT;
	chat->probe_count = 4;
	f->endpoints[1].model = "a\"b\\c";
	f->endpoints[2].enabled = false;
	chat->documented = true;
	f->docs[0] = (struct doc){ .name = "chat-page",
		.url = "https://docs.example.com/chat.md",
		.kind = DOC_MARKDOWN,
		.interval_ns = 3600 * NS_PER_SEC,
		.confirm = 2,
		.revalidate = true };
	f->config.docs = f->docs;
	f->config.doc_count = ARRAY_LEN(f->docs);
	f->config.providers = f->providers;
	f->config.provider_count = ARRAY_LEN(f->providers);
	f->config.endpoints = f->endpoints;
	f->config.endpoint_count = ARRAY_LEN(f->endpoints);
}

/* A run that can be changed before it is recorded. */
struct fixture_run {
	struct exchange exchange;
	struct reply reply;
	struct record record;
};

static inline void
fixture_run_init(struct fixture_run *run, const struct endpoint *endpoint, enum probe_kind probe, enum outcome outcome)
{
	*run = (struct fixture_run){ 0 };
	run->exchange = (struct exchange){
		.head_whole = true,
		.status = 200,
		.at = {
			.start = { 1 * NS_PER_SEC },
			.dns = { 1 * NS_PER_SEC + 1 * NS_PER_MS },
			.connect = { 1 * NS_PER_SEC + 3 * NS_PER_MS },
			.sent = { 1 * NS_PER_SEC + 4 * NS_PER_MS },
			.first_byte = { 1 * NS_PER_SEC + 304 * NS_PER_MS },
			.head = { 1 * NS_PER_SEC + 305 * NS_PER_MS },
			.end = { 1 * NS_PER_SEC + 750 * NS_PER_MS },
		},
	};
	run->reply.hints = HINTS_NONE;
	if (probe == PROBE_STREAM) {
		run->exchange.at.first_content = (struct mono){ 1 * NS_PER_SEC + 420 * NS_PER_MS };
		run->exchange.at.max_content_gap_ns = 120 * NS_PER_MS;
	}
	run->reply.usage = (struct usage){
		.input_tokens = USAGE_ABSENT,
		.output_tokens = USAGE_ABSENT,
		.total_tokens = USAGE_ABSENT,
	};
	run->record = (struct record){
		.finished = FIXTURE_NOW,
		.run_id = STR("01JDXR0000000000000000TEST"),
		.request_id = STR("01JDXR0000000000000000TEST"),
		.endpoint = endpoint,
		.probe = probe,
		.stream = probe == PROBE_STREAM,
		.verdict = { .outcome = outcome, .underlying = OUTCOME_INVALID },
		.exchange = &run->exchange,
		.reply = &run->reply,
	};
}

static inline void
fixture_usage(struct fixture_run *run, enum usage_verdict verdict, int64_t input, int64_t output)
{
	run->reply.usage.verdict = verdict;
	run->reply.usage.input_tokens = input;
	run->reply.usage.output_tokens = output;
}

static inline void
fixture_record(struct metrics *metrics, const struct endpoint *endpoint, enum probe_kind probe, enum outcome outcome)
{
	struct fixture_run run;
	fixture_run_init(&run, endpoint, probe, outcome);
	metrics_record(metrics, &run.record);
}

/* Sums over one endpoint and probe: all series of a family whose text begins so. */
static inline double
fixture_sum(const char *page, const char *series)
{
	double sum = 0;
	size_t len = strlen(series);
	for (const char *line = page; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		const char *value = strncmp(line, series, len) == 0 ? strstr(line, "} ") : NULL;
		if (value)
			sum += strtod(value + 2, NULL);
	}
	return sum;
}

#endif
