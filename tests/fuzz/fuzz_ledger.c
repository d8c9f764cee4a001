/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "contract/ledger_save.h"

#include "base/jsonw.h"
#include "contract/ledger_print.h"
#include "model/dialect.h"

#include "fuzz.h"

/* A ledger's saved text, of whichever of the three kinds. Properties: what is refused leaves the ledger as it was; what
 * is taken is saved and read back the same, can be shown in every form, and lives on with the next run. */

enum { TEXT_BYTES = 1 << 20 };

static const struct provider provider = { .name = "gw", .base_url = "https://gateway.example" };
static const struct contract contract = { .name = "fuzz", .baseline_mode = BASELINE_LEARN, .baseline_samples = 3 };
static struct endpoint endpoint = { .name = "chat",
	.provider = &provider,
	.path = "/v1/chat/completions",
	.model = "m",
	.interval_ns = 60 * NS_PER_SEC,
	.probes = { PROBE_SYNC, PROBE_STREAM, PROBE_MISSING_AUTH },
	.probe_count = 3,
	.contract = &contract };

static void
begin(struct ledger *ledger)
{
	endpoint.dialect = dialect_find(STR("openai-chat"));
	ledger_init(ledger, &endpoint);
	ledger->request_hash = UINT64_C(0x0123456789abcdef); /* of the seeds */
}

static void
save(const struct ledger *ledger, struct buf *out)
{
	ledger_save_findings(ledger, out);
	ledger_save_verified(ledger, out);
	for (size_t i = 0; i < ledger->probe_count; i++)
		ledger_save_baseline(ledger, &ledger->probes[i], out);
}

static void
expect_untouched(const struct ledger *ledger)
{
	struct ledger fresh;
	auto_buf struct buf text = BUF_INIT(TEXT_BYTES), empty = BUF_INIT(TEXT_BYTES);
	begin(&fresh);
	save(ledger, &text);
	save(&fresh, &empty);
	FUZZ_REQUIRE(str_eq(buf_view(&text), buf_view(&empty)));
	ledger_done(&fresh);
}

static void
expect_same_again(const struct ledger *ledger)
{
	struct ledger copy;
	auto_buf struct buf text = BUF_INIT(TEXT_BYTES), again = BUF_INIT(TEXT_BYTES), part = BUF_INIT(TEXT_BYTES);
	begin(&copy);
	save(ledger, &text);
	ledger_save_findings(ledger, &part);
	FUZZ_REQUIRE(!ledger_load_findings(&copy, &endpoint, buf_view(&part)));
	buf_reset(&part);
	ledger_save_verified(ledger, &part);
	FUZZ_REQUIRE(!ledger_load_verified(&copy, buf_view(&part)));
	for (size_t i = 0; i < ledger->probe_count; i++) {
		buf_reset(&part);
		if (ledger_save_baseline(ledger, &ledger->probes[i], &part))
			FUZZ_REQUIRE(!ledger_load_baseline(&copy, &endpoint, ledger->probes[i].kind, buf_view(&part)));
	}
	save(&copy, &again);
	FUZZ_REQUIRE(str_eq(buf_view(&text), buf_view(&again)));
	ledger_done(&copy);
}

static void
show(const struct ledger *ledger)
{
	const struct ledger_view view = { &endpoint, ledger, 20000, NULL };
	auto_buf struct buf text = BUF_INIT(TEXT_BYTES), json = BUF_INIT(TEXT_BYTES);
	struct jsonw w;
	unsigned drift[SEVERITY_COUNT];
	uint64_t active[SEVERITY_COUNT];
	ledger_count(&view, drift, active);
	ledger_print_text(&text, &view);
	ledger_print_markdown(&text, &view);
	jsonw_init(&w, &json);
	ledger_write(&w, NULL, &view);
	FUZZ_REQUIRE(json_check(buf_view(&json), JSON_DEPTH_MAX) == JSON_FINE);
}

static void
live_on(struct ledger *ledger)
{
	struct reply reply = { .status = 200, .success_body = true };
	const struct exchange exchange = { .head_whole = true, .status = 200 };
	const struct record record = { .finished = { 1 },
		.endpoint = &endpoint,
		.probe = PROBE_SYNC,
		.verdict = { .outcome = OUTCOME_OK, .underlying = OUTCOME_INVALID },
		.exchange = &exchange,
		.reply = &reply };
	findings_add(&reply.findings, RULE_FIELD_ADDED, SOURCE_BASELINE, STR("$.x"));
	for (unsigned i = 0; i < 3; i++)
		ledger_record(ledger, &record);
	for (size_t i = 0; i < ledger->probe_count; i++) {
		FUZZ_REQUIRE(ledger->probes[i].active.count <= ACTIVE_MAX);
		ledger_pin(ledger, ledger->probes[i].kind);
	}
}

static void
try(unsigned kind, struct str text)
{
	struct ledger ledger;
	const char *why;
	begin(&ledger);
	if (kind == 0)
		why = ledger_load_findings(&ledger, &endpoint, text);
	else if (kind == 1)
		why = ledger_load_verified(&ledger, text);
	else
		why = ledger_load_baseline(&ledger, &endpoint, PROBE_SYNC, text);
	if (why)
		expect_untouched(&ledger);
	else
		expect_same_again(&ledger);
	show(&ledger);
	live_on(&ledger);
	ledger_done(&ledger);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	for (unsigned kind = 0; kind < 3; kind++)
		try(kind, fuzz_input(data, size));
	return 0;
}
