/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "contract/ledger_print.h"

#include "base/escape.h"
#include "model/dialect.h"

enum { DATE_LEN = 10, SECOND_LEN = 19, TIME_BYTES_MAX = 64, CELL_BYTES_MAX = 64 * 1024 };

/* What is relied on in each area, for who reads the table without the manual. */
static const char *const what[AREA_COUNT] = {
	[AREA_AUTH] = "how a key is sent, and refused",
	[AREA_ERRORS] = "the form of error bodies",
	[AREA_LIMITS] = "usage, rate limits, retry hints",
	[AREA_REQUEST] = "which parameters are accepted",
	[AREA_PATH] = "path, status, model",
	[AREA_RESPONSE] = "the fields of an answer",
};

/* ---- counting ---- */

/* Is the same thing also active for an earlier probe of the endpoint? It is one drift then. */
static bool
is_repeated(const struct ledger *ledger, size_t probe, const struct finding *finding)
{
	for (size_t i = 0; i < probe; i++) {
		const struct active_set *set = &ledger->probes[i].active;
		for (size_t j = 0; j < set->count; j++)
			if (set->items[j].active && set->items[j].finding.rule == finding->rule &&
			    strcmp(set->items[j].finding.path, finding->path) == 0)
				return true;
	}
	return false;
}

bool
ledger_is_acknowledged(const struct ledger_view *view, const struct active_finding *item)
{
	return contract_acknowledges(view->endpoint->contract, view->endpoint->name, &item->finding, view->today_days);
}

void
ledger_count(const struct ledger_view *view, unsigned ret_drift[SEVERITY_COUNT], uint64_t ret_active[SEVERITY_COUNT])
{
	const struct ledger *ledger = view->ledger;
	memset(ret_drift, 0, SEVERITY_COUNT * sizeof(*ret_drift));
	memset(ret_active, 0, SEVERITY_COUNT * sizeof(*ret_active));
	for (size_t i = 0; i < ledger->probe_count; i++) {
		const struct active_set *set = &ledger->probes[i].active;
		for (size_t j = 0; j < set->count; j++) {
			const struct finding *finding = &set->items[j].finding;
			if (!set->items[j].active || is_repeated(ledger, i, finding))
				continue;
			ret_active[finding->severity] |= UINT64_C(1) << finding->rule;
			ret_drift[finding->severity] += !ledger_is_acknowledged(view, &set->items[j]);
		}
	}
}

/* ---- pieces ---- */

static void
add_date(struct buf *out, int64_t days)
{
	auto_buf struct buf text = BUF_INIT(TIME_BYTES_MAX);
	wall_format_rfc3339(&text, (struct wall){ days * 86400 * US_PER_SEC });
	buf_add(out, text.at, DATE_LEN);
}

/* To the second: what a person reads. */
static void
add_time(struct buf *out, struct wall time)
{
	auto_buf struct buf text = BUF_INIT(TIME_BYTES_MAX);
	wall_format_rfc3339(&text, time);
	buf_add(out, text.at, SECOND_LEN);
	buf_char(out, 'Z');
}

static enum evidence_status
status_of(const struct evidence *evidence)
{
	return evidence ? evidence->status : EVIDENCE_MISSING;
}

static void
write_date(struct jsonw *w, const char *key, int64_t days)
{
	auto_buf struct buf text = BUF_INIT(TIME_BYTES_MAX);
	if (days == DATE_NOT_SET)
		return;
	add_date(&text, days);
	jsonw_str(w, key, buf_view(&text));
}

/* ---- baselines ---- */

static bool
wants_baseline(const struct contract *contract, const struct ledger_probe *probe)
{
	return contract && contract->baseline_mode != BASELINE_OFF && probe->kind < PROBE_COUNT &&
	    !probe_is_negative(probe->kind);
}

static const char *
baseline_state(const struct ledger_probe *probe)
{
	if (probe->trouble)
		return "inconclusive";
	return probe->baseline && baseline_is_pinned(probe->baseline) ? "pinned" : "learning";
}

static unsigned
samples_of(const struct ledger_probe *probe)
{
	return probe->baseline ? baseline_samples(probe->baseline) : 0;
}

/* Does it pin itself, or does it wait for the operator? */
static bool
pins_itself(const struct contract *contract, const struct ledger_probe *probe)
{
	return contract->baseline_mode == BASELINE_LEARN || probe->relearn;
}

