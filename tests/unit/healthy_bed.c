/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "healthy_bed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/parse.h"
#include "classify/classify.h"
#include "config/load.h"
#include "contract/ledger_save.h"
#include "dialect/reader.h"
#include "request/build.h"
#include "file.h"

enum {
	SAMPLES = 20,
	ANSWERS_A_BASELINE = 2000, /* of one question; then all is forgotten and learnt anew */
	ANSWERS_A_RESTART = 977,
	ARENA_BYTES = 256 * 1024,
	TEXT_MAX = 1024 * 1024,
};

#define START_US (INT64_C(1795341600) * US_PER_SEC)

uint64_t
healthy_wanted(uint64_t otherwise)
{
	uint64_t wanted = otherwise;
	const char *given = getenv("HEALTHY_ANSWERS");
	if (given && !parse_u64(str_of(given), &wanted))
		fail_msg("HEALTHY_ANSWERS: '%s' is no number", given);
	return wanted;
}

/* ---- an endpoint for each family, with the contract that is shipped for it ---- */

static void
add_file(struct buf *out, const char *path)
{
	if (!file_read(path, out))
		fail_msg("%s: cannot be opened", path);
}

static void
write_config(const struct healthy_bed *bed, struct buf *out)
{
	const char *source = getenv("TEST_SOURCE");
	buf_text(out,
	    "version = 1; providers = ( { name = \"gw\"; base_url = \"https://gateway.example\";"
	    " auth = { header = \"Authorization\"; scheme = \"Bearer\"; secret = { env = \"HEALTHY_KEY\"; }; }; } );"
	    " contracts = (");
	for (size_t i = 0; i < bed->family_count; i++) {
		char path[512];
		snprintf(
		    path, sizeof(path), "%s/etc/contracts/%s.conf", source ? source : ".", bed->families[i].dialect);
		buf_printf(out, "%s\n", i ? "," : "");
		add_file(out, path);
	}
	buf_text(out, "); endpoints = (");
	for (size_t i = 0; i < bed->family_count; i++) {
		const struct healthy_family *family = &bed->families[i];
		buf_printf(out,
		    "%s\n{ name = \"%s\"; provider = \"gw\"; dialect = \"%s\"; path = \"%s\"; contract = \"%s\";",
		    i ? "," : "", family->dialect, family->dialect, family->path, family->dialect);
		if (family->model)
			buf_printf(out, " model = \"%s\"; expect = { usage = \"documented\"; };", family->model);
		buf_printf(out, " probes = ( \"sync\"%s ); }", family->streams ? ", \"stream\"" : "");
	}
	buf_text(out, ");\n");
}

static void
load_config(struct healthy_bed *bed)
{
	auto_buf struct buf text = BUF_INIT(TEXT_MAX);
	char path[] = "/tmp/healthy.XXXXXX";
	int fd = mkstemp(path);
	assert_true(fd >= 0);
	write_config(bed, &text);
	assert_int_equal(write(fd, text.at, text.len), text.len);
	close(fd);
	assert_int_equal(setenv("HEALTHY_KEY", "sk-healthy", 1), 0);
	auto_diags struct diags diags = DIAGS_INIT;
	bed->config = config_load(path, &diags);
	unlink(path);
	if (!bed->config) {
		auto_buf struct buf errors = BUF_INIT(TEXT_MAX);
		diags_render(&diags, &errors);
		fail_msg("%s", buf_cstr(&errors));
	}
	for (size_t i = 0; i < bed->config->contract_count; i++) {
		bed->config->contracts[i].baseline_mode = BASELINE_LEARN;
		bed->config->contracts[i].baseline_samples = SAMPLES;
	}
}

void
healthy_begin(struct healthy_bed *bed, const struct healthy_family *families, size_t count)
{
	assert_true(count <= HEALTHY_FAMILIES_MAX);
	*bed = (struct healthy_bed){ .families = families, .family_count = count, .random = { 20261122 } };
	load_config(bed);
	arena_init(&bed->arena, ARENA_BYTES);
	for (size_t i = 0; i < count; i++) {
		const struct endpoint *endpoint = config_find_endpoint(bed->config, families[i].dialect);
		ledger_init(&bed->ledgers[i], endpoint);
		for (size_t j = 0; j < endpoint->probe_count; j++) {
			struct healthy_question *question = &bed->questions[bed->question_count++];
			*question =
			    (struct healthy_question){ .family = i, .endpoint = endpoint, .ledger = &bed->ledgers[i] };
			request_ask(endpoint, endpoint->probes[j], &question->asked);
		}
	}
}

void
healthy_end(struct healthy_bed *bed)
{
	for (size_t i = 0; i < bed->family_count; i++)
		ledger_done(&bed->ledgers[i]);
	config_release(bed->config);
	arena_done(&bed->arena);
}

/* ---- the ledgers' life ---- */

