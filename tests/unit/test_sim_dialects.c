/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The faults that know a dialect's own words, in each dialect but chat (which test_sim_faults.c has): what must be in the
 * answer then, and what must not. The honest answer has none of it, and all of the other.
 */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/attr.h"
#include "sim_bed.h"

static const struct request {
	const char *path, *body;
} responses = { "/v1/responses", "{\"model\":\"gpt-5.4-mini\",\"input\":\"Say the word ok.\"}" },
  responses_stream = { "/v1/responses", "{\"model\":\"gpt-5.4-mini\",\"input\":\"Say the word ok.\",\"stream\":true}" },
  messages = { "/v1/messages",
	  "{\"model\":\"claude-haiku-4-5-20251001\",\"max_tokens\":9,"
	  "\"messages\":[{\"role\":\"user\",\"content\":\"Say the word ok.\"}]}" },
  messages_stream = { "/v1/messages",
	  "{\"model\":\"claude-haiku-4-5-20251001\",\"max_tokens\":9,\"stream\":true,"
	  "\"messages\":[{\"role\":\"user\",\"content\":\"Say the word ok.\"}]}" },
  gemini = { "/v1beta/models/gemini-2.5-flash:generateContent",
	  "{\"contents\":[{\"parts\":[{\"text\":\"Say the word ok.\"}]}]}" },
  gemini_stream = { "/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse",
	  "{\"contents\":[{\"parts\":[{\"text\":\"Say the word ok.\"}]}]}" },
  gemini_array = { "/v1beta/models/gemini-2.5-flash:streamGenerateContent",
	  "{\"contents\":[{\"parts\":[{\"text\":\"Say the word ok.\"}]}]}" },
  images = { "/v1/images/generations", "{\"model\":\"gpt-image-2\",\"prompt\":\"a cat\"}" };

