/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "sim/output.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/xalloc.h"
#include "sim/answer.h"
#include "sim/gzip.h"
#include "sim/http.h"

enum { ENDLESS_BLOCK = 64 * 1024, HEAD_SHORT_LINE = 100, DATA_LINE_BYTES = 24 };

struct render {
	struct output *output;
	const struct answer *answer;
	const struct wire *wire;
	const struct output_request *request;
	bool chunked;
	size_t body_at; /* where the body begins in output->bytes */
};

void
output_init(struct output *output)
{
	*output = (struct output){ .bytes = BUF_INIT(2 * ANSWER_BYTES_MAX) };
}

void
output_done(struct output *output)
{
	buf_done(&output->bytes);
	free(output->steps);
}

/* What was rendered since the last step may go wait_ns after it. */
static void
end_step(struct output *output, int64_t wait_ns)
{
	size_t before = output->step_count ? output->steps[output->step_count - 1].end : 0;
	if (output->bytes.len == before && wait_ns == 0)
		return;
	if (wait_ns == 0 && output->step_count > 0) { /* no reason for a write of its own */
		output->steps[output->step_count - 1].end = output->bytes.len;
		return;
	}
	if (output->step_count == output->step_room) {
		output->step_room = output->step_room ? output->step_room * 2 : 16;
		output->steps = xrealloc(output->steps, output->step_room * sizeof(*output->steps));
	}
	output->steps[output->step_count++] = (struct output_step){ output->bytes.len, wait_ns };
}

/* ---- events ---- */

static void
write_data_line(struct buf *out, const struct sse_style *style, struct str line)
{
	buf_text(out, style->no_space ? "data:" : "data: ");
	buf_str(out, line);
	buf_text(out, style->line_end ? style->line_end : "\n");
}

/* JSON may be broken between its members; a reader joins the lines with LF, which is white space there. */
static void
write_data(struct buf *out, const struct sse_style *style, struct str data)
{
	while (style->several_lines && data.len > DATA_LINE_BYTES) {
		const char *comma = memmem(data.at, data.len, ",\"", 2);
		if (!comma)
			break;
		size_t len = (size_t)(comma - data.at) + 1;
		write_data_line(out, style, str_span(data.at, len));
		data = str_span(data.at + len, data.len - len);
	}
	write_data_line(out, style, data);
}

static void
write_event(struct buf *out, const struct answer *answer, size_t index)
{
	const struct sse_style *style = &answer->style;
	const char *line_end = style->line_end ? style->line_end : "\n";
	if (style->is_array) {
		buf_text(out, index == 0 ? "[" : "\n,\r\n");
		buf_str(out, answer_event_data(answer, index));
		if (!style->open_end && index + 1 == answer->event_count)
			buf_text(out, "\n]\n");
		return;
	}
	if (index == 0 && style->bom)
		buf_text(out, "\xEF\xBB\xBF");
	if (style->comment && index % style->comment_every == 0)
		buf_printf(out, "%s%s%s", style->comment, line_end, line_end);
	if (style->ids)
		buf_printf(out, "id: %zu%s", index, line_end);
	if (answer->events[index].name)
		buf_printf(out, "event: %s%s", answer->events[index].name, line_end);
	write_data(out, style, answer_event_data(answer, index));
	if (!style->open_end || index + 1 < answer->event_count)
		buf_text(out, line_end);
}

/* ---- head ---- */

static void
write_padding(struct buf *out, const struct wire *wire)
{
	if (wire->head_line_bytes) {
		buf_text(out, "X-Padding: ");
		for (size_t i = 0; i < wire->head_line_bytes; i++)
			buf_char(out, 'p');
		buf_text(out, "\r\n");
	}
	for (size_t i = 0; i * HEAD_SHORT_LINE < wire->head_lines_bytes; i++)
		buf_printf(out, "X-Padding-%06zu: %080d\r\n", i, 0);
}

static void
write_framing(const struct render *render, size_t body_len)
{
	struct buf *out = &render->output->bytes;
	const struct wire *wire = render->wire;
	bool close = wire->close || wire->no_length || !render->request->keep_alive;
	if (render->chunked)
		buf_text(out, "Transfer-Encoding: chunked\r\n");
	else if (wire->length_text)
		buf_printf(out, "Content-Length: %s\r\n", wire->length_text);
	else if (render->answer->status == 304)
		; /* a length would be that of the body that is not sent */
	else if (!wire->no_length && !render->answer->is_stream)
		buf_printf(out, "Content-Length: %" PRId64 "\r\n",
		    (int64_t)body_len + wire->length_off > 0 ? (int64_t)body_len + wire->length_off : 0);
	else
		close = true;
	buf_printf(out, "Connection: %s\r\n", close ? "close" : "keep-alive");
	if (close && render->output->end == OUTPUT_KEEP)
		render->output->end = OUTPUT_CLOSE;
}

