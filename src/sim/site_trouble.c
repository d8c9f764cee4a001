/* SPDX-License-Identifier: Apache-2.0 */
/* Why a page cannot be had: one function each, in one table. */
#include "config.h"

#include "base/attr.h"
#include "base/parse.h"
#include "sim/answer.h"
#include "sim/profile.h"
#include "sim/site_state.h"

enum { RETRY_S = 30, SLOW_MS = 3000, SECONDS_MAX = 86400, MS_MAX = 600 * 1000 };

struct trouble {
	struct answer *answer;
	struct str argument, html;
	int64_t delay_ns;
};

static void
say_page(struct answer *answer, int status, const char *body)
{
	answer_reset(answer);
	answer->status = status;
	answer->type = "text/html; charset=utf-8";
	buf_text(&answer->body, body);
}

static uint64_t
number_of(struct str argument, uint64_t usual)
{
	uint64_t number = usual;
	if (argument.at)
		(void)parse_u64(argument, &number);
	return number;
}

static void
unavailable(struct trouble *trouble)
{
	say_page(trouble->answer, 503, error_find(STR("html_503"))->body);
}

static void
rate_limited(struct trouble *trouble)
{
	answer_reset(trouble->answer);
	trouble->answer->status = 429;
	trouble->answer->type = "text/plain; charset=utf-8";
	buf_printf(&trouble->answer->head, "Retry-After: %u\r\n", (unsigned)number_of(trouble->argument, RETRY_S));
	buf_text(&trouble->answer->body, "Too Many Requests\n");
}

static void
login_redirect(struct trouble *trouble)
{
	answer_reset(trouble->answer);
	trouble->answer->status = 302;
	trouble->answer->type = NULL;
	answer_header(trouble->answer, "Location",
	    trouble->argument.at ? trouble->argument : STR("https://login.example.org/sign-in?next=docs"));
}

static void
login_page(struct trouble *trouble)
{
	say_page(trouble->answer, 200, error_find(STR("html_login"))->body);
}

static void
captcha(struct trouble *trouble)
{
	say_page(trouble->answer, 200,
	    "<!DOCTYPE html><html><head><title>Just a moment...</title></head><body><h1>Verify you are human</h1>"
	    "<form id=\"challenge-form\"><input type=\"checkbox\"></form></body></html>\n");
}

static void
empty(struct trouble *trouble)
{
	answer_clear_body(trouble->answer);
}

static void
html_instead(struct trouble *trouble)
{
	answer_clear_body(trouble->answer);
	trouble->answer->type = "text/html; charset=utf-8";
	buf_str(&trouble->answer->body, trouble->html);
}

static void
truncated(struct trouble *trouble)
{
	trouble->answer->body.len /= 2;
}

static void
wrong_type(struct trouble *trouble)
{
	trouble->answer->type = trouble->argument.at ? trouble->argument.at : "application/octet-stream";
}

static void
slow(struct trouble *trouble)
{
	trouble->delay_ns += (int64_t)number_of(trouble->argument, SLOW_MS) * NS_PER_MS;
}

static void (*const troubles[SITE_CHANGE_COUNT])(struct trouble *trouble) = {
	[SITE_unavailable] = unavailable,
	[SITE_rate_limited] = rate_limited,
	[SITE_login_redirect] = login_redirect,
	[SITE_login_page] = login_page,
	[SITE_captcha] = captcha,
	[SITE_empty] = empty,
	[SITE_html_instead] = html_instead,
	[SITE_truncated] = truncated,
	[SITE_wrong_type] = wrong_type,
	[SITE_slow] = slow,
};

void
site_apply_troubles(const struct site_entry *entry, struct str html, struct answer *answer, int64_t *ret_delay_ns)
{
	struct trouble trouble = { .answer = answer, .html = html };
	for (unsigned i = 0; i < entry->steps.count; i++) {
		const struct site_step *step = &entry->steps.list[i];
		trouble.argument = str_of(step->argument);
		if (troubles[step->change])
			troubles[step->change](&trouble);
	}
	*ret_delay_ns = trouble.delay_ns;
}

/* What goes into a header line. */
static bool
is_header_text(struct str text)
{
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.at[i] < ' ' || text.at[i] == 0x7F)
			return false;
	return text.len > 0;
}

bool
site_trouble_argument_fits(enum site_change change, struct str argument, struct buf *ret_error)
{
	uint64_t most = change == SITE_rate_limited ? SECONDS_MAX : MS_MAX, number;
	bool counts = change == SITE_rate_limited || change == SITE_slow;
	bool fits = counts ? parse_u64(argument, &number) && number <= most : is_header_text(argument);
	if (!fits && counts)
		buf_printf(ret_error, "it takes a whole number up to %u", (unsigned)most);
	else if (!fits)
		buf_text(ret_error, "it takes a text of one line");
	return fits;
}
