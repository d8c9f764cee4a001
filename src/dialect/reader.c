/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "dialect/reader.h"

#include "contract/baseline.h"
#include "contract/check.h"
#include "decode/hints.h"
#include "decode/sniff.h"
#include "dialect/error.h"
#include "dialect/field.h"

enum { OUTPUT_BYTES_MAX = 64 * 1024 };

static sse_event_fn on_event;

void
reader_init(struct reader *reader, const struct asked *asked, struct reply *reply, struct arena *arena)
{
	*reply = (struct reply){
		.arena = arena,
		.hints = HINTS_NONE,
		.usage = { .input_tokens = USAGE_ABSENT, .output_tokens = USAGE_ABSENT, .total_tokens = USAGE_ABSENT },
		.output = BUF_INIT(OUTPUT_BYTES_MAX),
	};
	*reader = (struct reader){ .asked = asked, .reply = reply, .body = BUF_INIT(asked->caps.body_bytes) };
	shape_init(&reader->shape, arena);
}

void
reader_done(struct reader *reader)
{
	buf_done(&reader->body);
	if (reader->sse.fn)
		sse_done(&reader->sse);
}

void
reply_done(struct reply *reply)
{
	buf_done(&reply->output);
}

static enum media_type
media_of(struct str type)
{
	static const struct {
		struct str name;
		enum media_type media;
	} known[] = {
		{ { "application/json", 16 }, MEDIA_JSON },
		{ { "text/event-stream", 17 }, MEDIA_EVENT_STREAM },
		{ { "text/html", 9 }, MEDIA_HTML },
	};
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (str_eq_nocase(type, known[i].name))
			return known[i].media;
	return type.len > 0 ? MEDIA_OTHER : MEDIA_NONE;
}

/* Is anybody interested in the shape of a success? */
static bool
wants_shape(const struct reader *reader)
{
	const struct contract *contract = reader->asked->contract;
	return contract && contract->baseline_mode != BASELINE_OFF && !probe_is_negative(reader->asked->probe);
}

/* Headers that belong to the API, not to the transport or to whoever stands in between. */
static void
add_headers(struct shape *shape, const struct head *head)
{
	static const struct str prefixes[] = { { "x-", 2 }, { "openai-", 7 }, { "anthropic-", 10 } };
	struct str rest = head->fields, name, value;
	while (head_next(&rest, &name, &value)) {
		bool of_api = str_eq_nocase(name, STR("request-id"));
		for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
			of_api = of_api ||
			    (name.len > prefixes[i].len &&
				str_eq_nocase(str_span(name.at, prefixes[i].len), prefixes[i]));
		if (of_api)
			shape_add_header(shape, name);
	}
}

/* A refusal that asks for patience has to say how much in a form that clients understand. */
static void
check_retry_after(struct reply *reply, const struct head *head)
{
	int64_t ns;
	if (reply->status >= 400 && head_retry_after(head, reply->date, &ns) == RETRY_AFTER_BAD)
		reply_find(reply, RULE_RETRY_AFTER_UNPARSABLE, "header:retry-after");
}

void
reader_head(struct reader *reader, const struct head *head, struct wall now)
{
	struct reply *reply = reader->reply;
	struct wall date = head_date(head_find(head, "date"));
	reply->status = head->status;
	reply->media = media_of(head_media_type(head));
	reply->date = date.us ? date : now;
	reader->declared_events = reply->media == MEDIA_EVENT_STREAM;
	if (wants_shape(reader))
		add_headers(&reader->shape, head);
	if (head_find(head, "deprecation").at)
		reply_find(reply, RULE_DEPRECATION_ANNOUNCED, "header:deprecation");
	if (head_find(head, "sunset").at)
		reply_find(reply, RULE_DEPRECATION_ANNOUNCED, "header:sunset");
	hints_read(head, reply->date, &reply->hints);
	check_retry_after(reply, head);
}

static bool
is_success(const struct reply *reply)
{
	return reply->status / 100 == 2;
}

/* Into the reply, but for what it finds. */
static bool
read_unjudged(struct reader *reader, const struct sse_event *event, struct json root)
{
	struct reply *reply = reader->reply;
	struct findings before = reply->findings;
	bool visible = reader->asked->dialect->read_event(reply, reader->asked, event, root);
	reply->findings = before;
	return visible;
}

/* One event whose data is an object. What comes after the end is that, and no matter of the contract's; a stream that
 * nobody asked for is looked at for whether it is a success. */
static void
read_object_event(struct reader *reader, const struct sse_event *event, struct json root)
{
	struct reply *reply = reader->reply;
	bool wanted = reader->asked->stream;
	bool is_error = error_is_envelope(root) || str_eq(event->name, STR("error"));
	if (!is_success(reply) || is_error) {
		reply->stream.error_event = reply->stream.error_event || is_success(reply);
		error_read(reply, reader->asked, root);
	} else if (!reader->asked->dialect->read_event) {
		return;
	} else if (!wanted || reply->stream.terminals > 0) {
		reply->stream.content_events += read_unjudged(reader, event, root);
		reply->success_body = wanted || reply->has_output;
	} else {
		bool visible = reader->asked->dialect->read_event(reply, reader->asked, event, root);
		reader->visible = reader->visible || visible;
		reply->stream.content_events += visible;
		if (reader->asked->contract)
			check_event(reader->asked->contract, root, &reader->required_seen, &reply->findings);
		if (wants_shape(reader))
			shape_add(&reader->shape, root);
	}
}

