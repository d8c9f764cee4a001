/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "base/escape.h"
#include "sim/answer.h"
#include "sim/ask.h"
#include "sim/edit.h"
#include "sim/fault_apply.h"
#include "sim/profile.h"
#include "sim/provider.h"

enum { SMALL_TEXT = 512 * 1024 };

struct target {
	struct answer *answer;
	const struct ask *ask;
	const struct provider *provider; /* NULL = none */
};

/* ---- the whole answer ---- */

static void
apply_error(const struct target *to, const struct fault_args *args)
{
	error_say(error_find(str_of(args->name)), to->ask, str_of(args->text), to->answer);
}

static void
apply_error_in_200(const struct target *to, const struct fault_args *args)
{
	apply_error(to, args);
	to->answer->status = 200;
}

static void
apply_status(const struct target *to, const struct fault_args *args)
{
	to->answer->status = (int)args->status;
}

static void
apply_redirect(const struct target *to, const struct fault_args *args)
{
	answer_clear_body(to->answer);
	to->answer->status = (int)args->status;
	to->answer->type = NULL;
	answer_header(to->answer, "Location", str_of(args->text));
}

static void
apply_body(const struct target *to, const struct fault_args *args)
{
	answer_clear_body(to->answer);
	buf_text(&to->answer->body, args->text);
}

static void
apply_empty_body(const struct target *to, const struct fault_args *args)
{
	(void)args;
	answer_clear_body(to->answer);
}

static void
apply_blank_body(const struct target *to, const struct fault_args *args)
{
	(void)args;
	answer_clear_body(to->answer);
	buf_text(&to->answer->body, " \r\n\r\n ");
}

/* ---- headers ---- */

static void
apply_content_type(const struct target *to, const struct fault_args *args)
{
	to->answer->type = args->text;
}

static void
apply_no_content_type(const struct target *to, const struct fault_args *args)
{
	(void)args;
	to->answer->type = NULL;
}

static void
apply_header(const struct target *to, const struct fault_args *args)
{
	buf_printf(&to->answer->head, "%s\r\n", args->text);
}

static void
apply_no_header(const struct target *to, const struct fault_args *args)
{
	answer_drop_header(to->answer, args->name);
}

/* ---- members: in the body, or in every event ---- */

static void
edit_member(const struct target *to, enum edit_op op, const char *path, struct str value)
{
	struct answer *answer = to->answer;
	auto_buf struct buf changed = BUF_INIT(ANSWER_BYTES_MAX);
	if (!answer->is_stream && edit_json(&changed, buf_view(&answer->body), op, str_of(path), value)) {
		buf_reset(&answer->body);
		buf_str(&answer->body, buf_view(&changed));
	}
	for (size_t i = 0; i < answer->event_count; i++) {
		buf_reset(&changed);
		if (edit_json(&changed, answer_event_data(answer, i), op, str_of(path), value))
			answer_replace_event(answer, i, buf_view(&changed));
	}
}

/* The same at each of a provider's paths; where one is not there nothing happens. */
static void
edit_own(const struct target *to, enum edit_op op, const char *paths, struct str value)
{
	struct str rest = paths ? str_of(paths) : STR_NONE;
	auto_buf struct buf path = BUF_INIT(SMALL_TEXT);
	while (rest.at) {
		buf_reset(&path);
		buf_str(&path, str_split(&rest, ' '));
		edit_member(to, op, buf_cstr(&path), value);
	}
}

static void
apply_drop(const struct target *to, const struct fault_args *args)
{
	edit_member(to, EDIT_DROP, args->path, STR_NONE);
}

static void
apply_set_null(const struct target *to, const struct fault_args *args)
{
	edit_member(to, EDIT_NULL, args->path, STR_NONE);
}

static void
apply_empty(const struct target *to, const struct fault_args *args)
{
	edit_member(to, EDIT_EMPTY, args->path, STR_NONE);
}

static void
apply_retype(const struct target *to, const struct fault_args *args)
{
	edit_member(to, EDIT_RETYPE, args->path, STR_NONE);
}

static void
apply_set(const struct target *to, const struct fault_args *args)
{
	edit_member(to, EDIT_SET, args->path, str_of(args->text));
}

static void
apply_null_skeleton(const struct target *to, const struct fault_args *args)
{
	(void)args;
	while (to->answer->event_count > 2) /* one event and the marker are enough */
		answer_drop_event(to->answer, 1);
	edit_member(to, EDIT_NULL_ALL, "", STR_NONE);
}

static void
apply_usage_missing(const struct target *to, const struct fault_args *args)
{
	(void)args;
	size_t i;
	while ((i = answer_find_event(to->answer, EVENT_USAGE)) < to->answer->event_count)
		answer_drop_event(to->answer, i);
	if (to->provider)
		edit_own(to, EDIT_DROP, to->provider->paths.usage, STR_NONE);
}

static void
apply_usage_null(const struct target *to, const struct fault_args *args)
{
	(void)args;
	if (to->provider)
		edit_own(to, EDIT_NULL, to->provider->paths.usage, STR_NONE);
}

static void
apply_usage_empty(const struct target *to, const struct fault_args *args)
{
	(void)args;
	if (to->provider)
		edit_own(to, EDIT_EMPTY, to->provider->paths.usage, STR_NONE);
}