/* As after a restart: only what was saved is known. */
static void
restart(struct ledger *ledger, const struct endpoint *endpoint)
{
	struct ledger fresh;
	auto_buf struct buf findings = BUF_INIT(TEXT_MAX), verified = BUF_INIT(TEXT_MAX);
	ledger_init(&fresh, endpoint);
	ledger_save_findings(ledger, &findings);
	ledger_save_verified(ledger, &verified);
	assert_null(ledger_load_findings(&fresh, endpoint, buf_view(&findings)));
	assert_null(ledger_load_verified(&fresh, buf_view(&verified)));
	for (size_t i = 0; i < ledger->probe_count; i++) {
		auto_buf struct buf baseline = BUF_INIT(TEXT_MAX);
		enum probe_kind kind = ledger->probes[i].kind;
		if (ledger_save_baseline(ledger, &ledger->probes[i], &baseline))
			assert_null(ledger_load_baseline(&fresh, endpoint, kind, buf_view(&baseline)));
	}
	ledger_done(ledger);
	*ledger = fresh;
}

static void
age_ledgers(struct healthy_bed *bed)
{
	bool forgets = bed->asked % (ANSWERS_A_BASELINE * bed->question_count) == 0;
	for (size_t i = 0; i < bed->family_count; i++) {
		struct ledger *ledger = &bed->ledgers[i];
		const struct endpoint *endpoint = config_find_endpoint(bed->config, bed->families[i].dialect);
		if (forgets) {
			ledger_done(ledger);
			ledger_init(ledger, endpoint);
		} else if (bed->asked % ANSWERS_A_RESTART == 0) {
			restart(ledger, endpoint);
		}
	}
}

static struct healthy_question *
current(struct healthy_bed *bed)
{
	return &bed->questions[(bed->asked - 1) % bed->question_count];
}

const struct healthy_question *
healthy_next(struct healthy_bed *bed)
{
	if (bed->asked > 0)
		age_ledgers(bed);
	bed->asked++;
	return current(bed);
}

/* ---- one answer ---- */

static bool
is_alarm(const struct finding *finding)
{
	return finding->severity > SEVERITY_INFO;
}

static void
complain(const struct healthy_bed *bed, const struct healthy_question *question, const struct record *record,
    struct str body)
{
	auto_buf struct buf rules = BUF_INIT(64 * 1024);
	const struct findings *findings = &record->reply->findings;
	for (size_t i = 0; i < findings->count; i++)
		if (is_alarm(&findings->list[i]))
			buf_printf(&rules, " %s@%s (%s)", finding_rule_id(findings->list[i].rule),
			    findings->list[i].path, finding_source_name(findings->list[i].source));
	fail_msg("answer %llu, %s %s: %s%s\n%.*s", (unsigned long long)bed->asked, question->endpoint->name,
	    probe_name(question->asked.probe), outcome_code(record->verdict.outcome), buf_cstr(&rules), STR_ARG(body));
}

static void
expect_calm(const struct healthy_bed *bed, const struct healthy_question *question)
{
	const struct active_set *active = &ledger_find(question->ledger, question->asked.probe)->active;
	for (size_t i = 0; i < active->count; i++)
		if (active->items[i].active && is_alarm(&active->items[i].finding))
			fail_msg("answer %llu, %s %s: %s is active", (unsigned long long)bed->asked,
			    question->endpoint->name, probe_name(question->asked.probe),
			    finding_rule_id(active->items[i].finding.rule));
}

/* Pieces of any size. */
static void
feed(struct healthy_bed *bed, struct reader *reader, struct str body)
{
	size_t at = 0, most = 1 + random_below(&bed->random, 3) * 700;
	while (at < body.len) {
		size_t len = 1 + random_below(&bed->random, most);
		if (len > body.len - at)
			len = body.len - at;
		reader_feed(reader, body.at + at, len);
		at += len;
	}
}

void
healthy_judge(struct healthy_bed *bed, struct str head_text, struct str body, struct wall now)
{
	struct healthy_question *question = current(bed);
	struct asked *asked = &question->asked;
	struct reader reader;
	struct reply reply;
	struct head head;
	/* a round of all questions is an interval */
	struct wall finished = { START_US +
		(int64_t)(bed->asked * (uint64_t)(question->endpoint->interval_ns / NS_PER_US) / bed->question_count) };
	assert_true(head_parse(head_text, &head));
	asked->baseline = ledger_baseline(question->ledger, asked->probe);
	reader_init(&reader, asked, &reply, &bed->arena);
	reader_head(&reader, &head, now);
	feed(bed, &reader, body);
	reader_end(&reader);
	ledger_inspect(question->ledger, question->endpoint, asked, &reply, finished);
	const struct exchange exchange = { .end = END_COMPLETE, .head_whole = true, .status = head.status };
	const struct record record = { .finished = finished,
		.endpoint = question->endpoint,
		.probe = asked->probe,
		.stream = asked->stream,
		.verdict = classify(&exchange, &reply, asked),
		.exchange = &exchange,
		.reply = &reply };
	unsigned alarms = reply.findings.by_severity[SEVERITY_WARNING] + reply.findings.by_severity[SEVERITY_BREAKING];
	if (record.verdict.outcome != OUTCOME_OK || alarms > 0)
		complain(bed, question, &record, body);
	ledger_record(question->ledger, &record);
	expect_calm(bed, question);
	reader_done(&reader);
	reply_done(&reply);
	arena_reset(&bed->arena);
}
