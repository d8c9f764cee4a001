/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "record/sample.h"

#include <string.h>

#include "base/format.h"

enum { LINE_EXTRA_BYTES = FORMAT_BYTES + 16 }; /* number, braces, quotes, comma, blank, line end */
enum { EXEMPLAR_LINE_BYTES = EXEMPLAR_BYTES + FORMAT_BYTES + 32 };

static char *
add(char *to, const char *from, size_t len)
{
	memcpy(to, from, len);
	return to + len;
}

/* Everything before the number. Returns where that goes, with room for it and an exemplar; NULL when out is full. */
static char *
begin(struct sample_writer *w, struct str suffix, const struct sample *sample)
{
	struct str key = str_of(sample->key), value = str_of(sample->value);
	char *at = buf_reserve(w->out,
	    w->name.len + suffix.len + sample->labels.len + key.len + value.len + LINE_EXTRA_BYTES +
		EXEMPLAR_LINE_BYTES);
	if (!at)
		return NULL;
	at = add(at, w->name.at, w->name.len);
	at = add(at, suffix.at, suffix.len);
	if (sample->labels.len > 0 || key.at) {
		*at++ = '{';
		if (sample->labels.len > 0)
			at = add(at, sample->labels.at, sample->labels.len);
		if (sample->labels.len > 0 && key.at)
			*at++ = ',';
		if (key.at) {
			at = add(at, key.at, key.len);
			at = add(at, "=\"", 2);
			at = add(at, value.at, value.len);
			*at++ = '"';
		}
		*at++ = '}';
	}
	*at++ = ' ';
	return at;
}

static void
end(struct sample_writer *w, char *at)
{
	*at++ = '\n';
	w->out->len = (size_t)(at - w->out->at);
}

static char *
add_exemplar(char *at, const struct exemplar *exemplar)
{
	static const char head[] = " # {request_id=\"";
	at = add(at, head, sizeof(head) - 1);
	at = add(at, exemplar->request_id, strlen(exemplar->request_id));
	return add(at, "\"} ", 3);
}

void
sample_u64(struct sample_writer *w, const struct sample *sample, uint64_t number)
{
	char *at = begin(w, STR(""), sample);
	if (at)
		end(w, at + format_u64(at, number));
}

void
sample_seconds(struct sample_writer *w, const struct sample *sample, int64_t ns)
{
	char *at = begin(w, STR(""), sample);
	if (at)
		end(w, at + format_seconds(at, ns));
}

void
sample_real(struct sample_writer *w, const struct sample *sample, double number)
{
	char *at = begin(w, STR(""), sample);
	if (at)
		end(w, at + format_real(at, number));
}

void
sample_time(struct sample_writer *w, const struct sample *sample, struct wall time)
{
	sample_seconds(w, sample, time.us * NS_PER_US);
}

void
sample_count_with(
    struct sample_writer *w, const struct sample *sample, uint64_t number, const struct exemplar *exemplar)
{
	char *at = begin(w, STR(""), sample);
	if (!at)
		return;
	at += format_u64(at, number);
	if (w->exemplars && number > 0 && exemplar->request_id[0]) {
		at = add_exemplar(at, exemplar);
		*at++ = '1';
	}
	end(w, at);
}

static void
add_bucket(struct sample_writer *w, const struct sample *sample, uint64_t cumulative, const struct exemplar *exemplar)
{
	char *at = begin(w, STR("_bucket"), sample);
	if (!at)
		return;
	at += format_u64(at, cumulative);
	if (exemplar && w->exemplars && exemplar->request_id[0]) {
		at = add_exemplar(at, exemplar);
		at += format_seconds(at, exemplar->ns);
	}
	end(w, at);
}

void
sample_hist(struct sample_writer *w, struct str labels, const struct hist *hist, const struct hist_bounds *bounds,
    const struct exemplar *exemplars)
{
	uint64_t cumulative = 0;
	for (size_t i = 0; i <= bounds->count; i++) {
		struct sample bucket = { labels, "le", bounds->le[i] };
		cumulative += hist->counts[i];
		add_bucket(w, &bucket, cumulative, exemplars ? &exemplars[i] : NULL);
	}
	const struct sample whole = { .labels = labels };
	char *at = begin(w, STR("_sum"), &whole);
	if (at)
		end(w, at + format_seconds(at, hist->sum_ns));
	at = begin(w, STR("_count"), &whole);
	if (at)
		end(w, at + format_u64(at, cumulative));
}