static void
write_head(struct render *render, size_t body_len)
{
	struct buf *out = &render->output->bytes;
	const struct answer *answer = render->answer;
	const struct wire *wire = render->wire;
	for (int64_t i = 0; i < wire->interim_count && wire->interim_status; i++)
		buf_printf(out, "HTTP/1.1 %d %s\r\nX-Interim: yes\r\n\r\n", wire->interim_status,
		    http_reason(wire->interim_status));
	buf_printf(out, "HTTP/1.1 %d %s\r\nDate: ", answer->status, http_reason(answer->status));
	http_date(out, render->request->now);
	buf_text(out, "\r\n");
	if (answer->type)
		buf_printf(out, "Content-Type: %s\r\n", answer->type);
	buf_str(out, buf_view(&answer->head));
	if (wire->coding != CODING_NONE && wire->coding != CODING_UNDECLARED)
		buf_text(out, "Content-Encoding: gzip\r\n");
	write_padding(out, wire);
	write_framing(render, body_len);
	buf_text(out, "\r\n");
	render->body_at = out->len;
	end_step(render->output, wire->head_ns);
	if (wire->hang_after_head) {
		render->output->end = OUTPUT_HANG;
		end_step(render->output, 0);
	}
}

/* ---- body ---- */

static void
write_chunk(struct render *render, struct str data)
{
	struct buf *out = &render->output->bytes;
	if (data.len == 0)
		return;
	if (render->chunked)
		buf_printf(out, render->wire->bad_chunk ? "zz%zx\r\n" : "%zx\r\n", data.len);
	buf_str(out, data);
	if (render->chunked)
		buf_text(out, "\r\n");
}

static void
write_end(struct render *render)
{
	const struct wire *wire = render->wire;
	struct output *output = render->output;
	if (wire->hold_open) {
		output->end = OUTPUT_HANG;
	} else if (render->chunked && wire->no_last_chunk) {
		output->end = OUTPUT_CLOSE;
	} else if (render->chunked && !wire->endless) {
		buf_text(&output->bytes, "0\r\n\r\n");
		end_step(output, 0);
	}
}

static int64_t
wait_before(const struct render *render, size_t index, bool first_content)
{
	enum event_kind kind = render->answer->events[index].kind;
	if (kind != EVENT_CONTENT && kind != EVENT_REASONING)
		return 0;
	if (first_content)
		return render->wire->first_ns;
	return render->wire->burst ? 0 : render->wire->token_ns;
}

/* True when they never end. */
static bool
write_pings(struct render *render)
{
	struct str ping = render->answer->style.is_array ? STR("\n") : STR(": PING\n\n");
	struct output *output = render->output;
	if (render->wire->ping_count == 0)
		output->repeat_from = output->step_count;
	for (int64_t i = 0; i < render->wire->ping_count || i == 0; i++) {
		write_chunk(render, ping);
		end_step(output, render->wire->ping_ns);
	}
	return render->wire->ping_count == 0;
}

static void
make_endless_stream(struct render *render, struct buf *event)
{
	struct output *output = render->output;
	size_t content = answer_find_event(render->answer, EVENT_CONTENT);
	if (content == render->answer->event_count)
		content = 0;
	output->repeat_from = output->step_count;
	output->repeat_bytes = render->wire->endless_bytes;
	buf_reset(event);
	write_event(event, render->answer, content);
	write_chunk(render, buf_view(event));
	end_step(output, render->wire->endless_ns ? render->wire->endless_ns : 1);
}

static void
write_events(struct render *render)
{
	auto_buf struct buf event = BUF_INIT(ANSWER_BYTES_MAX);
	bool before_content = true;
	int64_t contents = 0, hang_after = render->wire->hang_after_events;
	for (size_t i = 0; i < render->answer->event_count; i++) {
		int64_t wait_ns = wait_before(render, i, before_content);
		enum event_kind kind = render->answer->events[i].kind;
		if (hang_after >= 0 && contents >= hang_after && kind != EVENT_START) {
			render->output->end = OUTPUT_HANG;
			return;
		}
		if (render->wire->endless && kind == EVENT_FINISH)
			break;
		if (before_content && kind != EVENT_START && render->wire->ping_ns && write_pings(render))
			return;
		if (kind == EVENT_CONTENT || kind == EVENT_REASONING)
			before_content = false;
		contents += kind == EVENT_CONTENT;
		buf_reset(&event);
		write_event(&event, render->answer, i);
		write_chunk(render, buf_view(&event));
		end_step(render->output, wait_ns);
	}
	if (render->wire->endless)
		make_endless_stream(render, &event);
	write_end(render);
}