void
ledger_print_baseline(struct buf *out, const struct contract *contract, const struct ledger_probe *probe)
{
	const char *state = baseline_state(probe);
	if (probe->trouble)
		buf_printf(out, "%s: the baseline %s", state, probe->trouble);
	else if (probe->baseline && baseline_is_pinned(probe->baseline))
		buf_printf(out, "%s (%u samples)", state, samples_of(probe));
	else if (pins_itself(contract, probe))
		buf_printf(out, "%s (%u of %u samples)", state, samples_of(probe), contract->baseline_samples);
	else
		buf_printf(out, "%s (%u samples, until 'cometcanary baseline pin')", state, samples_of(probe));
}

void
ledger_write_baseline(
    struct jsonw *w, const char *key, const struct contract *contract, const struct ledger_probe *probe)
{
	jsonw_open_object(w, key);
	jsonw_text(w, "probe", ledger_probe_name(probe->kind));
	jsonw_text(w, "state", baseline_state(probe));
	jsonw_int(w, "samples", samples_of(probe));
	if (pins_itself(contract, probe))
		jsonw_int(w, "samples_wanted", contract->baseline_samples);
	jsonw_text(w, "problem", probe->trouble);
	jsonw_close_object(w);
}

/* ---- JSON ---- */

void
ledger_write_finding(
    struct jsonw *w, const struct ledger_view *view, enum probe_kind probe, const struct active_finding *item)
{
	jsonw_open_object(w, NULL);
	finding_write_members(w, &item->finding);
	jsonw_text(w, "probe", ledger_probe_name(probe));
	jsonw_bool(w, "active", item->active);
	jsonw_bool(w, "acknowledged", ledger_is_acknowledged(view, item));
	jsonw_time(w, "since", item->since);
	jsonw_time(w, "last_seen", item->last_seen);
	jsonw_close_object(w);
}

/* area AREA_COUNT: of all areas, and inactive ones too. */
static void
write_findings(struct jsonw *w, const char *key, const struct ledger_view *view, enum contract_area area)
{
	const struct ledger *ledger = view->ledger;
	jsonw_open_array(w, key);
	for (size_t i = 0; i < ledger->probe_count; i++) {
		const struct ledger_probe *probe = &ledger->probes[i];
		for (size_t j = 0; j < probe->active.count; j++) {
			const struct active_finding *item = &probe->active.items[j];
			bool of_area = item->active && finding_rule_area(item->finding.rule) == area;
			if (area == AREA_COUNT || of_area)
				ledger_write_finding(w, view, probe->kind, item);
		}
	}
	jsonw_close_array(w);
}

void
ledger_write_findings(struct jsonw *w, const char *key, const struct ledger_view *view)
{
	write_findings(w, key, view, AREA_COUNT);
}

/* What is known of the document that is the evidence; NULL = it names none, or nobody has looked. */
static const struct doc_evidence *
page_of(const struct ledger_view *view, const struct evidence *evidence)
{
	bool known = view->docs && evidence && evidence->doc;
	const struct doc_evidence *page = known ? view->docs->find(view->docs->arg, evidence->doc) : NULL;
	return page && page->checked.us > 0 ? page : NULL;
}

static void
write_page(struct jsonw *w, const struct ledger_view *view, const struct evidence *evidence)
{
	const struct doc_evidence *page = page_of(view, evidence);
	jsonw_text(w, "doc", evidence->doc);
	if (!page)
		return;
	jsonw_time(w, "doc_checked", page->checked);
	jsonw_open_array(w, "missing_phrases");
	for (size_t i = 0; i < evidence->must_mention_count; i++)
		if (doc_lacks(page, evidence->must_mention[i]))
			jsonw_text(w, NULL, evidence->must_mention[i]);
	jsonw_close_array(w);
}

/* "page X seen …, lacks …"; add: how a phrase is shown. */
static void
add_page(struct buf *out, const struct ledger_view *view, const struct evidence *evidence,
    void (*add)(struct buf *out, const char *text))
{
	const struct doc_evidence *page = page_of(view, evidence);
	buf_printf(out, "page %s ", evidence->doc);
	if (!page) {
		buf_text(out, "not seen yet");
		return;
	}
	buf_text(out, "seen ");
	add_time(out, page->checked);
	const char *before = ", lacks ";
	for (size_t i = 0; i < evidence->must_mention_count; i++) {
		if (!doc_lacks(page, evidence->must_mention[i]))
			continue;
		buf_text(out, before);
		add(out, evidence->must_mention[i]);
		before = ", ";
	}
}

