/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "app/ledger_store.h"

#include <stdio.h>

#include "contract/ledger_save.h"

enum { VALUE_MAX = 1024 * 1024 };

static const char pin_mark[] = "/pin";

/* "NAME/PROBE" and what is behind it. */
static struct str
probe_key(char key[STORE_KEY_MAX], const struct endpoint *endpoint, enum probe_kind probe, const char *tail)
{
	snprintf(key, STORE_KEY_MAX, "%s/%s%s", endpoint->name, ledger_probe_name(probe), tail);
	return str_of(key);
}

unsigned
ledger_store_take_pins(const struct ledger_place *place, const struct store_items *items)
{
	unsigned pinned = 0;
	for (size_t i = 0; i < place->ledger->probe_count; i++) {
		enum probe_kind kind = place->ledger->probes[i].kind;
		char key[STORE_KEY_MAX];
		if (!store_items_find(items, probe_key(key, place->endpoint, kind, pin_mark)))
			continue;
		ledger_pin(place->ledger, kind);
		pinned |= 1U << kind;
	}
	return pinned;
}

static void
take_baselines(const struct ledger_place *place, const struct store_items *items, ledger_trouble_fn *trouble, void *arg)
{
	for (size_t i = 0; i < place->ledger->probe_count; i++) {
		enum probe_kind kind = place->ledger->probes[i].kind;
		char key[STORE_KEY_MAX];
		const struct store_item *item = store_items_find(items, probe_key(key, place->endpoint, kind, ""));
		const char *why = item ? ledger_load_baseline(place->ledger, place->endpoint, kind, item->value) : NULL;
		if (why && trouble)
			trouble(arg, place->endpoint, "the baseline", why);
	}
}

void
ledger_store_take(const struct ledger_place *place, enum store_kind kind, const struct store_items *items,
    ledger_trouble_fn *trouble, void *arg)
{
	if (kind == STORE_BASELINE) {
		take_baselines(place, items, trouble, arg);
		return;
	}
	const struct store_item *item = store_items_find(items, str_of(place->endpoint->name));
	const char *why = NULL;
	if (item && kind == STORE_FINDINGS)
		why = ledger_load_findings(place->ledger, place->endpoint, item->value);
	else if (item && kind == STORE_VERIFIED)
		why = ledger_load_verified(place->ledger, item->value);
	if (why && trouble)
		trouble(arg, place->endpoint,
		    kind == STORE_FINDINGS ? "the list of active findings" : "the list of times", why);
}

void
ledger_store_put(
    struct store *store, const struct ledger_place *place, enum store_kind kind, store_done_fn *fn, void *arg)
{
	auto_buf struct buf value = BUF_INIT(VALUE_MAX);
	if (kind == STORE_FINDINGS)
		ledger_save_findings(place->ledger, &value);
	else
		ledger_save_verified(place->ledger, &value);
	const struct store_item item = { .kind = kind,
		.key = str_of(place->endpoint->name),
		.at = place->ledger->last_change,
		.value = buf_view(&value) };
	store_put(store, &item, fn, arg);
}

void
ledger_store_put_baseline(
    struct store *store, const struct ledger_place *place, enum probe_kind probe, store_done_fn *fn, void *arg)
{
	const struct ledger_probe *of_probe = ledger_find(place->ledger, probe);
	char key[STORE_KEY_MAX];
	struct str name = probe_key(key, place->endpoint, probe, "");
	auto_buf struct buf value = BUF_INIT(VALUE_MAX);
	if (!of_probe || of_probe->trouble)
		return; /* what cannot be used stays as it is, for whoever wants to look */
	if (!ledger_save_baseline(place->ledger, of_probe, &value)) {
		store_remove(store, STORE_BASELINE, name, fn, arg);
		return;
	}
	const struct store_item item = { .kind = STORE_BASELINE, .key = name, .value = buf_view(&value) };
	store_put(store, &item, fn, arg);
}

void
ledger_store_put_pin(
    struct store *store, const struct endpoint *endpoint, enum probe_kind probe, store_done_fn *fn, void *arg)
{
	char key[STORE_KEY_MAX];
	const struct store_item item = {
		.kind = STORE_BASELINE, .key = probe_key(key, endpoint, probe, pin_mark), .value = STR("pin")
	};
	store_put(store, &item, fn, arg);
}

void
ledger_store_remove_pin(struct store *store, const struct endpoint *endpoint, enum probe_kind probe)
{
	char key[STORE_KEY_MAX];
	store_remove(store, STORE_BASELINE, probe_key(key, endpoint, probe, pin_mark), NULL, NULL);
}