static void
write_whole(struct render *render, struct str body)
{
	struct output *output = render->output;
	if (render->request->is_head)
		return;
	write_chunk(render, body);
	end_step(output, 0);
	if (render->wire->endless) {
		output->repeat_from = output->step_count;
		output->repeat_bytes = render->wire->endless_bytes;
		auto_buf struct buf block = BUF_INIT(ENDLESS_BLOCK);
		memset(buf_reserve(&block, ENDLESS_BLOCK - 1), ' ', ENDLESS_BLOCK - 1);
		block.len = ENDLESS_BLOCK - 1;
		write_chunk(render, buf_view(&block));
		end_step(output, 1);
	}
	write_end(render);
	if (render->wire->length_off > 0)
		output->end = OUTPUT_CLOSE;
}

/* The bytes of the body when it does not go event by event: coded, or no stream at all. */
static void
code_body(const struct render *render, struct buf *out)
{
	auto_buf struct buf plain = BUF_INIT(ANSWER_BYTES_MAX);
	const struct answer *answer = render->answer;
	if (answer->is_stream)
		for (size_t i = 0; i < answer->event_count; i++)
			write_event(&plain, answer, i);
	else
		buf_str(&plain, buf_view(&answer->body));
	switch (render->wire->coding) {
	case CODING_NONE:
	case CODING_GARBAGE:
		buf_str(out, buf_view(&plain));
		break;
	case CODING_GZIP:
	case CODING_UNDECLARED:
	case CODING_CUT:
		gzip_wrap(out, buf_view(&plain));
		if (render->wire->coding == CODING_CUT)
			out->len = out->len / 2;
		break;
	case CODING_BOMB:
		gzip_bomb(out, answer->is_stream ? STR("data: ") : STR("{\"id\":\"x\","), render->wire->bomb_bytes);
		break;
	}
}

static void
split_body(struct render *render)
{
	struct output *output = render->output;
	size_t end = output->bytes.len, last = output->step_count, from = render->body_at;
	if (last > 1 || end <= from) /* its own timing, or nothing to split */
		return;
	output->steps[0].end = from;
	while (from < end) {
		from = end - from > render->wire->split_bytes ? from + render->wire->split_bytes : end;
		size_t whole = output->bytes.len;
		output->bytes.len = from; /* a step ends where the bytes end */
		end_step(output, 1);
		output->bytes.len = whole;
	}
}

static bool
is_chunked(const struct render *render)
{
	const struct wire *wire = render->wire;
	bool wanted =
	    render->answer->is_stream || wire->chunked || wire->bad_chunk || wire->no_last_chunk || wire->endless;
	bool other_framing = wire->no_length || wire->length_text || wire->length_off != 0 || render->request->is_1_0;
	return wanted && !other_framing;
}

void
output_build(
    struct output *output, const struct answer *answer, const struct wire *wire, const struct output_request *request)
{
	struct render render = { output, answer, wire, request, false, 0 };
	auto_buf struct buf body = BUF_INIT(ANSWER_BYTES_MAX);
	bool by_event = answer->is_stream && wire->coding == CODING_NONE;
	buf_reset(&output->bytes);
	output->step_count = 0;
	output->repeat_from = SIZE_MAX;
	output->end = OUTPUT_KEEP;
	output->drip_bytes = wire->drip_bytes;
	output->drip_ns = wire->drip_ns;
	output->cut_at = wire->cut_at;
	output->cut = wire->cut;
	if (wire->not_http) {
		buf_printf(&output->bytes, "%s\r\n", wire->not_http);
		end_step(output, wire->head_ns);
		output->end = OUTPUT_CLOSE;
		return;
	}
	render.chunked = is_chunked(&render);
	if (!by_event)
		code_body(&render, &body);
	write_head(&render, body.len);
	if (wire->hang_after_head)
		return;
	if (by_event)
		write_events(&render);
	else
		write_whole(&render, buf_view(&body));
	if (wire->cut_in_body && wire->cut_at != WIRE_NEVER)
		output->cut_at += render.body_at;
	if (wire->split_bytes)
		split_body(&render);
}
