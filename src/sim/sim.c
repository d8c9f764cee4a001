/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "sim/sim.h"

#include <errno.h>
#include <stdlib.h>

#include "base/xalloc.h"
#include "sim/connection.h"
#include "sim/profile.h"
#include "sim/server.h"
#include "sim/site.h"
#include "sim/state.h"
#include "sim/tls.h"

static bool
take_keys(struct account *account, const struct sim_options *options, struct buf *ret_error)
{
	static const char *const usual[] = { "demo=sk-sim-demo", NULL };
	account->any = options->any_key;
	if (account->any && !account_add(account, STR("any=any")))
		return false;
	for (const char *const *key = options->keys ? options->keys : usual; *key; key++) {
		if (account_add(account, str_of(*key)))
			continue;
		/* It may be a key without its name: nothing of it is repeated. */
		buf_printf(ret_error, "a key must be NAME=VALUE, and there can be %d", ACCOUNT_KEYS_MAX);
		return false;
	}
	return true;
}

struct wall
sim_wall(const struct sim *sim)
{
	return sim->clock_s ? (struct wall){ sim->clock_s * US_PER_SEC } : loop_wall(sim->loop);
}

struct sim *
sim_new(struct loop *loop, const struct sim_options *options, struct buf *ret_error)
{
	struct sim *sim = xcalloc(1, sizeof(*sim));
	sim->loop = loop;
	sim->seed = options->seed;
	sim->clock_s = options->clock_s;
	sim->head_ns = options->head_ns;
	sim->first_ns = options->first_ns;
	sim->token_ns = options->token_ns;
	sim->journal_bodies = options->journal_bodies;
	sim->vary = options->vary;
	sim->faults.seed = options->seed;
	answer_init(&sim->answer);
	sim->site = site_new(options->seed, sim_wall(sim));
	sim->profile = profile_find(str_of(options->profile ? options->profile : "comet"));
	if (!sim->profile)
		buf_printf(ret_error, "there is no profile \"%s\"; known are: %s", options->profile, profile_names());
	if (sim->profile && take_keys(&sim->account, options, ret_error))
		return sim;
	sim_free(sim);
	return NULL;
}

void
sim_free(struct sim *sim)
{
	if (!sim)
		return;
	server_close(sim);
	connection_close_all(sim);
	fault_clear(&sim->faults);
	journal_done(&sim->journal);
	site_free(sim->site);
	tls_store_free(sim->tls);
	answer_done(&sim->answer);
	free(sim);
}

static bool
need_tls(struct sim *sim)
{
	if (!sim->tls)
		sim->tls = tls_store_new(loop_wall(sim->loop));
	return sim->tls;
}

int
sim_listen(struct sim *sim, const char *address, enum sim_listener kind, struct buf *ret_url)
{
	if (kind == SIM_TLS && !need_tls(sim))
		return -EPROTO;
	return server_listen(sim, address, kind, ret_url);
}

bool
sim_script(struct sim *sim, struct str json, struct buf *ret_error)
{
	uint64_t first;
	if (!fault_add(&sim->faults, json, loop_now(sim->loop), ret_error, &first))
		return false;
	server_review(sim);
	return true;
}

struct str
sim_ca(struct sim *sim)
{
	return need_tls(sim) ? tls_store_ca(sim->tls) : STR_NONE;
}