static void
write_area(struct jsonw *w, const struct ledger_view *view, enum contract_area area)
{
	const struct evidence *evidence = contract_find_evidence(view->endpoint->contract, area);
	const struct verified *verified = &view->ledger->verified[area];
	jsonw_open_object(w, NULL);
	jsonw_text(w, "area", contract_area_name(area));
	jsonw_text(w, "what", what[area]);
	if (view->endpoint->contract)
		jsonw_text(w, "evidence", evidence_status_name(status_of(evidence)));
	if (evidence) {
		jsonw_text(w, "title", evidence->title);
		jsonw_text(w, "url", evidence->url);
		jsonw_text(w, "note", evidence->note);
		write_date(w, "accessed", evidence->accessed_days);
		write_page(w, view, evidence);
	}
	jsonw_time(w, "verified", verified->at);
	jsonw_text(w, "verified_by", verified->at.us ? ledger_probe_name(verified->by) : NULL);
	write_findings(w, "findings", view, area);
	jsonw_close_object(w);
}

static void
write_counts(struct jsonw *w, const struct ledger_view *view)
{
	unsigned drift[SEVERITY_COUNT];
	uint64_t active[SEVERITY_COUNT];
	ledger_count(view, drift, active);
	jsonw_open_object(w, "drift");
	for (unsigned i = 0; i < SEVERITY_COUNT; i++)
		jsonw_int(w, severity_name((enum severity)i), drift[i]);
	jsonw_close_object(w);
}

void
ledger_write(struct jsonw *w, const char *key, const struct ledger_view *view)
{
	const struct endpoint *endpoint = view->endpoint;
	const struct contract *contract = endpoint->contract;
	const struct ledger *ledger = view->ledger;
	jsonw_open_object(w, key);
	jsonw_text(w, "endpoint", endpoint->name);
	jsonw_text(w, "provider", endpoint->provider->name);
	jsonw_text(w, "dialect", endpoint->dialect->name);
	jsonw_text(w, "path", endpoint->path);
	jsonw_text(w, "model", endpoint->model);
	if (ledger->listed != LISTED_UNKNOWN)
		jsonw_bool(w, "model_listed", ledger->listed == LISTED_YES);
	jsonw_text(w, "contract", contract ? contract->name : NULL);
	if (contract)
		write_date(w, "reviewed", contract->reviewed_days);
	jsonw_time(w, "last_change", ledger->last_change);
	write_counts(w, view);
	jsonw_open_array(w, "areas");
	for (unsigned i = 0; i < AREA_COUNT; i++)
		write_area(w, view, (enum contract_area)i);
	jsonw_close_array(w);
	jsonw_open_array(w, "baselines");
	for (size_t i = 0; i < ledger->probe_count; i++)
		if (wants_baseline(contract, &ledger->probes[i]))
			ledger_write_baseline(w, NULL, contract, &ledger->probes[i]);
	jsonw_close_array(w);
	jsonw_close_object(w);
}

/* ---- text ---- */

static bool
is_unverified(const struct ledger *ledger)
{
	for (unsigned i = 0; i < AREA_COUNT; i++)
		if (ledger->verified[i].at.us > 0)
			return false;
	return true;
}

/* Calls fn for each active finding; area AREA_COUNT: of all areas. */
typedef void
finding_fn(struct buf *out, const struct ledger_view *view, enum probe_kind probe, const struct active_finding *item);

static size_t
each_active(struct buf *out, const struct ledger_view *view, enum contract_area area, finding_fn *fn)
{
	size_t found = 0;
	for (size_t i = 0; i < view->ledger->probe_count; i++) {
		const struct ledger_probe *probe = &view->ledger->probes[i];
		for (size_t j = 0; j < probe->active.count; j++) {
			const struct active_finding *item = &probe->active.items[j];
			bool of_area = area == AREA_COUNT || finding_rule_area(item->finding.rule) == area;
			if (!item->active || !of_area)
				continue;
			fn(out, view, probe->kind, item);
			found++;
		}
	}
	return found;
}