static void
apply_usage_odd(const struct target *to, const struct fault_args *args)
{
	static const struct {
		const char *form, *input, *output, *total;
	} forms[] = {
		{ "negative", NULL, "-3", NULL },
		{ "fraction", NULL, "1.5", NULL },
		{ "string", NULL, "\"2\"", NULL },
		{ "zero", "0", "0", "0" },
		{ "huge", NULL, "9007199254740993", NULL },
		{ "total", NULL, NULL, "1" },
	};
	for (size_t i = 0; i < ARRAY_LEN(forms) && to->provider; i++) {
		if (!str_eq(str_of(forms[i].form), str_of(args->text)))
			continue;
		if (forms[i].input)
			edit_own(to, EDIT_REPLACE, to->provider->paths.input, str_of(forms[i].input));
		if (forms[i].output) /* what has no output says it of its input */
			edit_own(to, EDIT_REPLACE,
			    to->provider->paths.output ? to->provider->paths.output : to->provider->paths.input,
			    str_of(forms[i].output));
		if (forms[i].total)
			edit_own(to, EDIT_REPLACE, to->provider->paths.total, str_of(forms[i].total));
	}
}

static void
apply_model_renamed(const struct target *to, const struct fault_args *args)
{
	auto_buf struct buf quoted = BUF_INIT(SMALL_TEXT);
	escape_json(&quoted, str_of(args->text));
	if (to->provider)
		edit_own(to, EDIT_REPLACE, to->provider->paths.model, buf_view(&quoted));
}

static void
apply_id_missing(const struct target *to, const struct fault_args *args)
{
	(void)args;
	if (to->provider)
		edit_own(to, EDIT_DROP, to->provider->paths.id, STR_NONE);
}

static void
apply_finish_missing(const struct target *to, const struct fault_args *args)
{
	(void)args;
	if (to->provider)
		edit_own(to, EDIT_NULL, to->provider->paths.finish, STR_NONE);
}

/* ---- the text of the body ---- */

static void
apply_json_cut(const struct target *to, const struct fault_args *args)
{
	size_t len = to->answer->body.len, less = (size_t)args->bytes;
	if (!to->answer->is_stream)
		to->answer->body.len = less < len ? len - less : 0;
}

static void
apply_json_trailing(const struct target *to, const struct fault_args *args)
{
	if (!to->answer->is_stream)
		buf_printf(&to->answer->body, "\n%s", args->text);
}

static void
apply_json_deep(const struct target *to, const struct fault_args *args)
{
	answer_clear_body(to->answer);
	for (int64_t i = 0; i < args->count; i++)
		buf_char(&to->answer->body, '[');
	for (int64_t i = 0; i < args->count; i++)
		buf_char(&to->answer->body, ']');
}

static void
apply_bom(const struct target *to, const struct fault_args *args)
{
	(void)args;
	auto_buf struct buf body = BUF_INIT(ANSWER_BYTES_MAX);
	to->answer->style.bom = true;
	if (to->answer->is_stream)
		return;
	buf_text(&body, "\xEF\xBB\xBF");
	buf_str(&body, buf_view(&to->answer->body));
	buf_reset(&to->answer->body);
	buf_str(&to->answer->body, buf_view(&body));
}

static void
spoil_string(struct buf *out, struct str json)
{
	const char *quote = memmem(json.at, json.len, "\":\"", 3);
	size_t len = quote ? (size_t)(quote - json.at) + 3 : 0;
	buf_add(out, json.at, len);
	buf_text(out, "\xC3\x28\xFF");
	buf_add(out, json.at + len, json.len - len);
}

static void
apply_invalid_utf8(const struct target *to, const struct fault_args *args)
{
	(void)args;
	struct answer *answer = to->answer;
	auto_buf struct buf spoilt = BUF_INIT(ANSWER_BYTES_MAX);
	size_t index = answer_find_event(answer, EVENT_CONTENT);
	if (index < answer->event_count) {
		spoil_string(&spoilt, answer_event_data(answer, index));
		answer_replace_event(answer, index, buf_view(&spoilt));
	} else if (!answer->is_stream) {
		spoil_string(&spoilt, buf_view(&answer->body));
		buf_reset(&answer->body);
		buf_str(&answer->body, buf_view(&spoilt));
	}
}

static void (*const table[FAULT_COUNT])(const struct target *to, const struct fault_args *args) = {
#define ROW_CONNECT(id)
#define ROW_SHAPE(id)
#define ROW_ANSWER(id) [FAULT_##id] = apply_##id,
#define ROW_EVENTS(id)
#define ROW_WIRE(id)
#define FAULT(stage, id, name, parameters, what) ROW_##stage(id)
#include "sim/fault.def"
#undef FAULT
};

void
fault_apply_answer(
    const struct fault_picks *picks, const struct ask *ask, const struct provider *provider, struct answer *answer)
{
	struct target to = { answer, ask, provider };
	for (size_t i = 0; i < picks->count; i++)
		if (table[picks->steps[i]->fault])
			table[picks->steps[i]->fault](&to, &picks->steps[i]->args);
}