static void
read_json_event(struct reader *reader, const struct sse_event *event, bool unfinished)
{
	struct stream_state *stream = &reader->reply->stream;
	auto_json struct json root;
	enum json_fault fault = json_parse(event->data, JSON_DEPTH_MAX, &root);
	if (fault == JSON_FINE && root.kind == JSON_OBJECT) {
		read_object_event(reader, event, root);
	} else if (fault == JSON_FINE) {
		field_check(reader->reply, root, FIELD_OBJECT, "$");
	} else if (unfinished) {
		stream->cut_inside_event = true;
	} else {
		stream->broken_event_last = true;
	}
}

static void
on_event(void *arg, const struct sse_event *event, bool unfinished)
{
	struct reader *reader = arg;
	struct reply *reply = reader->reply;
	const struct dialect *dialect = reader->asked->dialect;
	struct sse_event trimmed = { .name = event->name, .data = str_trim(event->data) };
	if (trimmed.data.len == 0)
		return;
	reply->stream.events++;
	if (reply->stream.broken_event_last) { /* the broken one was not the last */
		reply->stream.broken_event_last = false;
		reply->stream.broken_inside = true;
	}
	unsigned terminals = reply->stream.terminals;
	if (dialect->read_marker && dialect->read_marker(reply, trimmed.data))
		return;
	bool is_marker = str_eq(trimmed.data, STR("[DONE]")); /* of another family, where this one has none */
	if (!is_marker && (trimmed.data.at[0] == '{' || trimmed.data.at[0] == '['))
		read_json_event(reader, &trimmed, unfinished);
	else if (str_eq(trimmed.name, STR("error")))
		reply->stream.error_event = true;
	else if (terminals == 0)
		reply_find(reply, RULE_SSE_NON_JSON_DATA, "$");
	if (terminals > 0 && reply->stream.terminals == terminals)
		reply_find(reply, RULE_SSE_DATA_AFTER_TERMINAL, "$");
}

/* A body with all of the keys that a success has, and null for each: what a gateway sends that lost its upstream. */
static bool
is_null_skeleton(const struct dialect *dialect, struct json root)
{
	bool all_null = dialect->skeleton != NULL;
	for (size_t i = 0; all_null && dialect->skeleton[i]; i++)
		all_null = json_get(root, dialect->skeleton[i]).kind == JSON_NULL;
	return all_null;
}

static void
read_success(struct reader *reader, struct json root)
{
	struct reply *reply = reader->reply;
	const struct asked *asked = reader->asked;
	const struct dialect *dialect = asked->dialect;
	reply->null_skeleton = is_null_skeleton(dialect, root);
	if (reply->null_skeleton)
		return;
	reply->array_stream = asked->stream && root.kind == JSON_ARRAY;
	if (root.kind == JSON_OBJECT || dialect->any_root)
		dialect->read_body(reply, asked, root);
	else if (!reply->array_stream)
		reply->unreadable = field_check(reply, root, FIELD_OBJECT, "$").kind == JSON_ABSENT;
	if (asked->stream)
		return;
	if (asked->contract)
		check_body(asked->contract, root, &reply->findings);
	if (wants_shape(reader))
		shape_add(&reader->shape, root);
}

static void
read_whole(struct reader *reader, struct json root)
{
	const struct contract *contract = reader->asked->contract;
	bool success = is_success(reader->reply);
	if (success && !error_is_envelope(root)) {
		read_success(reader, root);
		return;
	}
	error_read(reader->reply, reader->asked, root);
	if (contract && !success)
		check_error(contract, error_unlisted(root), &reader->reply->findings);
}

static void
finish_json(struct reader *reader)
{
	auto_json struct json root;
	enum json_fault fault = json_parse(buf_view(&reader->body), JSON_DEPTH_MAX, &root);
	reader->reply->form = fault == JSON_FINE ? FORM_JSON : FORM_JSON_BROKEN;
	if (fault == JSON_FINE)
		read_whole(reader, root);
}

static bool
read_events(struct reader *reader, const char *bytes, size_t len)
{
	struct reply *reply = reader->reply;
	bool fed = sse_feed(&reader->sse, bytes, len);
	reply->stream.comments = reader->sse.comments;
	if (!fed)
		reply->body_too_large = true;
	return fed;
}

static bool
open_events(struct reader *reader)
{
	const struct caps *caps = &reader->asked->caps;
	reader->mode = READER_EVENTS;
	sse_init(&reader->sse, caps->line_bytes, caps->event_bytes, on_event, reader);
	bool fed = read_events(reader, reader->body.at, reader->body.len);
	buf_reset(&reader->body);
	return fed;
}