void
ledger_print_finding(
    struct buf *out, const struct ledger_view *view, enum probe_kind probe, const struct active_finding *item)
{
	const struct finding *finding = &item->finding;
	buf_printf(out, "  %-8s %s at ", severity_name(finding->severity), finding_rule_id(finding->rule));
	escape_terminal(out, str_of(finding->path));
	buf_printf(out, ", by %s since ", ledger_probe_name(probe));
	add_time(out, item->since);
	if (ledger_is_acknowledged(view, item))
		buf_text(out, ", acknowledged");
	buf_printf(out, ": %s\n", finding_rule_text(finding->rule));
}

static void
print_head(struct buf *out, const struct ledger_view *view)
{
	const struct endpoint *endpoint = view->endpoint;
	buf_printf(out, "%s: %s %s%s%s at %s", endpoint->name, endpoint->dialect->name, endpoint->path,
	    endpoint->model ? ", model " : "", endpoint->model ? endpoint->model : "", endpoint->provider->name);
	if (!endpoint->contract)
		buf_text(out, "; no contract");
	else
		buf_printf(out, "; contract %s", endpoint->contract->name);
	if (endpoint->contract && endpoint->contract->reviewed_days != DATE_NOT_SET) {
		buf_text(out, ", reviewed ");
		add_date(out, endpoint->contract->reviewed_days);
	}
	buf_char(out, '\n');
}

static void
print_verified(struct buf *out, const struct verified *verified)
{
	if (verified->at.us == 0) {
		buf_text(out, "never");
		return;
	}
	add_time(out, verified->at);
	buf_printf(out, " by %s", ledger_probe_name(verified->by));
}

static void
add_quoted(struct buf *out, const char *text)
{
	buf_char(out, '"');
	escape_terminal(out, str_of(text));
	buf_char(out, '"');
}

static void
print_source(struct buf *out, const struct ledger_view *view, const struct evidence *evidence)
{
	const char *const parts[] = { evidence->title, evidence->url, evidence->note };
	bool first = true;
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		if (!parts[i])
			continue;
		buf_text(out, first ? "           " : ", ");
		escape_terminal(out, str_of(parts[i]));
		first = false;
	}
	if (evidence->accessed_days != DATE_NOT_SET) {
		buf_text(out, first ? "           read " : ", read ");
		add_date(out, evidence->accessed_days);
		first = false;
	}
	if (evidence->doc) {
		buf_text(out, first ? "           " : ", ");
		add_page(out, view, evidence, add_quoted);
		first = false;
	}
	buf_text(out, first ? "" : "\n");
}

void
ledger_print_text(struct buf *out, const struct ledger_view *view)
{
	const struct contract *contract = view->endpoint->contract;
	print_head(out, view);
	for (unsigned i = 0; i < AREA_COUNT; i++) {
		const struct evidence *evidence = contract_find_evidence(contract, (enum contract_area)i);
		buf_printf(out, "  %-8s %-12s verified ", contract_area_name((enum contract_area)i),
		    contract ? evidence_status_name(status_of(evidence)) : "-");
		print_verified(out, &view->ledger->verified[i]);
		buf_char(out, '\n');
		if (evidence)
			print_source(out, view, evidence);
	}
	for (size_t i = 0; i < view->ledger->probe_count; i++) {
		const struct ledger_probe *probe = &view->ledger->probes[i];
		if (!wants_baseline(contract, probe))
			continue;
		buf_printf(out, "  baseline of %s: ", ledger_probe_name(probe->kind));
		ledger_print_baseline(out, contract, probe);
		buf_char(out, '\n');
	}
	if (each_active(out, view, AREA_COUNT, ledger_print_finding) == 0)
		buf_text(out,
		    is_unverified(view->ledger) ? "  findings are not known: no run was judged yet\n"
						: "  no active findings\n");
}

/* ---- Markdown ---- */

/* A text inside a cell of a table: nothing in it ends the cell or begins something else. */
static void
add_cell(struct buf *out, const char *text)
{
	auto_buf struct buf plain = BUF_INIT(CELL_BYTES_MAX);
	escape_terminal(&plain, str_of(text));
	for (size_t i = 0; i < plain.len; i++) {
		char c = plain.at[i];
		if (c == '<')
			buf_text(out, "&lt;");
		else if (c == '&')
			buf_text(out, "&amp;");
		else if (strchr("|[]*_`#~\\", c))
			buf_printf(out, "\\%c", c);
		else
			buf_char(out, c);
	}
}

