/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "dialect/reader.h"

#include "base/arena.h"
#include "classify/classify.h"

#include "fuzz.h"

/*
 * An input is a line "DIALECT PROBE" and a raw response. Properties: no response makes the reader or the judge fail, and
 * the same bytes give the same reply and verdict however they are split. A dialect that there is not is one of those that there are: so the
 * fuzzer needs no luck to reach them all.
 */

enum { ARENA_BYTES = 1 << 20, NOTES_BYTES = 1 << 18 };

static const struct dialect *
choose_dialect(struct str name)
{
	const struct dialect *named = dialect_find(name);
	if (named)
		return named;
	size_t count = 0, sum = 0;
	while (dialects[count])
		count++;
	for (size_t i = 0; i < name.len; i++)
		sum += (unsigned char)name.at[i];
	return dialects[sum % count];
}

static void
note_text(struct buf *notes, struct str text)
{
	buf_printf(notes, "%d%zu:", text.at != NULL, text.len);
	buf_str(notes, text);
}

static void
note_reply(struct buf *notes, const struct reply *reply)
{
	const struct stream_state *stream = &reply->stream;
	const struct api_error *error = &reply->error;
	buf_printf(notes, "%d %d %d %d%d%d%d%d%d%d%d%d ", reply->status, (int)reply->media, (int)reply->form,
	    reply->success_body, reply->null_skeleton, reply->array_stream, reply->unreadable, reply->empty_list,
	    reply->not_finished, reply->blocked, reply->hit_limit, reply->has_output);
	buf_printf(notes, "%u %u %d%u%d%d%d%d ", stream->events, stream->comments, stream->completed, stream->terminals,
	    stream->error_event, stream->cut_inside_event, stream->broken_event_last, stream->broken_framing);
	buf_printf(notes, "%d%d%d%d%d%d %d ", error->present, error->known_envelope, error->envelope,
	    error->mentions_model, error->billing_sentence, error->quota_details, error->number);
	note_text(notes, error->code);
	note_text(notes, error->type);
	note_text(notes, error->status);
	note_text(notes, error->reason);
	note_text(notes, kept_str(&reply->model));
	note_text(notes, kept_str(&reply->finish_reason));
	note_text(notes, buf_view(&reply->output));
	buf_printf(notes, " %lld %lld %lld %lld %d%d%d ", (long long)reply->usage.input_tokens,
	    (long long)reply->usage.output_tokens, (long long)reply->usage.total_tokens,
	    (long long)reply->usage.extra_tokens, reply->usage.reported, reply->usage.bad_types,
	    reply->usage.negatives);
	buf_printf(notes, "%zu", reply->findings.count);
	for (size_t i = 0; i < reply->findings.count; i++)
		buf_printf(
		    notes, " %s %s", finding_rule_id(reply->findings.list[i].rule), reply->findings.list[i].path);
}

/* Whatever the transport says of it, a response gets a verdict. */
static void
note_verdict(struct buf *notes, struct reply *reply, const struct asked *asked)
{
	for (int end = 0; end < END_COUNT; end++) {
		struct exchange exchange = {
			.end = (enum exchange_end)end,
			.head_whole = reply->status != 0,
			.status = reply->status,
		};
		struct verdict verdict = classify(&exchange, reply, asked);
		FUZZ_REQUIRE(verdict.outcome < OUTCOME_COUNT);
		FUZZ_REQUIRE(verdict.underlying <= OUTCOME_INVALID);
		if (end == END_COMPLETE)
			buf_printf(notes, " %s %d %d %d %d", outcome_code(verdict.outcome), (int)verdict.underlying,
			    (int)verdict.retryable, (int)verdict.reason, (int)reply->usage.verdict);
	}
}

/* Reads the response in pieces; false when it was too large, or memory ran out: then pieces matter. */
static bool
note_response(struct buf *notes, const struct asked *asked, struct str response, size_t piece)
{
	struct arena arena;
	struct reader reader;
	struct reply reply;
	arena_init(&arena, ARENA_BYTES);
	reader_init(&reader, asked, &reply, &arena);
	struct head head;
	size_t length = head_length(response);
	bool fits = true;
	if (length > 0 && head_parse(str_span(response.at, length), &head)) {
		reader_head(&reader, &head, (struct wall){ 0 });
		for (size_t at = length; fits && at < response.len; at += piece) {
			size_t len = piece < response.len - at ? piece : response.len - at;
			fits = reader_feed(&reader, response.at + at, len) != SINK_STOP;
		}
	}
	reader_end(&reader);
	note_reply(notes, &reply);
	note_verdict(notes, &reply, asked);
	FUZZ_REQUIRE(reply.findings.count <= FINDINGS_MAX);
	fits = fits && !reply.body_too_large && !arena.exhausted;
	reader_done(&reader);
	reply_done(&reply);
	arena_done(&arena);
	return fits;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct expectation expect = { .usage = USAGE_DOCUMENTED };
	struct str response = fuzz_input(data, size);
	struct str mode = str_split(&response, '\n');
	struct str name = str_split(&mode, ' ');
	if (!response.at)
		return 0;
	struct asked asked = {
		.dialect = choose_dialect(name),
		.model = STR("gpt-5.4-mini"),
		.max_tokens = 16,
		.caps = { .body_bytes = 1 << 16, .head_bytes = 1 << 14, .line_bytes = 1 << 12, .event_bytes = 1 << 13 },
		.expect = &expect,
	};
	enum probe_kind probe = probe_from_name(mode);
	asked.probe = probe == PROBE_COUNT ? PROBE_SYNC : probe;
	asked.stream = asked.probe == PROBE_STREAM;
	auto_buf struct buf whole = BUF_INIT(NOTES_BYTES);
	bool fits = note_response(&whole, &asked, response, size + 1);
	static const size_t sizes[] = { 1, 3, 64 };
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		auto_buf struct buf pieces = BUF_INIT(NOTES_BYTES);
		bool pieces_fit = note_response(&pieces, &asked, response, sizes[i]);
		FUZZ_REQUIRE(fits == pieces_fit);
		if (fits)
			FUZZ_REQUIRE(str_eq(buf_view(&whole), buf_view(&pieces)));
	}
	return 0;
}