static const struct row {
	const struct request *request;
	const char *fault, *has, *lacks;
} rows[] = {
	{ &responses, "\"usage-missing\"", "\"status\":\"completed\"", "usage" },
	{ &responses, "\"usage-null\"", "\"usage\":null", "input_tokens" },
	{ &responses, "\"usage-empty\"", "\"usage\":{}", "input_tokens" },
	{ &responses, "\"usage-odd\"", "\"output_tokens\":-3,", "\"output_tokens\":1," },
	{ &responses, "\"id-missing\"", "\"object\":\"response\"", "\"id\":\"resp_" },
	{ &responses, "\"model-renamed\"", "\"model\":\"some-other-model\"", "gpt-5" },
	{ &responses, "\"finish-missing\"", "\"status\":null", "\"created_at\":1795341600,\"status\":\"completed\"" },
	{ &responses, "\"content-filter\"", "\"incomplete_details\":{\"reason\":\"content_filter\"}", "output_text" },
	{ &responses, "\"cap-eaten\"", "\"incomplete_details\":{\"reason\":\"max_output_tokens\"}", "output_text" },
	{ &responses, "\"reasoning\"", "\"summary\":[{\"type\":\"summary_text\",\"text\":\"Well so so\"}]",
	    "\"summary\":[]" },
	{ &responses_stream, "\"usage-missing\"", "event: response.completed\n", "usage" },
	{ &responses_stream, "\"usage-null\"", "\"usage\":null", "input_tokens" },
	{ &responses_stream, "{\"fault\":\"usage-odd\",\"text\":\"total\"}", "\"total_tokens\":1}",
	    "\"total_tokens\":13}" },
	{ &responses_stream, "\"id-missing\"", "event: response.completed\n", "\"id\":\"resp_" },
	{ &responses_stream, "\"model-renamed\"", "\"model\":\"some-other-model\"", "gpt-5" },
	{ &responses_stream, "\"no-terminal\"", "event: response.output_item.done\n", "event: response.completed" },
	{ &responses_stream, "\"no-finish\"", "\"sequence_number\":7,\"response\"",
	    "event: response.output_item.done" },
	{ &responses_stream, "\"terminal-twice\"", "\"sequence_number\":9,\"response\"", NULL },
	{ &responses_stream, "\"after-terminal\"", "\"response.output_text.delta\",\"sequence_number\":9,", NULL },
	{ &responses_stream, "\"error-event\"", "event: error\ndata: {\"type\":\"error\",\"sequence_number\":5,",
	    "response.completed" },
	{ &responses_stream, "\"failed\"", "event: response.failed\n", "response.completed" },
	{ &responses_stream, "\"refusal\"", "event: response.refusal.delta\n", "output_text" },
	{ &responses_stream, "\"bad-event\"", "\"sequence_number\":9,\"response\"", NULL },
	{ &responses_stream, "\"start-only\"", "event: response.in_progress\n", "output_item" },
	{ &messages, "\"usage-missing\"", "\"stop_reason\":\"end_turn\"", "usage" },
	{ &messages, "\"usage-empty\"", "\"usage\":{}", "input_tokens" },
	{ &messages, "\"id-missing\"", "\"type\":\"message\"", "\"id\"" },
	{ &messages, "\"model-renamed\"", "\"model\":\"some-other-model\"", "claude" },
	{ &messages, "\"finish-missing\"", "\"stop_reason\":null", "end_turn" },
	{ &messages, "\"refusal\"", "\"content\":[],\"stop_reason\":\"refusal\"", "end_turn" },
	{ &messages, "\"cap-eaten\"", "\"stop_reason\":\"max_tokens\"", "end_turn" },
	{ &messages, "\"reasoning\"", "{\"type\":\"thinking\",\"thinking\":\"Well so so\",\"signature\":", NULL },
	{ &messages_stream, "\"usage-null\"", "\"usage\":null", "input_tokens" },
	{ &messages_stream, "\"usage-odd\"", "\"output_tokens\":-3", "\"output_tokens\":1" },
	{ &messages_stream, "\"id-missing\"", "event: message_start\n", "\"id\"" },
	{ &messages_stream, "\"finish-missing\"", "\"delta\":{\"stop_reason\":null", "end_turn" },
	{ &messages_stream, "\"no-terminal\"", "event: message_delta\n", "message_stop" },
	{ &messages_stream, "\"no-finish\"", "event: message_stop\n", "message_delta" },
	{ &messages_stream, "\"error-event\"",
	    "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\"", "message_stop" },
	{ &messages_stream, "\"reasoning\"", "{\"type\":\"thinking_delta\",\"thinking\":\" so\"}", NULL },
	{ &gemini, "\"usage-missing\"", "\"finishReason\":\"STOP\"", "usageMetadata" },
	{ &gemini, "\"usage-odd\"", "\"candidatesTokenCount\":-3", "\"candidatesTokenCount\":1" },
	{ &gemini, "\"id-missing\"", "\"modelVersion\"", "responseId" },
	{ &gemini, "\"model-renamed\"", "\"modelVersion\":\"some-other-model\"", "gemini-2.5" },
	{ &gemini, "\"finish-missing\"", "\"finishReason\":null", "STOP" },
	{ &gemini, "\"content-filter\"", "\"finishReason\":\"SAFETY\"", "\"parts\"" },
	{ &gemini, "\"refusal\"", "\"promptFeedback\":{\"blockReason\":\"PROHIBITED_CONTENT\"}", "candidates" },
	{ &gemini, "\"cap-eaten\"", "\"content\":{\"role\":\"model\"},\"finishReason\":\"MAX_TOKENS\"", "\"parts\"" },
	{ &gemini, "\"reasoning\"", "{\"text\":\"Well so so\",\"thought\":true}", NULL },
	{ &gemini_stream, "\"usage-null\"", "\"usageMetadata\":null", "promptTokenCount" },
	{ &gemini_stream, "\"usage-each\"",
	    "{\"text\":\"ok\"}],\"role\":\"model\"},\"index\":0}],\"usageMetadata\":{\"promptTokenCount\":9,"
	    "\"candidatesTokenCount\":1",
	    NULL },
	{ &gemini_stream, "\"no-finish\"", "\"text\":\"ok\"", "STOP" },
	{ &gemini_stream, "\"error-event\"", "data: {\"error\":{\"code\":503,", "STOP" },
	{ &gemini_stream, "\"empty-choices\"", "data: {\"candidates\":[],", NULL },
	{ &gemini_array, "\"cut-stream\"", "[{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"ok\"}]", "STOP" },
	{ &gemini_array, "\"error-event\"", ",\r\n{\"error\":{\"code\":503,", "STOP" },
	{ &images, "\"usage-missing\"", "\"b64_json\"", "usage" },
	{ &images, "\"usage-odd\"", "\"output_tokens\":-3", "\"output_tokens\":272" },
	{ &images, "\"content-filter\"", "\"data\":[]", "b64_json" },
};

static void
ask(const struct bed *bed, const struct request *request, struct reply *reply)
{
	auto_buf struct buf text = BUF_INIT(REPLY_PIECE);
	write_request(&text, "POST", request->path, request->body);
	exchange(bed->ports[HTTP], buf_cstr(&text), PATIENCE_MS, reply);
}

static void
test_rows(void **state)
{
	(void)state;
	struct bed bed;
	bed_start(&bed, 7);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct row *row = &rows[i];
		struct reply honest, reply;
		auto_buf struct buf rule = BUF_INIT(REPLY_PIECE);
		ask(&bed, row->request, &honest);
		buf_printf(&rule, "{\"count\":1,\"faults\":[%s]}", row->fault);
		add_rule(&bed, buf_cstr(&rule));
		ask(&bed, row->request, &reply);
		struct str before = body_of(&honest), after = body_of(&reply);
		if (count_of(after, row->has) == 0 || (row->lacks && count_of(after, row->lacks) > 0))
			fail_msg("%s %s: %.*s", row->request->path, row->fault, STR_ARG(after));
		bool told = count_of(before, row->has) == 0 || (row->lacks && count_of(before, row->lacks) > 0);
		if (!told)
			fail_msg(
			    "%s %s: so is the honest answer: %.*s", row->request->path, row->fault, STR_ARG(before));
		buf_done(&honest.bytes);
		buf_done(&reply.bytes);
	}
	bed_stop(&bed);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
