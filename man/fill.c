/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Man pages from their sources: copies standard input to standard output, and puts a table of the program where a line
 * says @table NAME@. So the tables cannot differ from what the program does.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "base/attr.h"
#include "config/schema.h"
#include "model/dialect.h"
#include "model/finding.h"
#include "model/metric.h"
#include "model/outcome.h"
#include "model/probe.h"
#include "sim/fault.h"
#include "sim/profile.h"
#include "sim/site_change.h"
#include "sim/site_page.h"

/* Text as roff reads it: no control line, no escape, a hyphen is a hyphen. */
static void
put(const char *text)
{
	if (*text == '.' || *text == '\'')
		fputs("\\&", stdout);
	for (; *text; text++) {
		if (*text == '\\')
			fputs("\\e", stdout);
		else if (*text == '"')
			fputs("\\(dq", stdout);
		else
			putchar(*text);
	}
}

/* A line of text. */
static void
put_line(const char *text)
{
	put(text);
	putchar('\n');
}

static void
put_item(const char *macro, const char *text)
{
	printf(".It %s ", macro);
	put_line(text);
}

static const struct {
	const char *code, *when;
	enum retryable retryable;
	enum fallback_reason reason;
} outcomes[] = {
#define OUTCOME(name, code, class, blame, retryable, reason, when) { code, when, RETRY_##retryable, REASON_##reason },
#include "model/outcome.def"
#undef OUTCOME
};

static void
put_outcomes(void)
{
	puts(".Bl -tag -width Ds");
	for (int i = 0; i < OUTCOME_COUNT; i++) {
		enum outcome outcome = (enum outcome)i;
		const char *blame = blame_name(outcome_blame(outcome));
		const char *reason = fallback_reason_name(outcomes[i].reason);
		put_item("Cm", outcomes[i].code);
		put_line(outcomes[i].when);
		printf(".br\nClass %s", outcome_class_name(outcome_class(outcome)));
		if (blame)
			printf("; blame: %s", blame);
		printf("; retryable: %s", retryable_name(outcomes[i].retryable));
		if (outcomes[i].reason == REASON_BY_CODE)
			reason = "by its code";
		if (reason)
			printf("; fallback reason: %s", reason);
		puts(".");
	}
	puts(".El");
}

static void
put_findings(void)
{
	puts(".Bl -tag -width Ds");
	for (int i = 0; i < RULE_COUNT; i++) {
		enum finding_rule rule = (enum finding_rule)i;
		put_item("Cm", finding_rule_id(rule));
		printf("%s, area %s:\n", severity_name(finding_rule_severity(rule)),
		    contract_area_name(finding_rule_area(rule)));
		put_line(finding_rule_text(rule));
	}
	puts(".El");
}

static void
put_probes(void)
{
	puts(".Bl -tag -width Ds");
	for (int i = 0; i < PROBE_COUNT; i++) {
		put_item("Cm", probe_name((enum probe_kind)i));
		put_line(probe_text((enum probe_kind)i));
	}
	puts(".El");
}

static void
put_skips(void)
{
	static const char *const texts[] = {
#define SKIP(name, label, text) text,
#include "model/skip.def"
#undef SKIP
	};
	puts(".Bl -tag -width Ds");
	for (int i = 0; i < SKIP_COUNT; i++) {
		put_item("Cm", skip_name((enum skip_reason)i));
		put_line(texts[i]);
	}
	puts(".El");
}

static void
put_dialects(void)
{
	puts(".Bl -bullet -compact");
	for (size_t i = 0; dialects[i]; i++)
		printf(".It\n.Cm %s\n", dialects[i]->name);
	puts(".El");
}

static void
put_faults(void)
{
	puts(".Bl -tag -width Ds");
	for (int i = 0; i < FAULT_COUNT; i++) {
		enum fault fault = (enum fault)i;
		printf(".It Cm %s Pq %s\n", fault_name(fault), fault_stage_name(fault_stage(fault)));
		if (*fault_parameters(fault)) {
			put_line(fault_parameters(fault));
			puts(".br");
		}
		put_line(fault_text(fault));
	}
	puts(".El");
}

static void
put_sim_errors(void)
{
	puts(".Bl -tag -width Ds");
	for (size_t i = 0; i < error_count(); i++) {
		printf(".It Cm %s Pq %d\n", error_at(i)->name, error_at(i)->status);
		put_line(error_at(i)->what);
	}
	puts(".El");
}