/* Decides what the body is, as soon as its first bytes allow, and hands on what was kept. */
static bool
sniff(struct reader *reader, bool over)
{
	static const enum body_form forms[] = {
		[SNIFF_MORE] = FORM_NONE,
		[SNIFF_BLANK] = FORM_BLANK,
		[SNIFF_COMPRESSED] = FORM_COMPRESSED,
		[SNIFF_MARKUP] = FORM_HTML,
		[SNIFF_JSON] = FORM_JSON,
		[SNIFF_EVENTS] = FORM_EVENTS,
		[SNIFF_TEXT] = FORM_TEXT,
	};
	enum sniffed is = sniff_body(buf_view(&reader->body), over);
	if (is == SNIFF_TEXT &&
	    reader->declared_events) { /* an event stream may begin with a field that nobody knows */
		is = SNIFF_EVENTS;
		reader->doubtful = true;
	}
	reader->reply->form = forms[is];
	switch (is) {
	case SNIFF_MORE:
		return true;
	case SNIFF_JSON:
		reader->mode = READER_COLLECTS;
		return true;
	case SNIFF_EVENTS:
		return open_events(reader);
	case SNIFF_BLANK:
	case SNIFF_COMPRESSED:
	case SNIFF_MARKUP:
	case SNIFF_TEXT:
		break;
	}
	reader->mode = READER_SKIPS;
	return true;
}

static bool
take(struct reader *reader, const char *bytes, size_t len)
{
	switch (reader->mode) {
	case READER_SNIFFS:
		return buf_add(&reader->body, bytes, len) && sniff(reader, false);
	case READER_COLLECTS:
		return buf_add(&reader->body, bytes, len);
	case READER_EVENTS:
		return read_events(reader, bytes, len);
	case READER_SKIPS:
		break;
	}
	return true;
}

enum sink_wants
reader_feed(struct reader *reader, const char *bytes, size_t len)
{
	struct reply *reply = reader->reply;
	reader->visible = false;
	reader->body_bytes += len;
	bool fits = reader->body_bytes <= reader->asked->caps.body_bytes;
	if (!fits || !take(reader, bytes, len)) {
		reply->body_too_large = true;
		return SINK_STOP;
	}
	bool over = reply->stream.terminals > 0 && reader->asked->dialect->caps & DIALECT_TERMINAL;
	if (over && reader->asked->stream)
		return reader->visible ? SINK_CONTENT_LINGER : SINK_LINGER;
	return reader->visible ? SINK_CONTENT : SINK_MORE;
}

/* What can be said of a stream only when it is over. */
static void
finish_events(struct reader *reader)
{
	struct reply *reply = reader->reply;
	bool fragment = sse_end(&reader->sse);
	if (fragment && reply->stream.terminals == 0)
		reply->stream.cut_inside_event = true;
	reply->stream.comments = reader->sse.comments;
	reply->stream.broken_framing = reader->sse.broken_framing;
	if (!reader->sse.recognised && reader->doubtful)
		reply->form = FORM_TEXT; /* it only said that it was an event stream */
	else if (!reader->sse.recognised && !fragment)
		reply->form = FORM_BLANK; /* comments alone */
	if (reply->stream.terminals > 1)
		reply_find(reply, RULE_SSE_TERMINAL_REPEATED, "$");
}

/* Whole, and as a client would want it: what a baseline may learn from, and is held against. */
static bool
is_good_sample(const struct reader *reader)
{
	const struct reply *reply = reader->reply;
	bool form =
	    reader->asked->stream ? reply->form == FORM_EVENTS && reply->stream.completed : reply->form == FORM_JSON;
	return form && is_success(reply) && reply->success_body && reply->has_output && !reply->blocked &&
	    !reply->refused && !reply->hit_limit && !reply->empty_list && !reply->not_finished &&
	    !reply->stream.error_event;
}

static void
finish_contract(struct reader *reader)
{
	struct reply *reply = reader->reply;
	const struct asked *asked = reader->asked;
	if (asked->contract && asked->stream && reply->form == FORM_EVENTS && reply->stream.completed)
		check_stream_end(asked->contract, reader->required_seen, &reply->findings);
	if (!wants_shape(reader) || !is_good_sample(reader))
		return;
	reader->shape.input_tokens = reply->usage.input_tokens;
	shape_finish(&reader->shape);
	reply->shape = &reader->shape;
	if (asked->baseline)
		baseline_compare(asked->baseline, &reader->shape, asked->contract, &reply->findings);
}

void
reader_end(struct reader *reader)
{
	struct reply *reply = reader->reply;
	if (reply->status == 0)
		return;
	if (reader->mode == READER_SNIFFS && !reply->body_too_large)
		sniff(reader, true);
	if (reader->mode == READER_COLLECTS && !reply->body_too_large)
		finish_json(reader);
	if (reader->mode == READER_EVENTS)
		finish_events(reader);
	finish_contract(reader);
}