/* As code: a backquote would end it. */
static void
add_code(struct buf *out, const char *text)
{
	auto_buf struct buf plain = BUF_INIT(CELL_BYTES_MAX);
	escape_terminal(&plain, str_of(text));
	buf_char(out, '`');
	for (size_t i = 0; i < plain.len; i++) {
		char c = plain.at[i];
		if (c == '|')
			buf_text(out, "\\|");
		else
			buf_char(out, c == '`' ? '\'' : c);
	}
	buf_char(out, '`');
}

static bool
is_web_address(const char *url)
{
	struct str text = str_of(url);
	bool web = str_starts(text, STR("https://")) || str_starts(text, STR("http://"));
	return web && strcspn(url, " <>|\\\t\r\n") == text.len;
}

static void
add_source(struct buf *out, const struct ledger_view *view, const struct evidence *evidence)
{
	bool linked = evidence->url && is_web_address(evidence->url);
	if (linked)
		buf_char(out, '[');
	if (evidence->title || evidence->url)
		add_cell(out, evidence->title ? evidence->title : evidence->url);
	if (linked)
		buf_printf(out, "](<%s>)", evidence->url);
	if (evidence->note) {
		buf_text(out, evidence->title || evidence->url ? "; " : "");
		add_cell(out, evidence->note);
	}
	if (evidence->doc) {
		buf_text(out, evidence->title || evidence->url || evidence->note ? "; " : "");
		add_page(out, view, evidence, add_code);
	}
}

static void
add_finding(struct buf *out, const struct ledger_view *view, enum probe_kind probe, const struct active_finding *item)
{
	const struct finding *finding = &item->finding;
	if (out->at[out->len - 1] != ' ')
		buf_text(out, "<br>");
	buf_printf(out, "**%s** %s at ", severity_name(finding->severity), finding_rule_id(finding->rule));
	add_code(out, finding->path);
	buf_printf(out, " (%s, since ", ledger_probe_name(probe));
	add_time(out, item->since);
	buf_text(out, ledger_is_acknowledged(view, item) ? ", acknowledged)" : ")");
}

static void
add_row(struct buf *out, const struct ledger_view *view, enum contract_area area)
{
	const struct evidence *evidence = contract_find_evidence(view->endpoint->contract, area);
	buf_printf(out, "| %s | %s | %s | ", contract_area_name(area), what[area],
	    view->endpoint->contract ? evidence_status_name(status_of(evidence)) : "no contract");
	if (evidence)
		add_source(out, view, evidence);
	buf_text(out, " | ");
	if (evidence && evidence->accessed_days != DATE_NOT_SET)
		add_date(out, evidence->accessed_days);
	buf_text(out, " | ");
	print_verified(out, &view->ledger->verified[area]);
	buf_text(out, " | ");
	if (each_active(out, view, area, add_finding) == 0)
		buf_text(out, "none");
	buf_text(out, " |\n");
}

void
ledger_print_markdown(struct buf *out, const struct ledger_view *view)
{
	const struct endpoint *endpoint = view->endpoint;
	const struct contract *contract = endpoint->contract;
	buf_printf(out, "## %s\n\n", endpoint->name);
	buf_printf(out, "Dialect %s, path ", endpoint->dialect->name);
	add_code(out, endpoint->path);
	if (endpoint->model) {
		buf_text(out, ", model ");
		add_code(out, endpoint->model);
	}
	buf_printf(out, ", provider %s", endpoint->provider->name);
	if (contract)
		buf_printf(out, "; contract %s", contract->name);
	if (contract && contract->reviewed_days != DATE_NOT_SET) {
		buf_text(out, ", reviewed ");
		add_date(out, contract->reviewed_days);
	}
	buf_text(out,
	    ".\n\n| Area | What | Evidence | Source | Read | Last verified | Active findings |\n"
	    "|---|---|---|---|---|---|---|\n");
	for (unsigned i = 0; i < AREA_COUNT; i++)
		add_row(out, view, (enum contract_area)i);
	for (size_t i = 0; i < view->ledger->probe_count; i++) {
		const struct ledger_probe *probe = &view->ledger->probes[i];
		if (!wants_baseline(contract, probe))
			continue;
		buf_printf(out, "\nBaseline of %s: ", ledger_probe_name(probe->kind));
		ledger_print_baseline(out, contract, probe);
		buf_text(out, ".\n");
	}
}