static void
put_sim_changes(void)
{
	puts(".Bl -tag -width Ds");
	for (int i = 0; i < SITE_CHANGE_COUNT; i++) {
		enum site_change change = (enum site_change)i;
		printf(".It Cm %s", site_change_name(change));
		if (*site_change_argument(change))
			printf(" Ns Op : Ns Ar %s", site_change_argument(change));
		printf(" Pq %s\n", site_change_kind_name(site_change_kind(change)));
		put_line(site_change_text(change));
	}
	puts(".El");
}

static void
put_sim_pages(void)
{
	puts(".Bl -tag -width Ds");
	for (size_t i = 0; i < site_page_count(); i++) {
		const struct site_page *page = site_page_at(i);
		put_item("Cm", page->name);
		printf(".Pa /docs/%s.md", page->path);
		if (page->spec)
			printf(" , /docs/%s", page->spec);
		putchar('\n');
	}
	put_item("Cm", "index");
	puts(".Pa /docs/llms.txt\n.El");
}

static void
put_metrics(void)
{
	puts(".Bl -tag -width Ds");
	for (int i = 0; i < METRIC_COUNT; i++) {
		const struct metric_row *row = &metric_rows[i];
		put_item("Va", row->name);
		printf("%s", metric_type_name(row->type));
		if (*row->labels) {
			printf(";");
			put(" labels ");
			put(row->labels);
		}
		puts(".\n.br");
		put_line(row->help);
	}
	puts(".El");
}

static void
put_words(const char *introduction, const char *const *words)
{
	if (!words)
		return;
	printf(".br\n%s", introduction);
	for (size_t i = 0; words[i]; i++)
		printf("%s\\(dq%s\\(dq", i ? ", " : " ", words[i]);
	puts(".");
}

static void
put_key(const struct schema_key *key)
{
	auto_buf struct buf fallback = BUF_INIT(4096);
	printf(".It Ic %s Pq %s", key->name, schema_kind_text(key->kind));
	schema_write_fallback(key, &fallback);
	if (key->flags & KEY_REQUIRED)
		printf(" , required");
	putchar('\n');
	put_line(key->text);
	put_words("One of", key->words);
	if (fallback.len > 0) {
		printf(".br\nDefault: ");
		put(buf_cstr(&fallback));
		puts(".");
	}
	if (key->flags & KEY_LATER)
		puts(".br\nNot implemented in this version: to use it is an error.");
}

/* A group, then the groups inside it. */
static void
put_group(const struct schema_group *group)
{
	if (*group->path)
		printf(".Ss %s\n", group->path);
	puts(".Bl -tag -width Ds");
	for (const struct schema_key *key = group->keys; key->name; key++)
		put_key(key);
	puts(".El");
	for (const struct schema_key *key = group->keys; key->name; key++)
		if (key->sub && !(key->flags & KEY_LATER) && strcmp(key->name, "defaults") != 0)
			put_group(key->sub);
}

static void
put_keys(void)
{
	put_group(&schema_top);
}

static const struct {
	const char *line;
	void (*put)(void);
} tables[] = {
	{ "@table dialects@\n", put_dialects },
	{ "@table faults@\n", put_faults },
	{ "@table findings@\n", put_findings },
	{ "@table keys@\n", put_keys },
	{ "@table metrics@\n", put_metrics },
	{ "@table outcomes@\n", put_outcomes },
	{ "@table probes@\n", put_probes },
	{ "@table sim-changes@\n", put_sim_changes },
	{ "@table sim-errors@\n", put_sim_errors },
	{ "@table sim-pages@\n", put_sim_pages },
	{ "@table skips@\n", put_skips },
};

static bool
put_table(const char *line)
{
	for (size_t i = 0; i < ARRAY_LEN(tables); i++) {
		if (strcmp(tables[i].line, line) == 0) {
			tables[i].put();
			return true;
		}
	}
	return false;
}

int
main(void)
{
	char line[1024];
	while (fgets(line, sizeof(line), stdin)) {
		if (put_table(line))
			continue;
		if (strncmp(line, "@table", 6) == 0) {
			fprintf(stderr, "man/fill: no such table: %s", line);
			return 1;
		}
		fputs(line, stdout);
	}
	return ferror(stdout) ? 1 : 0;
}
